"""Kinds and tracks of mechanisms and meetings."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MechanismKind(models.TextChoices):
    LEADERS_SUMMIT = "leaders_summit", _("leaders' summit")
    MINISTERIAL = "ministerial", _("ministerial meeting")
    SENIOR_OFFICIALS = "senior_officials", _("senior officials")
    WORKING_GROUP = "working_group", _("working group")
    COUNCIL = "council", _("council")
    BANK = "bank", _("bank")
    FUND = "fund", _("fund")
    ARRANGEMENT = "arrangement", _("arrangement")
    AGREEMENT = "agreement", _("agreement")
    FORUM = "forum", _("forum")
    ALLIANCE = "alliance", _("alliance")
    NETWORK = "network", _("network")
    CENTRE = "centre", _("centre")
    PROGRAMME = "programme", _("programme")
    PARTNERSHIP = "partnership", _("partnership")
    COMMISSION = "commission", _("commission")
    AGENCY = "agency", _("agency")
    PLATFORM = "platform", _("platform")
    STRATEGY = "strategy", _("strategy")
    DIALOGUE = "dialogue", _("dialogue")


class Track(models.TextChoices):
    LEADERS = "leaders", _("leaders")
    POLICY_SECURITY = "policy_security", _("policy and security")
    ECONOMY_FINANCE = "economy_finance", _("economy and finance")
    PEOPLE = "people", _("people-to-people")


class MeetingKind(models.TextChoices):
    SUMMIT = "summit", _("summit")
    LEADERS = "leaders", _("leaders' meeting")
    MINISTERIAL = "ministerial", _("ministerial meeting")
    SENIOR_OFFICIALS = "senior_officials", _("senior officials")
    WORKING_GROUP = "working_group", _("working group")
    FORUM = "forum", _("forum")
    OTHER = "other", _("other")
