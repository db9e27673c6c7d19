"""Closed lists of the spine. Which status may follow which: workflow.py."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ItemKind(models.TextChoices):
    PROPOSAL = "proposal", _("proposal")
    MECHANISM = "mechanism", _("mechanism")
    ACTIVITY = "activity", _("activity")


class ReviewState(models.TextChoices):
    """Where an item or update stands between its author and the public."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    RETURNED = "returned", _("returned")
    PUBLISHED = "published", _("published")
    CORRECTED = "corrected", _("corrected")
    RETRACTED = "retracted", _("retracted")


class Direction(models.TextChoices):
    """Which way a step of status goes."""

    FORWARD = "forward", _("moved forward")
    BACK = "back", _("moved back")
    PAUSED = "paused", _("paused")
    RESUMED = "resumed", _("resumed")
    ENDED = "ended", _("ended without success")
    REOPENED = "reopened", _("reopened")


class Outcome(models.TextChoices):
    """What became of one item in an edit of many."""

    CHANGED = "changed", _("changed")
    SAME = "same", _("nothing to change")
    REFUSED = "refused", _("refused")
    CONFLICT = "conflict", _("someone else changed it meanwhile")


class Judgement(models.TextChoices):
    """What a reviewer decides on what was handed in."""

    PUBLISH = "publish", _("published")
    RETURN = "return", _("handed back")


class Proof(models.TextChoices):
    CLAIMED = "claimed", _("claimed")
    DOCUMENTED = "documented", _("documented")
    VERIFIED = "verified", _("verified")


class Phase(models.TextChoices):
    IMMEDIATE = "immediate", _("immediate")
    MEDIUM = "medium", _("medium term")
    LONG = "long", _("long term")


class Priority(models.TextChoices):
    HIGH = "high", _("high")
    NORMAL = "normal", _("normal")
    LOW = "low", _("low")


class Reliability(models.TextChoices):
    OFFICIAL = "official", _("official record")
    MEDIA = "media", _("media report")
    EXPERT = "expert", _("research or expert")
    OTHER = "other", _("other")


class RelationKind(models.TextChoices):
    """Read from the first item to the second: A establishes B."""

    PART_OF = "part_of", _("part of")
    SUCCEEDS = "succeeds", _("succeeds")
    ESTABLISHES = "establishes", _("establishes")
    CHANGES = "changes", _("changes")
    CARRIES = "carries", _("carries")
    ANSWERS = "answers", _("answers")
    CONTRIBUTES_TO = "contributes_to", _("contributes to")
    SUPERSEDES = "supersedes", _("supersedes")
    REPEATS = "repeats", _("repeats")


class MergeChoice(models.TextChoices):
    """Whose value stays when two items are merged."""

    KEEP = "keep", _("as it is")
    OTHER = "other", _("the other’s")
    BOTH = "both", _("both")


class PlanChoice(models.TextChoices):
    """What becomes of the plan of a merged item."""

    KEEP = "keep", _("keep the plan as it is; the other’s open steps are dropped")
    ADD = "add", _("add the other’s steps behind it")


class ClaimKind(models.TextChoices):
    COMPLETED = "completed", _("completed")
    MOVED = "moved", _("moved")


class ReportState(models.TextChoices):
    """What was reported of an item in one period of its rhythm."""

    REPORTED = "reported", _("reported")
    NO_CHANGE = "no_change", _("no change")
    MISSING = "missing", _("missing")
    NOT_DUE = "not_due", _("not yet due")
