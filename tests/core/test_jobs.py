"""Background work: asked for once, done once, and ended in a way that someone sees."""

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from celery import current_app
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections, transaction
from django.utils import timezone

from brics_tracker.accounts.models import User
from brics_tracker.core import jobs
from brics_tracker.core.choices import JobState
from brics_tracker.core.models import Job, Theme

KIND = "tests.work"


@pytest.fixture
def work() -> Iterator[Callable[[jobs.Work], None]]:
    """work(function) makes it the function of the kind "tests.work" for one test."""

    def register(function: jobs.Work) -> None:
        jobs.job(KIND)(function)

    yield register
    jobs._register.pop(KIND, None)


def waiting_job(**values: object) -> Job:
    return Job.objects.create(kind=KIND, key=str(uuid.uuid4()), **values)


def lost_job(**values: object) -> Job:
    long_ago = timezone.now() - jobs.LOST_AFTER - timedelta(seconds=1)
    return waiting_job(state=JobState.RUNNING, lease=uuid.uuid4(), heartbeat_at=long_ago, **values)


@pytest.mark.django_db
class TestEnqueue:
    def test_it_runs_the_work_once_the_caller_has_saved(
        self, work: Callable[[jobs.Work], None], django_capture_on_commit_callbacks: Callable[..., object]
    ) -> None:
        seen: list[object] = []
        work(lambda row, progress: seen.append(row.arguments))
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            row = jobs.enqueue(KIND, key="a", arguments={"number": 1})
            assert seen == []
        row.refresh_from_db()
        assert (seen, row.state, row.progress) == ([{"number": 1}], JobState.DONE, 100)

    def test_asking_twice_gives_one_job(self) -> None:
        assert jobs.enqueue(KIND, key="a").pk == jobs.enqueue(KIND, key="a").pk
        assert Job.objects.count() == 1

    def test_a_caller_who_fails_leaves_no_job(self) -> None:
        def fail_after_asking() -> None:
            with transaction.atomic():
                jobs.enqueue(KIND, key="a")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail_after_asking()
        assert not Job.objects.exists()

    def test_a_broker_that_is_down_does_not_fail_the_caller(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(**kwargs: object) -> None:
            raise ConnectionError("the broker is away")

        monkeypatch.setattr(current_app.tasks["core.run_job"], "apply_async", refuse)
        row = waiting_job()
        assert jobs.send(row.pk) is False
        row.refresh_from_db()
        assert (row.state, row.sent_at) == (JobState.WAITING, None)


@pytest.mark.django_db
class TestRun:
    def test_a_failure_is_kept_as_a_reason(self, work: Callable[[jobs.Work], None]) -> None:
        def fail(row: Job, progress: jobs.Progress) -> None:
            raise ValidationError("The cut-off lies in the future.")

        work(fail)
        row = waiting_job()
        jobs.run(row.pk)
        row.refresh_from_db()
        assert (row.state, row.reason) == (JobState.FAILED, "The cut-off lies in the future.")
        assert row.finished_at is not None

    def test_an_unforeseen_failure_names_its_kind(self, work: Callable[[jobs.Work], None]) -> None:
        work(lambda row, progress: [][1])
        row = waiting_job()
        jobs.run(row.pk)
        row.refresh_from_db()
        assert row.state == JobState.FAILED
        assert row.reason.startswith("IndexError")

    def test_unknown_work_fails_with_its_name(self) -> None:
        row = waiting_job()
        jobs.run(row.pk)
        row.refresh_from_db()
        assert row.state == JobState.FAILED
        assert KIND in row.reason

    def test_a_second_worker_does_nothing(self, work: Callable[[jobs.Work], None]) -> None:
        seen: list[int] = []
        work(lambda row, progress: seen.append(1))
        row = waiting_job()
        jobs.run(row.pk)
        jobs.run(row.pk)
        assert seen == [1]

    def test_the_step_is_shown_while_it_runs(self, work: Callable[[jobs.Work], None]) -> None:
        shown: list[tuple[int, str]] = []

        def look(row: Job, progress: jobs.Progress) -> None:
            progress.step(40, "writing tables")
            row.refresh_from_db()
            shown.append((row.progress, row.step))

        work(look)
        jobs.run(waiting_job().pk)
        assert shown == [(40, "writing tables")]

    def test_a_worker_given_up_for_dead_writes_nothing_more(self, work: Callable[[jobs.Work], None]) -> None:
        def outlive_the_lease(row: Job, progress: jobs.Progress) -> None:
            Job.objects.filter(pk=row.pk).update(lease=uuid.uuid4())
            with progress.completing():
                Theme.objects.create(code="XX", name="written too late")

        work(outlive_the_lease)
        row = waiting_job()
        jobs.run(row.pk)
        row.refresh_from_db()
        assert row.state == JobState.RUNNING
        assert not Theme.objects.filter(name="written too late").exists()

    def test_effect_and_done_are_saved_together_or_not_at_all(self, work: Callable[[jobs.Work], None]) -> None:
        def half(row: Job, progress: jobs.Progress) -> None:
            with progress.completing():
                Theme.objects.create(code="XX", name="half a report")
                raise RuntimeError("the other half is missing")

        work(half)
        row = waiting_job()
        jobs.run(row.pk)
        row.refresh_from_db()
        assert row.state == JobState.FAILED
        assert not Theme.objects.filter(name="half a report").exists()

    def test_completing_means_done(self, work: Callable[[jobs.Work], None]) -> None:
        def whole(row: Job, progress: jobs.Progress) -> None:
            with progress.completing():
                Theme.objects.create(code="XX", name="a whole report")

        work(whole)
        row = waiting_job()
        jobs.run(row.pk)
        row.refresh_from_db()
        assert (row.state, row.progress) == (JobState.DONE, 100)


@pytest.mark.django_db
class TestCancelAndRetry:
    def test_a_waiting_job_ends_at_once(self, analyst: User) -> None:
        row = jobs.cancel_job(waiting_job(owner=analyst), by=analyst)
        assert (row.state, row.reason) == (JobState.CANCELLED, "Cancelled by analyst.")

    def test_a_running_job_stops_at_its_next_step(self, work: Callable[[jobs.Work], None], analyst: User) -> None:
        reached: list[str] = []

        def cancelled_half_way(row: Job, progress: jobs.Progress) -> None:
            jobs.cancel_job(row, by=analyst)
            progress.step(50, "half way")
            reached.append("beyond")

        work(cancelled_half_way)
        row = waiting_job(owner=analyst)
        jobs.run(row.pk)
        row.refresh_from_db()
        assert (row.state, row.reason, reached) == (JobState.CANCELLED, "Cancelled by analyst.", [])

    def test_what_is_noted_while_rows_are_read_shows_with_the_next_heartbeat(self) -> None:
        row = waiting_job(state=JobState.RUNNING, lease=uuid.uuid4())
        progress = jobs.Progress(row)
        progress.note(140, "2 of 5 rows")
        row.refresh_from_db()
        assert (row.progress, row.step) == (0, "")
        progress.beat()
        row.refresh_from_db()
        assert (row.progress, row.step) == (100, "2 of 5 rows")

    def test_a_heartbeat_tells_a_running_job_to_stop(self, analyst: User) -> None:
        row = waiting_job(state=JobState.RUNNING, lease=uuid.uuid4(), heartbeat_at=timezone.now(), owner=analyst)
        progress = jobs.Progress(row)
        progress.beat()
        assert progress.should_stop() is False
        jobs.cancel_job(row, by=analyst)
        progress.beat()
        assert progress.should_stop() is True

    def test_someone_elses_job_stays(self, analyst: User, other_analyst: User) -> None:
        with pytest.raises(PermissionDenied):
            jobs.cancel_job(waiting_job(owner=analyst), by=other_analyst)

    def test_an_administrator_may_cancel_any(self, analyst: User, administrator: User) -> None:
        assert jobs.cancel_job(waiting_job(owner=analyst), by=administrator).state == JobState.CANCELLED

    def test_an_ended_job_cannot_be_cancelled(self, analyst: User) -> None:
        with pytest.raises(ValidationError):
            jobs.cancel_job(waiting_job(owner=analyst, state=JobState.DONE), by=analyst)

    def test_a_failed_job_runs_again(self, analyst: User) -> None:
        row = waiting_job(owner=analyst, state=JobState.FAILED, attempts=3, reason="Its worker was lost 3 times.")
        again = jobs.retry_job(row, by=analyst)
        assert (again.state, again.attempts, again.reason) == (JobState.WAITING, 0, "")

    def test_a_done_job_does_not(self, analyst: User) -> None:
        with pytest.raises(ValidationError):
            jobs.retry_job(waiting_job(owner=analyst, state=JobState.DONE), by=analyst)


@pytest.mark.django_db
class TestSweep:
    @pytest.fixture(autouse=True)
    def _broker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[int] = []

        def take(*, args: tuple[int], **kwargs: object) -> None:
            self.sent.append(args[0])

        monkeypatch.setattr(current_app.tasks["core.run_job"], "apply_async", take)

    def test_a_job_without_heartbeat_is_given_to_another_worker(self) -> None:
        row = lost_job(attempts=1)
        assert jobs.sweep() == {"reclaimed": 1, "sent": 1}
        row.refresh_from_db()
        assert (row.state, row.lease, self.sent) == (JobState.WAITING, None, [row.pk])

    def test_a_job_that_beats_is_left_alone(self) -> None:
        waiting_job(state=JobState.RUNNING, lease=uuid.uuid4(), heartbeat_at=timezone.now(), attempts=1)
        assert jobs.sweep() == {"reclaimed": 0, "sent": 0}

    def test_after_two_reruns_it_fails_with_a_reason(self) -> None:
        row = lost_job(attempts=jobs.MAX_ATTEMPTS)
        jobs.sweep()
        row.refresh_from_db()
        assert (row.state, row.reason) == (JobState.FAILED, "Its worker was lost 3 times.")

    def test_a_lost_job_that_was_to_be_cancelled_is_cancelled(self) -> None:
        row = lost_job(attempts=1, cancel_asked=True)
        jobs.sweep()
        row.refresh_from_db()
        assert row.state == JobState.CANCELLED

    def test_it_sends_what_was_never_sent(self) -> None:
        row = waiting_job()
        jobs.sweep()
        assert self.sent == [row.pk]

    def test_it_sends_again_what_the_broker_may_have_lost(self) -> None:
        row = waiting_job(sent_at=timezone.now() - timedelta(minutes=6))
        fresh = waiting_job(sent_at=timezone.now())
        jobs.sweep()
        assert self.sent == [row.pk]
        assert fresh.pk not in self.sent


def test_two_functions_for_one_kind_are_refused(work: Callable[[jobs.Work], None]) -> None:
    work(lambda row, progress: None)
    with pytest.raises(ValueError, match="two functions"):
        work(lambda row, progress: None)


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_one_does_the_job(work: Callable[[jobs.Work], None]) -> None:
    seen: list[int] = []
    start = threading.Barrier(8)
    work(lambda row, progress: seen.append(row.pk))
    row = waiting_job()

    def worker() -> None:
        start.wait()
        try:
            jobs.run(row.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [row.pk]
