"""What every endpoint shares: sign-in, pages, refusals; and the reference lists."""

from typing import Any

import orjson
import pytest
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.test import Client
from rest_framework import exceptions

from brics_tracker.accounts import services
from brics_tracker.accounts.models import User
from brics_tracker.core.api import OrjsonRenderer
from brics_tracker.core.errors import problem_response
from brics_tracker.core.models import MembershipSpell
from tests.factories.core import make_member, make_organisation, make_theme
from tests.growth import queries_of
from tests.openapi import check_answer

LISTS = ("members", "organisations", "themes", "documents", "items", "proposals", "mechanisms", "meetings", "reports")


@pytest.fixture
def api(client: Client, reader: User) -> Client:
    client.force_login(reader)
    return client


@pytest.mark.django_db
class TestSignIn:
    @pytest.mark.parametrize(
        "noun", [*LISTS, "schema", "proposals/EN-01", "proposals/EN-01/updates", "documents/x/passages"]
    )
    def test_nobody_is_asked_for_a_token(self, client: Client, noun: str) -> None:
        response = client.get(f"/api/v1/{noun}/")
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Bearer"
        assert response["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize("noun", LISTS)
    def test_everybody_reads_a_public_site(self, client: Client, settings: Any, noun: str) -> None:
        settings.PUBLIC_READ = True
        check_answer(client.get(f"/api/v1/{noun}/"), f"/api/v1/{noun}/")

    def test_a_token_opens_it_and_a_wrong_one_does_not(self, client: Client, reader: User) -> None:
        _row, token = services.create_token(reader, "dashboard", days=30, by=reader)
        assert client.get("/api/v1/themes/", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200
        for wrong in (f"Bearer {token[:-1]}x", "Bearer", "Bearer a b", "Bearer \x00", "Bearer é"):
            assert client.get("/api/v1/themes/", HTTP_AUTHORIZATION=wrong).status_code == 401

    def test_a_shut_account_reads_nothing(self, client: Client, reader: User) -> None:
        _row, token = services.create_token(reader, "dashboard", days=30, by=reader)
        User.objects.filter(pk=reader.pk).update(is_active=False)
        assert client.get("/api/v1/themes/", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 401

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_what_only_lists_takes_nothing(self, api: Client, method: str) -> None:
        response = getattr(api, method)("/api/v1/items/")
        assert response.status_code == 405
        assert response.json()["title"] == "Method Not Allowed"


@pytest.mark.django_db
class TestAddresses:
    def test_the_root_leads_to_every_list(self, api: Client, analyst: User) -> None:
        api.force_login(analyst)  # whom an item can be assigned to is not for every reader
        for noun, address in api.get("/api/v1/").json().items():
            assert api.get(address).status_code == 200, noun

    def test_an_unknown_address_is_a_problem_not_a_page(self, api: Client) -> None:
        response = api.get("/api/v1/nothing/here/")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"

    def test_a_missing_slash_is_mended(self, api: Client) -> None:
        assert api.get("/api/v1/themes")["Location"].endswith("/api/v1/themes/")

    def test_the_schema_is_served_as_json_and_yaml(self, api: Client) -> None:
        assert api.get("/api/v1/schema/").json()["openapi"].startswith("3.1")
        assert api.get("/api/v1/schema/", {"format": "yaml"}).content.startswith(b"openapi: 3.1")

    def test_the_reference_page_needs_no_script_or_style_of_its_own(self, api: Client) -> None:
        response = api.get("/api/docs/")
        page = response.content.decode()
        assert "/api/v1/proposals/{reference}/updates/" in page
        assert " style=" not in page
        assert "<style" not in page

    def test_the_reference_page_asks_nobody_to_sign_in_first(self, client: Client) -> None:
        assert "/accounts/" in client.get("/api/docs/")["Location"]


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def _themes(self) -> None:
        for code in ("EC", "DE", "SC", "GR", "CU"):
            make_theme(code)

    def codes(self, api: Client, **query: Any) -> list[str]:
        return [row["code"] for row in api.get("/api/v1/themes/", query).json()["results"]]

    def test_pages_follow_each_other_to_the_last(self, api: Client) -> None:
        address, seen, pages = "/api/v1/themes/?page_size=2", [], 0
        while address:
            body = api.get(address).json()
            assert body["count"] == 5
            seen += [row["code"] for row in body["results"]]
            address, pages = body["next"], pages + 1
        assert (sorted(seen), pages) == (["CU", "DE", "EC", "GR", "SC"], 3)
        assert len(set(seen)) == 5

    def test_the_way_back_leads_to_the_same_rows(self, api: Client) -> None:
        second = api.get("/api/v1/themes/?page_size=2&page=2").json()
        assert api.get(second["previous"]).json()["results"] == api.get("/api/v1/themes/?page_size=2").json()["results"]

    @pytest.mark.parametrize("query", ["page=4&page_size=2", "page=1000000000"])
    def test_past_the_last_page_there_is_nothing(self, api: Client, query: str) -> None:
        assert api.get(f"/api/v1/themes/?{query}").status_code == 404

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("page", "0"), ("page", "-1"), ("page", "x"), ("page", "1.5"), ("page", "9" * 5000), ("page", "²"),
            ("page_size", "501"), ("page_size", "0"), ("page_size", "all"), ("page_size", "٣"), ("sort", "secret"),
            ("sort", "pk"), ("colour", "red"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_refused_by_name(self, api: Client, name: str, value: str) -> None:
        body = check_answer(api.get("/api/v1/themes/", {name: value}), "/api/v1/themes/", 400)
        assert list(body["errors"]) == [name]

    def test_a_parameter_given_twice_is_refused(self, api: Client) -> None:
        assert list(api.get("/api/v1/organisations/?member=BR&member=CN").json()["errors"]) == ["member"]

    def test_500_rows_are_the_most(self, api: Client) -> None:
        assert len(self.codes(api, page_size=500)) == 5


class TestProblems:
    @pytest.mark.parametrize(
        ("refusal", "status", "errors"),
        [
            (ValidationError({"title": ["Too long."]}), 400, {"title": ["Too long."]}),
            (ValidationError("No."), 400, None),
            (exceptions.ValidationError({"a": {"b": ["x"]}}), 400, {"a": ["x"]}),
            (exceptions.NotAuthenticated(), 401, None),
            (PermissionDenied("Ask someone."), 403, None),
            (exceptions.Throttled(wait=9), 429, None),
            (BadRequest("What?"), 400, None),
        ],
    )
    def test_each_refusal_has_one_shape(self, refusal: Exception, status: int, errors: Any) -> None:
        response = problem_response(refusal, {})
        assert response is not None
        assert response.status_code == response.data["status"] == status
        assert response.data.get("errors") == errors
        assert response.data["detail"]

    def test_what_refuses_the_whole_is_its_detail(self) -> None:
        response = problem_response(ValidationError("Someone else saved this."), {})
        assert response is not None
        assert response.data["detail"] == "Someone else saved this."

    def test_a_fault_of_ours_is_not_dressed_up(self) -> None:
        assert problem_response(KeyError("x"), {}) is None

    def test_a_value_that_is_no_json_fails_loudly(self) -> None:
        with pytest.raises(TypeError):
            OrjsonRenderer().render({"a": object()})

    def test_words_that_wait_for_their_language_are_written(self) -> None:
        from django.utils.translation import gettext_lazy

        assert orjson.loads(OrjsonRenderer().render({"a": gettext_lazy("open")})) == {"a": "open"}


@pytest.mark.django_db
class TestReferenceLists:
    def test_a_member_with_every_spell(self, api: Client) -> None:
        member = make_member("ID", since="2025-01-06")
        MembershipSpell.objects.create(
            member=member, kind="partner", started="2024-10", ended="2025-01-05", first_summit=16
        )
        make_member("AR", kind="declined", since="2023-12-29")
        body = check_answer(api.get("/api/v1/members/ID/"), "/api/v1/members/{code}/")
        assert body["is_member"]
        assert [(spell["kind"], spell["started"], spell["ended"]) for spell in body["spells"]] == [
            ("partner", "2024-10", "2025-01-05"),
            ("member", "2025-01-06", None),
        ]
        assert not api.get("/api/v1/members/AR/").json()["is_member"]

    def test_organisations_by_kind_country_and_words(self, api: Client) -> None:
        bank = make_organisation("ndb")
        bank.kind, bank.member, bank.acronym = "bank", make_member("CN"), "NDB"
        bank.save()
        make_organisation("other")
        for query in ("kind=bank", "member=CN", "q=ndb"):
            body = check_answer(api.get(f"/api/v1/organisations/?{query}"), "/api/v1/organisations/")
            assert [row["key"] for row in body["results"]] == ["ndb"]
            assert body["results"][0]["member"] == "CN"

    def test_themes_name_what_is_above_them(self, api: Client) -> None:
        make_theme("TC-TRADE", parent=make_theme("TC"))
        body = check_answer(api.get("/api/v1/themes/TC-TRADE/"), "/api/v1/themes/{code}/")
        assert body["parent"] == "TC"

    @pytest.mark.parametrize(
        "path", ["members/XX", "organisations/none", "themes/ZZ", "documents/none", "reports/none"]
    )
    def test_what_is_not_there_is_404(self, api: Client, path: str) -> None:
        noun = path.split("/")[0]
        name = {"organisations": "key", "documents": "key", "reports": "number"}.get(noun, "code")
        check_answer(api.get(f"/api/v1/{path}/"), f"/api/v1/{noun}/{{{name}}}/", 404)

    @pytest.mark.parametrize("noun", ["members", "organisations", "themes"])
    def test_queries_do_not_grow(self, api: Client, noun: str) -> None:
        codes = [a + b for a in "ABCD" for b in "XYZ"]
        for number, code in enumerate(codes):
            if number == 2:
                few = queries_of(lambda: api.get(f"/api/v1/{noun}/"))
            make_member(code)
            make_theme(code)
            make_organisation()
        assert queries_of(lambda: api.get(f"/api/v1/{noun}/")) == few
