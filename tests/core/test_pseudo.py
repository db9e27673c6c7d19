"""The pseudo-locale and the direction of the page."""

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import formats, translation
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


@pytest.mark.parametrize(
    ("language", "words", "direction"), [("en", "en", "ltr"), ("ar", "en", "rtl"), ("en-xa", "en-xa", "ltr")]
)
def test_the_page_says_the_language_of_its_words_and_the_direction_of_the_one_chosen(
    client: Client, db: None, language: str, words: str, direction: str
) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get("/accounts/login/").content.decode()
    assert f'<html lang="{words}" dir="{direction}">' in page
    assert ("⟦" in page) is (language == "en-xa")


def test_a_language_without_a_catalogue_of_ours_has_words_dates_and_numbers_of_one_language() -> None:
    moment = dt.datetime(2026, 11, 2, 4, 5)
    with translation.override("ar"):
        assert translation.get_language_bidi()
        # Words that the framework and its neighbours have in Arabic, one of them with another meaning.
        assert [gettext(word) for word in ("Verified", "Save", "Sign In")] == ["Verified", "Save", "Sign In"]
        assert formats.date_format(moment, "DATETIME_FORMAT") == "2 Nov 2026, 04:05"
        assert formats.date_format(moment, "F Y") == "November 2026"
        assert formats.number_format(1234.5, force_grouping=True) == "1,234.5"


@pytest.mark.parametrize(
    ("name", "written"),
    [("DATE_FORMAT", "2 Nov 2026"), ("SHORT_DATE_FORMAT", "2 Nov 2026"), ("DATETIME_FORMAT", "2 Nov 2026, 04:05")],
)
def test_dates_have_one_style(name: str, written: str) -> None:
    assert formats.date_format(dt.datetime(2026, 11, 2, 4, 5), name) == written


def test_the_switch_keeps_the_page_and_sets_the_language(client: Client, db: None) -> None:
    response = client.post("/i18n/setlang/", {"language": "ar", "next": "/accounts/login/"})
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ar"
