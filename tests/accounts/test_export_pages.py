"""The pages of large exports: from the list to the button, on its way, fetched, refused."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from collections.abc import Callable

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from brics_tracker.accounts import exports
from brics_tracker.accounts.models import User
from brics_tracker.core import jobs
from brics_tracker.core.choices import Act, JobState
from brics_tracker.core.models import AuditEvent, ExportFile, Job
from brics_tracker.core.writers import XlsxWriter
from tests.factories.accounts import make_grant, make_user
from tests.factories.tracking import make_proposal
from tests.growth import queries_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of two proposals is large."""
    monkeypatch.setattr(XlsxWriter, "cells_at_once", 50)


def asked(user: User, **values: object) -> Job:
    job = exports.request_export("/proposals/?status=agreed", "xlsx", by=user, form_key=uuid.uuid4())
    Job.objects.filter(pk=job.pk).update(**values)
    return job


def made(user: User) -> Job:
    job = asked(user)
    jobs.run(job.pk)
    return job


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


@pytest.mark.usefixtures("small_limit")
class TestFromTheList:
    def test_a_small_list_comes_at_once(self, sign_in: SignIn, reader: User) -> None:
        make_proposal()
        response = sign_in(reader).get("/proposals/?export=xlsx")
        assert response["Content-Disposition"].endswith('.xlsx"')
        assert not Job.objects.exists()

    def test_a_large_one_is_offered_asked_for_once_made_and_fetched(
        self, sign_in: SignIn, reader: User, django_capture_on_commit_callbacks: Callable[..., object]
    ) -> None:
        make_proposal(title="Grain exchange")
        make_proposal(title="Grain reserve")
        client = sign_in(reader)
        offer = client.get("/proposals/?q=grain&sort=title&columns=all&page=1&export=xlsx", follow=True)
        page = offer.content.decode()
        assert "Words in this list: grain" in page
        assert "7 days" in page
        assert not Job.objects.exists(), "nothing is begun by a link"
        form = form_of(page)
        assert form["list"] == "/proposals/?q=grain&amp;sort=title&amp;columns=all"
        form["list"] = form["list"].replace("&amp;", "&")
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            answers = {client.post("/exports/new/", form)["Location"] for _click in range(2)}
        assert answers == {"/exports/"}
        job = Job.objects.get()
        shown = client.get("/exports/").content.decode()
        assert f"/exports/{job.pk}/file/" in shown
        assert "2 rows" in shown
        fetched = client.get(f"/exports/{job.pk}/file/")
        book = openpyxl.load_workbook(io.BytesIO(b"".join(fetched)))
        assert [row[1].value for row in book.worksheets[0].iter_rows(min_row=2)] == ["Grain exchange", "Grain reserve"]

    def test_csv_of_the_same_list_still_comes_at_once(self, sign_in: SignIn, reader: User) -> None:
        make_proposal()
        make_proposal()
        assert sign_in(reader).get("/proposals/?export=csv").status_code == 200

    def test_who_is_not_signed_in_is_asked_to(self, client: Client, settings: object) -> None:
        settings.PUBLIC_READ = True  # type: ignore[attr-defined]
        make_proposal()
        make_proposal()
        offered = client.get("/proposals/?columns=all&export=xlsx", follow=True)
        assert offered.redirect_chain[-1][0].startswith("/accounts/login/?next=/exports/new/")

    def test_every_list_offers_three_formats_and_the_way_to_ones_exports(self, sign_in: SignIn, reader: User) -> None:
        client = sign_in(reader)
        for address in ("/proposals/?q=grain", "/mechanisms/", "/meetings/", "/reports/"):
            page = client.get(address).content.decode()
            for format in ("csv", "xlsx", "json"):
                assert f"export={format}" in page
            assert 'href="/exports/"' in page


class TestAsking:
    @pytest.mark.parametrize(
        "query", ["", "?list=/proposals/", "?list=/nowhere/&format=xlsx", "?list=/proposals/&format=exe"]
    )
    def test_there_is_no_offer_without_a_list(self, sign_in: SignIn, reader: User, query: str) -> None:
        assert sign_in(reader).get(f"/exports/new/{query}").status_code == 404

    @pytest.mark.parametrize(
        "change", [{"list": "/nowhere/"}, {"format": "exe"}, {"form_key": "x"}, {"list": "/proposals/\x00"}]
    )
    def test_a_broken_form_asks_for_nothing_and_says_so(
        self, sign_in: SignIn, reader: User, change: dict[str, str]
    ) -> None:
        form = {"list": "/proposals/", "format": "xlsx", "form_key": str(uuid.uuid4())} | change
        response = sign_in(reader).post("/exports/new/", form)
        assert response.status_code == 422
        assert 'role="alert"' in response.content.decode()
        assert not Job.objects.exists()


class TestOnItsWay:
    def test_it_shows_how_far_it_is_and_asks_again(self, sign_in: SignIn, reader: User) -> None:
        asked(reader, state=JobState.RUNNING, progress=40, step="2000 of 5000 rows")
        client = sign_in(reader)
        page = client.get("/exports/").content.decode()
        assert 'value="40"' in page
        assert "2000 of 5000 rows" in page
        assert 'hx-trigger="every 2s"' in page
        assert (
            client.get("/exports/", headers={"HX-Request": "true"})
            .content.decode()
            .strip()
            .startswith('<div id="export-rows"')
        )

    def test_a_failed_one_says_why_and_is_run_again(self, sign_in: SignIn, reader: User) -> None:
        job, client = asked(reader, state=JobState.FAILED, reason="Needed more than 512 MB of memory."), sign_in(reader)
        page = client.get("/exports/").content.decode()
        assert "512 MB" in page
        assert "every 2s" not in page
        assert client.post(f"/exports/{job.pk}/retry/")["Location"] == "/exports/"
        job.refresh_from_db()
        assert job.state == JobState.WAITING

    def test_one_is_cancelled(self, sign_in: SignIn, reader: User) -> None:
        job, client = asked(reader), sign_in(reader)
        client.post(f"/exports/{job.pk}/cancel/")
        job.refresh_from_db()
        assert job.state == JobState.CANCELLED
        assert "already ended" in client.post(f"/exports/{job.pk}/cancel/", follow=True).content.decode()

    def test_only_ones_own_are_there(self, sign_in: SignIn, reader: User, administrator: User) -> None:
        job = made(reader)
        client = sign_in(administrator)
        assert f"/exports/{job.pk}/" not in client.get("/exports/").content.decode()
        assert client.get(f"/exports/{job.pk}/file/").status_code == 404
        assert client.post(f"/exports/{job.pk}/cancel/").status_code == 404
        assert client.post(f"/exports/{job.pk}/retry/").status_code == 404

    def test_jobs_of_other_kinds_are_not(self, sign_in: SignIn, reader: User) -> None:
        other = Job.objects.create(kind="tests.other", key="other", owner=reader)
        client = sign_in(reader)
        assert client.post(f"/exports/{other.pk}/cancel/").status_code == 404
        assert str(other.pk) not in re.findall(r"/exports/(\d+)/", client.get("/exports/").content.decode())

    def test_its_queries_do_not_grow(self, sign_in: SignIn, reader: User) -> None:
        client = sign_in(reader)
        for _n in range(2):
            made(reader)
        client.get("/exports/")
        few = queries_of(lambda: client.get("/exports/"))
        for _n in range(8):
            made(reader)
        assert queries_of(lambda: client.get("/exports/")) == few


class TestFetching:
    def test_it_is_a_download_on_record(self, sign_in: SignIn, reader: User) -> None:
        job = made(reader)
        response = sign_in(reader).get(f"/exports/{job.pk}/file/")
        assert response["Content-Disposition"].startswith('attachment; filename="proposals-')
        assert response["Content-Type"] == XlsxWriter.content_type
        assert response["Content-Security-Policy"].startswith("sandbox")
        assert "no-store" in response["Cache-Control"]
        [event] = AuditEvent.objects.filter(act=Act.EXPORT_MADE)
        assert (event.actor, event.key) == (reader, str(ExportFile.objects.get().pk))
        assert event.detail == {"filters": {"status": "agreed"}}

    def test_rights_that_changed_since_close_it(self, sign_in: SignIn) -> None:
        person = make_user("person", role="reviewer")
        job, client = made(person), sign_in(person)
        assert client.get(f"/exports/{job.pk}/file/").status_code == 200
        person.grants.get().delete()
        assert client.get(f"/exports/{job.pk}/file/").status_code == 403
        page = client.get("/exports/").content.decode()
        assert "Your rights have changed" in page
        assert f"/exports/{job.pk}/file/" not in page
        assert "/exports/new/?list=%2Fproposals%2F%3Fstatus%3Dagreed&amp;format=xlsx" in page
        make_grant(person, "reviewer")
        assert client.get(f"/exports/{job.pk}/file/").status_code == 200

    def test_no_link_is_left_to_a_file_whose_time_is_over(self, sign_in: SignIn, reader: User) -> None:
        job, client = made(reader), sign_in(reader)
        ExportFile.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        for _tick in ("before", "after"):
            page = client.get("/exports/").content.decode()
            assert f"/exports/{job.pk}/file/" not in page
            assert "Make it again" in page
            assert client.get(f"/exports/{job.pk}/file/").status_code == 404
            exports.expire_exports()

    def test_a_file_that_is_gone_is_not_an_error_of_the_server(self, sign_in: SignIn, reader: User) -> None:
        job = made(reader)
        default_storage.delete(str(ExportFile.objects.get().file))
        assert sign_in(reader).get(f"/exports/{job.pk}/file/").status_code == 404
