"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "brics_tracker.accounts"
    label = "accounts"
