"""Holds an answer of the API against the schema that it publishes."""

from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from brics_tracker.api import schema


def check_answer(response: Any, path: str, status: int = 200, method: str = "get") -> Any:
    """The body, after checking status, type and shape against what the schema says of the method at `path`."""
    assert response.status_code == status, response.content
    described = schema()["paths"][path][method]["responses"][str(status)]["content"]
    media_type = response["Content-Type"].partition(";")[0]
    assert media_type in described, f"{media_type} is not described for {path} {status}"
    whole = {**described[media_type]["schema"], "components": schema()["components"]}
    body = response.json()
    problems = [
        f"{'/'.join(map(str, problem.path))}: {problem.message}"
        for problem in Draft202012Validator(whole).iter_errors(body)
    ]
    assert not problems, problems
    _check_no_more(whole, body)
    return body


def _check_no_more(whole: dict[str, Any], body: Any) -> None:
    """No field is answered that the schema does not name (JSON Schema alone would let it pass)."""
    node = _resolve(whole, whole)
    row = body
    if "results" in node.get("properties", {}):
        node = _resolve(whole, node["properties"]["results"]["items"])
        if not body["results"]:
            return
        row = body["results"][0]
    extra = set(row) - set(node.get("properties", {}))
    assert not extra, f"not in the schema: {sorted(extra)}"


def _resolve(whole: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    target: Any = whole
    for step in node["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return _resolve(whole, target)
