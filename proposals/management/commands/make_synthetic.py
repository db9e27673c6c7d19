"""Invented data, marked as such, for load tests and screenshots."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from proposals.synthetic import holds_peoples_work, make_synthetic


class Command(BaseCommand):
    help = "Insert invented proposals and updates. Refuses a database that holds people's work unless --force."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--proposals", type=int, required=True, metavar="N")
        parser.add_argument("--updates", type=int, required=True, metavar="M")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--force", action="store_true", help="insert even where people have worked")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["proposals"] < 0 or options["updates"] < 0:
            raise CommandError("--proposals and --updates are counts, from 0.")
        if holds_peoples_work() and not options["force"]:
            raise CommandError("This database holds people's work; use another DATABASE_URL, or --force.")
        make_synthetic(
            proposals=options["proposals"], updates=options["updates"], seed=options["seed"], tell=self.stdout.write
        )
