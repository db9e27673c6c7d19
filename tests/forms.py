"""A form as a browser holds it once its page is open."""

from typing import Any

from django.test import Client


def as_shown(client: Client, address: str) -> dict[str, Any]:
    """What the form of an item at this address would send if nothing was typed."""
    context = client.get(address).context
    data: dict[str, Any] = {}
    for form in (context["form"], context["citations"].management_form, *context["citations"]):
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and value not in ("", []):
                data[bound.html_name] = value
    return data
