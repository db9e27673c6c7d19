"""The overview: figures that lead to the rows behind them, "no data" that is never 0."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from brics_tracker.accounts.models import User
from brics_tracker.tracking.models import TrackedItem
from proposals import selectors
from tests.factories.core import make_theme
from tests.factories.tracking import make_document, make_milestone, make_proposal, make_update

pytestmark = pytest.mark.django_db


def rows_behind(client: Client, page: str, text: str) -> int:
    """Follow the link that reads `text` and count the rows that it shows."""
    found = re.search(rf'href="([^"]+)"[^>]*>\s*{text}', page)
    assert found, text
    listed = client.get(found[1].replace("&amp;", "&"))
    return len(listed.context["rows"])


def test_every_figure_of_the_sentence_leads_to_as_many_rows(client: Client, reviewer: User) -> None:
    theme = make_theme("EC")
    late = make_proposal(theme=theme).item
    TrackedItem.objects.filter(pk=late.pk).update(next_due=dt.date.today() - dt.timedelta(days=3))
    still = make_proposal(theme=theme).item
    TrackedItem.objects.filter(pk=still.pk).update(stagnant_after=dt.date.today() - dt.timedelta(days=1))
    make_update(make_proposal(theme=theme).item, status_claimed="discussion", sources=1, checked=True)
    make_proposal(theme=theme, published=False)
    client.force_login(reviewer)
    page = client.get("/").content.decode()
    assert rows_behind(client, page, "3 proposals") == 3
    assert rows_behind(client, page, "2 proposed") == 2
    assert rows_behind(client, page, "1 under discussion") == 1
    assert rows_behind(client, page, "1 status is verified") == 1
    assert rows_behind(client, page, "1 is overdue") == 1
    assert rows_behind(client, page, "1 has not moved") == 1
    assert rows_behind(client, page, "1 moved") == 1


def test_an_item_counts_once_under_the_pillar_of_its_lead_theme(client: Client, reader: User) -> None:
    pillar, other = make_theme("EC"), make_theme("EN")
    area = make_theme("EC-TRADE", parent=pillar)
    make_proposal(theme=area, themes=[other])
    found = {row.theme.code: row.standing.items for row in selectors.overview_for(reader).themes}
    assert found == {"EC": 1, "EN": 0}
    client.force_login(reader)
    assert len(client.get("/proposals/?lead_theme=EC").context["rows"]) == 1
    assert len(client.get("/proposals/?lead_theme=EN").context["rows"]) == 0


def test_a_mean_is_over_items_with_data_and_without_those_that_were_dropped(reader: User) -> None:
    theme = make_theme("EC")
    for percent, status in (
        (Decimal(20), "discussion"),
        (Decimal(40), "agreed"),
        (Decimal(90), "rejected"),
        (None, "proposed"),
    ):
        item = make_proposal(theme=theme).item
        TrackedItem.objects.filter(pk=item.pk).update(percent=percent, status=status)
    standing = selectors.overview_for(reader).themes[0].standing
    assert (standing.mean, standing.with_percent, standing.items) == (Decimal(30), 2, 4)


def test_no_data_is_a_dash_and_never_0_percent(client: Client, reader: User) -> None:
    make_proposal(theme=make_theme("EC"))
    client.force_login(reader)
    page = client.get("/").content.decode()
    mean = page.split('data-label="Mean progress"')[1].split("</td>")[0]
    assert "—" in mean
    assert "0%" not in mean


def test_the_next_milestones_are_those_to_come_and_the_late_are_counted(client: Client, reader: User) -> None:
    item = make_proposal().item
    make_milestone(item, title="Later step", due=dt.date.today() + dt.timedelta(days=9))
    make_milestone(item, title="Late step", due=dt.date.today() - dt.timedelta(days=4))
    client.force_login(reader)
    page = client.get("/").content.decode()
    coming = page.split('id="overview-milestones"')[1].split("</section>")[0]
    assert "Later step" in coming
    assert "Late step" not in coming
    assert re.search(r'href="/proposals/\?[^"]*overdue=true">1 proposal is overdue', coming)


def test_what_the_catalogue_entered_is_not_news(reader: User) -> None:
    reported = make_update(make_proposal().item, text="News.")
    assert [newest.update for newest in selectors.overview_for(reader).updates] == [reported]


def test_an_empty_register_says_what_the_page_is_for(client: Client, reader: User) -> None:
    client.force_login(reader)
    assert "Nothing is published yet" in client.get("/").content.decode()


def test_whoever_may_not_read_is_sent_to_sign_in(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/")


def test_it_takes_no_more_queries_for_more_rows(
    client: Client, reader: User, django_assert_max_num_queries: CaptureQueriesContext
) -> None:
    def fill(number: int) -> None:
        for _n in range(number):
            proposal = make_proposal(theme=make_theme("EC"), passages=make_document().passages.all()[:1])
            make_milestone(proposal.item, due=dt.date.today())
            make_update(proposal.item, status_claimed="discussion", sources=1)

    client.force_login(reader)
    fill(2)
    client.get("/")
    # session, person, grants, themes, tallies, moved, milestones, updates, documents
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        client.get("/")
    fill(5)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        client.get("/")
