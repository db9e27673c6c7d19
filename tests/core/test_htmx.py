import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from brics_tracker.core.htmx import redirect_page, wants_fragment


def asked(rf: RequestFactory, **headers: str) -> HttpRequest:
    request = rf.get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})
    HtmxMiddleware(lambda _: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, False),
        ({"HX_Request": "true"}, True),
        ({"HX_Request": "true", "HX_Boosted": "true"}, False),
        ({"HX_Request": "true", "HX_History_Restore_Request": "true"}, False),
    ],
)
def test_only_a_swap_gets_a_part_of_a_page(rf: RequestFactory, headers: dict[str, str], fragment: bool) -> None:
    assert wants_fragment(asked(rf, **headers)) is fragment


def test_without_the_middleware_it_is_a_page(rf: RequestFactory) -> None:
    assert wants_fragment(rf.get("/")) is False


def test_sending_on_reaches_the_whole_window(rf: RequestFactory) -> None:
    assert redirect_page(asked(rf, HX_Request="true"), "/there/")["HX-Redirect"] == "/there/"
    plain = redirect_page(asked(rf), "/there/")
    assert (plain.status_code, plain["Location"]) == (302, "/there/")
