"""People come in by invitation only."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from brics_tracker.accounts import services
from brics_tracker.accounts.models import User
from tests.accounts.conftest import Committing, follow, is_signed_in, link_in_last_mail, set_password, try_to_sign_in
from tests.factories.core import make_member, make_theme

pytestmark = pytest.mark.django_db
NEW = "new@example.org"


def invite(committing: Committing, by: User, **more: Any) -> User:
    with committing():
        return services.invite_user(NEW, "New Person", by=by, **more)
    raise AssertionError


def test_the_invited_person_sets_a_password_and_signs_in(
    committing: Committing, administrator: User, client: Client
) -> None:
    theme, member = make_theme("EN"), make_member("BR")
    user = invite(committing, administrator, role="analyst", themes=[theme], members=[member])
    assert not user.has_usable_password()
    assert mail.outbox[-1].to == [NEW]
    assert set_password(client, link_in_last_mail()).status_code == 302
    assert not is_signed_in(client), "the link sets a password; it is no way around the sign-in page"
    assert try_to_sign_in(client, NEW).status_code == 302
    assert is_signed_in(client)
    grant = user.grants.get()
    assert (grant.role, list(grant.themes.all()), list(grant.members.all())) == ("analyst", [theme], [member])
    assert grant.granted_by == administrator


def test_the_link_works_once(committing: Committing, administrator: User, client: Client) -> None:
    invite(committing, administrator)
    link = link_in_last_mail()
    set_password(client, link)
    again = follow(Client(), link)
    assert b"no longer works" in again.content
    assert b"password1" not in again.content


def test_the_link_expires(committing: Committing, administrator: User) -> None:
    invite(committing, administrator)
    with time_machine.travel(timezone.now() + dt.timedelta(days=3, minutes=1)):
        assert b"no longer works" in follow(Client(), link_in_last_mail()).content
    with time_machine.travel(timezone.now() + dt.timedelta(days=2, hours=23)):
        assert b"password1" in follow(Client(), link_in_last_mail()).content


def test_inviting_again_sends_a_new_link_and_voids_the_old_one(committing: Committing, administrator: User) -> None:
    invite(committing, administrator)
    old = link_in_last_mail()
    invite(committing, administrator)
    new = link_in_last_mail()
    assert len(mail.outbox) == 2
    assert b"no longer works" in follow(Client(), old).content
    assert b"password1" in follow(Client(), new).content
    user = User.objects.get(email=NEW)
    assert user.grants.count() == 1, "the same grant is not given twice"


def test_a_weak_password_is_refused_with_the_reason(
    committing: Committing, administrator: User, client: Client
) -> None:
    invite(committing, administrator)
    answer = set_password(client, link_in_last_mail(), "short")
    assert b"at least 12 characters" in answer.content
    assert not User.objects.get(email=NEW).has_usable_password()


def test_the_address_is_known_however_it_is_written(committing: Committing, administrator: User) -> None:
    with committing():
        user = services.invite_user(" New@Example.ORG ", "New Person", by=administrator)
    assert user.email == NEW


@pytest.mark.parametrize(
    ("email", "name", "field"), [("no-address", "A", "email"), ("a@example.org", "", "name"), ("", "A", "email")]
)
def test_an_invitation_needs_an_address_and_a_name(administrator: User, email: str, name: str, field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        services.invite_user(email, name, by=administrator)
    assert field in refusal.value.message_dict
    assert not User.objects.filter(name="A").exists()


def test_someone_who_signs_in_already_is_not_invited(administrator: User) -> None:
    user = User.objects.create_user(NEW, "a long and quiet river", name="Known")
    with pytest.raises(ValidationError, match="already signs in"):
        services.invite_user(NEW, "Known", by=administrator)
    user.refresh_from_db()
    assert user.has_usable_password()


def test_the_history_says_who_invited(committing: Committing, administrator: User) -> None:
    user = invite(committing, administrator, role="reviewer", themes=[make_theme("GR")])
    assert [(entry.history_type, entry.history_user) for entry in user.history.all()] == [("+", administrator)]
    entries = list(user.grants.get().history.all())
    assert [(entry.history_type, entry.history_user) for entry in entries] == [("+", administrator)]
    assert entries[0].themes.count() == 1, "one entry, with the scope in it"


def test_the_mail_names_the_person_and_the_days_and_leads_to_this_site(
    committing: Committing, administrator: User, settings: Any
) -> None:
    invite(committing, administrator)
    body = str(mail.outbox[-1].body)
    assert "New Person" in body
    assert settings.SITE_URL in body
    assert "3 days" in body


def test_a_link_is_never_kept_in_the_job_that_mails_it(committing: Committing, administrator: User) -> None:
    from brics_tracker.core.models import Job

    user = invite(committing, administrator)
    job = Job.objects.get(kind="accounts.send_mail")
    assert job.arguments == {"user": user.pk, "purpose": "invitation"}
