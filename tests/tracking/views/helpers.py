"""What a browser sends from the sheet of log progress, built from the page that it was given."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from brics_tracker.tracking.models import TrackedItem, Update

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def sheet(**fields: Any) -> dict[str, Any]:
    """A filled sheet with three empty rows for sources; `source-0-url` and the like by `source_0_url`."""
    data: dict[str, Any] = {
        "form_key": str(uuid.uuid4()),
        "text": "The ministers agreed on a text.",
        "happened": "2024-03-14",
        "source-TOTAL_FORMS": "3",
        "source-INITIAL_FORMS": "0",
        "source-MIN_NUM_FORMS": "0",
        "source-MAX_NUM_FORMS": "20",
        "then": "draft",
    }
    for name, value in fields.items():
        found = re.fullmatch(r"(source|step)_(\d+)_(\w+)", name)
        data["-".join(found.groups()) if found else name] = value
    return {name: value for name, value in data.items() if value is not None}


def log_url(item: TrackedItem) -> str:
    return reverse("tracking:update-create", args=[item.reference])


def edit_url(update: Update) -> str:
    return reverse("tracking:update-edit", args=[update.pk])


def log(client: Client, item: TrackedItem, **fields: Any) -> Any:
    return client.post(log_url(item), sheet(**fields))


def pdf(name: str = "minutes.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def said(response: Any) -> str:
    """The page's words without its markup."""
    text = re.sub(r"<(script|style|template)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
