"""manage.py reset_second_factor ADDRESS: for the operator, where no administrator can sign in any more."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from brics_tracker.accounts.models import User
from brics_tracker.accounts.second_factor.services import reset_second_factor


class Command(BaseCommand):
    help = "Take the second factor of someone who lost it; their sessions end, the next sign-in is by password alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="mail address of the person")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["address"].strip().lower()).first()
        if user is None:
            raise CommandError("Nobody has this mail address.")
        try:
            reset_second_factor(user, by=None)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"The second factor of {user.email} is reset; it is on record, and they are told by mail.")
