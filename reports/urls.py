"""Addresses of reports, their files, and the runs that make them."""

from django.urls import path

from . import views

app_name = "reports"
urlpatterns = [
    path("", views.ReportListView.as_view(), name="list"),
    path("latest/", views.report_latest, name="latest"),
    path("run/", views.report_run, name="run"),
    path("runs/<int:pk>/", views.run_detail, name="run-detail"),
    path("runs/<int:pk>/cancel/", views.run_cancel, name="run-cancel"),
    path("runs/<int:pk>/retry/", views.run_retry, name="run-retry"),
    path("<slug:number>/", views.report_detail, name="detail"),
    path("<slug:number>/<slug:format>/", views.report_file, name="file"),
]
