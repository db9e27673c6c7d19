"""Every job that is asked for by name has a function registered under that name."""

import ast
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from celery import current_app
from django.conf import settings

from brics_tracker.core import jobs

APPS = ["brics_tracker", "proposals", "mechanisms", "reports"]


def enqueued_names(source: str, constants: Mapping[str, object]) -> Iterator[str]:
    """First arguments of enqueue(...) in one file: strings, or constants of its module; anything else gives "?"."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function = node.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if called == "enqueue":
            yield _name_in(node.args[0], constants)


def _name_in(argument: ast.expr, constants: Mapping[str, object]) -> str:
    found: object = argument.value if isinstance(argument, ast.Constant) else None
    if isinstance(argument, ast.Name):
        found = constants.get(argument.id)
    return found if isinstance(found, str) else "?"


def names_asked_for() -> Iterator[tuple[str, str]]:
    """Name and file of each enqueue() in the project."""
    for app in APPS:
        for file in sorted(Path(settings.BASE_DIR, app).rglob("*.py")):
            source = file.read_text()
            if "enqueue(" not in source:
                continue
            dotted = ".".join(file.relative_to(settings.BASE_DIR).with_suffix("").parts)
            for name in enqueued_names(source, vars(import_module(dotted))):
                yield name, dotted


def test_every_enqueued_name_is_registered() -> None:
    unknown = [(name, module) for name, module in names_asked_for() if name not in jobs.registered_kinds()]
    assert unknown == []


def test_a_name_that_nobody_registered_would_be_found() -> None:
    assert list(enqueued_names("jobs.enqueue('nobody.knows', key='1')", {})) == ["nobody.knows"]
    assert list(enqueued_names("enqueue(JOB, key='1')", {"JOB": "nobody.knows"})) == ["nobody.knows"]
    assert list(enqueued_names("enqueue(kind, key='1')", {})) == ["?"]


def test_every_scheduled_task_exists() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled <= set(current_app.tasks)
