"""Forms of a reviewer's two acts, and the one-click report of no change."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from brics_tracker.core.forms import FormKeyMixin, TrackerForm, VersionMixin


class PublishForm(TrackerForm, VersionMixin):
    """Publish what was read; `version` says what that was."""

    evidence_checked = forms.BooleanField(
        label=_("I opened the evidence and it says this"), required=False,
        help_text=_("Then the proof is “verified”; left empty, it is “documented”."),
    )  # fmt: skip


class ItemPublishForm(TrackerForm, VersionMixin):
    """Publish the new item that was read."""


class ReturnForm(TrackerForm, VersionMixin):
    """Hand back, with a reason that the author can act on."""

    reason = forms.CharField(
        label=_("What the author should mend"), max_length=500, widget=forms.Textarea({"rows": 3, "dir": "auto"}),
        help_text=_("At most 500 characters. It is kept, and shown to the author."),
    )  # fmt: skip


class NoChangeForm(FormKeyMixin):
    """Nothing but the key against double clicks."""
