"""Columns and rows on a page: chosen by a person, kept for them, said by the address, the same in the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from brics_tracker.accounts.models import ListSetting, User
from tests.factories.core import make_member
from tests.factories.tracking import make_proposal
from tests.growth import queries_of
from tests.mechanisms.views.helpers import make_meeting

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
KEEP = "/accounts/lists/keep/"


def heads(client: Client, address: str) -> list[str]:
    """The headings of the table at that address, in their order."""
    return [head.label for head in client.get(address).context["choice"].heads]


def in_file(client: Client, address: str) -> list[str]:
    text = client.get(address).getvalue().decode("utf-8-sig")
    return next(csv.reader(io.StringIO(text)))


def choose(client: Client, *columns: str, list: str = "proposals", back: str = "/proposals/", **more: str) -> str:
    answer = client.post(KEEP, {"list": list, "columns": columns, "back": back, **more})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_what_is_chosen_is_kept_for_that_person_on_that_list(sign_in: SignIn, reader: User, analyst: User) -> None:
    make_proposal(kind="goal")
    client = sign_in(reader)
    usual = heads(client, "/proposals/")
    choose(client, "kind", "status")
    assert heads(client, "/proposals/") == ["Ref.", "Proposal", "Kind", "Status"]
    assert heads(client, "/proposals/?status=proposed") == ["Ref.", "Proposal", "Kind", "Status"]
    assert ListSetting.objects.get().columns == "reference,title,kind,status"
    assert heads(sign_in(analyst), "/proposals/") == usual
    choose(sign_in(reader), usual="true")
    assert heads(client, "/proposals/") == usual


def test_the_address_says_what_is_shown_so_that_a_colleague_sees_the_same(
    sign_in: SignIn, reader: User, analyst: User
) -> None:
    make_proposal()
    client = sign_in(reader)
    address = choose(client, "kind", back="/proposals/?status=proposed&page=2")
    assert address == "/proposals/?status=proposed&columns=reference%2Ctitle%2Ckind"
    shared = client.get("/proposals/?status=proposed").context["share_address"].removeprefix("http://testserver")
    assert "columns=" in shared
    assert heads(sign_in(analyst), shared) == ["Ref.", "Proposal", "Kind"]


def test_the_address_goes_before_what_is_kept_and_sets_the_order(sign_in: SignIn, reader: User) -> None:
    make_proposal()
    client = sign_in(reader)
    choose(client, "kind")
    assert heads(client, "/proposals/?columns=next_due,status") == ["Ref.", "Proposal", "Due", "Status"]
    assert heads(client, "/proposals/?columns=next_due&columns=status") == ["Ref.", "Proposal", "Due", "Status"]


def test_an_unknown_column_is_passed_over_and_said(sign_in: SignIn, reader: User) -> None:
    make_proposal()
    page = sign_in(reader).get("/proposals/?columns=status,password")
    assert "this list has no such column" in page.content.decode()
    assert [head.label for head in page.context["choice"].heads] == ["Ref.", "Proposal", "Status"]
    assert sign_in(reader).post(KEEP, {"list": "proposals", "columns": ["password"]}).status_code == 400


@pytest.mark.parametrize("list", ["proposals", "mechanisms", "meetings", "reports"])
def test_the_file_has_the_columns_of_the_page_or_all(sign_in: SignIn, reader: User, list: str) -> None:
    make_proposal(members=[make_member("BR")])
    make_meeting()
    client = sign_in(reader)
    for query in ("", "columns=track,kind,status,number,title,members,period", "columns=all"):
        page = client.get(f"/{list}/?{query}")
        links = page.context["exports"]
        shown = [column.label for column in page.context["choice"].shown]
        labels = [label for label in in_file(client, links["csv"]) if not label.endswith("(code)")]
        assert labels == [*shown, *(["Address"] if query == "columns=all" and list != "meetings" else [])], query
        whole = in_file(client, page.context["whole_exports"]["csv"])
        assert len(whole) > len(shown)


def test_only_what_is_shown_is_read(sign_in: SignIn, reader: User) -> None:
    make_proposal(members=[make_member("BR")])
    client = sign_in(reader)
    client.get("/proposals/")
    with_links = queries_of(lambda: client.get("/proposals/?columns=members,themes,supporters,citations"))
    without = queries_of(lambda: client.get("/proposals/?columns=status,summary,phase"))
    assert with_links == without + 2


def test_every_column_can_be_drawn_and_people_s_words_stay_text(sign_in: SignIn, reader: User) -> None:
    make_proposal(title="<b>bold</b>", summary="<script>alert(1)</script>" * 9, start_date="2011-04")
    make_meeting(place="<i>", note="<script>x</script>", sources=["https://example.org/<b>"])
    client = sign_in(reader)
    for list in ("proposals", "mechanisms", "meetings", "reports"):
        page = client.get(f"/{list}/?columns=all").content.decode()
        assert "<script>x" not in page
        assert "<script>alert" not in page
        assert "<b>bold" not in page


def test_the_number_of_rows_is_kept_and_said_by_the_address(sign_in: SignIn, reader: User) -> None:
    for _n in range(26):
        make_proposal()
    client = sign_in(reader)
    assert len(client.get("/proposals/?page_size=25").context["rows"]) == 25
    address = choose(client, back="/proposals/?page=2&kind=", page_size="25")
    assert address == "/proposals/?kind=&page_size=25"
    page = client.get("/proposals/")
    assert len(page.context["rows"]) == 25
    assert "page_size=25&amp;page=2" in page.content.decode()
    assert len(client.get("/proposals/?page_size=100").context["rows"]) == 26
    for wrong in ("26", "-1", "x", "100000"):
        assert client.get(f"/proposals/?page_size={wrong}").context["page_obj"].size == 50
        assert client.post(KEEP, {"list": "proposals", "page_size": wrong}).status_code == 400


def test_what_is_kept_stays_out_of_nobody_s_way(client: Client, settings: LazySettings, reader: User) -> None:
    """A visitor of a public register chooses in the address alone; nothing leads off the site."""
    settings.PUBLIC_READ = True
    make_proposal()
    page = client.get("/proposals/?status=proposed").content.decode()
    form = re.search(r'<form class="drop-body".*?</form>', page, re.S)
    assert form
    assert 'method="get"' in form[0]
    assert 'name="status" value="proposed"' in form[0]
    assert client.post(KEEP, {"list": "proposals", "columns": "kind"})["Location"].startswith("/accounts/login/")
    client.force_login(reader)
    for back in ("https://example.org/", "//example.org", "/admin/", "/proposals/../admin/"):
        assert choose(client, "kind", back=back).startswith("/proposals/?columns=")
    assert client.post(KEEP, {"list": "secrets", "columns": "kind"}).status_code == 400


def test_the_filter_form_carries_columns_and_page_size(sign_in: SignIn, reader: User) -> None:
    make_proposal()
    page = sign_in(reader).get("/proposals/?columns=kind&page_size=25").content.decode()
    assert '<input type="hidden" name="columns" value="kind" form="list-filters">' in page
    assert '<input type="hidden" name="page_size" value="25" form="list-filters">' in page
