"""For growth tests: how many queries an answer costs."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries_of(act: Callable[[], Any]) -> int:
    """The number of queries of one act, which must not fail."""
    with CaptureQueriesContext(connection) as caught:
        answer = act()
        if getattr(answer, "streaming", False):
            b"".join(answer.streaming_content)
    assert answer.status_code == 200, answer
    return len(caught)
