"""Addresses of the care of the register; part of tracking's."""

from django.urls import path

from .views import care

urlpatterns = [
    path("care/merge/", care.merge_choose, name="merge-choose"),
    path("items/<slug:reference>/split/", care.item_split, name="item-split"),
    path("items/<slug:reference>/merge/<slug:other>/", care.item_merge, name="item-merge"),
]
