"""manage.py make_first_people: an administrator, an analyst and a reviewer for a tracker that has nobody yet."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from brics_tracker.accounts.choices import Role
from brics_tracker.accounts.models import Grant, User

FIRST_ROLES = (Role.ADMINISTRATOR, Role.ANALYST, Role.REVIEWER)


class Command(BaseCommand):
    help = "Make an administrator, an analyst and a reviewer with random passwords, where nobody may sign in yet."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(is_system=False).exists():
            self.stdout.write("There are people already; nobody was made.") if options["verbosity"] else None
            return
        lines = make_first_people()
        path = settings.DATA_DIR / "first-people.txt"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write("\n".join(lines) + "\n")
        if options["verbosity"]:
            self.stdout.write("\n".join([*lines, f"Kept in {path}"]))


@transaction.atomic
def make_first_people() -> list[str]:
    """One person for each of the first roles, everywhere; returns "role  address  password" lines."""
    lines = []
    for role in FIRST_ROLES:
        password = secrets.token_urlsafe(12)
        address = f"{role.value}@tracker.invalid"
        user = User.objects.create_user(email=address, password=password, name=str(role.label).capitalize())
        Grant.objects.create(user=user, role=role)
        lines.append(f"{role.value:<14} {address:<32} {password}")
    return lines
