"""Addresses of the account page and what belongs to it. The entrance, which has no namespace: sign_in_urls.py."""

from django.urls import path

from . import views
from .drafts.views import draft_files, form_draft
from .notices import views as notices
from .saved_views import views as saved
from .second_factor import views as factors
from .sessions import views as sessions
from .viewing import views as viewing

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("drafts/", form_draft, name="draft"),
    path("drafts/files/", draft_files, name="draft-files"),
    path("language/", views.language_set, name="language"),
    path("notices/", notices.notice_settings, name="notice-settings"),
    path("lists/keep/", saved.list_setting, name="list-setting"),
    path("lists/open-with/", saved.list_opening, name="list-opening"),
    path("views/", saved.saved_view_list, name="saved-view-list"),
    path("views/new/", saved.saved_view_create, name="saved-view-create"),
    path("views/<int:pk>/", saved.saved_view_edit, name="saved-view-edit"),
    path("views/<int:pk>/overwrite/", saved.saved_view_overwrite, name="saved-view-overwrite"),
    path("views/<int:pk>/delete/", saved.saved_view_delete, name="saved-view-delete"),
    path("tokens/new/", views.token_create, name="token-create"),
    path("tokens/<int:pk>/revoke/", views.token_revoke, name="token-revoke"),
    path("sessions/", sessions.session_list, name="session-list"),
    path("sessions/end-others/", sessions.sessions_end_others, name="sessions-end-others"),
    path("sessions/<slug:handle>/end/", sessions.session_end, name="session-end"),
    path("second-factor/", factors.overview, name="second-factor"),
    path("second-factor/app/", factors.app_add, name="app-add"),
    path("second-factor/passkey/", factors.passkey_add, name="passkey-add"),
    path("second-factor/codes/", factors.codes_make, name="codes-make"),
    path("second-factor/<int:pk>/remove/", factors.factor_remove, name="factor-remove"),
    path("viewing/<int:pk>/", viewing.viewing_start, name="viewing-start"),
    path("viewing/end/", viewing.viewing_end, name="viewing-end"),
]
