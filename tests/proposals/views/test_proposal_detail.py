"""One proposal's page: what everyone reads, what only some see, what only some may do."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brics_tracker.accounts.models import User
from brics_tracker.tracking.services import items, milestones, updates
from tests.factories.core import make_member, make_organisation
from tests.factories.tracking import (
    make_document,
    make_draft,
    make_evidence,
    make_item,
    make_milestone,
    make_proposal,
    make_system,
    make_update,
)

pytestmark = pytest.mark.django_db


def read(client: Client, person: User, item: object) -> str:
    client.force_login(person)
    answer = client.get(item.get_absolute_url())  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_leads_to_the_paragraph_that_it_rests_on(client: Client, reader: User) -> None:
    passage = make_document("article-2030").passages.get(number=2)
    text = read(client, reader, make_item(passages=[passage]))
    assert 'href="/documents/article-2030/#p2"' in text


def test_a_status_stands_in_the_story_with_what_it_was_before(client: Client, reader: User) -> None:
    item = make_item()
    make_update(item, text="Talks began.", status_claimed="discussion")
    make_update(item, text="Signed.", status_claimed="agreed", sources=1, checked=True)
    text = read(client, reader, item)
    assert text.index("Signed.") < text.index("Talks began.")
    story = text.split('id="item-timeline"')[1]
    assert "Under discussion" in story.split("Signed.")[0]
    assert "verified" in story


def test_a_late_report_takes_its_place_in_time(client: Client, reader: User) -> None:
    item = make_item()
    make_update(item, text="Signed.", status_claimed="agreed", sources=1, happened="2024-05-01")
    make_update(item, text="Talks had begun.", status_claimed="discussion", happened="2023-01-01")
    text = read(client, reader, item)
    assert text.index("Signed.") < text.index("Talks had begun.")


def test_a_draft_is_seen_by_its_author_alone_and_says_so(
    client: Client, analyst: User, other_analyst: User, reader: User
) -> None:
    item = make_item()
    make_draft(item, by=analyst, text="Not yet told.")
    assert "Not yet told." not in read(client, reader, item)
    assert "Not yet told." not in read(client, other_analyst, item)
    own = read(client, analyst, item)
    assert "Not yet told." in own
    assert "state-draft" in own


def test_reasons_of_returns_are_for_the_author_and_reviewers(
    client: Client, analyst: User, other_analyst: User, reviewer: User
) -> None:
    item = make_item()
    update = make_update(item, by=analyst, state="submitted", text="Something.")
    updates.return_update(update, by=reviewer, reason="Name the meeting.")
    assert "Name the meeting." in read(client, analyst, item)
    assert "Name the meeting." in read(client, reviewer, item)
    assert "Name the meeting." not in read(client, other_analyst, item)


def test_what_was_retracted_stays_in_sight_struck_with_its_reason(client: Client, reader: User, reviewer: User) -> None:
    item = make_item()
    update = make_update(item, text="Signed in Sanya.", status_claimed="discussion")
    updates.retract_update(update, by=reviewer, reason="It was another text.")
    text = read(client, reader, item)
    assert "Signed in Sanya." in text
    assert "It was another text." in text
    assert "is-struck" in text


def test_a_confidential_source_is_counted_but_not_named(
    client: Client, analyst: User, reader: User, reviewer: User
) -> None:
    item = make_item()
    update = make_draft(item, by=analyst, text="Told in private.")
    make_evidence(item, by=analyst, update=update, title="Secret minutes", confidential=True)
    updates.publish_update(updates.submit_update(update, by=analyst), by=reviewer)
    text = read(client, reader, item)
    assert "Secret minutes" not in text
    assert "1 confidential source" in text
    assert "Secret minutes" in read(client, reviewer, item)


def test_a_moved_date_shows_both_dates_how_far_and_why(client: Client, analyst: User, reader: User) -> None:
    item = make_item()
    step = make_milestone(item, title="Text agreed", due=dt.date(2030, 6, 30))
    milestones.edit_milestone(
        step, by=analyst, version=None, changes={"due": dt.date(2030, 7, 30)}, reason="First delay."
    )
    milestones.edit_milestone(
        step, by=analyst, version=None, changes={"due": dt.date(2030, 11, 9)}, reason="Data review in two members."
    )
    text = read(client, reader, item)
    assert '<s class="mute">30 Jul 2030</s>' in text
    assert "9 Nov 2030" in text
    assert "move 2," in text
    assert "+102 days" in text
    assert "Data review in two members." in text


def test_ties_are_read_from_both_ends_and_only_to_what_one_may_see(client: Client, analyst: User, reader: User) -> None:
    whole, part = make_item(title="The whole"), make_item(title="The part")
    hidden = make_proposal(by=analyst, published=False, title="Hidden").item
    items.relate(part, whole, kind="part_of", by=make_system())
    items.relate(part, hidden, kind="answers", by=make_system())
    assert "The whole" in read(client, reader, part)
    text = read(client, reader, whole)
    assert "Includes" in text
    assert "The part" in text
    assert "Hidden" not in read(client, reader, part)
    assert "Hidden" in read(client, analyst, part)


def test_an_unpublished_proposal_is_not_found_by_readers(client: Client, analyst: User, reader: User) -> None:
    draft = make_proposal(by=analyst, published=False)
    client.force_login(reader)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(f"{draft.get_absolute_url()}history/").status_code == 404
    assert "state-draft" in read(client, analyst, draft)


def test_a_mechanism_is_not_found_among_proposals(client: Client, reader: User) -> None:
    client.force_login(reader)
    assert client.get("/proposals/M-001/").status_code == 404
    assert client.get("/proposals/EN-999/").status_code == 404


def test_readers_see_no_acts(client: Client, reader: User, analyst: User, reviewer: User, administrator: User) -> None:
    item = make_item(owner=make_organisation())
    acts = ["/edit/", 'id="log-progress"', "Confirm the owner", "Archive"]
    seen = {
        person.name: [act for act in acts if act in read(client, person, item)]
        for person in (reader, analyst, reviewer, administrator)
    }
    assert seen == {
        "reader": [],
        "analyst": ["/edit/", 'id="log-progress"'],
        "reviewer": ["/edit/", 'id="log-progress"', "Confirm the owner"],
        "administrator": ["/edit/", "Confirm the owner", "Archive"],
    }


def test_it_says_why_an_item_is_at_risk(client: Client, reader: User) -> None:
    item = make_item(rhythm_days=10)
    type(item).objects.filter(pk=item.pk).update(stagnant_after=dt.date.today() - dt.timedelta(days=5))
    assert "no substantive update for 15 days (rhythm: 10)" in read(client, reader, item)


def test_it_takes_no_more_queries_for_a_longer_story(
    client: Client, reader: User, analyst: User, reviewer: User
) -> None:
    item = make_item(members=[make_member("BR")], passages=make_document().passages.all())

    def tell(number: int) -> None:
        for _n in range(number):
            step = make_milestone(item, due=dt.date(2030, 1, 1))
            milestones.edit_milestone(
                step, by=analyst, version=None, changes={"due": dt.date(2030, 2, 1)}, reason="Later."
            )
            make_update(item, by=analyst, reviewer=reviewer, sources=2)
            items.relate(item, make_item(), kind="answers", by=make_system())

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(item.get_absolute_url())
        return len(asked)

    client.force_login(reader)
    tell(2)
    queries()
    few = queries()
    tell(10)
    assert queries() == few
