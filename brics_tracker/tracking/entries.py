"""Progress as programs send it, as the services take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from .models import Evidence, TrackedItem, Update
from .services import progress
from .services.checks import Claim
from .services.progress import Entry, NewSource
from .services.updates import stored_claims

if TYPE_CHECKING:
    from brics_tracker.accounts.models import User


@transaction.atomic
def log(item: TrackedItem, body: Mapping[str, Any], *, by: User, submit: bool) -> Update:
    """A new update; where it lacks something to be handed in, and that was asked, nothing is kept.

    `body`: as bodies.UpdateBody reads it. Raises what progress.log_progress raises.
    """
    logged = progress.log_progress(item, by=by, form_key=None, entry=_entry(item, body, by=by), submit=submit)
    if logged.refusal is not None:
        raise logged.refusal
    return logged.update


def revise(update: Update, body: Mapping[str, Any], *, by: User, version: int) -> Update:
    """Change what the body names of a draft that the caller has locked, and add its new sources."""
    entry = _entry(update.item, body, update, by=by)
    return progress.revise_progress(update, by=by, version=version, form_key=None, entry=entry, submit=False).update


def _entry(item: TrackedItem, body: Mapping[str, Any], update: Update | None = None, *, by: User) -> Entry:
    fields = {name: value for name, value in body.items() if name not in {"milestones", "sources", "evidence"}}
    if fields.get("wording_only") and not (update and update.corrects_id):
        raise ValidationError({"wording_only": _("Only a correction can correct wording only.")})
    sources = [NewSource(dict(source)) for source in body.get("sources", ())]
    if "milestones" in body or update is None:
        claims = _claims(item, body.get("milestones", ()))
    else:
        claims = stored_claims(update)
    # Named, they are all that it rests on; left out, it keeps what it has.
    named = "evidence" in body
    held = set(update.evidence.values_list("pk", flat=True)) if update and named else set()
    kept = _kept(item, body["evidence"], by) if named else []
    return Entry(fields=fields, claims=claims, sources=sources, kept=kept, drawn_evidence=held)


def _kept(item: TrackedItem, numbers: Sequence[int], by: User) -> list[Evidence]:
    found = {row.pk: row for row in Evidence.objects.visible_to(by).filter(item=item, pk__in=numbers)}
    if lost := [number for number in numbers if number not in found]:
        words = {"numbers": ", ".join(map(str, lost[:10]))}
        raise ValidationError({"evidence": _("There is no source %(numbers)s of this item.") % words})
    return [found[number] for number in numbers]


def _claims(item: TrackedItem, said: Sequence[Mapping[str, Any]]) -> list[Claim]:
    """What is said of milestones; ValidationError at `milestones` for one that is not of the item, or named twice."""
    open_steps = {step.pk: step for step in item.milestones.filter(dropped_at__isnull=True)}
    numbers = [each["milestone"] for each in said]
    if lost := [number for number in numbers if number not in open_steps]:
        words = {"numbers": ", ".join(map(str, lost[:10]))}
        raise ValidationError({"milestones": _("There is no milestone %(numbers)s in this plan.") % words})
    if len(set(numbers)) < len(numbers):
        raise ValidationError({"milestones": _("Name each milestone once.")})
    return [
        Claim(open_steps[each["milestone"]], each["kind"], each.get("new_due"), each.get("reason", "")) for each in said
    ]
