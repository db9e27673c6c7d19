from typing import Any

import pytest
from django.http import Http404

from brics_tracker.core import pages
from brics_tracker.core.models import Theme
from brics_tracker.core.pages import Page, page_number, read_page


def page(number: int, count: int, *, size: int = 10, capped: bool = False, more: bool | None = None) -> Page:
    rows = list(range(min(size, max(count - (number - 1) * size, 1))))
    return Page(rows, number, size, count, capped, number * size < count if more is None else more)


@pytest.mark.parametrize("asked", ["0", "-1", "x", "1.5", "٣", "9999999", " 1"])
def test_what_is_no_page_number_is_not_found(asked: str) -> None:
    with pytest.raises(Http404):
        page_number(asked)


def test_no_number_is_the_first_page() -> None:
    assert page_number("") == 1


@pytest.mark.parametrize(
    ("number", "count", "offered"),
    [
        (1, 5, [1]),
        (1, 35, [1, 2, 3, 4]),
        (1, 200, [1, 2, None, 20]),
        (10, 200, [1, None, 9, 10, 11, None, 20]),
        (4, 200, [1, 2, 3, 4, 5, None, 20]),
    ],
)
def test_it_offers_the_ends_and_what_is_near(number: int, count: int, offered: list[int | None]) -> None:
    assert page(number, count).numbers == offered


def test_past_the_limit_it_says_so_and_offers_no_last_page() -> None:
    capped = page(300, 10_000, capped=True, more=True)
    assert capped.count_text == "10,000+"
    assert capped.numbers == [1, None, 299, 300, 301]


@pytest.fixture
def themes(db: None) -> None:
    Theme.objects.all().delete()
    Theme.objects.bulk_create(Theme(code=f"X{n:02}", name=f"Theme {n:02}") for n in range(7))


@pytest.mark.usefixtures("themes")
class TestReadingAPage:
    def test_the_last_page_holds_the_rest(self) -> None:
        found = read_page(Theme.objects.order_by("code"), "3", 3)
        assert [theme.code for theme in found.rows] == ["X06"]
        assert (found.first, found.last, found.count, found.has_next) == (7, 7, 7, False)

    def test_past_the_end_nothing_is_found(self) -> None:
        with pytest.raises(Http404):
            read_page(Theme.objects.order_by("code"), "4", 3)

    def test_an_empty_list_has_one_empty_page(self) -> None:
        found = read_page(Theme.objects.none(), "", 3)
        assert (found.count, found.first, found.has_other_pages) == (0, 0, False)

    def test_a_long_list_is_not_counted_to_its_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pages, "COUNT_LIMIT", 4)
        rows = Theme.objects.order_by("code")
        second: Any = read_page(rows, "2", 3)
        assert (second.count, second.is_capped, second.has_next, len(second.rows)) == (4, True, True, 3)
        last = read_page(rows, "3", 3)
        assert (last.has_next, len(last.rows)) == (False, 1)
        with pytest.raises(Http404):
            read_page(rows, "4", 3)
