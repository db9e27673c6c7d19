"""Which pages there are: taken from the matrix of rights, so that a new page cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.architecture.matrix import lines
from tests.architecture.world import World

# Whoever has the most to see on a page opens it.
OPENED_BY = ("analyst", "reviewer", "administrator", "nobody")
NO_PAGES = (
    "accounts:draft", "api:", "healthz", "readyz", "reports:file", "exports:file", "tracking:evidence-file", "tracking:people",
    "admin:jsi18n",
)  # fmt: skip


@dataclass(frozen=True)
class Screen:
    """One page as one person sees it."""

    label: str
    address: str
    person: str


def screens(world: World, *, administration: bool) -> Iterator[Screen]:
    """Every page that answers a GET with 200, opened by one person who may; then the pages that say no."""
    for line in lines():
        if line.method != "GET" or line.route.startswith(NO_PAGES) or "export=" in line.about:
            continue
        person = next((name for name in OPENED_BY if line.answers[name] == "200"), None)
        if person and line.route.startswith("admin:") == administration:
            yield Screen(f"{line.route} {line.about}", line.address(world), person)
    if not administration:
        yield from _not_in_the_matrix(world)


def _not_in_the_matrix(world: World) -> Iterator[Screen]:
    detail = world.published.get_absolute_url()
    yield Screen("404", "/proposals/EN-999/", "reader")
    yield Screen("403", f"{detail}edit/", "reader")
    yield Screen("an empty list", "/proposals/?q=nothing-is-called-this", "reader")
    yield Screen("my work, nothing to do", "/my-work/", "reader")
    yield Screen("the overview to a reader", "/", "reader")
    yield Screen("a proposal to its reviewer", detail, "reviewer")
    yield Screen("a proposal to an administrator", detail, "administrator")
    yield Screen("reports to an administrator", "/reports/", "administrator")
