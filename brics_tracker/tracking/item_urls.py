"""Addresses of the acts on an item of any kind; part of tracking's."""

from django.urls import path

from .views import acts, plan

urlpatterns = [
    path("items/<slug:reference>/submit/", acts.item_submit, name="item-submit"),
    path("items/<slug:reference>/withdraw/", acts.item_withdraw, name="item-withdraw"),
    path("items/<slug:reference>/archive/", acts.item_archive, name="item-archive"),
    path("items/<slug:reference>/restore/", acts.item_restore, name="item-restore"),
    path("items/<slug:reference>/owner/confirm/", acts.owner_confirm, name="owner-confirm"),
    path("items/<slug:reference>/plan/confirm/", acts.plan_confirm, name="plan-confirm"),
    path("items/<slug:reference>/milestones/new/", plan.milestone_add, name="milestone-add"),
    path("milestones/<int:pk>/edit/", plan.milestone_edit, name="milestone-edit"),
    path("milestones/<int:pk>/drop/", plan.milestone_drop, name="milestone-drop"),
    path("items/<slug:reference>/relations/new/", plan.relation_add, name="relation-add"),
    path("relations/<int:pk>/remove/", plan.relation_remove, name="relation-remove"),
]
