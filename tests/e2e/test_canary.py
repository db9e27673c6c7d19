"""Markup written into every text that people or imports can write: no page runs it, on none does it become markup."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from brics_tracker.core.markdown import render_markdown
from brics_tracker.core.partial_dates import PartialDateField
from brics_tracker.tracking.models import Update
from reports.periods import period_containing
from reports.services import freeze_report
from tests.architecture.world import World, build_world

from .conftest import OpenPage
from .pages import screens

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

# Breaks out of text, of an attribute in either quote, and of a script; short enough for most fields.
CANARY = "\"'></script><img src=x onerror=canary()>"
LURE = "javascript:canary()"
LISTEN = "window.canary = () => { window.wasRun = true }"
# What stands on a page only if the canary became markup there, or could be run by a click.
SIGNS = "window.wasRun === true || document.querySelector('img[onerror], a[href^=\"javascript:\" i]') !== null"
OWN = ("core", "accounts", "tracking", "proposals", "mechanisms", "reports")
# Words of the code, not of people: which status, which file, whose key; and what is rendered from another column.
CODES = {"key", "code", "handle", "reference", "reference_prefix", "prefix", "number", "password", "text_html", "language", "file",
         "media_type", "sha256", "checksum", "digest", "token_key", "object_pk", "noun", "label", "made", "format",
         "history_type", "currency"}  # fmt: skip


def texts(model: type[models.Model]) -> Iterator[models.CharField[str, str] | models.TextField[str, str]]:
    """Columns of a model in which people's words stand."""
    for field in model._meta.fields:
        if isinstance(field, models.EmailField | PartialDateField | models.FileField) or field.name in CODES:
            continue
        if isinstance(field, models.CharField | models.TextField) and not field.choices and not field.primary_key:
            yield field


def write_canaries() -> int:
    """Put the canary straight into the tables, past every check; returns in how many columns it stands."""
    columns = 0
    for model in apps.get_models():
        if model._meta.app_label not in OWN:
            continue
        constraints = model._meta.total_unique_constraints
        told_apart = {field.name for field in model._meta.fields if field.unique}
        told_apart |= {name for constraint in constraints for name in constraint.fields}
        for field in texts(model):
            words = LURE if isinstance(field, models.URLField) else CANARY
            if field.max_length is not None and field.max_length < len(words):
                continue
            value = Concat(field.name, Value(words)) if field.name in told_apart else Value(words)
            columns += bool(model._default_manager.update(**{field.name: value}))
    Update.objects.update(text_html=render_markdown(f"{CANARY}\n\n[{CANARY}]({LURE}) <a href='{LURE}'>x</a>"))
    return columns


@pytest.fixture
def world(live_server: LiveServer) -> World:
    made = build_world()
    assert write_canaries() > 60, "the canary stands in too few places to prove anything"
    day = timezone.now()
    made.report = freeze_report(
        made.definition, period_containing("week", day.date()), by=made.people.administrator, extra=True, cut_off=day
    )
    assert "img src=x" in str(made.report.snapshot.tables)
    return made


def listening(open_page: OpenPage, world: World, person: str) -> Page:
    """A page without the policy that would forbid it to run anything: escaping alone must do."""
    page = open_page(world.person(person), bypass_csp=True)
    page.add_init_script(LISTEN)
    return page


@pytest.mark.parametrize("administration", [False, True], ids=["pages", "administration"])
def test_no_page_runs_what_people_wrote(open_page: OpenPage, world: World, administration: bool) -> None:
    pages: dict[str, Page] = {}
    ran, shown = [], 0
    for screen in screens(world, administration=administration):
        page = pages.setdefault(screen.person, pages.get(screen.person) or listening(open_page, world, screen.person))
        page.goto(screen.address)
        if page.evaluate(SIGNS):
            ran.append(f"{screen.label} {screen.address}")
        shown += "<img src=x" in page.locator("body").inner_text()
    assert ran == []
    assert shown > 10, "hardly any page shows the canary as text: the test would prove nothing"


def test_what_is_typed_comes_back_as_text(open_page: OpenPage, world: World) -> None:
    """Forms that are refused, previews and searches show the words themselves."""
    page = listening(open_page, world, "analyst")
    reference = world.published.reference
    for address in ("/proposals/new/", f"/items/{reference}/log/", f"/items/{reference}/milestones/new/",
                    f"/items/{reference}/relations/new/"):  # fmt: skip
        page.goto(address)
        typed = type_everywhere(page)
        if page.locator("[name=weight]").count():
            page.locator("[name=weight]").fill("0")  # nothing else would be refused there
        page.evaluate("document.querySelectorAll('form').forEach(each => { each.noValidate = true })")
        page.locator("main form .actions:visible").last.locator(".btn[type=submit]").first.click()
        page.wait_for_selector("[aria-invalid=true], .error-summary, .errorlist", state="attached")
        assert not page.evaluate(SIGNS), address
        kept = page.evaluate("() => [...document.querySelectorAll('main [name]')].map(each => each.value)")
        assert sum(CANARY in value for value in kept) >= typed, f"{address}: something typed is lost"
    page.goto(f"/items/{reference}/log/")
    page.locator("[name=text]").fill(CANARY)
    page.get_by_role("button", name="Preview").first.click()
    page.wait_for_selector("#log-preview:not(:empty)")
    assert not page.evaluate(SIGNS)
    for address in (f"/proposals/?q={CANARY}&theme={CANARY}&sort={CANARY}", f"/search/?q={CANARY}", "/search/?q=img"):
        page.goto(address)
        assert not page.evaluate(SIGNS), address


def type_everywhere(page: Page) -> int:
    """The canary in every field for words; returns in how many."""
    typed = 0
    for field in page.locator("main form textarea:visible, main form input[type=text]:visible").all():
        longest = field.get_attribute("maxlength")
        if longest is None or int(longest) >= len(CANARY):
            field.fill(CANARY)
            typed += 1
    assert typed, "no field to type into"
    return typed


def test_the_canary_sings_where_nothing_is_escaped(open_page: OpenPage, world: World) -> None:
    page = listening(open_page, world, "reader")
    page.goto("/proposals/")
    page.evaluate("words => { document.querySelector('main').innerHTML += words }", CANARY)
    page.wait_for_function("window.wasRun === true")
    assert page.evaluate(SIGNS)
