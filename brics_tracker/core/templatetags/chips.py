"""What a list is filtered by, as chips that can be taken off one by one: {% load chips %}{% chips filterset %}."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.http import QueryDict
from django.template import Context
from django.utils.translation import pgettext

from brics_tracker.core.export import PLACE
from brics_tracker.core.filters import ListFilterSet, SwitchField

register = template.Library()


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is set: its label, its value in words, and the list without it."""

    label: str
    value: str
    without: str


@register.inclusion_tag("components/_chips.html", takes_context=True)
def chips(context: Context, filterset: ListFilterSet) -> dict[str, Any]:
    """A chip for each value that is set; nothing where a value could not be read."""
    return {"chips": list(chips_of(filterset, context["request"].GET)), "path": context["path"]}


def chips_of(filterset: ListFilterSet, query: QueryDict) -> Iterator[Chip]:
    """The chips of a filterset; each of several values is one."""
    asked = query.copy()
    for name in list(asked):
        # Fields left empty in the form, and the place in the list, say nothing of what is shown.
        if name in PLACE or not any(asked.getlist(name)):
            del asked[name]
    for name, value in filterset.in_use.items():
        field = filterset.form.fields[name]
        for key, words in _values(field, value):
            kept = asked.copy()
            kept.setlist(name, [each for each in kept.getlist(name) if key is not None and each != key])
            if not kept.getlist(name):
                del kept[name]
            yield Chip(str(field.label), words, kept.urlencode())


def _values(field: forms.Field, value: Any) -> Iterable[tuple[str | None, str]]:
    """(the value in the address, or None where the field holds only one; its words)."""
    if isinstance(value, list | tuple):
        return [(str(each), _word(field, each)) for each in value]
    return [(None, _word(field, value))]


def _word(field: forms.Field, value: Any) -> str:
    if isinstance(field, SwitchField) or isinstance(value, bool):
        return pgettext("a switch", "yes") if value else pgettext("a switch", "no")
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)
