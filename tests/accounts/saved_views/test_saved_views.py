"""Saved views: a list under a name, one's own or shared, and what a list opens with."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from brics_tracker.accounts.models import SavedView, User
from brics_tracker.accounts.saved_views import services
from brics_tracker.accounts.saved_views.listing import KeptListView
from brics_tracker.accounts.saved_views.lists import ROUTES
from tests.architecture.routes import address_of, routes
from tests.factories.accounts import make_grant, make_user
from tests.factories.core import make_theme
from tests.factories.tracking import make_proposal
from tests.growth import queries_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
NEW = "/accounts/views/new/"


def make_view(by: User, name: str = "Goals", query: str = "kind=goal", **more: Any) -> SavedView:
    return services.create_view(by=by, list=more.pop("list", "proposals"), name=name, query=query, **more)


def save(client: Client, **more: str) -> Any:
    sent = {
        "list": "proposals",
        "name": "Goals",
        "query": "kind=goal",
        "columns": "",
        "sort": "",
        "form_key": str(uuid.uuid4()),
    }
    return client.post(NEW, sent | more)


def titles(client: Client, address: str = "/proposals/") -> list[str]:
    return [row["title"] for row in client.get(address).context["rows"]]


@pytest.fixture
def goal(reader: User) -> None:
    make_proposal(title="A goal", kind="goal")
    make_proposal(title="No goal", kind="commitment")


def test_every_list_can_be_kept() -> None:
    found = {route.name: address_of(route.name) for route in routes() if route.name}
    views = {name: getattr(resolve(address).func, "view_class", object) for name, address in found.items() if address}
    lists = {name for name, view in views.items() if issubclass(view, KeptListView)}
    assert lists == set(ROUTES.values())


class TestSaving:
    def test_what_is_shown_comes_back_as_it_was(self, sign_in: SignIn, reader: User, goal: None) -> None:
        client = sign_in(reader)
        page = client.get("/proposals/?kind=goal&sort=-title&columns=status,phase&page=1&q=")
        fields = page.context
        answer = save(client, query=fields["asked"], columns=fields["choice"].keys, sort=fields["sort"])
        view = SavedView.objects.get()
        assert (view.query, view.columns, view.sort) == ("kind=goal", "reference,title,status,phase", "-title")
        page = client.get(answer["Location"])
        assert [row["title"] for row in page.context["rows"]] == ["A goal"]
        assert page.context["sort"] == "-title"
        assert [head.label for head in page.context["choice"].heads] == ["Ref.", "Proposal", "Status", "Phase"]
        assert not page.context["shown_view"].is_changed

    def test_sent_twice_it_is_saved_once_and_the_name_is_ones_own_on_that_list(
        self, sign_in: SignIn, reader: User, analyst: User
    ) -> None:
        client, key = sign_in(reader), str(uuid.uuid4())
        assert [save(client, form_key=key).status_code for _time in range(2)] == [302, 302]
        again = save(client, name="GOALS")
        assert again.status_code == 422
        assert "You have a view of this name on this list" in again.content.decode()
        assert 'value="GOALS"' in again.content.decode()
        assert save(client, list="mechanisms", query="").status_code == 302
        assert save(sign_in(analyst)).status_code == 302
        assert SavedView.objects.count() == 3
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.create(owner=reader, list="proposals", name="goals")

    @pytest.mark.parametrize(
        "wrong",
        [{"name": ""}, {"name": "x" * 81}, {"name": "\u202eturned"}, {"name": " \u200b "}, {"list": "secrets"}, {"query": "kind=party"},
         {"query": "secret=1"}, {"query": "q=" + "x" * 3000}, {"columns": "password"}, {"sort": "password"}, {"form_key": "x"}],
    )  # fmt: skip
    def test_what_cannot_be_kept_is_refused_and_nothing_is_saved(
        self, sign_in: SignIn, reader: User, wrong: dict[str, str]
    ) -> None:
        answer = save(sign_in(reader), **wrong)
        assert answer.status_code == 422
        assert answer.context["form"].errors
        assert not SavedView.objects.exists()

    def test_nobody_keeps_more_than_there_is_room_for(self, reader: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "MOST", 1)
        make_view(reader)
        with pytest.raises(ValidationError, match="as many as one may have"):
            make_view(reader, "Another")


class TestWho:
    def test_a_private_view_is_its_owners_alone(self, sign_in: SignIn, reader: User, administrator: User) -> None:
        view = make_view(reader)
        client = sign_in(administrator)
        for address in (
            f"/proposals/?saved={view.pk}",
            f"/accounts/views/{view.pk}/",
            f"/accounts/views/{view.pk}/delete/",
        ):
            assert client.get(address).status_code == 404
        assert "Goals" not in client.get("/proposals/").content.decode()
        assert "Goals" not in client.get("/accounts/views/").content.decode()

    def test_analysts_and_above_share_readers_do_not(self, sign_in: SignIn, reader: User, analyst: User) -> None:
        assert 'name="shared"' not in sign_in(reader).get("/proposals/").content.decode()
        save(sign_in(reader), shared="on")
        assert not SavedView.objects.get().shared
        with pytest.raises(ValidationError, match="Analysts, reviewers and administrators"):
            make_view(reader, "Mine", shared=True)
        with pytest.raises(ValidationError, match="Analysts, reviewers and administrators"):
            services.change_view(SavedView.objects.get(), by=reader, shared=True)
        for role in ("analyst", "reviewer", "administrator"):
            assert make_view(make_user(role=role), shared=True).shared

    def test_a_shared_view_shows_each_what_they_may_see(
        self, sign_in: SignIn, analyst: User, reader: User, goal: None
    ) -> None:
        make_proposal(title="A draft goal", kind="goal", by=analyst, published=False)
        view = make_view(analyst, shared=True)
        assert titles(sign_in(analyst), f"/proposals/?saved={view.pk}") == ["A goal", "A draft goal"]
        client = sign_in(reader)
        assert titles(client, f"/proposals/?saved={view.pk}") == ["A goal"]
        assert "analyst" in client.get("/accounts/views/").content.decode()
        assert client.get(f"/accounts/views/{view.pk}/").status_code == 403
        assert client.post(f"/accounts/views/{view.pk}/delete/").status_code == 403
        assert client.post(f"/accounts/views/{view.pk}/overwrite/", {"version": 1}).status_code == 403

    def test_an_administrator_may_take_a_shared_view_away(
        self, sign_in: SignIn, analyst: User, administrator: User
    ) -> None:
        view = make_view(analyst, shared=True)
        assert sign_in(administrator).post(f"/accounts/views/{view.pk}/delete/").status_code == 302
        assert not SavedView.objects.exists()
        assert SavedView.history.filter(history_type="-").get().history_user == administrator

    def test_visitors_of_a_public_register_find_none(
        self, client: Client, analyst: User, settings: LazySettings
    ) -> None:
        settings.PUBLIC_READ = True
        view = make_view(analyst, "Secret word", shared=True)
        assert "Secret word" not in client.get("/proposals/").content.decode()
        assert client.get(f"/proposals/?saved={view.pk}").status_code == 404

    def test_a_view_of_another_list_or_of_none_is_not_found(self, sign_in: SignIn, reader: User) -> None:
        view = make_view(reader)
        client = sign_in(reader)
        for address in (
            f"/mechanisms/?saved={view.pk}",
            "/proposals/?saved=999",
            "/proposals/?saved=x",
            "/proposals/?from_saved=²",
        ):
            assert client.get(address).status_code == 404


class TestChanging:
    def test_renamed_shared_and_on_record(self, sign_in: SignIn, analyst: User) -> None:
        view = make_view(analyst)
        client = sign_in(analyst)
        sent = {"name": "Aims", "shared": "on", "version": 1}
        assert client.post(f"/accounts/views/{view.pk}/", sent).status_code == 302
        view.refresh_from_db()
        assert (view.name, view.shared, view.version) == ("Aims", True, 2)
        assert view.history.latest().history_user == analyst
        stale = client.post(f"/accounts/views/{view.pk}/", sent | {"name": "Other"})
        assert stale.status_code == 422
        assert "Someone changed this view" in stale.content.decode()
        assert 'name="version" value="2"' in stale.content.decode()

    def test_overwritten_with_what_is_shown(self, sign_in: SignIn, reader: User, goal: None) -> None:
        view = make_view(reader)
        client = sign_in(reader)
        page = client.get(f"/proposals/?from_saved={view.pk}&kind=commitment")
        assert page.context["shown_view"].is_changed
        assert "Keep it like this" in page.content.decode()
        sent = {"query": page.context["asked"], "columns": "", "sort": "", "version": 1}
        assert client.post(f"/accounts/views/{view.pk}/overwrite/", sent)["Location"] == f"/proposals/?saved={view.pk}"
        assert titles(client, f"/proposals/?saved={view.pk}") == ["No goal"]
        assert client.post(f"/accounts/views/{view.pk}/overwrite/", sent | {"query": "kind=goal"}).status_code == 422

    def test_the_last_filter_taken_off_a_view_shows_everything(self, sign_in: SignIn, reader: User, goal: None) -> None:
        view = make_view(reader)
        page = sign_in(reader).get(f"/proposals/?saved={view.pk}").content.decode()
        assert f'href="/proposals/?from_saved={view.pk}"' in page
        assert len(titles(sign_in(reader), f"/proposals/?from_saved={view.pk}")) == 2


class TestGone:
    @pytest.mark.parametrize("query", ["kind=goal&colour=red", "kind=party", "theme=XX"])
    def test_a_view_that_cannot_be_asked_any_more_says_so_and_shows_nothing(
        self, sign_in: SignIn, reader: User, goal: None, query: str
    ) -> None:
        view = make_view(reader)
        SavedView.objects.filter(pk=view.pk).update(query=query)
        client = sign_in(reader)
        page = client.get(f"/proposals/?saved={view.pk}")
        assert page.context["rows"] == []
        assert page.status_code == 200
        text = page.content.decode()
        assert "could not be read" in text or "does not know any more" in text
        # Neither does a file of it, its counts, or another page of it.
        for link in (page.context["exports"]["csv"], page.context["facets_address"]):
            assert "A goal" not in client.get(link).content.decode()
        assert (
            "any more" in client.get("/accounts/views/").content.decode()
            or "gone" in client.get("/accounts/views/").content.decode()
        )


class TestOpening:
    def test_ones_own_default_comes_before_that_of_the_role(
        self, sign_in: SignIn, analyst: User, administrator: User, goal: None
    ) -> None:
        mine = make_view(analyst, "Mine", "kind=commitment")
        theirs = make_view(administrator, "All analysts", "kind=goal", shared=True)
        services.set_role_default(theirs, "analyst", by=administrator)
        client = sign_in(analyst)
        page = client.get("/proposals/")
        assert [row["title"] for row in page.context["rows"]] == ["A goal"]
        assert page.context["shown_view"].why == "default for analyst"
        assert "Show everything" in page.content.decode()
        assert titles(client, page.context["everything"]) == ["A goal", "No goal"]
        client.post("/accounts/lists/open-with/", {"list": "proposals", "opens_with": mine.pk})
        assert titles(client) == ["No goal"]
        client.post("/accounts/lists/open-with/", {"list": "proposals", "opens_with": "everything"})
        assert titles(client) == ["A goal", "No goal"]
        client.post("/accounts/lists/open-with/", {"list": "proposals", "opens_with": "role"})
        assert titles(client) == ["A goal"]

    def test_whatever_an_address_asks_for_the_default_stays_away(
        self, sign_in: SignIn, administrator: User, reader: User, goal: None
    ) -> None:
        view = make_view(administrator, shared=True)
        services.set_role_default(view, "reader", by=administrator)
        client = sign_in(reader)
        assert titles(client) == ["A goal"]
        assert titles(client, "/proposals/?kind=commitment") == ["No goal"]
        assert titles(client, "/proposals/?sort=title") == ["A goal", "No goal"]
        assert len(titles(client, "/proposals/?saved=all")) == 2
        swap = client.get("/proposals/?q=&kind=&saved=all", headers={"HX-Request": "true"})
        assert swap["HX-Push-Url"] == "/proposals/?saved=all"
        # A bare file is what its address says.
        file = client.get("/proposals/?export=csv").getvalue().decode()
        assert "No goal" in file
        chip = client.get("/proposals/?kind=commitment").content.decode()
        assert 'href="/proposals/?saved=all"' in chip

    def test_of_several_roles_the_highest_counts(self, sign_in: SignIn, administrator: User, goal: None) -> None:
        person = make_user(role="analyst")
        make_grant(person, "reviewer", themes=[make_theme("EN")])
        for role, query in (
            ("reader", "kind=recommendation"),
            ("analyst", "kind=commitment"),
            ("reviewer", "kind=goal"),
        ):
            view = make_view(administrator, role, query, shared=True)
            services.set_role_default(view, role, by=administrator)
        assert titles(sign_in(person)) == ["A goal"]

    def test_one_default_for_a_role_set_by_administrators(self, administrator: User, analyst: User) -> None:
        first, second = (make_view(administrator, name, shared=True) for name in ("First", "Second"))
        services.set_role_default(first, "analyst", by=administrator)
        services.set_role_default(second, "analyst", by=administrator)
        assert [view.default_for for view in SavedView.objects.order_by("pk")] == ["", "analyst"]
        with pytest.raises(PermissionDenied):
            services.set_role_default(make_view(analyst, shared=True), "analyst", by=analyst)
        with pytest.raises(ValidationError, match="Share the view first"):
            services.set_role_default(make_view(administrator, "Private"), "reader", by=administrator)
        with pytest.raises(ValidationError, match="no such role"):
            services.set_role_default(second, "king", by=administrator)

    def test_the_owner_cannot_pull_a_roles_default_from_under_them(self, analyst: User, administrator: User) -> None:
        view = make_view(analyst, shared=True)
        services.set_role_default(view, "reader", by=administrator)
        with pytest.raises(ValidationError, match="takes that off first"):
            services.change_view(view, by=analyst, shared=False)
        with pytest.raises(ValidationError, match="takes that off first"):
            services.delete_view(view, by=analyst)

    def test_a_default_that_is_gone_or_private_again_gives_way(
        self, sign_in: SignIn, analyst: User, reader: User, goal: None
    ) -> None:
        view = make_view(analyst, shared=True)
        services.open_with("proposals", "view", by=reader, view=view)
        client = sign_in(reader)
        assert titles(client) == ["A goal"]
        services.change_view(view, by=analyst, shared=False)
        assert titles(client) == ["A goal", "No goal"]
        services.delete_view(view, by=analyst)
        assert titles(client) == ["A goal", "No goal"]

    def test_another_persons_view_cannot_be_chosen(self, sign_in: SignIn, analyst: User, reader: User) -> None:
        view = make_view(analyst)
        client = sign_in(reader)
        assert (
            client.post("/accounts/lists/open-with/", {"list": "proposals", "opens_with": view.pk}).status_code == 404
        )
        for wrong in ("nothing", "view", "1" * 30):
            assert client.post(
                "/accounts/lists/open-with/", {"list": "proposals", "opens_with": wrong}
            ).status_code in {400, 404}

    def test_a_past_day_opens_with_it_too(self, sign_in: SignIn, analyst: User, goal: None) -> None:
        services.open_with("proposals", "view", by=analyst, view=make_view(analyst))
        assert titles(sign_in(analyst), f"/proposals/?as_of={timezone.localdate()}") == ["A goal"]


def test_more_views_cost_no_more_queries(sign_in: SignIn, reader: User, analyst: User) -> None:
    client, costs = sign_in(reader), []
    for more in (2, 10):
        for n in range(more):
            make_view(reader, f"Own {more}-{n}")
            make_view(analyst, f"Shared {more}-{n}", shared=True)
        client.get("/proposals/")
        costs.append(
            (queries_of(lambda: client.get("/proposals/")), queries_of(lambda: client.get("/accounts/views/")))
        )
    assert costs[0] == costs[1]
