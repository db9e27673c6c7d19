"""Every page, light and dark, left to right and right to left: no barrier that axe can find, nothing off the screen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from tests.architecture.world import World, build_world

from .conftest import OpenPage
from .pages import Screen, screens

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})"
SETTLE = "() => Promise.all(document.getAnimations().map(each => each.finished.catch(() => null)))"
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
# What the markup of others causes, by (kind of page, rule, part of the selector): the reason why it stays.
KNOWN: dict[tuple[str, str, str], str] = {
    ("admin:", "aria-prohibited-attr", ".help-tooltip"): (
        "Django's SelectFilter2.js writes an aria-label on a span beside a search box that has a label of its own."
    ),
}

# What administrators open most.
OFTEN = re.compile(
    r"admin:(index|(core_member|core_theme|core_job|accounts_user|accounts_grant)_(changelist|add|change|delete)) "
)


@pytest.fixture
def world(live_server: LiveServer) -> World:
    return build_world()


def violations(page: Page, screen: Screen) -> list[str]:
    """What axe finds, one line per element, less what is listed with its reason."""
    page.evaluate(SETTLE)
    found: dict[str, Any] = page.evaluate(RUN, RULES)
    return [
        f"{rule['id']} at {' '.join(map(str, node['target']))}: {node['html'][:120]}"
        for rule in found["violations"]
        for node in rule["nodes"]
        if not _is_known(screen, rule["id"], " ".join(map(str, node["target"])))
    ]


def _is_known(screen: Screen, rule: str, target: str) -> bool:
    return any(screen.label.startswith(kind) and rule == its and part in target for kind, its, part in KNOWN)


def overflow(page: Page) -> list[str]:
    """How far the page reaches past a telephone's edge, and what reaches farthest."""
    page.set_viewport_size(NARROW)
    excess, guilty = page.evaluate(
        """() => {
            const root = document.documentElement;
            const over = [...document.querySelectorAll('body *')].filter(node => {
                const box = node.getBoundingClientRect();
                return box.width && (box.right > root.clientWidth + 1 || box.left < -1);
            });
            const name = node => node.tagName.toLowerCase() + (node.id ? '#' + node.id : '')
                + [...node.classList].map(each => '.' + each).join('');
            return [root.scrollWidth - root.clientWidth, over.slice(0, 3).map(name)];
        }"""
    )
    page.set_viewport_size(WIDE)
    return [f"reaches {excess} px past 390 px: {', '.join(guilty)}"] if excess > 0 else []


class Visitor:
    """One browser window per person, in one language, with axe at hand on every page."""

    def __init__(self, open_page: OpenPage, world: World, language: str) -> None:
        self.open_page, self.world, self.language = open_page, world, language
        self.pages: dict[str, Page] = {}
        self.found: dict[str, list[str]] = {}

    def page_of(self, person: str) -> Page:
        if person not in self.pages:
            page = self.open_page(self.world.person(person), locale=self.language, viewport=WIDE)
            page.add_init_script(path=AXE)
            self.pages[person] = page
        return self.pages[person]

    def look(self, screen: Screen, *, dark: bool = True) -> None:
        """Open the page and look at it in every way."""
        page = self.page_of(screen.person)
        page.goto(screen.address)
        page.wait_for_selector("[hx-trigger=load]", state="detached")  # slots are filled
        self.both(screen, dark=dark)
        self.note(screen, "narrow", overflow(page))

    def both(self, screen: Screen, *, dark: bool = True) -> None:
        """Look at what the person's window shows now, in the light and in the dark."""
        page = self.page_of(screen.person)
        for scheme in ("light", "dark") if dark else ("light",):
            page.emulate_media(color_scheme=scheme)
            self.note(screen, scheme, violations(page, screen))

    def note(self, screen: Screen, how: str, found: list[str]) -> None:
        if found:
            self.found[f"{screen.label} ({screen.person}, {how})"] = found

    def report(self) -> str:
        return "\n".join(f"{where}\n  " + "\n  ".join(found) for where, found in self.found.items())


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_no_page_has_a_barrier(open_page: OpenPage, world: World, language: str, direction: str) -> None:
    visitor = Visitor(open_page, world, language)
    for screen in screens(world, administration=False):
        visitor.look(screen)
        assert visitor.page_of(screen.person).get_attribute("html", "dir") == direction
    assert visitor.found == {}, visitor.report()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_administration_has_no_barrier_of_ours(open_page: OpenPage, world: World, language: str) -> None:
    """Every page in the light; those that are opened most in the dark and right to left too."""
    visitor = Visitor(open_page, world, language)
    for screen in screens(world, administration=True):
        often = OFTEN.match(screen.label) is not None
        if often or language == "en":
            visitor.look(screen, dark=often)
    assert visitor.found == {}, visitor.report()


def refused(page: Page, address: str) -> None:
    """A form sent with nothing in it, and what it says to that."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('form').forEach(each => { each.noValidate = true })")
    page.locator("main form:not([data-passkey]) .actions:visible").last.locator(".btn[type=submit]").first.click()
    page.wait_for_selector("[aria-invalid=true], .error-summary, .errorlist", state="attached")


def test_what_pages_say_and_open_has_no_barrier(open_page: OpenPage, world: World) -> None:
    """Refused forms, panels, dialogs and menus, in both lights."""
    visitor, item = Visitor(open_page, world, "en"), world.published
    analyst = visitor.page_of("analyst")
    for address in ("/proposals/new/", "/mechanisms/new/", f"/items/{item.reference}/log/", f"/items/{item.reference}/milestones/new/",
                    f"/items/{item.reference}/relations/new/", "/accounts/tokens/new/", "/accounts/password/change/"):  # fmt: skip
        refused(analyst, address)
        visitor.both(Screen(f"refused {address}", address, "analyst"))
    refused(visitor.page_of("reviewer"), f"/review/updates/{world.updates['submitted'].pk}/")
    visitor.both(Screen("refused return", "/review/", "reviewer"))
    refused(visitor.page_of("nobody"), "/accounts/login/")
    visitor.both(Screen("refused sign-in", "/accounts/login/", "nobody"))

    analyst.goto(item.get_absolute_url())
    analyst.keyboard.press("u")
    analyst.wait_for_selector("#log-form")
    analyst.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    visitor.both(Screen("log progress as a panel", item.get_absolute_url(), "analyst"))
    analyst.goto("/proposals/")
    analyst.keyboard.press("?")
    analyst.wait_for_selector("dialog[open]")
    visitor.both(Screen("the list of keys", "/proposals/", "analyst"))
    analyst.set_viewport_size(NARROW)
    analyst.goto("/proposals/")
    analyst.get_by_role("button", name="Menu").click()
    analyst.wait_for_selector("#rail-menu:popover-open")
    visitor.both(Screen("the menu on a telephone", "/proposals/", "analyst"))
    assert visitor.found == {}, visitor.report()


def test_a_barrier_would_be_found(open_page: OpenPage, world: World) -> None:
    visitor = Visitor(open_page, world, "en")
    page, screen = visitor.page_of("reader"), Screen("made", "/proposals/", "reader")
    page.goto(screen.address)
    page.evaluate(
        """() => {
            const main = document.querySelector('main');
            main.insertAdjacentHTML('beforeend', '<img src="data:,">');
            main.style.minWidth = '900px';
        }"""
    )
    assert any(line.startswith("image-alt") for line in violations(page, screen))
    assert overflow(page)
