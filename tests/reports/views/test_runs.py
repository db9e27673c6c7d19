"""Running a report now: one click, one run; how far it is; its end, asked for or not."""

import re
import uuid
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from brics_tracker.accounts.models import User
from brics_tracker.core.choices import JobState
from brics_tracker.core.models import Job
from reports import services
from reports.models import ReportDefinition
from tests.factories.accounts import make_user
from tests.reports.builders import MONDAY, WEDNESDAY, WEEK, make_definition, make_report

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def definition() -> ReportDefinition:
    return make_definition()


def start(user: User, definition: ReportDefinition) -> Job:
    return services.run_now(definition, by=user, form_key=uuid.uuid4())


def test_a_double_click_starts_one_run_and_shows_it(
    sign_in: SignIn, reviewer: User, definition: ReportDefinition
) -> None:
    client, form = sign_in(reviewer), {"definition": "weekly", "form_key": str(uuid.uuid4())}
    answers = {client.post("/reports/run/", form)["Location"] for _click in range(2)}
    assert answers == {f"/reports/runs/{Job.objects.get().pk}/"}


@pytest.mark.parametrize("role", ["", "analyst"])
def test_others_may_not_and_nothing_starts(sign_in: SignIn, definition: ReportDefinition, role: str) -> None:
    form = {"definition": "weekly", "form_key": str(uuid.uuid4())}
    assert sign_in(make_user(role=role)).post("/reports/run/", form).status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize("form", [{}, {"definition": "weekly"}, {"definition": "gone", "form_key": str(uuid.uuid4())}])
def test_a_broken_form_starts_nothing_and_says_so(
    sign_in: SignIn, reviewer: User, definition: ReportDefinition, form: dict[str, str]
) -> None:
    response = sign_in(reviewer).post("/reports/run/", form, follow=True)
    assert "could not be started" in response.content.decode()
    assert not Job.objects.exists()


def test_nothing_starts_by_a_link(sign_in: SignIn, reviewer: User, definition: ReportDefinition) -> None:
    assert sign_in(reviewer).get("/reports/run/").status_code == 405


def test_a_run_shows_how_far_it_is_and_asks_again(
    sign_in: SignIn, reviewer: User, definition: ReportDefinition
) -> None:
    run = start(reviewer, definition)
    Job.objects.filter(pk=run.pk).update(state=JobState.RUNNING, progress=60, step="Drawing")
    client, address = sign_in(reviewer), f"/reports/runs/{run.pk}/"
    page = client.get(address).content.decode()
    assert 'value="60"' in page
    assert "Drawing" in page
    # With script it asks by itself; without, there is a link.
    assert 'hx-trigger="every 2s"' in page
    assert f'href="{address}"' in page
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="run-progress"')


def test_a_run_is_named_by_the_title_of_its_report(
    sign_in: SignIn, reviewer: User, definition: ReportDefinition
) -> None:
    run, client = start(reviewer, definition), sign_in(reviewer)
    Job.objects.filter(pk=run.pk).update(state=JobState.WAITING)
    for address in (f"/reports/runs/{run.pk}/", "/reports/"):
        page = client.get(address).content.decode()
        assert re.search(r"<bdi>Weekly progress report</bdi>\s*(</dd>|, <time)", page), address


def test_an_ended_run_asks_no_more(sign_in: SignIn, reviewer: User, definition: ReportDefinition) -> None:
    run = start(reviewer, definition)
    Job.objects.filter(pk=run.pk).update(state=JobState.FAILED, reason="Needed more than 2048 MB of memory.")
    page = sign_in(reviewer).get(f"/reports/runs/{run.pk}/").content.decode()
    assert "every 2s" not in page
    assert "2048 MB" in page
    assert "Run it again" in page


def test_a_run_that_is_done_leads_to_its_report(sign_in: SignIn, reviewer: User) -> None:
    definition = make_definition(starts_on=WEEK.start)
    with time_machine.travel(MONDAY):
        [run] = services.enqueue_due(MONDAY)
        # Someone else was quicker: the run leads to that report.
        report = make_report(definition)
    Job.objects.filter(pk=run.pk).update(state=JobState.DONE)
    assert report.get_absolute_url() in sign_in(reviewer).get(f"/reports/runs/{run.pk}/").content.decode()


def test_who_started_it_cancels_it_and_runs_it_again(
    sign_in: SignIn, reviewer: User, definition: ReportDefinition
) -> None:
    run, client = start(reviewer, definition), sign_in(reviewer)
    client.post(f"/reports/runs/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == JobState.CANCELLED
    client.post(f"/reports/runs/{run.pk}/retry/")
    run.refresh_from_db()
    assert run.state == JobState.WAITING


def test_another_reviewer_sees_it_but_may_not_end_it(
    sign_in: SignIn, reviewer: User, definition: ReportDefinition
) -> None:
    run, client = start(reviewer, definition), sign_in(make_user(role="reviewer"))
    page = client.get(f"/reports/runs/{run.pk}/")
    assert page.status_code == 200
    assert "/cancel/" not in page.content.decode()
    assert client.post(f"/reports/runs/{run.pk}/cancel/").status_code == 403


def test_an_administrator_may_end_any(
    sign_in: SignIn, reviewer: User, administrator: User, definition: ReportDefinition
) -> None:
    run = start(reviewer, definition)
    sign_in(administrator).post(f"/reports/runs/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == JobState.CANCELLED


def test_readers_do_not_see_runs(sign_in: SignIn, reviewer: User, reader: User, definition: ReportDefinition) -> None:
    run = start(reviewer, definition)
    client = sign_in(reader)
    assert client.get(f"/reports/runs/{run.pk}/").status_code == 404
    assert client.post(f"/reports/runs/{run.pk}/cancel/").status_code == 404


def test_jobs_of_other_kinds_are_not_shown_here(sign_in: SignIn, reviewer: User) -> None:
    other = Job.objects.create(kind="tests.other", key="other", owner=reviewer)
    assert sign_in(reviewer).get(f"/reports/runs/{other.pk}/").status_code == 404


@time_machine.travel(WEDNESDAY)
def test_from_the_click_to_the_report(
    sign_in: SignIn, reviewer: User, definition: ReportDefinition, django_capture_on_commit_callbacks: object
) -> None:
    """The whole way, with a real PDF (the broker is replaced: the job runs when it is sent)."""
    client = sign_in(reviewer)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        response = client.post("/reports/run/", {"definition": "weekly", "form_key": str(uuid.uuid4())})
    page = client.get(response["Location"]).content.decode()
    assert "/reports/2026-W47-01/" in page
    pdf = client.get("/reports/2026-W47-01/pdf/")
    assert b"".join(pdf).startswith(b"%PDF")
