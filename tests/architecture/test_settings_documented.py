"""Every name of the environment is explained where operators look, and nothing else is."""

import re
from pathlib import Path

from django.conf import settings

READ = re.compile(r'\bread(?:_bool)?\(\s*(?:env\.\w+,\s*)?"([A-Z_]+)"')
PAGE = "docs/reference/settings.md"


def names_read() -> set[str]:
    files = Path(settings.BASE_DIR, "brics_tracker").rglob("*.py")
    return {name for file in files for name in READ.findall(file.read_text())}


def names_explained() -> set[str]:
    """First column of the page's tables."""
    text = Path(settings.BASE_DIR, PAGE).read_text()
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, flags=re.MULTILINE))


def test_every_name_that_is_read_is_explained() -> None:
    assert names_read() - names_explained() == set()


def test_no_name_is_explained_that_nothing_reads() -> None:
    assert names_explained() - names_read() == set()


def test_the_names_that_people_rely_on_are_read() -> None:
    promised = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL", "PUBLIC_READ"}
    assert promised | {"TIME_ZONE", "DATA_DIR", "DEBUG", "PORT"} <= names_read()


def test_nothing_else_reads_the_environment() -> None:
    """The head of the process tree and its launcher hand the environment on; settings are read in one place."""
    allowed = {"serve.py", "processes.py", "children.py", "child.py", "celery.py", "wsgi.py", "environment.py"}
    files = Path(settings.BASE_DIR, "brics_tracker").rglob("*.py")
    readers = {file.name for file in files if re.search(r"\bos\.environ|\bgetenv\(", file.read_text())}
    assert readers - allowed == set()
