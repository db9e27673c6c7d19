"""Invented progress on the real catalogue, for `make demo`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from brics_tracker.tracking.models import Update
from proposals.demo import make_demo
from proposals.synthetic import holds_peoples_work


class Command(BaseCommand):
    help = "Enter invented progress on the catalogue. Only with DEMO=on, and only once."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Invented progress belongs in a demonstration: set DEMO=on (make demo does).")
        if Update.objects.filter(text__startswith="Invented").exists():
            self.stdout.write("The invented progress is there already.")
            return
        if holds_peoples_work():
            raise CommandError("People have worked in this database; use a data folder of its own.")
        make_demo(tell=self.stdout.write)
