"""Meetings kept by administrators: added and changed with their dates as each source gives them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts.models import User
from mechanisms.models import Meeting, MeetingDate
from tests.factories.core import make_member
from tests.factories.mechanisms import make_mechanism
from tests.mechanisms.views.helpers import make_meeting

pytestmark = pytest.mark.django_db
ADD = reverse("admin:mechanisms_meeting_add")


@pytest.fixture
def client(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


def typed(*claims: dict[str, str], **fields: Any) -> dict[str, Any]:
    """The form of a new meeting as a browser sends it."""
    rows = {f"dates-{n}-{name}": text for n, claim in enumerate(claims) for name, text in claim.items()}
    values = {"title": "Energy ministers", "kind": "ministerial", "track": "economy_finance", **fields}
    return {**values, "dates-TOTAL_FORMS": len(claims) + 1, "dates-INITIAL_FORMS": 0, **rows}


def claim(started: str = "2024-09-26", source: str = "https://example.org/a", **fields: str) -> dict[str, str]:
    return {"started": started, "source": source, **fields}


def change_of(meeting: Meeting) -> str:
    return reverse("admin:mechanisms_meeting_change", args=[meeting.pk])


def shown(client: Client, meeting: Meeting) -> dict[str, Any]:
    """What the form of this meeting would send if nothing was typed."""
    context = client.get(change_of(meeting)).context
    formset = context["inline_admin_formsets"][0].formset
    forms = [context["adminform"].form, formset.management_form, *formset]
    values = {bound.html_name: bound.value() for form in forms for bound in form}
    return {name: value for name, value in values.items() if value not in (None, "", False, [])}


def test_a_meeting_is_added_with_what_each_source_says_of_its_dates(client: Client, administrator: User) -> None:
    mechanism, chair = make_mechanism(), make_member("RU")
    first = claim(started="2024-09-26", ended="2024-09-27", preferred="on")
    second = claim(started="2024-09-25", source="Another list")
    fields = typed(first, second, mechanism=mechanism.pk, chair=chair.pk, place="Moscow", sources="One\n\nTwo")
    assert client.post(ADD, fields).status_code == 302
    meeting = Meeting.objects.get()
    assert (meeting.key, meeting.mechanism, meeting.chair, meeting.place) == (
        "energy-ministers",
        mechanism,
        chair,
        "Moscow",
    )
    assert (meeting.started, meeting.ended, meeting.sources) == ("2024-09-26", "2024-09-27", ["One", "Two"])
    assert {date.source: date.preferred for date in meeting.dates.all()} == {
        "https://example.org/a": True,
        "Another list": False,
    }
    assert meeting.history.last().history_user == administrator
    assert MeetingDate.history.filter(history_user=administrator).count() == 2


def test_an_only_date_is_the_preferred_one_and_a_second_meeting_gets_a_key_of_its_own(client: Client) -> None:
    for started in ("2024", "2025-05"):
        assert client.post(ADD, typed(claim(started=started))).status_code == 302
    assert dict(Meeting.objects.values_list("key", "started")) == {
        "energy-ministers": "2024",
        "energy-ministers-2": "2025-05",
    }
    assert MeetingDate.objects.filter(preferred=True).count() == 2


def test_a_title_in_another_script_gets_a_key_too(client: Client) -> None:
    assert client.post(ADD, typed(title="能源部长会议")).status_code == 302
    assert Meeting.objects.get().key == "meeting"


@pytest.mark.parametrize(
    ("claims", "fields", "said"),
    [
        ([claim(), claim(source="B")], {}, "Say which of the claims is the preferred one"),
        ([claim(preferred="on"), claim(source="B", preferred="on")], {}, "Only one claim can be the preferred one"),
        ([claim(started="2024-09-26", ended="2024-08")], {}, "It ends before it begins"),
        ([claim(started="2024-13")], {}, "Write a date as"),
        ([claim(source="")], {}, "This field is required"),
        ([claim(source="x" * 601)], {}, "at most 600 characters"),
        ([claim()], {"mechanism": "999"}, "Select a valid choice"),
        ([claim()], {"title": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    client: Client, claims: list[dict[str, str]], fields: dict[str, str], said: str
) -> None:
    answer = client.post(ADD, typed(*claims, place="A town by the sea", **fields))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert "A town by the sea" in answer.content.decode()
    assert not Meeting.objects.exists()


def test_a_claim_is_added_later_and_the_meeting_follows_the_preferred_one(client: Client) -> None:
    meeting = make_meeting("first", started="2024-09-26")
    values = shown(client, meeting)
    del values["dates-0-preferred"]
    values |= {"dates-1-started": "2024-09-25", "dates-1-source": "A communiqué", "dates-1-preferred": "on"}
    assert client.post(change_of(meeting), values).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.key, meeting.started, meeting.dates.count()) == ("first", "2024-09-25", 2)


def test_a_stale_form_overwrites_nothing(client: Client) -> None:
    meeting = make_meeting("first", place="Moscow")
    values = shown(client, meeting) | {"title": "Mine"}
    Meeting.objects.update(title="Theirs")
    answer = client.post(change_of(meeting), values)
    assert "Now: Theirs" in answer.content.decode()
    assert 'value="Mine"' in answer.content.decode()
    meeting.refresh_from_db()
    assert meeting.title == "Theirs"


def test_whoever_keeps_meetings_is_led_there_and_nobody_else(
    client: Client, administrator: User, analyst: User
) -> None:
    mechanism = make_mechanism()
    for person, led in ((administrator, True), (analyst, False)):
        client.force_login(person)
        page = client.get(mechanism.get_absolute_url()).content.decode()
        assert (f'{ADD}?mechanism={mechanism.pk}&amp;track=economy_finance"' in page) is led
        meeting = Meeting.objects.first() or make_meeting("first")
        listed = client.get("/meetings/").content.decode()
        assert (f'href="{ADD}"' in listed, f'href="{change_of(meeting)}"' in listed) == (led, led)
    client.force_login(administrator)
    assert f'href="{ADD}"' not in client.get("/meetings/?as_of=2026-01-01").content.decode(), "nobody acts on the past"
    form = client.get(f"{ADD}?mechanism={mechanism.pk}&track=economy_finance").context["adminform"].form
    assert (form["mechanism"].value(), form["track"].value()) == (str(mechanism.pk), "economy_finance")
