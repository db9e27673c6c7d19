"""The database's own way of searching."""

from __future__ import annotations

from types import ModuleType

from django.db import connection

from . import postgresql, sqlite


def dialect() -> ModuleType:
    """postgresql.py or sqlite.py: the same functions in each."""
    return postgresql if connection.vendor == "postgresql" else sqlite
