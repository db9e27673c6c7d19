"""The examples of docs/reference/api.md, sent one after the other: each is answered as it says there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.accounts.services import create_token
from tests.factories.core import make_theme
from tests.factories.tracking import make_document

GUIDE = Path(settings.BASE_DIR) / "docs" / "reference" / "api.md"
BLOCK = re.compile(r"^```http\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def parts(block: str) -> tuple[str, dict[str, str], Any]:
    """First line, headers and JSON of a block."""
    head, _blank, content = block.strip().partition("\n\n")
    first, *lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return first, headers, json.loads(content) if content else {}


def agrees(told: Any, said: Any) -> bool:
    """Is everything that is told there in the answer?"""
    if isinstance(told, Mapping):
        return isinstance(said, Mapping) and all(name in said and agrees(told[name], said[name]) for name in told)
    return bool(told == said)


@pytest.mark.django_db
def test_each_example_is_answered_as_it_says(analyst: User, reviewer: User) -> None:
    make_theme("EN")
    make_document("article-2023")
    tokens = {
        name: create_token(person, "guide", days=1, by=person, scope="write")[1]
        for name, person in (("ANALYST", analyst), ("REVIEWER", reviewer))
    }
    blocks = BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(blocks) >= 16
    client, etag = Client(), ""
    for asked, answered in zip(blocks[::2], blocks[1::2], strict=True):
        for name, text in (*tokens.items(), ("ETAG", etag)):
            asked = asked.replace(f"${name}", text)
        first, headers, body = parts(asked)
        method, address = first.split()
        sent = {
            "authorization": f"Bearer {tokens['ANALYST']}",
            **{name.lower(): text for name, text in headers.items()},
        }
        answer = client.generic(method, address, json.dumps(body), content_type="application/json", headers=sent)
        status, _headers, told = parts(answered)
        assert answer.status_code == int(status.split()[1]), (first, answer.content)
        assert agrees(told, answer.json()), (first, answer.content)
        etag = answer.headers.get("ETag", etag)
