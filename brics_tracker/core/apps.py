"""The core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "brics_tracker.core"
    label = "core"
