"""Every address that the site answers, as its resolver knows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True, slots=True)
class Route:
    """One pattern: its full name ("" where it has none) and what it looks like."""

    name: str
    pattern: str

    @property
    def key(self) -> str:
        """How the matrix names it: by its name, or by its pattern where it has none."""
        return self.name or self.pattern


def routes() -> list[Route]:
    """All patterns of the site, the administration's among them."""
    return list(_walk(get_resolver().url_patterns))


def _walk(patterns: list[URLPattern | URLResolver], spaces: tuple[str, ...] = (), prefix: str = "") -> Iterator[Route]:
    for pattern in patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, inner, path)
        else:
            yield Route(":".join([*spaces, pattern.name]) if pattern.name else "", path)


# Words of patterns' arguments that fit some route or other; nothing need stand behind them.
ARGUMENTS: tuple[list[str], ...] = (
    [],
    ["1"],
    ["EN-01"],
    ["a" * 24],
    ["EN-01", "csv"],
    ["1", "set-password"],
    ["1", "1"],
)


def address_of(name: str) -> str:
    """Some address of the route, for what is asked before the thing is looked for; "" where no arguments fit."""
    for arguments in ARGUMENTS:
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    return ""
