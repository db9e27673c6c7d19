"""Pages and acts around lists as people keep them: columns, page sizes, saved views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from brics_tracker.accounts.choices import Opening
from brics_tracker.accounts.models import SavedView
from brics_tracker.core.htmx import SignedInRequest, redirect_page

from . import access, selectors, services
from .forms import NewViewForm, OpeningForm, OverwriteForm, SettingForm, ViewForm
from .lists import address_of

ACCOUNT = "accounts:saved-view-list"


@require_POST
@login_required
def list_setting(request: SignedInRequest) -> HttpResponse:
    """Keep the columns that were ticked, or the number of rows on a page, and show the list with them."""
    form = SettingForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("This list could not be kept as asked. Open it again and retry."))
    asked = form.cleaned_data
    changed: dict[str, str] = {}
    try:
        if asked["page_size"]:
            services.keep_page_size(asked["list"], asked["page_size"], by=request.user)
            changed["page_size"] = str(asked["page_size"])
        else:
            columns = [] if asked["usual"] else request.POST.getlist("columns")
            changed["columns"] = services.keep_columns(asked["list"], columns, by=request.user).columns
    except ValidationError as refusal:
        raise BadRequest(" ".join(refusal.messages)) from refusal
    return redirect_page(request, _changed(asked["back"] or address_of(asked["list"]), changed))


def _changed(address: str, values: dict[str, str]) -> str:
    """The address with these parameters, from its first page on; an empty one is taken out."""
    path, _mark, query = address.partition("?")
    asked = QueryDict(query, mutable=True)
    asked.pop("page", None)
    for name, value in values.items():
        asked.pop(name, None)
        if value:
            asked[name] = value
    return f"{path}?{asked.urlencode()}" if asked else path


@require_POST
@login_required
def list_opening(request: SignedInRequest) -> HttpResponse:
    """Choose with what a list opens for oneself."""
    form = OpeningForm(request.POST)
    if not form.is_valid():
        raise BadRequest(_("This list could not be kept as asked. Open it again and retry."))
    name, chosen = form.cleaned_data["list"], form.cleaned_data["opens_with"]
    view = (
        access.view_to_read(request.user, int(chosen))
        if chosen.isascii() and chosen.isdigit() and len(chosen) < 19
        else None
    )
    try:
        services.open_with(name, Opening.VIEW if view else chosen, by=request.user, view=view)
    except ValidationError as refusal:
        raise BadRequest(" ".join(refusal.messages)) from refusal
    said = (
        _("The list opens with “%(name)s” now.") % {"name": view} if view else _("It is set with what the list opens.")
    )
    messages.success(request, said)
    return redirect_page(request, form.cleaned_data["back"] or ACCOUNT)


@require_GET
@login_required
def saved_view_list(request: SignedInRequest) -> HttpResponse:
    """One's own views and those that others share."""
    user, defaults = request.user, selectors.defaults_of(request.user)
    rows = [
        selectors.view_row(
            view, user, may_change=access.may_change(user, view), is_default=defaults.get(view.list) == view.pk
        )
        for view in selectors.views_for_page(user)
    ]
    context = {
        "own": [row for row in rows if row.view.owner_id == user.pk],
        "others": [row for row in rows if row.view.owner_id != user.pk],
    }
    return render(request, "accounts/saved_views/list.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def saved_view_create(request: SignedInRequest) -> HttpResponse:
    """Keep a list under a name, and open it."""
    if request.method == "GET":
        form = NewViewForm(
            user=request.user,
            initial={name: request.GET.get(name, "") for name in ("list", "query", "columns", "sort", "back")},
        )
        return render(request, "accounts/saved_views/new.html", {"form": form, "back": ACCOUNT})
    form = NewViewForm(request.POST, user=request.user)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            view = services.create_view(
                by=request.user, list=asked["list"], name=asked["name"], query=asked["query"],
                columns=_keys(asked["columns"]), sort=asked["sort"], shared=asked.get("shared", False),
                form_key=asked["form_key"],
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("The view “%(name)s” is saved.") % {"name": view})
            return redirect_page(request, address_of_view(view))
    return render(request, "accounts/saved_views/new.html", {"form": form, "back": ACCOUNT}, status=422)


def address_of_view(view: SavedView) -> str:
    return f"{address_of(view.list)}?{urlencode({'saved': view.pk})}"


def _keys(text: str) -> list[str]:
    return [key for key in text.split(",") if key]


@require_http_methods(["GET", "POST"])
@login_required
def saved_view_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Rename a view, share it or not; an administrator says for which role it is the default."""
    view = access.view_to_change(request.user, pk)
    form = ViewForm(request.POST if request.method == "POST" else None, user=request.user, view=view)
    if request.method == "POST" and form.is_valid() and _saved(form, lambda: _change(form, view, request)):
        messages.success(request, _("The view is saved."))
        return redirect_page(request, ACCOUNT)
    context = {"form": form, "row": selectors.view_row(view, request.user)}
    return render(request, "accounts/saved_views/edit.html", context, status=422 if form.is_bound else 200)


def _change(form: ViewForm, view: SavedView, request: SignedInRequest) -> None:
    data = form.cleaned_data
    role = data.get("default_for", view.default_for)
    version = data["version"]
    if role != view.default_for and not role:
        version = services.set_role_default(view, "", by=request.user, version=version).version
    shared = {"shared": data["shared"]} if "shared" in form.fields else {}
    changed = services.change_view(view, by=request.user, version=version, name=data["name"], **shared)
    if role != changed.default_for:
        services.set_role_default(changed, role, by=request.user, version=changed.version)


def _saved(form: Any, act: Callable[[], object]) -> bool:
    """Did the service do it? What it refused stands at the form's fields."""
    try:
        act()
    except services.StaleView as stale:
        form.data = form.data.copy()
        form.data["version"] = stale.current.version
        form.add_refusal(stale)
        return False
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return False
    return True


@require_POST
@login_required
def saved_view_overwrite(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put what is shown in place of what the view asked."""
    view = access.view_to_change(request.user, pk)
    form = OverwriteForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        if _saved(form, lambda: services.change_view(
            view, by=request.user, version=asked["version"], query=asked["query"], columns=_keys(asked["columns"]), sort=asked["sort"]
        )):  # fmt: skip
            messages.success(request, _("The view “%(name)s” shows this from now on.") % {"name": view})
            return redirect_page(request, address_of_view(view))
    return render(
        request,
        "accounts/saved_views/overwrite.html",
        {"form": form, "row": selectors.view_row(view, request.user)},
        status=422,
    )


@require_http_methods(["GET", "POST"])
@login_required
def saved_view_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask, then throw a view away."""
    view = access.view_to_change(request.user, pk)
    reason = ""
    if request.method == "POST":
        try:
            services.delete_view(view, by=request.user)
        except ValidationError as refusal:
            reason = " ".join(refusal.messages)
        else:
            messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view})
            return redirect_page(request, ACCOUNT)
    context = {"view": view, "reason": reason}
    return render(request, "accounts/saved_views/delete.html", context, status=422 if reason else 200)
