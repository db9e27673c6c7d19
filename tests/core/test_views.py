"""The view behind every list, over themes with a filter of its own."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory, override_settings
from django_htmx.middleware import HtmxMiddleware

from brics_tracker.core.export import Column
from brics_tracker.core.filters import ListFilterSet, NumberFilter, WordsFilter
from brics_tracker.core.models import Theme
from brics_tracker.core.views import FilteredListView

TEMPLATES = {
    "page.html": "<html>{% include 'part.html' %}",
    "part.html": "{% load ui %}<div>{{ count }}:{% for row in rows %}{{ row.code }},{% endfor %}"
    "{% for address in exports.values %}{{ address }}{% endfor %}"
    "{% sort_head 'name' 'Name' %}{% sort_head 'code' 'Code' %}{% pagination page_obj %}</div>",
}
IN_MEMORY = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "DIRS": ["templates"],
        "OPTIONS": {
            "loaders": [
                ("django.template.loaders.locmem.Loader", TEMPLATES),
                "django.template.loaders.filesystem.Loader",
            ],
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]


class ThemeFilterSet(ListFilterSet):
    q = WordsFilter(columns=("name",))
    depth = NumberFilter(field_name="pk", lookup_expr="gte", min_value=0)

    class Meta:
        model = Theme
        fields: list[str] = []


class ThemeListView(FilteredListView):
    filterset_class = ThemeFilterSet
    page_template, results_template = "page.html", "part.html"
    columns = (Column("code", "Code", "code"),)
    sortable = {"name": ("name",)}
    usual_order = ("code",)
    paginate_by = 3
    export_name = "themes"

    def get_queryset(self) -> QuerySet[Theme]:
        return Theme.objects.filter(code__startswith="X")


@pytest.fixture(autouse=True)
def _themes(db: None) -> None:
    Theme.objects.bulk_create(Theme(code=f"X{n}", name=f"Theme {'abcdefg'[-n - 1]}") for n in range(5))


def ask(rf: RequestFactory, query: str = "", *, swap: bool = False) -> HttpResponseBase:
    request = rf.get(f"/themes/{query}", headers={"HX-Request": "true"} if swap else {})
    request.user = AnonymousUser()
    with override_settings(TEMPLATES=IN_MEMORY):
        view = ThemeListView.as_view()
        response = HtmxMiddleware(view)(request)
        assert isinstance(response, HttpResponseBase)
        return response


def text(response: HttpResponseBase) -> str:
    if isinstance(response, StreamingHttpResponse):
        return b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_it_shows_the_first_page_in_the_usual_order(rf: RequestFactory) -> None:
    drawn = text(ask(rf))
    assert "5:X0,X1,X2," in drawn
    assert drawn.startswith("<html>")


def test_a_swap_gets_the_results_alone_and_a_short_address(rf: RequestFactory) -> None:
    response = ask(rf, "?q=&sort=name&depth=", swap=True)
    assert text(response).startswith("<div>")
    assert response["HX-Push-Url"] == "/themes/?sort=name"
    assert "HX-Request" in response["Vary"]


def test_it_sorts_by_what_it_names_and_by_nothing_else(rf: RequestFactory) -> None:
    assert "5:X4,X3,X2," in text(ask(rf, "?sort=name"))
    assert "5:X0,X1,X2," in text(ask(rf, "?sort=-name"))
    assert "5:X0,X1,X2," in text(ask(rf, "?sort=pk"))


def test_a_heading_says_how_it_sorts_and_turns_it_round(rf: RequestFactory) -> None:
    drawn = text(ask(rf, "?q=theme&sort=name&page=2"))
    assert 'aria-sort="ascending"' in drawn
    assert 'href="?q=theme&amp;sort=-name"' in drawn
    assert '<th scope="col" class="">Code</th>' in drawn


def test_pages_keep_the_filter(rf: RequestFactory) -> None:
    assert 'href="?q=theme&amp;page=2"' in text(ask(rf, "?q=theme"))
    assert "5:X3,X4," in text(ask(rf, "?q=theme&page=2"))


def test_the_file_holds_every_page_in_the_order_shown(rf: RequestFactory) -> None:
    assert "?q=theme&amp;sort=name&amp;export=csv" in text(ask(rf, "?q=theme&sort=name&page=2"))
    assert text(ask(rf, "?q=theme&sort=name&export=csv")).split() == ["Code", "X4", "X3", "X2", "X1", "X0"]


def test_a_filter_that_cannot_be_read_shows_no_rows_and_makes_no_file(rf: RequestFactory) -> None:
    assert "0:" in text(ask(rf, "?depth=deep"))
    assert not isinstance(ask(rf, "?depth=deep&export=csv"), StreamingHttpResponse)
