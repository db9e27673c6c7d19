"""Whatever is typed: an answer, in words, and never a failure."""

from __future__ import annotations

import hypothesis
import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from brics_tracker.core.search.words import LONGEST
from brics_tracker.tracking.search.filters import SearchFilterSet
from brics_tracker.tracking.search.results import Results
from tests.factories.tracking import make_item

pytestmark = pytest.mark.django_db

# What means something to one database or the other, to the reader of what is typed, or to HTML.
PIECES = st.sampled_from([
    '"', "'", "''", "-", "*", ":*", "(", ")", "&", "|", "!", "<->", "<2>", "AND", "OR", "NOT", "NEAR(", "title:", "^", "+", "{", "}",
    "\\", "%", "%s", "_", ";--", "<mark>", "&amp;", "\u202e", "金砖", "é", "योजना", "ﷺ", "🚂", "\u0301", "²", "ﬁ", "İ", "\u200b", "x" * 60,
    " ", " ", "rail", "corridr", "the", "EN-1", "\n", "\t",
])  # fmt: skip
TYPED = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(max_size=LONGEST))
QUICKLY = hypothesis.settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@QUICKLY
@given(typed=TYPED)
@example(typed='"rail" NOT "corridor*')
@example(typed=" ".join("ab" for _each in range(66)))
@example(typed=" ".join("-ab" for _each in range(49)) + " rail")
def test_it_is_answered(typed: str, settings: LazySettings) -> None:
    settings.PUBLIC_READ = True
    make_item(title="Rail corridors of 金砖国家 <mark>", summary='It\'s 100% sure: «çà» & \\ (x) "y".')
    request = RequestFactory().get("/search/")
    request.user = AnonymousUser()
    filterset = SearchFilterSet({"q": typed}, request=request)
    if not filterset.form.is_valid():
        assert filterset.form.errors["q"]
    elif isinstance(results := filterset.qs, Results):
        shown = results.or_like_it()
        for hit in shown[0 : len(shown)]:
            marked = f"{hit.title}{hit.excerpt}"
            assert "\x02" not in marked
            assert marked.count("<mark>") == marked.count("</mark>")


@QUICKLY
@given(typed=TYPED)
def test_page_and_endpoint_answer(typed: str, client: Client, settings: LazySettings) -> None:
    settings.PUBLIC_READ = True
    for address in (reverse("tracking:search"), reverse("api:search")):
        assert client.get(address, {"q": typed}).status_code in {200, 400}
