"""manage.py rebuild_search: the search index from the rows it describes."""

from typing import Any

from django.core.management.base import BaseCommand

from brics_tracker.core.search.index import rebuild_index


class Command(BaseCommand):
    help = "Make the search index anew. Needed only when check_integrity says so: triggers of the database keep it."

    def handle(self, *args: Any, **options: Any) -> None:
        number = rebuild_index()
        self.stdout.write(f"{number} search indexes were made anew.")
