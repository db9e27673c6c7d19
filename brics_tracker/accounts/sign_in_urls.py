"""The entrance: the few addresses of allauth that exist here, under allauth's own names.

Whatever else allauth offers (sign-up, managing addresses, codes by mail, connections) has no address and is 404.
"""

from allauth.account import views as allauth_views
from django.urls import path, re_path

from . import views
from .decorators import fails_closed
from .institution import views as institution
from .second_factor import entrance

urlpatterns = [
    path("login/", fails_closed(views.SignInView.as_view()), name="account_login"),
    path("login/second-step/", fails_closed(entrance.SecondStepView.as_view()), name="mfa_authenticate"),
    path("login/passkey/", fails_closed(entrance.PasskeyAloneView.as_view()), name="mfa_login_webauthn"),
    path("institution/", fails_closed(institution.institution_sign_in), name="institution-sign-in"),
    path("institution/callback/", fails_closed(institution.institution_callback), name="institution-callback"),
    path("confirm/", fails_closed(entrance.ConfirmByPasswordView.as_view()), name="account_reauthenticate"),
    path("confirm/code/", fails_closed(entrance.ConfirmByCodeView.as_view()), name="mfa_reauthenticate"),
    path("confirm/passkey/", fails_closed(entrance.ConfirmByPasskeyView.as_view()), name="mfa_reauthenticate_webauthn"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("password/change/", views.PasswordChangeView.as_view(), name="account_change_password"),
    path("password/reset/", fails_closed(allauth_views.password_reset), name="account_reset_password"),
    path("password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        fails_closed(allauth_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
]
