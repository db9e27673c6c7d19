"""manage.py secure_audit: the web's database role may add to the audit trail, and rewrite nothing of it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from brics_tracker.core.audit.roles import secure_trail


class Command(BaseCommand):
    help = (
        "PostgreSQL, as the tables' owner: give a role the rights of web and workers. Run again after each migration; "
        "`prepare` does so where WEB_DATABASE_URL is set, and then also makes the role."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", help="A role that is there; without it the one that WEB_DATABASE_URL names.")

    def handle(self, *args: Any, **options: Any) -> None:
        address = urlsplit(settings.WEB_DATABASE_URL)
        role, password = options["role"], ""
        if not role:
            role, password = unquote(address.username or ""), unquote(address.password or "")
        if not role:
            raise CommandError(
                "Name the role: --role NAME, or WEB_DATABASE_URL=postgres://name:password@host/database."
            )
        try:
            tables = secure_trail(role, password)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{role} can add to {len(tables)} tables of the audit trail, and rewrite none of them.")
