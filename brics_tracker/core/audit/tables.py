"""Which tables the audit trail is: asked of the models, so that a new history is covered from its first row."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Model as AnyModel

from brics_tracker.core.models import AuditEvent, AuditSeal, SealedPart

Model = type[AnyModel]


def recorded_tables() -> dict[str, Model]:
    """Every table with what is on record, by name: histories, their tables of links, audit events."""
    models: list[Model] = [*apps.get_models(include_auto_created=True)]
    found = [model for model in models if hasattr(model, "instance_type") or model is AuditEvent]
    return {model._meta.db_table: model for model in found}


def histories() -> list[Model]:
    """The histories alone, in the order of their models' names."""
    found = [model for model in recorded_tables().values() if hasattr(model, "history_date")]
    return sorted(found, key=lambda model: instance_of(model)._meta.label)


def instance_of(history: Model) -> Model:
    """The model whose changes a history holds."""
    return history.instance_type  # type: ignore[attr-defined, no-any-return]


def append_only_tables() -> dict[str, Model]:
    """Tables whose rows are only ever added: what is on record, and the seals over it."""
    return recorded_tables() | {model._meta.db_table: model for model in (AuditSeal, SealedPart)}
