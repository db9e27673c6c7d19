"""A thing that is asked for twice with one key is made once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from .models import IdempotencyKey

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User

Made = TypeVar("Made", bound=models.Model)


class UsedKey(ValidationError):
    """A request key that came before, with another request."""

    def __init__(self) -> None:
        super().__init__(_("This key was sent before, with another request. Use a new one."), code="used_key")


def once(user: User, key: uuid.UUID | None, make: Callable[[], Made], *, told: str = "") -> Made:
    """Make something once per person and request key; the same request again gets what the first one made.

    `told`: a digest of what a program asked; the key with another digest raises UsedKey. A form that comes again
    with other words is its own service's matter, and gives none.

    Runs in one transaction: the key and what it made are saved together or not at all. Two at the same
    moment: the second waits at the unique key, what it made is undone, and it finds what the first one made.
    """
    if key is None:
        with transaction.atomic():
            return make()
    found = _made(user, key, told)
    if found is not None:
        return found  # type: ignore[return-value]
    try:
        with transaction.atomic():
            made = make()
            IdempotencyKey.objects.create(user=user, key=key, told=told, made=f"{made._meta.label_lower}:{made.pk}")
            return made
    except IntegrityError:
        found = _made(user, key, told)
        if found is None:
            raise
        return found  # type: ignore[return-value]


def made_before(user: User, key: str, kind: type[Made]) -> Made | None:
    """What a form with this key made already, where that is of this kind: for a page whose form would not read the
    same again once its work is done.
    """
    try:
        entry = IdempotencyKey.objects.filter(user=user, key=uuid.UUID(key)).first()
    except ValueError:
        return None
    if entry is None or not entry.made.startswith(f"{kind._meta.label_lower}:"):
        return None
    return kind._default_manager.get(pk=entry.made.partition(":")[2])


def _made(user: User, key: uuid.UUID, told: str) -> models.Model | None:
    entry = IdempotencyKey.objects.filter(user=user, key=key).first()
    if entry is None:
        return None
    if entry.told != told:
        raise UsedKey
    label, pk = entry.made.split(":")
    made: models.Model = apps.get_model(label)._default_manager.get(pk=pk)
    return made
