"""Whatever a program sends to any operation, the answer is one that the schema describes, and never a fault of ours.

Requests are made from the schema itself, right ones and wrong ones, in the name of people of several roles.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode

import hypothesis
import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from brics_tracker.api import schema
from brics_tracker.core.api_writes import WriteThrottle
from tests.architecture.world import World, build_world
from tests.openapi import check_answer

pytestmark = pytest.mark.django_db
PEOPLE = ("reader", "analyst", "reviewer", "administrator")
FORM = "multipart/form-data"
# The first few go to every field in the short series.
HOSTILE = (
    "a\x00b", "\ud800", "\u202eevil", "x" * 100_000, "\ufffd", "\x00", "\udfff\ud800", "\u2066x\u2069", "\x85", "\x1b[31m", "\u200b",
    "\U0001f600" * 300, "<script>alert(1)</script>", "{{ 7*7 }}", "'; DROP TABLE core_theme; --", "NaN", "9" * 400, "\u0661", "=1+1", "../..",
)  # fmt: skip
BROKEN = (
    b"[" * 20_000, b"[]", b"\xff\xfe", b'{"title": "\\ud800"}', b"NaN", b"", b"{", b"null", b'"x"', b"1", b'{"a": NaN}', b'{"a":' * 5_000, b"9" * 5_000,
    b'{"\\u0000": 1}', b'{"title": 1e999}', b'{"title":"a","title":"b"}',
)  # fmt: skip


@dataclass
class Sender:
    """Sends to the site in somebody's name, to things that are there as often as to things that are not."""

    world: World
    clients: dict[str, Client]
    sent: int = 0
    etags: dict[str, str] = field(default_factory=dict)

    def address(self, path: str, chosen: Mapping[str, Any], *, real: int) -> str:
        """The path with its names filled in: the `real`-th thing that is there, or what the schema made up."""

        def fill(found: re.Match[str]) -> str:
            there = self.there(path, found[1])
            return str(there[real % len(there)]) if real and there else quote(str(chosen.get(found[1], 1)), safe="")

        return re.sub(r"{(\w+)}", fill, path)

    def there(self, path: str, name: str) -> list[Any]:
        world = self.world
        if name == "reference":
            return [
                row.reference
                for row in (world.published, world.own, world.submitted, world.draft, world.archived, world.mechanism)
            ]
        if name == "id":
            rows: Mapping[str, Any] = {
                "updates": world.updates, "milestones": world.milestones, "relations": world.relations, "evidence": world.evidence,
                "bulk-edits": {"one": world.bulk_edit}, "comments": world.comments,
            }  # fmt: skip
            return [row.pk for row in rows.get(path.split("/")[3], {}).values()]
        rows = {
            "documents": world.document.key, "meetings": world.meeting.key, "members": world.member.code,
            "organisations": world.organisation.key, "themes": "EN", "reports": world.report.number,
        }  # fmt: skip
        return [rows[path.split("/")[3]]] if path.split("/")[3] in rows else []

    def send(self, who: str, method: str, path: str, address: str, content: Any, kind: str, *, query: str = "") -> None:
        """Ask, and hold the answer against the schema."""
        client = self.clients[who]
        headers = {"idempotency-key": str(uuid.uuid4())}
        if method in {"PATCH", "DELETE", "POST"}:
            headers["if-match"] = self._etag(client, address)
        if kind == FORM and isinstance(content, Mapping):
            told: Any = client.post(address, _as_form(content), headers=headers)
        else:
            body = content if isinstance(content, bytes) else json.dumps(content)
            told = client.generic(
                method, address + query, body, content_type=kind or "application/json", headers=headers
            )
        self.sent += 1
        if told.status_code in {200, 201, 412}:
            self.etags.clear()  # things are as they were no more
        self._check(method.lower(), path, told)

    def _etag(self, client: Client, address: str) -> str:
        one = re.match(r"(/api/v1/[\w-]+/[^/]+/)", address)
        if one and one[1] not in self.etags:
            self.etags[one[1]] = client.get(one[1]).headers.get("ETag", '"1"')
        return self.etags[one[1]] if one else '"1"'

    def _check(self, method: str, path: str, told: Any) -> None:
        assert told.status_code < 500, told.content
        if told.status_code == 405 or told.status_code in {301, 302}:
            return
        if told.status_code == 400 and "text/html" in told["Content-Type"]:
            raise AssertionError("a page was answered to a program")
        described = schema()["paths"][path][method]["responses"]
        if told.status_code == 404 and "404" not in described:
            return  # the address itself led nowhere
        assert str(told.status_code) in described, (method, path, told.status_code, told.content[:300])
        if told.streaming:
            for _part in told.streaming_content:  # to its end: closed by hand it would take the test's connection along
                pass
            return
        if told.status_code == 204:
            return
        check_answer(told, path, told.status_code, method)


def _as_form(content: Mapping[str, Any]) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for name, value in content.items():
        if name == "files" and isinstance(value, list):
            form[name] = [SimpleUploadedFile("note.txt", str(each).encode("utf-8", "replace")) for each in value]
        else:
            form[name] = str(value).encode("utf-8", "replace").decode()
    return form


@pytest.fixture
def sender(db: None) -> Iterator[Sender]:
    world = build_world()
    clients = {
        name: Client(headers={"authorization": f"Bearer {world.writing[name]}"}, raise_request_exception=True)
        for name in PEOPLE
    }
    with patch.object(WriteThrottle, "allow_request", return_value=True):
        yield Sender(world, clients)


def operations() -> list[Any]:
    made = schemathesis.openapi.from_dict(schema())
    found: list[Any] = list(made.get_all_operations())
    return [each.ok() for each in found]


@pytest.mark.parametrize("examples", [2, pytest.param(400, marks=pytest.mark.long)])
def test_no_request_made_from_the_schema_is_answered_otherwise_than_described(sender: Sender, examples: int) -> None:
    choice = st.tuples(st.sampled_from(PEOPLE), st.integers(0, 6))
    for operation in operations():
        _fuzz(sender, operation, GenerationMode.POSITIVE, choice, examples)
        _fuzz(sender, operation, GenerationMode.NEGATIVE, choice, max(1, examples // 2))
    assert sender.sent >= examples * 100


def _fuzz(sender: Sender, operation: Any, mode: GenerationMode, choice: Any, examples: int) -> None:
    @hypothesis.settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), chosen=choice)
    def ask(case: Any, chosen: tuple[str, int]) -> None:
        who, real = chosen
        body = None if isinstance(case.body, type(schemathesis.core.NOT_SET)) else case.body
        if isinstance(body, bytes):
            body = body[:5000]
        query = urlencode(dict(case.query or {}), doseq=True, errors="replace")
        address = sender.address(operation.path, case.path_parameters or {}, real=real)
        kind = case.media_type or "application/json"
        sender.send(
            who, operation.method.upper(), operation.path, address, body, kind, query=f"?{query}" if query else ""
        )

    try:
        ask()
    except hypothesis.errors.Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE, operation.label  # there is nothing wrong that one could send


def _bodies() -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, a body that names every field) of each operation that takes JSON."""
    return [
        (method.upper(), path, _example(operation["requestBody"]["content"]["application/json"]["schema"]))
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]


def _example(node: Mapping[str, Any]) -> Any:
    if "$ref" in node:
        return _example(schema()["components"]["schemas"][node["$ref"].rsplit("/", 1)[1]])
    for way in ("allOf", "oneOf", "anyOf"):
        if way in node:
            return _example(node[way][0])
    kinds = node.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        return {name: _example(each) for name, each in node.get("properties", {}).items()}
    if kind == "array":
        return [_example(node["items"])]
    return {"integer": 1, "number": 1, "boolean": False}.get(kind, "x")


def _with(node: Any, text: str) -> Any:
    """The body with this text wherever there is one."""
    if isinstance(node, dict):
        return {name: _with(each, text) for name, each in node.items()}
    if isinstance(node, list):
        return [_with(each, text) for each in node]
    return text if isinstance(node, str) else node


def _places(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict | list):
        for name, each in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _places(each, (*way, name))
    elif isinstance(node, str):
        yield way


def _only(text: str, way: tuple[Any, ...]) -> Any:
    """A body that holds nothing but this text, in its place."""
    made: Any = text
    for name in reversed(way):
        made = [made] if isinstance(name, int) else {name: made}
    return made


@pytest.mark.parametrize("is_short", [True, pytest.param(False, marks=pytest.mark.long)])
def test_hostile_text_in_any_field_is_answered_as_described(sender: Sender, is_short: bool) -> None:
    for number, (method, path, body) in enumerate(_bodies()):
        for text in HOSTILE[:5] if is_short else HOSTILE:
            sent = [_with(body, text)] if is_short else [_only(text, way) for way in _places(body)]
            for each in sent:
                address = sender.address(path, {}, real=1 + number)
                sender.send("reviewer", method, path, address, each, "application/json")
    assert sender.sent >= 150


@pytest.mark.parametrize("is_short", [True, pytest.param(False, marks=pytest.mark.long)])
def test_what_is_no_json_is_answered_as_described(sender: Sender, is_short: bool) -> None:
    for method, path, _body in _bodies():
        address = sender.address(path, {}, real=1)
        for content in BROKEN[:5] if is_short else BROKEN:
            sender.send("reviewer", method, path, address, content, "application/json")
        sender.send("reviewer", method, path, address, b"a=b", "text/plain")
