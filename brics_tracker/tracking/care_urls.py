"""Addresses of the care of the register; part of tracking's."""

from django.urls import path

from .views import care, duplicates

urlpatterns = [
    path("care/duplicates/", duplicates.duplicate_list, name="duplicate-list"),
    path("care/duplicates/search/", duplicates.duplicate_search, name="duplicate-search"),
    path("care/similar/", duplicates.similar, name="similar"),
    path("items/<slug:reference>/apart/<slug:other>/", duplicates.pair_judge, name="pair-judge"),
    path("care/merge/", care.merge_choose, name="merge-choose"),
    path("items/<slug:reference>/split/", care.item_split, name="item-split"),
    path("items/<slug:reference>/merge/<slug:other>/", care.item_merge, name="item-merge"),
]
