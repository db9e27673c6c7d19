"""What the rows of the reference lists hold, field by field."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as s

from .choices import OrganisationKind, SpellKind


class SpellSerializer(s.Serializer[Any]):
    kind = s.ChoiceField(SpellKind.choices, help_text=_("What the country was in this time."))
    started = s.CharField(allow_null=True, help_text=_("From: a year, month or day; null where no source gives one."))
    ended = s.CharField(allow_null=True, help_text=_("To, included; null while it lasts."))
    first_summit = s.IntegerField(allow_null=True, help_text=_("Number of the first summit it attended."))
    sources = s.ListField(child=s.CharField(), help_text=_("Where this is said."))
    note = s.CharField(help_text=_("Note."))


class MemberSerializer(s.Serializer[Any]):
    """A country that is, was, or was asked to be a member or partner."""

    code = s.CharField(help_text=_("ISO 3166-1 alpha-2 code."))
    name = s.CharField(help_text=_("Name."))
    is_member = s.BooleanField(help_text=_("Whether it is a member today, by its spells."))
    spells = SpellSerializer(many=True, help_text=_("The spans of its belonging, as the sources say."))


class OrganisationSerializer(s.Serializer[Any]):
    """A body that owns, supports or carries what is tracked."""

    key = s.CharField(help_text=_("Key."))
    name = s.CharField(help_text=_("Name."))
    acronym = s.CharField(help_text=_("Acronym."))
    kind = s.ChoiceField(OrganisationKind.choices, help_text=_("Kind of organisation."))
    member = s.CharField(allow_null=True, help_text=_("ISO code of its country; null where it has none."))
    address = s.URLField(allow_null=True, help_text=_("Web address; null for none."))
    sources = s.ListField(child=s.CharField(), help_text=_("Where this is said."))
    note = s.CharField(help_text=_("Note."))


class ThemeSerializer(s.Serializer[Any]):
    """A pillar, or an area within one."""

    code = s.CharField(help_text=_("Code, as EC or TC-TRADE."))
    name = s.CharField(help_text=_("Name."))
    parent = s.CharField(allow_null=True, help_text=_("Code of the theme above; null for a pillar."))  # type: ignore[assignment]
    description = s.CharField(help_text=_("What it covers."))
    valid_from = s.DateField(allow_null=True, help_text=_("First day; null for always."))
    valid_until = s.DateField(allow_null=True, help_text=_("Last day; null while it is in use."))
