"""What an entry of the trail is about, in words and by the key that people know; asked of the models, not of a list."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.urls import NoReverseMatch, reverse

from brics_tracker.core.recorded import EMPTY, Names

from .tables import Model, histories, instance_of

# By what people know a thing, and what it is called; the first that a model has.
KEYS = ("reference", "code", "key", "email")
TITLES = ("title", "name", "heading", "number", "happened", "started", "role", "kind")
BOOKKEEPING = frozenset({
    "id", "version", "created_at", "updated_at", "text_html", "reference_prefix", "reference_number", "checksum",
})  # fmt: skip


class TrailNames(Names):
    """An administrator is told every field, but for counters and what is computed of others."""

    untold = BOOKKEEPING
    moments = "j M Y H:i"


@cache
def key_of(model: Model) -> str:
    """The column with a thing's own key; "" for what is only known by what it belongs to."""
    fields = {field.name: field for field in model._meta.fields}
    return next((name for name in KEYS if name in fields and fields[name].unique), "")


@cache
def owners_of(model: Model) -> tuple[models.ForeignKey[Any, Any], ...]:
    """What a thing without a key of its own belongs to: an update to its item, a grant to its person."""
    if key_of(model):
        return ()
    recorded = {instance_of(history) for history in histories()}
    return tuple(
        field
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey) and not field.null and field.related_model in recorded
        # Who wrote something is no owner of it.
        and (field.related_model is not get_user_model() or field.remote_field.on_delete is models.CASCADE)
    )  # fmt: skip


def called(text: str) -> list[tuple[Model, Any]]:
    """The things with this key, whatever they are: EC-07, a theme's code, a mail address."""
    spellings = {text, text.upper(), text.lower()}
    return [
        (model, pk)
        for model in map(instance_of, histories())
        if (key := key_of(model))
        for pk in model._base_manager.filter(**{f"{key}__in": spellings}).values_list("pk", flat=True)
    ]


def in_words(record: Any, names: Names) -> str:
    """What a record is about: its key and title, behind those of what it belongs to."""
    model = record.instance_type
    fields = {field.name: field for field in record.tracked_fields}
    own = [name for name in (key_of(model), next((name for name in TITLES if name in fields), "")) if name]
    parts = [names.say(field, record) for field in owners_of(model)]
    parts.append(" ".join(said for name in own if (said := names.say(fields[name], record)) != EMPTY))
    return " · ".join(part for part in parts if part)


def address_of(model: Model, pk: Any) -> str:
    """Where the administration shows it; "" where it does not."""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    except NoReverseMatch:
        return ""
