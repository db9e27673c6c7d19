"""Comments, mentions, requests for a review, watching: who may, who sees, what stays on record."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from brics_tracker.accounts.models import User
from brics_tracker.tracking import access
from brics_tracker.tracking.models import Comment, TrackedItem, Update, Watch
from brics_tracker.tracking.selectors.watching import watched_by, watches
from brics_tracker.tracking.services import conversation as talk
from brics_tracker.tracking.services import items, updates
from brics_tracker.tracking.services.changes import StaleVersion
from brics_tracker.tracking.services.watching import set_watch
from tests.architecture.world import build_world
from tests.factories import accounts as people
from tests.factories.core import make_theme
from tests.factories.tracking import make_item, make_update
from tests.program import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def item() -> TrackedItem:
    return make_item()


def test_the_same_form_twice_is_one_comment_and_what_it_says_is_made_safe(item: TrackedItem, analyst: User) -> None:
    key = uuid.uuid4()
    made = [talk.add_comment(item, by=analyst, text="See <b>this</b> *now*", form_key=key) for _again in range(2)]
    assert made[0] == made[1]
    assert Comment.objects.count() == 1
    assert "<em>now</em>" in made[0].text_html
    assert "<b>" not in made[0].text_html
    with pytest.raises(ValidationError):
        talk.add_comment(item, by=analyst, text="  ")


def test_only_editors_in_scope_may_comment_and_only_on_what_they_see(
    item: TrackedItem, reader: User, analyst: User, administrator: User
) -> None:
    elsewhere = people.make_user(role="analyst", themes=[make_theme("GR")])
    for person in (reader, elsewhere):
        with pytest.raises(PermissionDenied):
            talk.add_comment(item, by=person, text="May I?")
    hidden = make_item(published=False)
    with pytest.raises(PermissionDenied):
        talk.add_comment(hidden, by=analyst, text="I should not see this.")
    items.archive_item(item, by=administrator, reason="Twice here.")
    with pytest.raises(PermissionDenied):
        talk.add_comment(item, by=analyst, text="Too late.")


def test_a_mention_reaches_who_may_see_it_and_says_so_of_everyone_else(
    item: TrackedItem, analyst: User, reviewer: User, reader: User
) -> None:
    text = "@reviewer, @Reader and @nobody-here: write to a@reviewer.example or @reviewer"
    said = talk.add_comment(item, by=analyst, text=text)
    assert set(said.mentioned.all()) == {reviewer, reader}
    assert talk.unheard(said) == ["nobody-here"]
    # What is not public yet is seen by fewer.
    draft = make_update(item, by=analyst, state="submitted")
    said = talk.add_comment(item, by=analyst, text=text, update=draft)
    assert set(said.mentioned.all()) == {reviewer}
    assert talk.unheard(said) == ["reader", "nobody-here"]


def test_edited_and_removed_by_its_author_on_record(item: TrackedItem, analyst: User, reviewer: User) -> None:
    said = talk.add_comment(item, by=analyst, text="Frist")
    with pytest.raises(PermissionDenied):
        talk.edit_comment(said, by=reviewer, text="Mine now")
    said = talk.edit_comment(said, by=analyst, text="First @reviewer", version=1)
    assert said.is_edited
    assert list(said.mentioned.all()) == [reviewer]
    with pytest.raises(StaleVersion):
        talk.edit_comment(said, by=analyst, text="From an old window", version=1)
    said = talk.remove_comment(talk.remove_comment(said, by=analyst), by=analyst)
    assert (said.text, said.text_html, said.mentioned.count(), said.version) == ("", "", 0, 3)
    with pytest.raises(ValidationError):
        talk.edit_comment(said, by=analyst, text="Back again")
    recorded = list(said.history.order_by("history_id").values_list("text", "history_user__name"))
    assert recorded == [("Frist", "analyst"), ("First @reviewer", "analyst"), ("", "analyst")]


def test_a_reviewer_in_scope_is_asked_by_name_once(item: TrackedItem, analyst: User, reviewer: User) -> None:
    elsewhere = people.make_user("elsewhere", role="reviewer", themes=[make_theme("GR")])
    author = people.make_user("both", role="reviewer")
    update = make_update(item, by=author, state="submitted")
    assert talk.reviewers_of(update) == [reviewer]  # neither its author nor one of another theme
    asked = [talk.ask_review(update, by=author, reviewer=reviewer) for _again in range(2)]
    assert asked[0] == asked[1]
    for person in (elsewhere, author, analyst):
        with pytest.raises(ValidationError):
            talk.ask_review(update, by=author, reviewer=person)
    updates.publish_update(update, by=reviewer)
    with pytest.raises(PermissionDenied):
        talk.ask_review(update, by=author, reviewer=reviewer)


def test_one_and_many_agree_on_who_sees_what() -> None:
    """The rule for one object (access.sees_…) and the rows of visible_to are the same, for everyone in the register."""
    world = build_world()
    everyone = [User.objects.get(pk=person.pk) for person in vars(world.people).values()]
    for person in everyone:
        seen = set(TrackedItem.objects.visible_to(person))
        assert {item for item in TrackedItem.objects.all() if access.sees_item(person, item)} == seen
        told = set(Update.objects.visible_to(person))
        assert {each for each in Update.objects.select_related("item") if access.sees_update(person, each)} == told
        said = set(Comment.objects.visible_to(person))
        expected = {
            each
            for each in Comment.objects.select_related("item", "update__item")
            if (access.sees_update(person, each.update) if each.update else access.sees_item(person, each.item))
        }
        assert said == expected


def test_authors_and_assignees_watch_until_they_stop_and_others_once_they_choose(
    analyst: User, reviewer: User, reader: User
) -> None:
    item = make_item(by=analyst, assignees=[reviewer])
    assert (watches(analyst, item), watches(reviewer, item), watches(reader, item)) == (True, True, False)
    other = people.make_user(role="analyst")
    make_update(item, by=other)
    assert watches(other, item)
    set_watch(analyst, item, on=False)
    for _again in range(2):
        set_watch(reader, item, on=True)
    assert (watches(analyst, item), watches(reader, item)) == (False, True)
    assert Watch.objects.count() == 2
    set_watch(reader, make_theme("EN"), on=True)
    watched = watched_by(reader)
    assert (watched.chosen, watched.by_default, watched.themes) == ([item], [], [make_theme("EN")])
    assert watched_by(reviewer).by_default == [item]
    with pytest.raises(PermissionDenied):
        set_watch(reader, make_item(published=False), on=True)


def test_a_program_that_changes_nothing_of_a_comment_changes_nothing(analyst: User) -> None:
    comment = talk.add_comment(make_item(), by=analyst, text="Said.")
    answer = Program(analyst).patch(f"comments/{comment.pk}/", {})
    assert (answer.status_code, answer.json()["text"]) == (200, "Said.")
