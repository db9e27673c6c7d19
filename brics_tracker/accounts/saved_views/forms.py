"""Forms of lists as people keep them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from brics_tracker.accounts.choices import Role
from brics_tracker.accounts.models import SavedView, User
from brics_tracker.core.forms import FormKeyMixin, TrackerForm, VersionMixin
from brics_tracker.core.htmx import is_own_path
from brics_tracker.core.pages import SIZES

from . import access
from .lists import ROUTES, address_of
from .services import NOT_SHARED


class BackMixin(forms.Form):
    """Where to go on: an address of the list that the form stood on."""

    back = forms.CharField(max_length=6000, required=False, widget=forms.HiddenInput)

    def clean_back(self) -> str:
        back: str = self.cleaned_data["back"]
        return back if is_own_path(back, most=6000) else ""


class ListForm(BackMixin, TrackerForm):
    """Which list is kept."""

    list = forms.ChoiceField(choices=[(name, name) for name in ROUTES], widget=forms.HiddenInput)

    def clean_back(self) -> str:
        back, name = super().clean_back(), str(self.data.get("list", ""))
        return back if name in ROUTES and back.split("?")[0] == address_of(name) else ""


class SettingForm(ListForm):
    """The columns of a list, or the rows on its page; `usual` takes the choice of columns back."""

    page_size = forms.TypedChoiceField(
        choices=[(size, size) for size in SIZES], coerce=int, required=False, empty_value=None
    )
    usual = forms.BooleanField(required=False)


class OpeningForm(ListForm):
    """With what a list opens: the key of a view, "everything", or "role"."""

    opens_with = forms.CharField(max_length=20)


class NewViewForm(FormKeyMixin, ListForm):
    """A list under a name."""

    name = forms.CharField(
        label=_("Name"), max_length=SavedView._meta.get_field("name").max_length,
        help_text=_("What you find it by, as in “Energy, late”."),
    )  # fmt: skip
    shared = forms.BooleanField(
        label=_("Share it"), required=False,
        help_text=_("Everyone signed in finds it. Each sees in it what they may see, never more."),
    )  # fmt: skip
    query = forms.CharField(max_length=6000, required=False, widget=forms.HiddenInput)
    columns = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    sort = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not access.may_share(user):
            del self.fields["shared"]


class ViewForm(VersionMixin, TrackerForm):
    """The name of a view, and who finds it."""

    name = forms.CharField(label=_("Name"), max_length=SavedView._meta.get_field("name").max_length)
    shared = forms.BooleanField(
        label=_("Shared"), required=False,
        help_text=_("Everyone signed in finds it. Each sees in it what they may see, never more."),
    )  # fmt: skip
    default_for = forms.ChoiceField(
        label=_("Default for"), required=False, choices=[("", _("nobody")), *Role.choices],
        help_text=_("The list opens with it for people of this role who chose nothing else; of several roles the highest counts."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, view: SavedView, **kwargs: Any) -> None:
        initial = {"name": view.name, "shared": view.shared, "default_for": view.default_for, "version": view.version}
        super().__init__(*args, initial=initial, **kwargs)
        if not (access.may_share(user) or view.shared):
            del self.fields["shared"]
        if not access.may_set_defaults(user):
            del self.fields["default_for"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("default_for") and not cleaned.get("shared"):
            raise ValidationError({"default_for": NOT_SHARED})
        return cleaned


class OverwriteForm(VersionMixin, TrackerForm):
    """What is shown, to stand in place of what a view asked."""

    query = forms.CharField(max_length=6000, required=False, widget=forms.HiddenInput)
    columns = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    sort = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)
