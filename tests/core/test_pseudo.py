"""The pseudo-locale and the direction of the page."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext, trans_real

from brics_tracker.core.management.commands.prepare import compile_translations
from brics_tracker.core.pseudo import accented


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """What `prepare` does before the first request."""
    compile_translations([Path(folder) for folder in settings.LOCALE_PATHS])
    trans_real.reset_cache(setting="LANGUAGES")


def test_words_grow_and_places_for_values_stay() -> None:
    assert accented("%(n)d days of %s") == "⟦%(n)d ðàýš öf %s~~~⟧"
    assert accented("See {name} &amp; <b>here</b>").count("{name}") == 1
    assert "&amp;" in accented("a &amp; b")


def test_every_way_of_asking_for_words_is_answered() -> None:
    with translation.override("en-xa"):
        assert gettext("Proposals").startswith("⟦Pröpöšàlš")
        assert ngettext("%(n)d day", "%(n)d days", 2) % {"n": 2} == "⟦2 ðàýš~⟧"
        assert "\x04" not in pgettext("verb", "Open")
    assert gettext("Proposals") == "Proposals"


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("en-xa", "ltr")])
def test_the_page_says_its_language_and_direction(client: Client, db: None, language: str, direction: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get("/accounts/login/").content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert ("⟦" in page) is (language == "en-xa")


def test_the_switch_keeps_the_page_and_sets_the_language(client: Client, db: None) -> None:
    response = client.post("/i18n/setlang/", {"language": "ar", "next": "/accounts/login/"})
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ar"
