"""The tracking app."""

from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "brics_tracker.tracking"
    label = "tracking"
