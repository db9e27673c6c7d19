"""manage.py refresh_items: reckon anew what is stored of each item from its updates and plan."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from brics_tracker.tracking.services.changes import lock_item
from brics_tracker.tracking.services.state import refresh_item


class Command(BaseCommand):
    help = (
        "Reckons status, proof, progress and dates of every item anew from its updates and plan, one transaction each; "
        "writes, on record, only what differs. For an upgrade that changed the arithmetic, and for repair."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        system = User.objects.system()
        changed = 0
        for pk in (
            TrackedItem.objects.filter(merged_into=None)
            .order_by("pk")
            .values_list("pk", flat=True)
            .iterator(chunk_size=2000)
        ):
            with transaction.atomic():
                item = lock_item(pk)
                version = item.version
                changed += refresh_item(item, by=system, because="reckoned anew").version != version
        self.stdout.write(f"{changed} items changed")
