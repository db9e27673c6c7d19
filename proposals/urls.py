"""Addresses of the overview and of proposals."""

from django.urls import path

from brics_tracker.tracking.choices import ItemKind
from brics_tracker.tracking.views.acts import item_history

from . import views

app_name = "proposals"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("proposals/", views.ProposalListView.as_view(), name="list"),
    path("proposals/new/", views.proposal_create, name="create"),
    path("proposals/<slug:reference>/", views.proposal_detail, name="detail"),
    path("proposals/<slug:reference>/edit/", views.proposal_edit, name="edit"),
    path("proposals/<slug:reference>/history/", item_history, {"kind": ItemKind.PROPOSAL}, name="history"),
]
