"""What every administration page keeps: on record, nothing overwritten unseen, nothing with history deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from .forms import LinesField, TrackerForm
from .history import name_author, record
from .partial_dates import PartialDateField

if TYPE_CHECKING:
    from django.http import QueryDict

    from brics_tracker.accounts.models import User

LOADED = "loaded_state"


# --- forms -----------------------------------------------------------------------------------------


def _comparable(row: models.Model, name: str) -> Any:
    field = row._meta.get_field(name)
    if field.many_to_many:
        return _typed(getattr(row, name).all())
    return _typed(field.value_from_object(row))  # type: ignore[union-attr]


def _typed(value: Any) -> Any:
    """A value in one plain form, whether a form cleaned it or the database gave it."""
    if isinstance(value, models.QuerySet):
        return sorted(value.values_list("pk", flat=True))
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, list | dict):
        return json.dumps(value)
    return "" if value is None else str(value)


def fingerprint(row: models.Model, names: Sequence[str]) -> str:
    """Stands for the values of these fields, so that a form can tell whether they moved since it was drawn."""
    values = {name: _comparable(row, name) for name in sorted(names)}
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()[:32]


class FreshForm(forms.ModelForm[Any], TrackerForm):
    """Carries what it was drawn from; refuses to overwrite what someone else saved meanwhile.

    What was typed is kept, the values as they are now are named at their fields, and saving once more
    then puts one's own in place, knowingly.
    """

    loaded_state = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial[LOADED] = fingerprint(self.instance, self._watched())

    def _watched(self) -> list[str]:
        """The model's own fields of this form: what saving it would overwrite."""
        options = self.instance._meta
        own = {field.name for field in (*options.fields, *options.many_to_many)}
        return [name for name in self.base_fields if name in own]

    @property
    def changed_values(self) -> list[str]:
        """Fields whose value someone changed; the carried fingerprint is none."""
        return [name for name in self.changed_data if name != LOADED]

    def has_changed(self) -> bool:
        return bool(self.changed_values)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.instance._state.adding and self.fields.keys() & {LOADED}:
            self._check_fresh()
        return cleaned

    def _check_fresh(self) -> None:
        # The row stays locked until the page's transaction ends, so nobody comes between check and save.
        rows = type(self.instance)._default_manager
        current = rows.select_for_update(of=("self",)).filter(pk=self.instance.pk).first()
        if current is None:
            raise ValidationError(_("This was deleted meanwhile."), code="deleted")
        now = fingerprint(current, self._watched())
        if self.data.get(self.add_prefix(LOADED)) == now:
            return
        for name in self._watched():
            if name in self.cleaned_data and _typed(self.cleaned_data[name]) != _comparable(current, name):
                self.add_error(name, _("Now: %(value)s") % {"value": _in_words(current, name)})
        answer = cast("QueryDict", self.data).copy()
        answer[self.add_prefix(LOADED)] = now
        self.data = answer
        raise ValidationError(_changed_by(current), code="stale")


def _in_words(row: models.Model, name: str) -> str:
    field = row._meta.get_field(name)
    value = getattr(row, name)
    if field.many_to_many:
        return get_text_list([str(other) for other in value.all()], _("and")) or "—"
    if getattr(field, "choices", None):
        return str(getattr(row, f"get_{name}_display")())
    return "—" if value in (None, "") else str(value)


def _changed_by(row: Any) -> str:
    entry = row.history.select_related("history_user").first() if hasattr(row, "history") else None
    return _(
        "%(who)s changed this at %(when)s, while you were editing. What you typed is kept below; where it differs, "
        "the value as it is now stands at the field. Save once more to put yours in its place."
    ) % {
        "who": (entry and entry.history_user) or _("Someone"),
        "when": formats.date_format(timezone.localtime(entry.history_date), "H:i") if entry else "—",
    }


# --- pages -----------------------------------------------------------------------------------------


class FieldChoices:
    """How columns of some sorts are asked for, on pages and in rows within them."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "sources":
            return LinesField(
                label=capfirst(db_field.verbose_name), required=False, help_text=gettext_lazy("One a line.")
            )
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        if isinstance(db_field, models.TextField):
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3, "cols": 40}))
        if isinstance(db_field, PartialDateField):
            kwargs.setdefault("widget", forms.TextInput(attrs={"size": 12}))
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class Inline(FieldChoices, admin.TabularInline[Any, Any]):
    """Rows that belong to another one's page, under the same rules."""

    form = FreshForm
    extra = 0
    can_delete = False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Django names the cells of such a row by the heads of their columns alone; here each says it itself."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs.setdefault("aria-label", field.label)
        return field


class GuardedAdmin(FieldChoices, admin.ModelAdmin[Any]):
    """No deleting, and a refusal is a sentence on the page, never an error page."""

    list_per_page = 50
    view_on_site = False
    change_form_template = "admin/guarded_change_form.html"
    why_not_deleted: str | Promise = gettext_lazy("What has a history is never deleted.")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        shown = {"why_not_deleted": self.why_not_deleted, **(extra_context or {})}
        return self._refused_in_words(request, super().changeform_view, object_id, form_url, shown)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        return self._refused_in_words(request, super().delete_view, object_id, extra_context)

    def _refused_in_words(self, request: HttpRequest, view: Callable[..., Any], *args: Any) -> HttpResponseBase:
        """What a service or the database refuses after the form was content: nothing is saved, the page says why."""
        try:
            response: HttpResponseBase = view(request, *args)
        except ValidationError as refusal:
            reason = " ".join(refusal.messages)
        except ProtectedError:
            reason = _("It is used elsewhere.")
        except IntegrityError:
            reason = _("Someone saved the same meanwhile.")
        else:
            return response
        self.message_user(request, _("Nothing was saved. %(reason)s") % {"reason": reason}, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def each(self, request: HttpRequest, queryset: Any, act: Callable[[Any], object], done: str) -> None:
        """Do something to each chosen row; says how many were done and why the others were not."""
        count = 0
        for row in queryset:
            try:
                act(row)
            except ValidationError as refusal:
                self.message_user(request, f"{row}: {' '.join(refusal.messages)}", messages.ERROR)
            else:
                count += 1
        if count:
            self.message_user(request, done % {"n": count}, messages.SUCCESS)


class RecordedAdmin(GuardedAdmin, SimpleHistoryAdmin):  # type: ignore[misc]  # the package ships no types
    """A page for rows with a history: each save is one entry with its author; history is read, never reverted."""

    form = FreshForm
    object_history_list_template = "admin/history_list.html"  # theirs has an inline style
    fixed: Sequence[str] = ()  # chosen once, then in addresses, references or files
    key_from = ""  # the field from which a new row's key is suggested

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = [name for name in super().get_fields(request, obj) if name != LOADED]
        return [*names, *self._carried(request, obj)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Under their headings, where a page has any; what the form was drawn from goes with the first."""
        if not self.fieldsets:
            return super().get_fieldsets(request, obj)
        (heading, first), *others = self.fieldsets
        return [(heading, {**first, "fields": [*first["fields"], *self._carried(request, obj)]}), *others]

    def _carried(self, request: HttpRequest, obj: Any) -> list[str]:
        return [LOADED] if obj is not None and self.has_change_permission(request, obj) else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.readonly_fields, *(self.fixed if obj else ())]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {"key": [self.key_from]} if self.key_from and not obj else {}

    def _links_are_recorded(self) -> bool:
        return bool(self.model.history.model._history_m2m_fields)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and not form.changed_values:
            return
        name_author(obj, actor(request))
        if self._links_are_recorded():
            obj.skip_history_when_saving = True
        admin.ModelAdmin.save_model(self, request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if hasattr(form.instance, "skip_history_when_saving"):
            del form.instance.skip_history_when_saving
            record(form.instance, by=actor(request), created=not change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        rows = formset.save(commit=False)
        for row in (*rows, *formset.deleted_objects):
            name_author(row, actor(request))
        for row in formset.deleted_objects:
            row.delete()
        for row in rows:
            row.save()
        formset.save_m2m()

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        self._check_key(object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied  # simple_history would save the old state; here the past is only looked at
        self._check_key(object_id, version_id)
        shown: HttpResponse = super().history_form_view(request, object_id, version_id, extra_context)
        return shown

    def _check_key(self, *keys: str) -> None:
        for key in keys:
            try:
                self.model._meta.pk.to_python(unquote(key))
            except ValidationError as problem:
                raise Http404 from problem


class LookOnly:
    """Beside GuardedAdmin or RecordedAdmin: shows and changes nothing, the rules of what it shows are kept elsewhere."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.get_fields(request, obj) if name != LOADED]  # type: ignore[attr-defined]


def actor(request: HttpRequest) -> User:
    """Who acts; the administration site lets nobody else come this far."""
    return cast("User", request.user)


@admin.display(description=gettext_lazy("page"))
def page_link(row: Any) -> str:
    """A link to the page where people work with this row; for `fields` and `list_display`."""
    return format_html('<a href="{}">{}</a>', row.get_absolute_url(), row)
