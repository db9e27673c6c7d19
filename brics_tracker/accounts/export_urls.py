"""Addresses of exports that are made in the background."""

from django.urls import path

from . import export_views as views

app_name = "exports"
urlpatterns = [
    path("", views.export_list, name="list"),
    path("new/", views.export_create, name="create"),
    path("<int:pk>/file/", views.export_file, name="file"),
    path("<int:pk>/cancel/", views.export_cancel, name="cancel"),
    path("<int:pk>/retry/", views.export_retry, name="retry"),
]
