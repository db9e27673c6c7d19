"""What happens between the code and the first request, and can happen again without harm."""

import gettext
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from brics_tracker.accounts.models import User
from brics_tracker.core.management.commands.prepare import compile_translations


@pytest.fixture
def data(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_the_first_people_hold_one_role_each_and_can_sign_in(data: Path) -> None:
    call_command("make_first_people", verbosity=0)
    lines = [line.split() for line in (data / "first-people.txt").read_text().splitlines()]
    assert [role for role, _address, _password in lines] == ["administrator", "analyst", "reviewer"]
    for role, address, password in lines:
        user = User.objects.get(email=address)
        assert user.check_password(password)
        assert [grant.role for grant in user.grants.all()] == [role]


@pytest.mark.django_db
def test_only_their_owner_may_read_the_passwords(data: Path) -> None:
    call_command("make_first_people", verbosity=0)
    assert (data / "first-people.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_passwords_are_made_at_random(data: Path) -> None:
    call_command("make_first_people", verbosity=0)
    passwords = [line.split()[2] for line in (data / "first-people.txt").read_text().splitlines()]
    assert len(set(passwords)) == 3
    assert all(len(password) >= 16 for password in passwords)


@pytest.mark.django_db
def test_where_there_are_people_nobody_is_made(data: Path, reader: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_first_people")
    assert not (data / "first-people.txt").exists()
    assert list(User.objects.filter(is_system=False)) == [reader]


def test_translations_are_compiled_once(tmp_path: Path) -> None:
    folder = tmp_path / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Overview"\nmsgstr "نظرة عامة"\n'
    )
    assert compile_translations([tmp_path]) == 1
    with (folder / "django.mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Overview") == "نظرة عامة"
    assert compile_translations([tmp_path]) == 0
