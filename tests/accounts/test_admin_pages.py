"""The administration's pages: they open, keep to the rules, lose nothing and delete nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from brics_tracker.accounts import services
from brics_tracker.accounts.models import Grant, SavedView, User
from brics_tracker.core.models import CatalogueEntry, Delivery, Job, Member, Organisation, Theme
from brics_tracker.tracking.models import Document, Evidence, Milestone, Passage, TrackedItem, Update
from mechanisms.models import Meeting, MeetingDate
from reports.models import ReportDefinition
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_organisation, make_theme
from tests.factories.tracking import make_document, make_evidence, make_milestone, make_proposal, make_update

Rows = dict[type[Model], Any]
pytestmark = pytest.mark.django_db
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=|<style", re.IGNORECASE)
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
LOOK_ONLY = [TrackedItem, Update, Evidence, Milestone, Job, Delivery, CatalogueEntry]


@pytest.fixture
def client(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


@pytest.fixture
def rows(administrator: User) -> dict[type[Model], Any]:
    """One row of everything that has a page."""
    item = make_proposal(members=[make_member("BR")]).item
    update = make_update(item)
    document = make_document()
    token, _text = services.create_token(administrator, "dashboard", days=3, by=administrator)
    meeting = Meeting.objects.create(key="first", title="First", kind="summit", track="leaders", started="2009-06-16")
    MeetingDate.objects.create(meeting=meeting, started="2009-06-16", source="https://example.org/", preferred=True)
    made: list[Model] = [
        administrator, administrator.grants.get(), token, Member.objects.get(code="BR"), make_organisation(),
        item.lead_theme, item, update, make_evidence(item, by=update.author, update=None), make_milestone(item),
        document, document.passages.get(number=1), meeting,
        ReportDefinition.objects.create(key="weekly", title="Weekly", starts_on="2026-01-05"),
        Job.objects.create(kind="core.sweep", key="1"),
        CatalogueEntry.objects.create(noun="theme", key="EN", object_pk="1"),
        Delivery.objects.create(kind="notices", key="1", recipient=administrator, message_id="<1@example.org>"),
        SavedView.objects.create(owner=administrator, list="proposals", name="Energy", query="theme=EN", shared=True),
    ]  # fmt: skip
    return {type(row): row for row in made}


def page(row: Model | type[Model], act: str = "change") -> str:
    args = [] if act in {"changelist", "add"} else [row.pk]
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{act}", args=args)


def form_values(answer: Any) -> dict[str, Any]:
    """What a browser would send back from a change page, inlines included."""
    values: dict[str, Any] = {}
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            values[bound.html_name] = "" if value is None else value
    return {name: value for name, value in values.items() if value is not False}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_page_opens_and_keeps_the_content_security_policy(client: Client, rows: Rows, model: type[Any]) -> None:
    row = rows[model]
    paths = [page(model, "changelist"), page(model, "changelist") + "?q=a", page(row), page(row, "history")]
    entry = row.history.first() if hasattr(row, "history") else None
    if entry is not None:
        paths.append(page(row, "history") + f"{entry.pk}/")
    if admin.site._registry[model].has_add_permission(client.get("/admin/").wsgi_request):
        paths.append(page(model, "add"))
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert INLINE.findall(answer.content.decode()) == [], path
        assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "model", [model for model in MODELS if model not in {Grant, SavedView}], ids=lambda model: model.__name__
)
def test_nothing_is_deleted(client: Client, rows: Rows, model: type[Any]) -> None:
    row = rows[model]
    assert client.get(page(row, "delete")).status_code == 403
    assert client.post(page(row, "delete"), {"post": "yes"}).status_code == 403
    client.post(page(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model.objects.filter(pk=row.pk).exists()
    assert "Delete</a>" not in client.get(page(row)).content.decode()


@pytest.mark.parametrize("model", LOOK_ONLY, ids=lambda model: model.__name__)
def test_what_has_its_own_pages_is_only_looked_at(client: Client, rows: Rows, model: type[Any]) -> None:
    row = rows[model]
    assert client.post(page(row), {"title": "changed here"}).status_code == 403
    assert client.get(page(model, "add")).status_code == 403
    if hasattr(row, "history"):
        before = row.history.count()
        assert client.post(page(row, "history") + f"{row.history.first().pk}/", {"title": "x"}).status_code == 403
        assert row.history.count() == before


def test_an_item_has_a_link_to_its_page(client: Client, rows: Rows) -> None:
    item = rows[TrackedItem]
    assert f'href="/proposals/{item.reference}/"' in client.get(page(item)).content.decode()


def test_history_is_read_and_never_reverted(client: Client, rows: Rows) -> None:
    theme = rows[Theme]
    theme.name = "Changed"
    theme.save()
    path = page(theme, "history") + f"{theme.history.last().pk}/"
    assert client.post(path, {"code": theme.code, "name": "Reverted"}).status_code == 403
    theme.refresh_from_db()
    assert theme.name == "Changed"


@pytest.mark.parametrize("tail", ["abc/change/", "abc/history/", "1/history/abc/", "99999999999999999999/change/"])
def test_a_made_up_address_is_no_server_error(client: Client, tail: str) -> None:
    assert client.get(f"/admin/core/theme/{tail}").status_code in {302, 404}


def test_a_change_is_one_entry_with_its_author(client: Client, rows: Rows, administrator: User) -> None:
    definition = rows[ReportDefinition]
    values = form_values(client.get(page(definition)))
    before = definition.history.count()
    client.post(page(definition), {**values, "title": "Every week", "themes": [rows[Theme].pk]})
    assert definition.history.count() == before + 1
    entry = definition.history.first()
    assert (entry.title, entry.history_user, entry.themes.count()) == ("Every week", administrator, 1)


def test_saving_without_a_change_writes_nothing(client: Client, rows: Rows) -> None:
    for model in (ReportDefinition, Member, Meeting, Document, Passage, Organisation, User):
        row = rows[model]
        before = row.history.count()
        answer = client.post(page(row), form_values(client.get(page(row))))
        assert answer.status_code == 302, (model, answer.context["errors"])
        assert row.history.count() == before, model


class TestTwoAdministratorsAtOnce:
    def test_the_second_is_told_and_nothing_typed_is_lost(self, client: Client, rows: Rows) -> None:
        theme, second = rows[Theme], make_user("Second", role="administrator")
        values = form_values(client.get(page(theme)))
        theme.name, theme._history_user = "Energy and climate", second
        theme.save()
        answer = client.post(page(theme), {**values, "name": "Energy policy"})
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "Second changed this" in text
        assert "Now: Energy and climate" in text
        assert 'value="Energy policy"' in text
        theme.refresh_from_db()
        assert theme.name == "Energy and climate"

    def test_saving_once_more_is_a_choice(self, client: Client, rows: Rows) -> None:
        theme = rows[Theme]
        values = form_values(client.get(page(theme)))
        Theme.objects.filter(pk=theme.pk).update(name="Energy and climate")
        refused = client.post(page(theme), {**values, "name": "Energy policy"})
        client.post(page(theme), form_values(refused))
        theme.refresh_from_db()
        assert theme.name == "Energy policy"

    def test_a_form_that_does_not_say_what_it_was_drawn_from_is_refused(self, client: Client, rows: Rows) -> None:
        theme = rows[Theme]
        answer = client.post(page(theme), {"name": "Blind", "position": 0})
        assert answer.status_code == 200
        theme.refresh_from_db()
        assert theme.name != "Blind"

    def test_rows_within_a_page_are_guarded_too(self, client: Client, rows: Rows) -> None:
        member = rows[Member]
        spell = member.spells.get()
        values = form_values(client.get(page(member)))
        spell.note = "From another desk."
        spell.save()
        answer = client.post(page(member), {**values, "spells-0-note": "From mine."})
        assert "From another desk." in answer.content.decode()
        spell.refresh_from_db()
        assert spell.note == "From another desk."

    def test_the_scope_of_a_grant_is_guarded(self, client: Client, administrator: User) -> None:
        grant = services.grant_role(make_user("ana"), "analyst", by=administrator)
        values = form_values(client.get(page(grant)))
        services.change_grant(grant, by=administrator, role="analyst", themes=[make_theme("EN")])
        answer = client.post(page(grant), {**values, "role": "reviewer"})
        assert answer.status_code == 200
        grant.refresh_from_db()
        assert grant.role == "analyst"
        assert grant.themes.count() == 1


class TestPeople:
    def test_someone_is_invited_with_a_role(
        self, client: Client, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        values = {"email": "new@example.org", "name": "New Person", "role": "analyst", "themes": [make_theme("EN").pk]}
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(page(User, "add"), values)
        assert "An invitation is on its way to new@example.org" in client.get(answer["Location"]).content.decode()
        user = User.objects.get(email="new@example.org")
        assert user.grants.get().role == "analyst"
        assert [sent.to for sent in mailoutbox] == [["new@example.org"]]

    @pytest.mark.parametrize(
        ("values", "field"),
        [({"email": "no-address", "name": "A", "role": "reader"}, "email"),
         ({"email": "administrator@example.org", "name": "A", "role": "reader"}, "email"),
         ({"email": "a@example.org", "name": "", "role": "reader"}, "name"),
         ({"email": "a@example.org", "name": "A\x00B", "role": "reader"}, "name"),
         ({"email": "a@example.org", "name": "A", "role": "emperor"}, "role"),
         ({"email": "a@example.org", "name": "A", "role": "reader", "themes": ["999999"]}, "themes")],
    )  # fmt: skip
    def test_bad_input_is_refused_at_its_field(self, client: Client, values: dict[str, Any], field: str) -> None:
        answer = client.post(page(User, "add"), values)
        assert answer.status_code == 200
        assert field in answer.context["adminform"].form.errors
        assert User.objects.count() == 1

    def test_an_address_is_corrected_on_record(self, client: Client, administrator: User) -> None:
        user = make_user("ana")
        values = form_values(client.get(page(user)))
        client.post(page(user), {**values, "email": "Anna@example.org"})
        user.refresh_from_db()
        assert user.email == "anna@example.org"
        assert user.history.first().history_user == administrator

    @pytest.mark.parametrize("act", ["deactivate", "reactivate", "invite_again"])
    def test_acts_on_people_answer_in_words(self, client: Client, act: str) -> None:
        make_user("ana")
        chosen = list(User.objects.values_list("pk", flat=True))
        answer = client.post(page(User, "changelist"), {"action": act, "_selected_action": chosen}, follow=True)
        assert answer.status_code == 200
        assert list(answer.context["messages"])

    def test_deactivating_all_leaves_the_last_administrator(self, client: Client, administrator: User) -> None:
        ana = make_user("ana")
        client.post(page(User, "changelist"), {"action": "deactivate", "_selected_action": [administrator.pk, ana.pk]})
        assert set(User.objects.filter(is_active=True)) == {administrator}

    def test_the_switch_for_signing_in_cannot_be_forged_into_the_form(
        self, client: Client, administrator: User
    ) -> None:
        user = make_user("ana")
        values = form_values(client.get(page(user)))
        client.post(page(user), {**values, "name": "Ana", "is_active": "", "is_system": "on", "password": "x"})
        user.refresh_from_db()
        assert user.is_active
        assert not user.is_system

    def test_the_system_actor_is_only_looked_at(self, client: Client) -> None:
        system = make_user("system")
        User.objects.filter(pk=system.pk).update(is_system=True)
        assert client.post(page(system), {"name": "x", "email": "x@example.org"}).status_code == 403


class TestGrants:
    def test_a_grant_is_given_and_revoked_through_the_services(self, client: Client, administrator: User) -> None:
        user, theme = make_user("ana"), make_theme("EN")
        client.post(page(Grant, "add"), {"user": user.pk, "role": "reviewer", "themes": [theme.pk]})
        grant = user.grants.get()
        assert (grant.role, grant.granted_by, list(grant.themes.all())) == ("reviewer", administrator, [theme])
        assert client.get(page(grant, "delete")).status_code == 200
        client.post(page(grant, "delete"), {"post": "yes"})
        assert not user.grants.exists()
        assert Grant.history.filter(id=grant.pk).first().history_user == administrator

    def test_the_same_grant_twice_is_refused_in_the_form(self, client: Client, administrator: User) -> None:
        answer = client.post(page(Grant, "add"), {"user": administrator.pk, "role": "administrator"})
        assert "already" in answer.content.decode()
        assert administrator.grants.count() == 1

    def test_the_last_administrators_grant_stays(self, client: Client, administrator: User) -> None:
        grant = administrator.grants.get()
        assert client.post(page(grant, "delete"), {"post": "yes"}).status_code == 403
        values = form_values(client.get(page(grant)))
        answer = client.post(page(grant), {**values, "role": "reader"})
        assert "administer everything" in answer.content.decode()
        grant.refresh_from_db()
        assert grant.role == "administrator"

    def test_what_only_the_service_refuses_is_a_sentence_too(
        self, client: Client, administrator: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from django.core.exceptions import ValidationError

        def refuse(*args: object, **kwargs: object) -> None:
            raise ValidationError("Too late by a moment.")

        make_user("second", role="administrator")
        monkeypatch.setattr(services, "revoke_grant", refuse)
        answer = client.post(page(administrator.grants.get(), "delete"), {"post": "yes"}, follow=True)
        assert "Nothing was saved. Too late by a moment." in answer.content.decode()


class TestReferenceLists:
    def test_a_theme_cannot_stand_within_itself(self, client: Client) -> None:
        top = make_theme("EN")
        area = make_theme("EN-GRID", parent=top)
        for parent in (top, area):
            values = form_values(client.get(page(top)))
            answer = client.post(page(top), {**values, "parent": parent.pk})
            assert "parent" in answer.context["adminform"].form.errors

    def test_a_theme_ends_after_it_begins(self, client: Client) -> None:
        theme = make_theme("EN")
        values = form_values(client.get(page(theme)))
        answer = client.post(page(theme), {**values, "valid_from": "2026-02-02", "valid_until": "2026-02-01"})
        assert "valid_until" in answer.context["adminform"].form.errors

    def test_a_theme_is_retired_by_its_last_day(self, client: Client, administrator: User) -> None:
        theme = make_theme("EN")
        client.post(page(Theme, "changelist"), {"action": "retire", "_selected_action": [theme.pk]})
        theme.refresh_from_db()
        assert theme.valid_until is not None
        assert theme.history.first().history_user == administrator

    def test_overlapping_spells_are_saved_with_a_warning(self, client: Client) -> None:
        member = make_member("ID", since="2025-01-01")
        values = form_values(client.get(page(member)))
        values |= {
            "spells-TOTAL_FORMS": 2, "spells-1-kind": "partner", "spells-1-started": "2024", "spells-1-ended": "2025",
            "spells-1-sources": "https://example.org/one\n\n https://example.org/two ",
        }  # fmt: skip
        answer = client.post(page(member), values, follow=True)
        assert "overlap" in answer.content.decode()
        spell = member.spells.get(kind="partner")
        assert spell.sources == ["https://example.org/one", "https://example.org/two"]
        assert spell.history.get().history_user.name == "administrator"

    @pytest.mark.parametrize("started", ["2025-13", "2025-02-30", "soon", "1066"])
    def test_a_day_that_is_none_is_refused_at_its_field(self, client: Client, started: str) -> None:
        member = make_member("BR")
        values = form_values(client.get(page(member)))
        answer = client.post(page(member), {**values, "spells-0-started": started})
        assert answer.status_code == 200
        assert "started" in answer.context["inline_admin_formsets"][0].formset.forms[0].errors

    def test_another_date_claim_is_preferred_and_the_meeting_follows(self, client: Client, rows: Rows) -> None:
        meeting = rows[Meeting]
        second = MeetingDate.objects.create(meeting=meeting, started="2009-06-17", source="another source")
        values = form_values(client.get(page(meeting)))
        index = [values[f"dates-{n}-id"] for n in range(2)].index(second.pk)
        both = client.post(page(meeting), {**values, f"dates-{index}-preferred": "on"})
        assert "Only one claim" in both.content.decode()
        del values[f"dates-{1 - index}-preferred"]
        assert client.post(page(meeting), {**values, f"dates-{index}-preferred": "on"}).status_code == 302
        meeting.refresh_from_db()
        assert meeting.started == "2009-06-17"
        assert MeetingDate.objects.get(preferred=True) == second


def test_a_token_is_revoked_from_the_list(client: Client, rows: Rows) -> None:
    from brics_tracker.accounts.models import ApiToken

    client.post(page(ApiToken, "changelist"), {"action": "revoke", "_selected_action": [rows[ApiToken].pk]})
    assert not ApiToken.objects.exists()
