"""System checks: mixes of settings that would lose data or open a door end the start with a sentence."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections

from .audit.roles import rewritable_tables

LOCAL_NAMES = frozenset({"localhost", "testserver", "[::1]"})


@register(Tags.database)
def postgresql_keeps_what_it_acknowledges(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """With fsync or synchronous_commit off, PostgreSQL loses acknowledged writes at a power cut."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')")
                off = sorted(name for name, setting in cursor.fetchall() if setting == "off")
        except DatabaseError:
            continue  # whether it can be reached is what /readyz says
        found += [
            Error(f"PostgreSQL runs with {name} off: what it has acknowledged may be lost.", id="core.E001")
            for name in off
        ]
    return found


@register(Tags.database, deploy=True)
def the_audit_trail_is_only_added_to(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Whoever can change the web's database should not be able to change what is on record of it."""
    try:
        open_tables = rewritable_tables() if databases else []
    except DatabaseError:
        return []
    if not open_tables:
        return []
    return [
        Warning(
            f"This database role can rewrite the audit trail ({len(open_tables)} tables).",
            hint="Let the web come in by a role of its own: manage.py secure_audit, docs/operations.md.",
            id="core.W002",
        )
    ]


@register(Tags.security)
def a_public_site_is_encrypted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Passwords and sessions must not cross a network in the clear."""
    if settings.SITE_IS_SECURE or settings.DEBUG:
        return []
    public = sorted(host for host in settings.ALLOWED_HOSTS if not _is_local(host))
    if not public:
        return []
    return [
        Error(
            f"SITE_URL is {settings.SITE_URL}, but ALLOWED_HOSTS names {', '.join(public)}.",
            hint="Put a proxy with a certificate in front and set SITE_URL to its https:// address.",
            id="core.E002",
        )
    ]


@register(Tags.security)
def the_site_address_is_an_allowed_host(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Links in mails lead to SITE_URL: it must be one that this site answers."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if any(
        host == allowed or (allowed.startswith(".") and host.endswith(allowed)) for allowed in settings.ALLOWED_HOSTS
    ):
        return []
    return [Error(f"SITE_URL is {settings.SITE_URL}, but ALLOWED_HOSTS lacks {host}.", id="core.E003")]


@register(Tags.security)
def many_processes_share_one_cache(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Counts of failed sign-ins live in the cache: with PostgreSQL (many processes) it has to be shared."""
    if settings.REDIS_URL or settings.DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        return []
    return [
        Warning(
            "DATABASE_URL is set but REDIS_URL is not: jobs reach no worker and sign-in limits count per machine.",
            id="core.W001",
        )
    ]


@register(Tags.security, deploy=True)
def no_debugging_in_production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """DEBUG shows settings and source to whoever meets an error."""
    if settings.DEBUG and settings.SITE_IS_SECURE:
        return [Error("DEBUG is on for an https:// site.", id="core.E004")]
    return []


def _is_local(host: str) -> bool:
    if host in LOCAL_NAMES or host.endswith((".localhost", ".local")):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
