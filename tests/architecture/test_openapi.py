"""The API's description: kept in the repository, complete, valid."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from drf_spectacular.validation import validate_schema

from brics_tracker.api import ROUTES, schema
from brics_tracker.api_reference import chapters_of

STORED = Path(settings.BASE_DIR) / "docs" / "reference" / "openapi.yaml"
REMAKE = "run: manage.py spectacular --validate --fail-on-warn --file docs/reference/openapi.yaml"


def operations() -> list[tuple[str, dict[str, Any]]]:
    return [(path, each) for path, methods in schema()["paths"].items() for each in methods.values()]


def test_the_stored_file_is_the_schema_of_the_code() -> None:
    assert yaml.safe_load(STORED.read_text(encoding="utf-8")) == schema(), REMAKE


def test_it_is_valid_openapi_3_1() -> None:
    assert schema()["openapi"].startswith("3.1")
    validate_schema(schema())  # type: ignore[no-untyped-call]


def test_every_endpoint_is_in_it() -> None:
    assert len(schema()["paths"]) == len(ROUTES)


@pytest.mark.parametrize(("path", "operation"), operations())
def test_every_operation_says_what_it_does_takes_and_refuses(path: str, operation: dict[str, Any]) -> None:
    assert operation["description"]
    assert all(each.get("description") for each in operation.get("parameters", [])), path
    assert "401" in operation["responses"]
    assert len({"200", "201", "204"} & set(operation["responses"])) == 1, path
    assert "application/problem+json" in operation["responses"]["401"]["content"]


def test_every_field_has_words() -> None:
    silent = [
        f"{name}.{field}"
        for name, component in schema()["components"]["schemas"].items()
        for field, each in component.get("properties", {}).items()
        if not each.get("description")
    ]
    assert silent == []


def test_the_reference_page_names_every_operation() -> None:
    told = [operation.path for chapter in chapters_of(schema()) for operation in chapter.operations]
    assert sorted(told) == sorted(path for path, _operation in operations())
