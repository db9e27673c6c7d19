"""Every job that is asked for by name has a function registered under that name."""

import ast
from collections.abc import Iterator
from pathlib import Path

from celery import current_app
from django.conf import settings

from brics_tracker.core import jobs

APPS = ["brics_tracker", "proposals", "mechanisms", "reports"]


def enqueued_names(source: str) -> Iterator[str]:
    """First arguments of enqueue(...) in one file: strings, or constants of the file; anything else gives "?"."""
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function = node.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if called == "enqueue":
            yield _name_in(node.args[0], constants)


def _name_in(argument: ast.expr, constants: dict[str, object]) -> str:
    found = argument.value if isinstance(argument, ast.Constant) else None
    if isinstance(argument, ast.Name):
        found = constants.get(argument.id)
    return found if isinstance(found, str) else "?"


def test_every_enqueued_name_is_registered() -> None:
    files = [file for app in APPS for file in sorted(Path(settings.BASE_DIR, app).rglob("*.py"))]
    asked = {(name, file.name) for file in files for name in enqueued_names(file.read_text())}
    unknown = sorted((name, file) for name, file in asked if name not in jobs.registered_kinds())
    assert unknown == []


def test_a_name_that_nobody_registered_would_be_found() -> None:
    assert list(enqueued_names("jobs.enqueue('nobody.knows', key='1')")) == ["nobody.knows"]
    assert list(enqueued_names("JOB = 'nobody.knows'\nenqueue(JOB, key='1')")) == ["nobody.knows"]
    assert list(enqueued_names("enqueue(kind, key='1')")) == ["?"]


def test_every_scheduled_task_exists() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled <= set(current_app.tasks)
