"""The account page, access tokens, and allauth's views of the entrance where we want them a little different."""

from __future__ import annotations

from typing import Any, cast

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import selectors, services
from .adapter import remember_language
from .forms import LanguageForm, TokenForm
from .models import ApiToken, User


class SignInView(allauth_views.LoginView):
    """allauth's, beside the institution where there is one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"institution": settings.OIDC_LABEL if settings.OIDC_ISSUER else ""}


class PasswordChangeView(allauth_views.PasswordChangeView):
    """allauth's. Someone without a password is sent a link instead of to a second page for setting one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("account_reset_password")
        return cast(HttpResponseBase, super().dispatch(request, *args, **kwargs))


@require_GET
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Who one is here: name, language, roles, tokens."""
    user = cast(User, request.user)
    context = {
        "grants": selectors.grants_in_words(user),
        "tokens": ApiToken.objects.filter(user=user),
        "form": LanguageForm(initial={"language": user.language}),
    }
    return render(request, "accounts/account.html", context)


@require_POST
@login_required
def language_set(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = LanguageForm(request.POST)
    if not form.is_valid():
        context = {
            "grants": selectors.grants_in_words(user),
            "tokens": ApiToken.objects.filter(user=user),
            "form": form,
        }
        return render(request, "accounts/account.html", context, status=422)
    services.set_language(user, form.cleaned_data["language"], by=user)
    messages.success(request, _("Your language is set."))
    response = redirect("accounts:account")
    remember_language(response, user)
    return response


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def token_create(request: HttpRequest) -> HttpResponse:
    """Make a token. It is drawn once, in the answer to the form, and stands nowhere else."""
    user = cast(User, request.user)
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            token, text = services.create_token(user, by=user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            return render(request, "accounts/token_created.html", {"token": token, "text": text}, status=201)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/token_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then end a token of one's own."""
    user = cast(User, request.user)
    token = get_object_or_404(ApiToken, pk=pk, user=user)
    if request.method == "POST":
        services.revoke_token(token, by=user)
        messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
        return redirect("accounts:account")
    return render(request, "accounts/token_revoke.html", {"token": token})
