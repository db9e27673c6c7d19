"""Administration of people: invite, correct, deactivate; grants; tokens to look at and revoke."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from brics_tracker.core.admin_base import FreshForm, LookOnly, RecordedAdmin, actor
from brics_tracker.core.forms import TrackerForm
from brics_tracker.core.models import Member, Theme

from . import selectors, services
from .choices import Role
from .institution.services import untie
from .models import ApiToken, Grant, User
from .saved_views.admin import SavedViewAdmin as SavedViewAdmin
from .second_factor.rules import FACTORS
from .second_factor.services import reset_second_factor


class InviteForm(forms.ModelForm[User], TrackerForm):
    """A new person, with the first grant; the rest follows on the page of grants."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.READER)
    themes = ModelMultipleChoiceField(
        Theme.objects.all(), label=_("Within themes"), required=False, help_text=_("None chosen: all themes.")
    )
    members = ModelMultipleChoiceField(
        Member.objects.all(), label=_("Within members"), required=False, help_text=_("None chosen: all members.")
    )

    class Meta:
        model = User
        fields = ["email", "name"]


class GrantInline(admin.TabularInline[Any, Any]):
    """What a person may do, to look at; each grant has a page of its own."""

    model = Grant
    fk_name = "user"
    extra = 0
    fields = ["in_words", "granted_by", "created_at"]
    readonly_fields = ["in_words", "granted_by", "created_at"]
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("grant"))
    def in_words(self, grant: Grant) -> str:
        return selectors.grant_in_words(grant)


@admin.register(User)
class UserAdmin(RecordedAdmin):
    list_display = ["name", "email", "is_active", "may", "second_factor", "last_login", "date_joined"]
    list_filter = ["is_active", "grants__role"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    fields = [
        "email", "name", "language", "is_active", "last_login", "date_joined",
        "second_factor", "another_grant", "view_as",
    ]  # fmt: skip
    readonly_fields = ["is_active", "last_login", "date_joined", "second_factor", "another_grant", "view_as"]
    inlines = [GrantInline]
    actions = ["deactivate", "reactivate", "invite_again", "reset_factor", "untie"]
    why_not_deleted = _("People are never deleted, their name stands beside what they wrote: deactivate the account.")

    def get_queryset(self, request: HttpRequest) -> Any:
        linked = ("grants__themes", "grants__members", "authenticator_set")
        return super().get_queryset(request).prefetch_related(*linked)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if obj else {"form": InviteForm}) | kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else ["email", "name", "role", "themes", "members"]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or not obj.is_system

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        data = form.cleaned_data
        if change:
            if form.changed_values:
                services.change_user(
                    obj, by=actor(request), name=data["name"], email=data["email"], language=data["language"]
                )
            return
        user = services.invite_user(
            data["email"],
            data["name"],
            by=actor(request),
            role=data["role"],
            themes=data["themes"],
            members=data["members"],
        )
        _become(obj, user)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        said = _("An invitation is on its way to %(email)s; the link in it sets their password.")
        messages.info(request, said % {"email": obj.email})
        return super().response_add(request, obj, post_url_continue)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing beside the person is saved here: grants have a page of their own."""
        for formset in formsets:
            formset.save(commit=False)  # finds nothing, and says so to the log of changes

    @admin.display(description=_("may"))
    def may(self, user: User) -> str:
        return "; ".join(selectors.grant_in_words(grant) for grant in user.grants.all())

    @admin.display(description=_("another grant"))
    def another_grant(self, user: User) -> str:
        address = reverse("admin:accounts_grant_add")
        return format_html('<a href="{}?user={}">{}</a>', address, user.pk, _("Grant another role"))

    @admin.display(description=_("second factor"))
    def second_factor(self, user: User) -> str:
        factors = user.authenticator_set.all()  # type: ignore[attr-defined]  # allauth ships no types
        kinds = {str(factor.get_type_display()) for factor in factors if factor.type in FACTORS}
        return ", ".join(sorted(kinds)) or "—"

    @admin.display(description=_("view as"))
    def view_as(self, user: User) -> str:
        address = reverse("accounts:viewing-start", args=[user.pk])
        return format_html('<a href="{}">{}</a>', address, _("See the register as this person does"))

    @admin.action(description=_("Deactivate: end sessions and tokens at once"))
    def deactivate(self, request: HttpRequest, queryset: Any) -> None:
        done = ngettext("%(n)d account deactivated.", "%(n)d accounts deactivated.", len(queryset))
        self.each(request, queryset, lambda user: services.deactivate_user(user, by=actor(request)), done)

    @admin.action(description=_("Reactivate: open again and mail a link for a new password"))
    def reactivate(self, request: HttpRequest, queryset: Any) -> None:
        done = ngettext("%(n)d account reactivated.", "%(n)d accounts reactivated.", len(queryset))
        self.each(request, queryset, lambda user: services.reactivate_user(user, by=actor(request)), done)

    @admin.action(description=_("Send the invitation again (the earlier link stops working)"))
    def invite_again(self, request: HttpRequest, queryset: Any) -> None:
        done = ngettext("%(n)d invitation sent.", "%(n)d invitations sent.", len(queryset))
        self.each(request, queryset, lambda user: services.send_invitation(user, by=actor(request)), done)

    @admin.action(description=_("Reset the second factor (for who lost it: make sure first that it is them)"))
    def reset_factor(self, request: HttpRequest, queryset: Any) -> None:
        done = ngettext("%(n)d second factor reset.", "%(n)d second factors reset.", len(queryset))
        self.each(request, queryset, lambda user: reset_second_factor(user, by=actor(request)), done)

    @admin.action(description=_("Untie from the institution's account"))
    def untie(self, request: HttpRequest, queryset: Any) -> None:
        done = ngettext("%(n)d account untied.", "%(n)d accounts untied.", len(queryset))
        self.each(request, queryset, lambda user: untie(user, by=actor(request)), done)


class GrantForm(FreshForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        scope = {"role": cleaned["role"], "themes": list(cleaned["themes"]), "members": list(cleaned["members"])}
        if self.instance.pk:
            services.check_change(self.instance, **scope)
        else:
            services.check_grant(cleaned["user"], **scope)
        return cleaned


@admin.register(Grant)
class GrantAdmin(RecordedAdmin):
    form = GrantForm
    list_display = ["user", "role", "within_themes", "within_members", "granted_by", "created_at"]
    list_filter = ["role", "themes", "members"]
    list_select_related = ["user", "granted_by"]
    search_fields = ["user__name", "user__email"]
    fields = ["user", "role", "themes", "members"]
    fixed = ["user"]
    filter_horizontal = ["themes", "members"]
    actions = None
    why_not_deleted = _("Someone must be able to administer everything: grant that to another person first.")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("themes", "members")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_system=False, is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or not services.is_last_administrator(without=obj)

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        data = form.cleaned_data
        scope = {"role": data["role"], "themes": data["themes"], "members": data["members"]}
        if not change:
            _become(obj, services.grant_role(data["user"], by=actor(request), **scope))
        elif form.changed_values:
            services.change_grant(obj, by=actor(request), **scope)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has saved the scope with the grant, as one entry of history."""

    def delete_model(self, request: HttpRequest, obj: Grant) -> None:
        services.revoke_grant(obj, by=actor(request))

    @admin.display(description=_("within themes"))
    def within_themes(self, grant: Grant) -> str:
        return ", ".join(str(theme) for theme in grant.themes.all())

    @admin.display(description=_("within members"))
    def within_members(self, grant: Grant) -> str:
        return ", ".join(str(member) for member in grant.members.all())


@admin.register(ApiToken)
class ApiTokenAdmin(LookOnly, RecordedAdmin):
    list_display = ["name", "user", "scope", "created", "expiry"]
    list_select_related = ["user"]
    search_fields = ["name", "user__name", "user__email"]
    fields = ["name", "user", "scope", "created", "expiry"]
    actions = ["revoke"]

    @admin.action(description=_("Revoke"), permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        done = ngettext("%(n)d token revoked.", "%(n)d tokens revoked.", len(queryset))
        self.each(request, queryset, lambda token: services.revoke_token(token, by=actor(request)), done)


def _become(drawn: Model, saved: Model) -> None:
    """The admin goes on with the object its form made; give it the row that the service made."""
    drawn.pk = saved.pk
    drawn._state.adding = False
    drawn._state.db = saved._state.db
