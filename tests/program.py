"""A program that writes through the API, with a token of its own."""

from __future__ import annotations

import uuid
from typing import Any

from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.accounts.services import create_token

ROOT = "/api/v1/"


class Program:
    """Asks in a person's name; every POST bears a new key unless one is given."""

    def __init__(self, owner: User, scope: str = "write") -> None:
        text = create_token(owner, f"program {uuid.uuid4().hex[:8]}", days=1, by=owner, scope=scope)[1]
        self.client = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {text}"})

    def get(self, path: str) -> Any:
        return self.client.get(ROOT + path)

    def post(self, path: str, body: Any = None, *, key: object = None, match: str = "") -> Any:
        headers = {"idempotency-key": str(key or uuid.uuid4())} | ({"if-match": match} if match else {})
        return self.client.post(ROOT + path, body or {}, content_type="application/json", headers=headers)

    def send(self, path: str, body: Any, *, key: object = None) -> Any:
        """A POST as multipart/form-data, for files."""
        return self.client.post(ROOT + path, body, headers={"idempotency-key": str(key or uuid.uuid4())})

    def patch(self, path: str, body: Any, *, match: str | None = None) -> Any:
        """Change what is there; without `match`, as it was read just now."""
        match = self.get(path)["ETag"] if match is None else match
        headers = {"if-match": match} if match else {}
        return self.client.patch(ROOT + path, body, content_type="application/json", headers=headers)

    def delete(self, path: str, *, match: str = "") -> Any:
        return self.client.delete(ROOT + path, headers={"if-match": match} if match else {})
