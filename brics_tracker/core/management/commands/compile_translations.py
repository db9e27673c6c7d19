"""manage.py compile_translations: a .mo beside each .po, without gettext's programs."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from .prepare import compile_translations


class Command(BaseCommand):
    help = "Write a .mo beside each .po that is newer."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        count = compile_translations(settings.LOCALE_PATHS)
        self.stdout.write(f"{count} catalogues compiled.")
