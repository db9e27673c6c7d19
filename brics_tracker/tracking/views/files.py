"""Files of evidence: rights asked at every click, never opened inside the site."""

from __future__ import annotations

import logging
import re
import unicodedata
from pathlib import PurePosixPath

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from brics_tracker.accounts.decorators import for_readers
from brics_tracker.core.audit import record_fetch
from brics_tracker.core.choices import Act
from brics_tracker.tracking import access
from brics_tracker.tracking.models import EvidenceFile

logger = logging.getLogger(__name__)
# Whatever a file holds, a browser runs nothing of it, and shows it in no frame.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_safe
@for_readers
def evidence_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file as an attachment, streamed; one whose bytes are gone says so and is logged."""
    row = access.evidence_file_to_read(request, pk)
    return file_answer(request, row) or render(request, "tracking/file_missing.html", {"file": row}, status=410)


def file_answer(request: HttpRequest, row: EvidenceFile) -> FileResponse | None:
    """The file of a row that this person may read, its fetching on record; None where its bytes are gone."""
    try:
        content = row.file.open("rb")
    except OSError as problem:
        logger.error("Evidence file %s (%s) cannot be read: %s", row.pk, row.file.name, problem)
        return None
    record_fetch(request, Act.FILE_FETCHED, thing=row, reference=row.evidence.item.reference)
    response = FileResponse(content, as_attachment=True, filename=safe_name(row.name), content_type=row.media_type)
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def safe_name(name: str) -> str:
    """The name for the person's disk: no folders, no control or direction characters, never empty."""
    plain = "".join(char for char in name if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    last = PurePosixPath(plain.replace("\\", "/")).name
    return re.sub(r'[<>:"|?*]', "_", last).strip(". ")[-150:] or "file"
