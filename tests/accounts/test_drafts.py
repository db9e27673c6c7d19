"""What someone is typing is kept for them alone, until it is sent or they throw it away."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from brics_tracker.accounts.models import Draft, User
from brics_tracker.tracking.models import Update
from tests.factories.tracking import make_item

pytestmark = pytest.mark.django_db
DRAFTS = "/accounts/drafts/"


def keep(client: Client, address: str, fields: Any = None, **more: str) -> int:
    told = json.dumps({"text": "Half a sentence"} if fields is None else fields)
    sent = {"address": address, "sitting": "a1", "page": address, "title": "Log progress", "fields": told, **more}
    return client.post(DRAFTS, sent).status_code


def offered(client: Client, address: str = "/items/EN-01/log/") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(DRAFTS, {"address": address}).json()["drafts"]
    return found


def test_what_was_typed_comes_back_on_any_device(analyst: User) -> None:
    desk, phone = Client(), Client()
    for device in (desk, phone):
        device.force_login(analyst)
    assert keep(desk, "/items/EN-01/log/") == 200
    assert keep(desk, "/items/EN-01/log/", {"text": "Half a sentence and more"}) == 200
    [found] = offered(phone)
    assert found["fields"] == {"text": "Half a sentence and more"}
    assert Draft.objects.count() == 1


def test_nobody_else_is_shown_it_or_can_discard_it(client: Client, analyst: User, other_analyst: User) -> None:
    client.force_login(analyst)
    keep(client, "/items/EN-01/log/")
    client.force_login(other_analyst)
    assert offered(client) == []
    assert client.post(DRAFTS, {"address": "/items/EN-01/log/", "sitting": "a1", "drop": "1"}).status_code == 204
    assert Draft.objects.filter(user=analyst).count() == 1


def test_typing_anew_leaves_what_is_on_offer_until_its_author_decides(client: Client, analyst: User) -> None:
    item = make_item()
    address = f"/items/{item.reference}/log/"
    client.force_login(analyst)
    keep(client, address, {"text": "A long text, typed for an hour"}, sitting="01")
    assert keep(client, address, {"text": "n"}, sitting="02") == 200
    newer, older = offered(client, address)
    assert [newer["fields"]["text"], older["fields"]["text"]] == ["n", "A long text, typed for an hour"]
    # Sent without having decided: the earlier text is still there.
    sent = {
        "form_key": str(uuid.uuid4()), "text": "It happened.", "happened": "2024-03", "then": "draft",
        "source-TOTAL_FORMS": "0", "source-INITIAL_FORMS": "0", "kept_draft": "02", "kept_takes": "[broken",
    }  # fmt: skip
    assert client.post(address, sent).status_code == 302
    assert offered(client, address) == [older]
    # Put back into a third sitting, and typed on meanwhile in the first: neither is lost.
    keep(client, address, {"text": "A long text, typed for an hour, and more"}, sitting="01")
    keep(client, address, {"text": "A long text"}, sitting="03", takes=json.dumps({"01": older["at"]}))
    client.post(DRAFTS, {"address": address, "sitting": "01", "drop": "1", "at": older["at"]})
    third, first = offered(client, address)
    assert first["fields"]["text"] == "A long text, typed for an hour, and more"
    keep(client, address, first["fields"], sitting="03", takes=json.dumps({"01": first["at"]}))
    assert [row["sitting"] for row in offered(client, address)] == ["03"]
    # Put back and sent at once, before it was kept again: gone with what was sent.
    [third] = offered(client, address)
    sent |= {"form_key": str(uuid.uuid4()), "kept_draft": "04", "kept_takes": json.dumps({"03": third["at"]})}
    assert unquote(client.post(address, sent).cookies["saved_form"].value) == f"{address}#03,04"
    assert offered(client, address) == []


def test_its_author_throws_it_away(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    keep(client, "/items/EN-01/log/")
    client.post(DRAFTS, {"address": "/items/EN-01/log/", "sitting": "a1", "drop": "1"})
    assert not Draft.objects.exists()


def test_whoever_is_not_signed_in_is_told_so_and_nothing_is_kept(client: Client) -> None:
    assert keep(client, "/items/EN-01/log/") == 401
    assert client.get(DRAFTS, {"address": "/items/EN-01/log/"}).status_code == 401
    assert not Draft.objects.exists()


def test_sending_the_form_lets_the_draft_go_and_tells_the_browser(client: Client, analyst: User) -> None:
    item = make_item()
    address = f"/items/{item.reference}/log/"
    client.force_login(analyst)
    keep(client, address)
    sent = {
        "form_key": str(uuid.uuid4()), "text": "It happened.", "happened": "2024-03", "then": "draft", "kept_draft": "a1",
        "source-TOTAL_FORMS": "0", "source-INITIAL_FORMS": "0",
    }  # fmt: skip
    answer = client.post(address, sent)
    assert answer.status_code == 302
    assert unquote(answer.cookies["saved_form"].value) == f"{address}#a1"
    assert Update.objects.count() == 1
    assert not Draft.objects.exists()


def test_a_refused_form_keeps_its_draft(client: Client, analyst: User) -> None:
    item = make_item()
    address = f"/items/{item.reference}/log/"
    client.force_login(analyst)
    keep(client, address)
    answer = client.post(address, {"text": "It happened.", "happened": "soon", "kept_draft": "a1"})
    assert answer.status_code == 422
    assert "saved_form" not in answer.cookies
    assert Draft.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["", "relative/", "//evil.example/", "/\\evil.example/", "https://evil.example/", "/x" * 300]
)
def test_only_forms_of_this_site_are_kept(client: Client, analyst: User, address: str) -> None:
    client.force_login(analyst)
    assert keep(client, address) == 400
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "fields", [[], "text", {"text": {"deep": 1}}, {"text": "x" * 300_000}, {str(n): "" for n in range(500)}]
)
def test_what_is_no_form_or_too_much_is_refused(client: Client, analyst: User, fields: Any) -> None:
    client.force_login(analyst)
    assert keep(client, "/items/EN-01/log/", fields) == 400
    assert not Draft.objects.exists()


def test_broken_text_in_one_field_does_not_lose_the_others(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    assert keep(client, "/items/EN-01/log/", {"text": "Good", "reason": "nul\x00byte"}) == 200
    assert Draft.objects.get().fields == {"text": "Good"}


def test_my_work_leads_back_to_what_was_not_sent(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    keep(client, "/items/EN-01/log/")
    page = client.get("/my-work/").content.decode()
    assert "Typed and not sent" in page
    assert 'href="/items/EN-01/log/"' in page


def test_one_person_keeps_a_bounded_number(client: Client, analyst: User) -> None:
    Draft.objects.bulk_create(Draft(user=analyst, address=f"/{n}/", page="/") for n in range(200))
    client.force_login(analyst)
    assert keep(client, "/one-more/") == 400
    assert keep(client, "/7/", sitting="") == 200
