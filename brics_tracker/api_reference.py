"""The OpenAPI description folded into chapters, operations, parameters and fields, for a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter or a field."""

    name: str
    kind: str
    description: str
    words: tuple[str, ...] = ()
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    key: str
    method: str
    path: str
    description: str
    parameters: list[Named]
    sent: list[Named]
    fields: list[Named]
    answers: list[str]
    is_list: bool

    @property
    def tables(self) -> list[tuple[str, list[Named]]]:
        """What the page sets as tables: those that hold something, with their captions."""
        found = [(_("Parameters"), self.parameters), (_("What is sent"), self.sent), (_("Fields"), self.fields)]
        return [(caption, rows) for caption, rows in found if rows]


@dataclass(frozen=True, slots=True)
class Chapter:
    name: str
    operations: list[Operation] = field(default_factory=list)


def chapters_of(schema: Mapping[str, Any]) -> list[Chapter]:
    """One chapter per noun, in the schema's order."""
    chapters: dict[str, Chapter] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            noun = operation["tags"][0]
            chapters.setdefault(noun, Chapter(noun)).operations.append(_operation(schema, path, method, operation))
    return list(chapters.values())


def _operation(schema: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    row = _resolve(schema, _content(next(each for code, each in operation["responses"].items() if code < "300")))
    is_list = "results" in row.get("properties", {})
    if is_list:
        row = _resolve(schema, row["properties"]["results"]["items"])
    return Operation(
        key=operation["operationId"],
        method=method.upper(),
        path=path,
        description=operation.get("description", ""),
        parameters=[_parameter(each) for each in operation.get("parameters", [])],
        sent=list(_fields(schema, _resolve(schema, _content(operation.get("requestBody", {}))))),
        fields=list(_fields(schema, row)),
        answers=sorted(operation["responses"]),
        is_list=is_list,
    )


def _content(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of what is sent or answered; empty where that is nothing."""
    found: Mapping[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _parameter(each: Mapping[str, Any]) -> Named:
    schema = each["schema"]
    words = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    return Named(each["name"], _kind(schema), _first(each), tuple(words), bool(each.get("required")))


def _first(node: Mapping[str, Any]) -> str:
    """The description without the list of words that follows it: the table sets these apart."""
    return str(node.get("description", "")).split("\n", maxsplit=1)[0]


def _fields(schema: Mapping[str, Any], row: Mapping[str, Any], before: str = "") -> Iterator[Named]:
    """Fields in their order; those of a list inside as themes[].code."""
    for name, each in row.get("properties", {}).items():
        plain = _resolve(schema, each)
        inside = _resolve(schema, plain.get("items", {}))
        yield Named(
            before + name, _kind(plain, inside), _first(each) or _first(plain),
            tuple(str(word) for word in plain.get("enum", ()) if word is not None),
        )  # fmt: skip
        yield from _fields(schema, inside, f"{before}{name}[].")


def _resolve(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The description behind a reference; of alternatives, the first that is more than null or empty."""
    for alternatives in ("allOf", "oneOf", "anyOf"):
        if alternatives in node:
            found = [_resolve(schema, each) for each in node[alternatives]]
            return {**next((each for each in found if len(each.get("enum", "ab")) > 1), found[0]), **{
                key: value for key, value in node.items() if key != alternatives
            }}  # fmt: skip
    if "$ref" in node:
        target: Any = schema
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return {**_resolve(schema, target), **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def _kind(schema: Mapping[str, Any], inside: Mapping[str, Any] | None = None) -> str:
    kinds = schema.get("type", "object")
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if kind == "array":
        inner = schema.get("items", {}) if inside is None else inside
        return f"list of {_kind(inner)}"
    return f"{kind} ({schema['format']})" if "format" in schema else kind
