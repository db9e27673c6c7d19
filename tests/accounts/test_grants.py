"""Roles are given, changed and taken away on record; someone can always administer everything."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from brics_tracker.accounts import access, selectors, services
from brics_tracker.accounts.models import Grant, User
from tests.factories.accounts import make_user
from tests.factories.core import make_member, make_theme

pytestmark = pytest.mark.django_db


def test_a_grant_is_changed_and_revoked_on_record(administrator: User) -> None:
    user = make_user("ana")
    grant = services.grant_role(user, "analyst", by=administrator, themes=[make_theme("EN")])
    services.change_grant(grant, by=administrator, role="reviewer", members=[make_member("BR")])
    pk = grant.pk
    services.revoke_grant(grant, by=administrator)
    entries = list(Grant.history.filter(id=pk).order_by("history_id"))
    assert [(entry.history_type, entry.role, entry.history_user) for entry in entries] == [
        ("+", "analyst", administrator), ("~", "reviewer", administrator), ("-", "reviewer", administrator),
    ]  # fmt: skip
    assert not access.holds(User.objects.get(pk=user.pk), {"reviewer"})


def test_the_same_grant_is_not_given_twice(administrator: User) -> None:
    user = make_user("ana")
    services.grant_role(user, "analyst", by=administrator)
    with pytest.raises(ValidationError, match="already"):
        services.grant_role(user, "analyst", by=administrator)
    services.grant_role(user, "analyst", by=administrator, themes=[make_theme("EN")])
    assert user.grants.count() == 2


def test_an_unknown_role_is_refused(administrator: User) -> None:
    with pytest.raises(ValidationError):
        services.grant_role(make_user("ana"), "emperor", by=administrator)


class TestTheLastAdministrator:
    def test_keeps_the_grant(self, administrator: User) -> None:
        with pytest.raises(ValidationError, match="administer everything"):
            services.revoke_grant(administrator.grants.get(), by=administrator)
        assert administrator.grants.count() == 1

    def test_keeps_it_everywhere(self, administrator: User) -> None:
        grant = administrator.grants.get()
        with pytest.raises(ValidationError):
            services.change_grant(grant, by=administrator, role="administrator", themes=[make_theme("EN")])
        with pytest.raises(ValidationError):
            services.change_grant(grant, by=administrator, role="reviewer")
        grant.refresh_from_db()
        assert grant.role == "administrator"
        assert not grant.themes.exists()

    def test_is_not_deactivated(self, administrator: User) -> None:
        with pytest.raises(ValidationError):
            services.deactivate_user(administrator, by=administrator)
        assert User.objects.get(pk=administrator.pk).is_active

    def test_is_not_saved_by_administrators_who_are_shut_or_limited(self, administrator: User) -> None:
        make_user("limited", role="administrator", themes=[make_theme("EN")])
        shut = make_user("shut", role="administrator")
        shut.is_active = False
        shut.save()
        with pytest.raises(ValidationError):
            services.revoke_grant(administrator.grants.get(), by=administrator)

    def test_may_go_once_there_is_another(self, administrator: User) -> None:
        make_user("second", role="administrator")
        services.deactivate_user(administrator, by=administrator)
        assert not User.objects.get(pk=administrator.pk).is_active


def test_deactivating_ends_sessions_and_tokens_at_once(administrator: User, client: Client) -> None:
    user = make_user("ana", role="analyst")
    client.force_login(user)
    services.create_token(user, "dashboard", days=30, by=user)
    services.deactivate_user(user, by=administrator)
    assert client.get("/accounts/").status_code == 302
    assert not user.browser_sessions.exists(), "no session of a shut account is left"
    assert not user.auth_token_set.exists()
    entry = user.history.first()
    assert (entry.history_user, entry.is_active, entry.history_change_reason) == (administrator, False, "deactivated")


def test_nobody_elses_session_ends(administrator: User, client: Client, reader: User) -> None:
    client.force_login(reader)
    services.deactivate_user(make_user("ana"), by=administrator)
    assert client.get("/accounts/").status_code == 200


def test_a_reactivated_person_has_their_grants_but_not_their_old_session(administrator: User, client: Client) -> None:
    user = make_user("ana", role="analyst")
    client.force_login(user)
    services.deactivate_user(user, by=administrator)
    services.reactivate_user(user, by=administrator)
    assert client.get("/accounts/").status_code == 302
    assert access.holds(User.objects.get(pk=user.pk), {"analyst"})
    with pytest.raises(ValidationError):
        services.reactivate_user(user, by=administrator)


def test_grants_are_said_in_words() -> None:
    user = make_user("ana")
    theme, member = make_theme("EN", name="Energy"), make_member("BR")
    make = services.grant_role
    make(user, "reader", by=None)
    make(user, "analyst", by=None, themes=[theme])
    make(user, "reviewer", by=None, themes=[theme], members=[member])
    assert set(selectors.grants_in_words(user)) == {
        "Reader everywhere", "Analyst within Energy", "Reviewer within Energy, for Country BR",
    }  # fmt: skip
