"""A filter's field drawn in one piece: {% load filter_field %}{% filter_field bound %}.

A list's filter has some twenty fields with hundreds of options. Django draws each option through a template of its
own, which costs ten times what the list itself does; here the same markup is joined from strings, and lists of
choices that come from a table are kept for a minute. What is wrong is still said the usual way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms, template
from django.core.cache import cache
from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()
KEPT_SECONDS = 60


@register.simple_tag
def filter_field(bound: BoundField) -> SafeString:
    """The field with its label; by Django itself where it has errors or is of a rarer kind."""
    widget = bound.field.widget
    if bound.errors:
        return bound.as_field_group()
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return _boxes(bound)
    if type(widget) is forms.Select:
        return _labelled("select", bound, _select(bound))
    if isinstance(widget, forms.CheckboxInput):
        return _box(bound)
    if isinstance(widget, forms.TextInput | forms.NumberInput):
        return _labelled("text", bound, _text(bound))
    return bound.as_field_group()


def _labelled(kind: str, bound: BoundField, control: SafeString) -> SafeString:
    return format_html(
        '<div class="field field-{}"><label for="{}">{}</label>{}</div>',
        kind, bound.id_for_label, bound.label, control,
    )  # fmt: skip


def _text(bound: BoundField) -> SafeString:
    attributes = {
        **bound.build_widget_attrs(bound.field.widget.attrs),
        "type": getattr(bound.field.widget, "input_type", "text"),
        "name": bound.html_name,
        "id": bound.auto_id,
    }
    if (value := bound.value()) not in (None, ""):
        attributes["value"] = value
    return format_html("<input{}>", flatatt(attributes))


def _box(bound: BoundField) -> SafeString:
    """A switch: a single box before its label."""
    widget = bound.field.widget
    checked = SafeString(" checked") if widget.check_test(bound.value()) else ""
    return format_html(
        '<div class="field field-checkbox"><span class="box"><input type="checkbox" name="{}" value="true" id="{}"{}>'
        '<label for="{}">{}</label></span></div>',
        bound.html_name, bound.auto_id, checked, bound.auto_id, bound.label,
    )  # fmt: skip


def _boxes(bound: BoundField) -> SafeString:
    chosen = {str(value) for value in bound.value() or ()}
    boxes = "".join(
        format_html(
            '<div><label for="{0}_{1}"><input type="checkbox" name="{2}" value="{3}" id="{0}_{1}"{4}> {5}</label></div>',
            bound.auto_id, place, bound.html_name, value, SafeString(" checked") if value in chosen else "", label,
        )
        for place, (value, label) in enumerate(_choices(bound.field))
    )  # fmt: skip
    return format_html(
        '<div class="field field-checkboxselectmultiple"><fieldset><legend>{}</legend><div id="{}">{}</div></fieldset></div>',
        bound.label, bound.auto_id, mark_safe(boxes),  # noqa: S308 - each box was made by format_html
    )  # fmt: skip


def _select(bound: BoundField) -> SafeString:
    value = bound.value()
    chosen = "" if value is None else str(value)
    options = "".join(
        f'<option value="{escape(key)}"{" selected" if key == chosen else ""}>{escape(label)}</option>'
        for key, label in _choices(bound.field)
    )
    # Keys and labels are escaped above.
    return format_html(
        '<select name="{}" id="{}">{}</select>',
        bound.html_name,
        bound.auto_id,
        mark_safe(options),  # noqa: S308
    )


def _choices(field: Any) -> Iterable[tuple[str, str]]:
    """(value, word) of each choice; whole tables are kept for a minute, in each language."""
    choices = field.widget.choices
    rows = getattr(choices, "queryset", None)
    if rows is None or rows.query.where:
        return [(str(value), str(label)) for value, label in choices]
    key = f"choices:{rows.model._meta.label}:{type(field).__name__}:{get_language()}"
    kept: list[tuple[str, str]] | None = cache.get(key)
    if kept is None:
        kept = [(str(field.prepare_value(row)), str(field.label_from_instance(row))) for row in rows.all()]
        cache.set(key, kept, KEPT_SECONDS)
    before = [("", str(field.empty_label))] if field.empty_label is not None else []
    if getattr(field, "null_label", None) is not None:
        before.append((str(field.null_value), str(field.null_label)))
    return [*before, *kept]
