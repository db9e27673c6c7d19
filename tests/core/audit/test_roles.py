"""On PostgreSQL the web's role does all of the product's work, and cannot rewrite what is on record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, models, transaction
from django.test import Client

from brics_tracker.accounts import services
from brics_tracker.core.audit import seals, verifying
from brics_tracker.core.audit.roles import rewritable_tables, secure_trail
from brics_tracker.core.audit.tables import append_only_tables, recorded_tables
from brics_tracker.tracking.services import updates
from proposals.services import edit_proposal
from tests.accounts.conftest import GOOD_PASSWORD, give_password, try_to_sign_in
from tests.architecture.world import World, build_world
from tests.factories.tracking import make_update

from .trail import fill_trail, run

pytestmark = pytest.mark.django_db
ROLE = "web_of_a_test"
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")


@pytest.fixture
def role() -> Iterator[str]:
    """A role that is gone again with the test's transaction."""
    run(f"CREATE ROLE {ROLE}")
    yield ROLE
    run("RESET ROLE")


def become(role: str) -> None:
    run(f"SET ROLE {role}")


def refuses(statement: str) -> bool:
    try:
        with transaction.atomic():
            run(statement)
    except ProgrammingError as problem:
        if "permission denied" not in str(problem):
            raise
        return True
    return False


def test_every_history_there_is_belongs_to_the_trail() -> None:
    """Whoever gives a model a history need not think of it."""
    recorded: list[Any] = [
        model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")
    ]
    histories = {model.history.model for model in recorded}
    links = {getattr(history, field.name).model for history in histories for field in history._history_m2m_fields}
    assert len(histories) >= 20
    assert len(links) >= 7
    missing = {model._meta.db_table for model in histories | links} - set(recorded_tables())
    assert missing == set()
    assert {"core_auditevent", "core_auditseal", "core_sealedpart"} <= set(append_only_tables())


def test_every_key_of_the_trail_is_a_number_that_grows() -> None:
    """What sealing rests on."""
    for model in recorded_tables().values():
        assert isinstance(model._meta.pk, models.AutoField), model


@on_postgresql
class TestTheRole:
    @pytest.mark.parametrize("table", sorted(append_only_tables()))
    def test_no_row_of_the_trail_can_be_changed_or_removed(self, role: str, table: str) -> None:
        secure_trail(role)
        column = append_only_tables()[table]._meta.concrete_fields[-1].column
        changes = (f'UPDATE "{table}" SET "{column}" = NULL', f'DELETE FROM "{table}"', f'TRUNCATE "{table}"')  # noqa: S608
        become(role)
        assert [refuses(change) for change in changes] == [True] * 3
        assert not refuses(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608

    def test_control_without_the_split_they_can(self, role: str) -> None:
        run(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        become(role)
        assert not refuses("UPDATE tracking_historicalupdate SET text = 'rewritten'")
        assert "tracking_historicalupdate" in rewritable_tables()

    def test_rights_given_before_are_taken_back(self, role: str) -> None:
        run(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        run("GRANT UPDATE ON core_auditevent TO PUBLIC")
        secure_trail(role)
        become(role)
        assert refuses("UPDATE core_auditevent SET words = ''")
        assert rewritable_tables() == []

    def test_nor_can_it_change_tables_or_switch_anything_off(self, role: str) -> None:
        secure_trail(role)
        become(role)
        for statement in (
            "DROP TABLE core_auditevent", "ALTER TABLE core_auditevent DISABLE TRIGGER ALL", "CREATE TABLE mine (x int)",
            "CREATE RULE nothing AS ON INSERT TO core_auditevent DO INSTEAD NOTHING",
            "DELETE FROM django_migrations",
        ):  # fmt: skip
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
                run(statement)

    def test_the_products_work_goes_through(self, role: str, client: Client) -> None:
        secure_trail(role)
        become(role)
        work_on(fill_trail(), client)
        assert seals.seal_trail() >= 1
        assert list(verifying.Verification().findings()) == []

    def test_pages_exports_and_files_are_served(self, role: str, client: Client) -> None:
        secure_trail(role)
        become(role)
        world = build_world()
        client.force_login(world.people.administrator)
        for path in ("/", "/my-work/", "/review/", world.published.get_absolute_url(), "/proposals/?export=csv",
                     f"/reports/{world.report.number}/", f"/reports/{world.report.number}/csv/", "/admin/", "/readyz",
                     "/admin/core/theme/", "/api/v1/proposals/"):  # fmt: skip
            answer = client.get(path, follow=True)
            assert answer.status_code in {200, 403}, path
        assert client.get("/readyz").status_code == 200


def work_on(world: World, client: Client) -> None:
    """Edit, publish, retract, throw away, revoke, deactivate, sign in and out."""
    who = world.people
    administrator, reviewer, analyst = who.administrator, who.reviewer, who.analyst
    update = make_update(world.published, by=analyst, reviewer=reviewer)
    edit_proposal(update.item.proposal, by=analyst, version=update.item.version, changes={"summary": "Edited."}, own={})
    updates.retract_update(update, by=reviewer, reason="It was another meeting.")
    draft = make_update(update.item, by=analyst, state="draft")
    updates.delete_draft(draft, by=analyst)
    token, _text = services.create_token(analyst, "another", days=1, by=analyst)
    services.revoke_token(token, by=analyst)
    give_password(administrator, GOOD_PASSWORD)
    assert try_to_sign_in(client, administrator.email).status_code == 302
    services.deactivate_user(who.reader, by=administrator)
    assert client.post("/accounts/logout/").status_code == 302


@on_postgresql
class TestTheCommand:
    def test_it_makes_the_role_that_the_web_is_told_to_use(self, settings: LazySettings) -> None:
        settings.WEB_DATABASE_URL = "postgres://web_of_a_test:a%40b@db:5432/tracker"
        for _twice in range(2):
            call_command("secure_audit", verbosity=0)
        become(ROLE)
        assert rewritable_tables() == []
        run("RESET ROLE")

    def test_a_role_to_whom_it_would_mean_nothing_is_refused(self, role: str) -> None:
        run("CREATE ROLE owner_of_a_test")
        run("ALTER TABLE core_auditevent OWNER TO owner_of_a_test")
        run(f"GRANT owner_of_a_test TO {role}")
        run("CREATE ROLE super_of_a_test SUPERUSER")
        for name, why in {role: "owns the tables", "super_of_a_test": "superuser", "nobody_here": "no role"}.items():
            with pytest.raises(CommandError, match=why):
                call_command("secure_audit", role=name)

    def test_a_site_that_comes_in_as_the_owner_is_warned(self, role: str) -> None:
        found = {message.id for message in run_checks(databases=["default"], include_deployment_checks=True)}
        assert "core.W002" in found
        secure_trail(role)
        become(role)
        found = {message.id for message in run_checks(databases=["default"], include_deployment_checks=True)}
        assert "core.W002" not in found


def test_it_says_that_it_needs_a_name() -> None:
    with pytest.raises(CommandError, match="Name the role"):
        call_command("secure_audit")


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL has them")
def test_sqlite_has_no_roles() -> None:
    with pytest.raises(CommandError, match="one file"):
        call_command("secure_audit", role="web")
    assert rewritable_tables() == []
