"""What people are told of what was recorded: each once, none of their own acts, nothing that they may not see."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from brics_tracker.accounts.models import Grant, Notice, NoticeMark, User
from brics_tracker.accounts.notices import services as notices
from brics_tracker.core.models import Job
from brics_tracker.core.services import merge_themes
from brics_tracker.tracking.models import TrackedItem, Update, Watch
from brics_tracker.tracking.services import conversation as talk
from brics_tracker.tracking.services import items, milestones, updates
from brics_tracker.tracking.services.merging import Choice, merge_items
from brics_tracker.tracking.services.watching import set_watch
from mechanisms.models import Mechanism
from tests.factories import accounts as people
from tests.factories.core import make_theme
from tests.factories.mechanisms import make_mechanism
from tests.factories.tracking import make_draft, make_item, make_milestone, make_update
from tests.growth import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _begun(settings: object, db: None) -> None:
    """Every finder has looked before: what follows is new."""
    notices.find_all()


def told(person: User) -> list[tuple[str, str]]:
    return sorted(Notice.objects.filter(person=person).values_list("reason", "why"))


def find_again() -> int:
    """Later, and once more from the same mark, as after a kill: the second time finds nothing new."""
    later = timezone.now() + dt.timedelta(seconds=1)
    new = notices.find_all(later)
    NoticeMark.objects.update(at=later - dt.timedelta(minutes=2))
    assert notices.find_all(later) == 0
    return new


def test_each_hears_of_what_they_follow_and_why_and_nobody_of_their_own_acts(
    analyst: User, reviewer: User, reader: User
) -> None:
    theme, mechanism = make_theme("EN-GRID", parent=make_theme("EN")), make_mechanism()
    item = make_item(themes=[theme], assignees=[people.make_user("assigned")])
    items.relate(mechanism.item, item, kind="carries", by=people.make_user(role="administrator"))
    by_theme, by_mechanism, stopped = (people.make_user(name) for name in ("by-theme", "by-mechanism", "stopped"))
    set_watch(by_theme, make_theme("EN"), on=True)
    set_watch(by_mechanism, mechanism.item, on=True)
    set_watch(reader, item, on=True)
    set_watch(stopped, make_theme("EN"), on=True)
    set_watch(stopped, item, on=False)
    late = people.make_user("late")
    make_update(item, by=analyst, reviewer=reviewer, status_claimed="discussion")
    set_watch(late, item, on=True)  # after it happened
    find_again()
    assert told(analyst) == [("published", "author")]
    assert told(User.objects.get(name="assigned")) == [("status", "assigned")]
    assert told(reader) == [("status", "item")]
    assert told(by_mechanism) == [("status", "mechanism")]
    assert told(by_theme) == [("status", "theme")]
    assert told(reviewer) == told(stopped) == told(late) == []
    notice = Notice.objects.get(person=by_theme)
    assert (notice.why_of, notice.words) == ("Theme EN", "Under discussion: Something happened.")


def test_returns_requests_comments_slips_and_archiving_are_told(
    analyst: User, reviewer: User, administrator: User, reader: User
) -> None:
    item = make_item(by=analyst)
    update = make_update(item, by=analyst, state="submitted")
    talk.ask_review(update, by=analyst, reviewer=reviewer)
    find_again()
    assert told(reviewer) == [("review_asked", "asked")]
    talk.add_comment(item, by=reviewer, text="@reader, look", update=update)  # the reader does not see it
    talk.add_comment(item, by=reviewer, text="@reader, *look* <here>")
    updates.return_update(update, by=reviewer, reason="Say who agreed.")
    step = make_milestone(item, by=reviewer, due=dt.date(2031, 1, 1))
    milestones.edit_milestone(step, by=reviewer, version=None, changes={"due": dt.date(2031, 6, 1)}, reason="Later.")
    items.archive_item(item, by=administrator, reason="Twice here.")
    find_again()
    assert told(reader) == [("mention", "mentioned")]
    assert [reason for reason, _why in told(analyst)] == [
        "archived",
        "comment",
        "comment",
        "published",
        "returned",
        "slip",
    ]
    words = {notice.reason: notice.words for notice in Notice.objects.all()}
    assert words["mention"] == "@reader, look <here>"
    assert words["returned"] == "Say who agreed."
    assert "Jan" in words["slip"]
    assert words["archived"] == "Twice here."
    # What waits for nobody: mentions, requests and returns are looked for at once.
    asked = Job.objects.filter(kind=notices.JOB).values_list("key", flat=True)
    assert {key.partition(":")[0] for key in asked} == {"comment", "review-request", "return"}


def test_what_happened_before_the_first_look_is_told_to_nobody(analyst: User, reader: User) -> None:
    NoticeMark.objects.all().delete()
    item = make_item()
    set_watch(reader, item, on=True)
    make_update(item, by=analyst)
    find_again()
    assert told(reader) == []


def test_a_late_commit_is_found_within_the_longest_transaction(analyst: User, reader: User) -> None:
    item = make_item()
    set_watch(reader, item, on=True)
    update = make_update(item, by=analyst)
    NoticeMark.objects.update(began_at=timezone.now() - dt.timedelta(days=1))
    # Recorded twenty minutes before a look that could not see it yet.
    Update.objects.filter(pk=update.pk).update(published_at=timezone.now() - dt.timedelta(minutes=20))
    Watch.objects.update(since=timezone.now() - dt.timedelta(days=1))
    notices.find_all(timezone.now())
    assert told(reader) == [("progress", "item")]


def test_a_merged_theme_brings_its_watchers_along(reader: User, administrator: User) -> None:
    old, new = make_theme("EN"), make_theme("GR")
    set_watch(reader, old, on=True)
    merge_themes(old, new, by=administrator)
    assert told(reader) == [("merged", "theme")]
    assert Notice.objects.get().words == "Now part of Theme GR"
    item = make_item(theme=new)
    make_update(item)
    find_again()
    assert ("progress", "theme") in told(reader)


def test_a_merged_item_brings_its_followers_along(reader: User, administrator: User) -> None:
    old, new = make_item(title="Grain market"), make_item(title="Grain exchange")
    set_watch(reader, old, on=True)
    merge_items(new, old, by=administrator, seen=(None, None), choice=Choice(reason="Twice here."))
    find_again()
    assert told(reader) == [("merged", "item")]
    assert Notice.objects.get().words == f"Now part of {new}"


def test_the_list_shows_only_what_may_be_seen_today_and_reads_it(client: Client, analyst: User, reviewer: User) -> None:
    item = make_item()
    overseer = people.make_user("overseer", role="reviewer")
    update = make_update(item, by=analyst, state="submitted")
    talk.add_comment(item, by=analyst, text="@overseer please", update=update)
    talk.add_comment(item, by=analyst, text="@overseer, in public")
    find_again()
    client.force_login(overseer)
    page = client.get(reverse("notices:list")).content.decode()
    assert "@overseer please" in page
    assert '<span class="count">2' in page
    Grant.objects.filter(user=overseer).delete()
    page = client.get(reverse("notices:list")).content.decode()
    assert "@overseer please" not in page
    assert "in public" in page
    assert '<span class="count">1' in page
    hidden = Notice.objects.get(person=overseer, facts__text="@overseer please")
    assert client.post(reverse("notices:open", args=[hidden.pk])).status_code == 404
    notice = Notice.objects.get(person=overseer, facts__text="@overseer, in public")
    answer = client.post(reverse("notices:open", args=[notice.pk]))
    assert answer["Location"] == notice.address
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "in public" not in client.get(reverse("notices:list"), {"unread": "1"}).content.decode()
    assert client.get(reverse("notices:list"), {"reason": "gossip"}).status_code == 400


def test_all_read_means_what_the_page_showed(client: Client, analyst: User, reader: User) -> None:
    item = make_item()
    talk.add_comment(item, by=analyst, text="@reader one")
    find_again()
    client.force_login(reader)
    drawn = client.get(reverse("notices:list")).context["drawn_at"]
    talk.add_comment(item, by=analyst, text="@reader two")
    find_again()
    client.post(reverse("notices:read"), {"until": drawn})
    assert notices.unread_count(reader) == 1


def test_many_notices_and_many_followers_cost_no_more(client: Client, analyst: User, reader: User) -> None:
    item = make_item()
    client.force_login(reader)
    costs = []
    for number in range(1, 9):
        talk.add_comment(item, by=analyst, text=f"@reader {number}")
        if number in {1, 8}:
            find_again()
            costs.append(queries_of(lambda: client.get(reverse("notices:list"))))
    assert costs[0] == costs[1]


def test_a_removed_comment_is_told_no_more(analyst: User, reader: User) -> None:
    said = talk.add_comment(make_item(), by=analyst, text="@reader oh")
    find_again()
    talk.remove_comment(said, by=analyst)
    assert notices.unread_count(reader) == 0


def test_a_changed_comment_is_told_as_it_reads_now(client: Client, analyst: User, reader: User) -> None:
    said = talk.add_comment(make_item(), by=analyst, text="@reader the secret word")
    find_again()
    talk.edit_comment(said, by=analyst, text="@reader *never* mind")
    client.force_login(reader)
    page = client.get(reverse("notices:list")).content.decode()
    assert "secret" not in page
    assert "never mind" in page


def test_nothing_is_told_of_what_is_seen_by_few_to_those_who_do_not(analyst: User) -> None:
    """Whoever follows an item and may not see a draft of it hears nothing of what is said there."""
    item: TrackedItem = make_item(assignees=[people.make_user("assigned")])
    draft = make_draft(item, by=analyst)
    talk.add_comment(item, by=analyst, text="Between us", update=draft)
    find_again()
    assert Notice.objects.count() == 0
    assert Mechanism.objects.count() == 0
