"""Addresses of mechanisms and of meetings."""

from django.urls import path

from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.views.acts import item_history

from . import views

app_name = "mechanisms"
urlpatterns = [
    path("mechanisms/", views.MechanismListView.as_view(), name="list"),
    path("mechanisms/new/", views.mechanism_create, name="create"),
    path("mechanisms/<slug:reference>/", views.mechanism_detail, name="detail"),
    path("mechanisms/<slug:reference>/edit/", views.mechanism_edit, name="edit"),
    path("mechanisms/<slug:reference>/history/", item_history, {"kind": ItemKind.MECHANISM}, name="history"),
    path("meetings/", views.MeetingListView.as_view(), name="meeting-list"),
]
