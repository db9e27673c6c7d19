"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Facts of the installation that the frame of each page uses."""
    return {"is_demo": settings.DEMO, "version": settings.VERSION}
