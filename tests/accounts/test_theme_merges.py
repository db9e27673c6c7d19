"""One theme takes over what bears another; nothing is lost, all of it is on record."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from brics_tracker.accounts import access
from brics_tracker.accounts.models import User
from brics_tracker.core import services
from brics_tracker.core.models import Theme
from reports.models import ReportDefinition
from tests.factories.accounts import make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_proposal

pytestmark = pytest.mark.django_db


def test_areas_items_grants_and_reports_move(administrator: User) -> None:
    source, target, other = make_theme("EN"), make_theme("GR"), make_theme("CU")
    area = make_theme("EN-GRID", parent=source)
    leads = make_proposal(theme=source, themes=[other]).item
    bears = make_proposal(theme=target, themes=[source]).item
    analyst = make_user(role="analyst", themes=[source])
    definition = ReportDefinition.objects.create(key="energy", title="Energy", starts_on="2026-01-05")
    definition.themes.set([source])
    reference, version = leads.reference, leads.version

    services.merge_themes(source, target, by=administrator)

    for row in (source, area, leads, bears):
        row.refresh_from_db()
    assert source.valid_until is not None
    assert area.parent == target
    assert (leads.lead_theme, set(leads.themes.all())) == (target, {target, other})
    assert set(bears.themes.all()) == {target}
    assert (leads.reference, leads.version) == (reference, version + 1)
    assert leads.history.first().history_user == administrator
    assert "EN merged into GR" in leads.history.first().history_change_reason
    assert list(analyst.grants.get().themes.all()) == [target]
    assert access.covers(analyst, access.WRITERS, theme_ids={area.pk}, member_ids=set(), all_members=False)
    assert list(definition.themes.all()) == [target]


@pytest.mark.parametrize("into", ["EN", "EN-GRID", "OLD"])
def test_a_theme_is_not_merged_into_itself_its_area_or_a_retired_one(administrator: User, into: str) -> None:
    source = make_theme("EN")
    make_theme("EN-GRID", parent=source)
    services.retire_theme(make_theme("OLD"), by=administrator)
    with pytest.raises(ValidationError):
        services.merge_themes(source, Theme.objects.get(code=into), by=administrator)
    source.refresh_from_db()
    assert source.valid_until is None


def test_the_administrator_chooses_the_target_beside_the_action(client: Client, administrator: User) -> None:
    source, target = make_theme("EN"), make_theme("GR")
    client.force_login(administrator)
    asked = {"action": "merge", "_selected_action": [source.pk]}
    assert "Choose the theme" in client.post("/admin/core/theme/", asked, follow=True).content.decode()
    client.post("/admin/core/theme/", {**asked, "into": target.pk})
    source.refresh_from_db()
    assert source.valid_until is not None
