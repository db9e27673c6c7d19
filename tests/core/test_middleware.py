import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxMiddleware

from brics_tracker.accounts.models import User
from brics_tracker.accounts.services import create_token
from brics_tracker.core.middleware import CleanInputMiddleware, PrivatePagesMiddleware
from tests.growth import queries_of


def reached(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.GET.get("q", ""))


class TestCleanInput:
    @pytest.mark.parametrize("address", ["/?q=a%00b", "/?a%07=1", "/x%00y/", "/?q=%1b", "/?q=%c2%9b"])
    def test_control_characters_in_an_address_are_a_bad_request_in_our_look(
        self, rf: RequestFactory, address: str
    ) -> None:
        response = CleanInputMiddleware(reached)(rf.get(address))
        assert response.status_code == 400
        assert b'<main id="main"' in response.content  # type: ignore[attr-defined]

    @pytest.mark.parametrize("address", ["/?q=%E9%87%91", "/?q=%ff%fe", "/?q=a%0Ab", "/?q=%ED%A0%80"])
    def test_any_script_and_broken_bytes_pass(self, rf: RequestFactory, address: str) -> None:
        assert CleanInputMiddleware(reached)(rf.get(address)).status_code == 200

    def test_words_are_composed_so_that_a_search_finds_them(self, rf: RequestFactory) -> None:
        response = CleanInputMiddleware(reached)(rf.get("/?q=Caf%65%CC%81"))
        assert response.content.decode() == "Caf\u00e9"  # type: ignore[attr-defined]

    def test_a_cookie_that_nobody_set_is_passed_over(self, rf: RequestFactory) -> None:
        request = rf.get("/")
        request.COOKIES = {"sessionid": "abc\x00defgh", "django_language": "ar"}
        CleanInputMiddleware(reached)(request)
        assert request.COOKIES == {"django_language": "ar"}


def through(request: HttpRequest, inner: HttpResponse) -> HttpResponseBase:
    response = HtmxMiddleware(PrivatePagesMiddleware(lambda _: inner))(request)
    assert isinstance(response, HttpResponseBase)
    return response


class TestPrivatePages:
    def test_no_cache_keeps_the_page_of_someone_signed_in(self, rf: RequestFactory, settings: LazySettings) -> None:
        settings.PUBLIC_READ = True
        rf.cookies[settings.SESSION_COOKIE_NAME] = "something"
        assert "no-store" in through(rf.get("/"), HttpResponse())["Cache-Control"]

    def test_on_a_public_site_a_page_for_all_may_be_kept(self, rf: RequestFactory, settings: LazySettings) -> None:
        settings.PUBLIC_READ = True
        assert not through(rf.get("/"), HttpResponse()).has_header("Cache-Control")

    def test_on_a_closed_site_nothing_is_kept(self, rf: RequestFactory) -> None:
        assert "no-store" in through(rf.get("/"), HttpResponse())["Cache-Control"]

    def test_an_answer_that_says_itself_how_long_it_keeps_is_left_alone(self, rf: RequestFactory) -> None:
        kept = HttpResponse(headers={"Cache-Control": "max-age=60"})
        assert through(rf.get("/"), kept)["Cache-Control"] == "max-age=60"

    def test_the_browser_is_asked_for_no_camera(self, rf: RequestFactory) -> None:
        assert "camera=()" in through(rf.get("/"), HttpResponse())["Permissions-Policy"]

    def test_a_swap_after_the_session_ended_sends_the_whole_page_to_sign_in(self, rf: RequestFactory) -> None:
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/proposals/?q=gas"}
        inner = HttpResponse(status=302, headers={"Location": "/accounts/login/?next=/part/"})
        response = through(rf.get("/part/", headers=headers), inner)
        assert response["HX-Redirect"] == "/accounts/login/?next=%2Fproposals%2F%3Fq%3Dgas"

    def test_a_plain_request_is_sent_to_sign_in_as_ever(self, rf: RequestFactory) -> None:
        inner = HttpResponse(status=302, headers={"Location": "/accounts/login/?next=/x/"})
        assert through(rf.get("/x/"), inner)["Location"].startswith("/accounts/login/")


def test_a_post_with_a_nul_in_a_field_is_answered_at_the_field(client: Client, reader: User) -> None:
    response = client.post("/accounts/login/", {"login": "a\x00b", "password": "x"})
    assert response.status_code < 500
    assert b"errorlist" in response.content


class TestRequestLog:
    def test_a_probe_with_somebodys_cookie_asks_the_database_nothing(self, client: Client, reader: User) -> None:
        client.force_login(reader)
        assert queries_of(lambda: client.get("/healthz")) == 0

    def test_a_page_that_is_refused_is_logged_with_who_asked(
        self, client: Client, reader: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        client.force_login(reader)
        client.get("/proposals/EN-999/")
        assert f"user_id={reader.pk}" in caplog.text

    def test_so_is_an_answer_to_a_program_with_a_token(
        self, client: Client, reader: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        _token, text = create_token(reader, "dashboard", days=3, by=reader)
        client.get("/api/v1/proposals/EN-999/", headers={"Authorization": f"Bearer {text}"})
        assert f"user_id={reader.pk}" in caplog.text
