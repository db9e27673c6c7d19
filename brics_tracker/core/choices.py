"""Closed lists of the floor."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SpellKind(models.TextChoices):
    MEMBER = "member", _("member")
    PARTNER = "partner", _("partner")
    INVITED = "invited", _("invited")
    DECLINED = "declined", _("declined")
    DISPUTED = "disputed", _("disputed")


class OrganisationKind(models.TextChoices):
    MINISTRY = "ministry", _("ministry or meeting of ministries")
    BANK = "bank", _("bank")
    COUNCIL = "council", _("council")
    ALLIANCE = "alliance", _("alliance")
    THINK_TANK = "think_tank", _("think tank or university")
    SECRETARIAT = "secretariat", _("secretariat")
    INTERNATIONAL = "international", _("international organisation")
    ASSOCIATION = "association", _("association")
    OTHER = "other", _("other")


class JobState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Act(models.TextChoices):
    """What is on record beside the changes."""

    FILE_FETCHED = "file_fetched", _("file fetched")
    EXPORT_MADE = "export_made", _("export made")
    REPORT_FETCHED = "report_fetched", _("report fetched")
    SIGNED_IN = "signed_in", _("signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("sign-in failed")
    VIEW_AS_BEGUN = "view_as_begun", _("view as begun")
    VIEW_AS_ENDED = "view_as_ended", _("view as ended")


class DeliveryState(models.TextChoices):
    """How far a mail has come."""

    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    DROPPED = "dropped", _("nothing left to tell")
