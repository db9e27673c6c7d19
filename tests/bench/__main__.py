"""`make bench`: our pages as ratios to raw floors measured in the same, interleaved run. Prints; never fails.

Needs PostgreSQL (BENCH_DATABASE_URL, default a local one; the database is made if it is missing). BENCH_PROPOSALS and
BENCH_UPDATES set the size (10,000 and 50,000), BENCH_ROUNDS the repetitions, BENCH_PORT the first of two ports.
"""

from __future__ import annotations

import http.client
import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATABASE_URL = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/brics_tracker_bench")
PROPOSALS = int(os.environ.get("BENCH_PROPOSALS", "10000"))
UPDATES = int(os.environ.get("BENCH_UPDATES", "50000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PRODUCT = int(os.environ.get("BENCH_PORT", "8191"))
FLOOR = PRODUCT + 1
WORDS = "rail+corridors"  # stand in about a fifth of the invented proposals
GUNICORN = [
    "--worker-class",
    "gthread",
    "--workers",
    "2",
    "--threads",
    "4",
    "--log-level",
    "warning",
    "--timeout",
    "120",
    "--keep-alive",
    "75",
]


@dataclass
class Work:
    """One line of the table: what we do, what the floor does, how often in a round, and the target."""

    name: str
    ours: Callable[[], object]
    raw: Callable[[], object]
    must: float | None  # no target where the work is asked at another size
    times: int = 40
    ratios: list[float] = field(default_factory=list)

    def measure(self) -> None:
        """One round: ours and raw take turns; the ratio of the medians is kept."""
        ours, raw = [], []
        for _time in range(self.times):
            raw.append(timed(self.raw))
            ours.append(timed(self.ours))
        self.ratios.append(statistics.median(ours) / statistics.median(raw))
        self.raw_ms = statistics.median(raw) * 1000
        self.ours_ms = statistics.median(ours) * 1000


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


class Visitor:
    """One kept-alive connection with the cookies of one person."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Cookie": cookie, "Host": "localhost"} if cookie else {"Host": "localhost"}

    def get(self, path: str) -> bytes:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> bytes:
        return self._ask("POST", path, urllib.parse.urlencode(fields).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> bytes:
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):  # idle for too long
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        text = answer.read()
        expected = {200} if method == "GET" else {302}
        if answer.status not in expected:
            raise SystemExit(f"{method} {path} answered {answer.status}: {text[:500]!r}")
        return text


def environment(folder: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": DATABASE_URL, "DATA_DIR": folder, "SECRET_KEY": "only-for-the-bench-" + "x" * 40, "REDIS_URL": "",
        "SITE_URL": "http://localhost", "DJANGO_SETTINGS_MODULE": "brics_tracker.settings",
        "BENCH_DATABASE_URL": DATABASE_URL,
    }  # fmt: skip


def manage(folder: str, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=BASE_DIR, env=environment(folder), check=True, capture_output=True, text=True
    ).stdout


def prepare(folder: str) -> str:
    """The database with its rows, static files collected, one person signed in; returns their session's cookie."""
    address = urllib.parse.urlsplit(DATABASE_URL)
    server = DATABASE_URL.replace(address.path, "/postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        name = address.path.lstrip("/")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')
    manage(folder, "migrate", "-v0")
    manage(folder, "collectstatic", "--noinput", "-v0")
    with psycopg.connect(DATABASE_URL) as connection:
        there = connection.execute("SELECT count(*) FROM proposals_proposal").fetchone()[0]  # type: ignore[index]
    if there < PROPOSALS:
        print(f"making {PROPOSALS - there} proposals …", flush=True)
        manage(folder, "load_catalogue")
        manage(folder, "make_synthetic", "--proposals", str(PROPOSALS - there), "--updates", str(UPDATES), "--force")
    with psycopg.connect(DATABASE_URL, autocommit=True) as connection:
        for table in ("tracking_update", "tracking_historicalupdate"):  # what earlier runs wrote
            connection.execute(sql.SQL("DELETE FROM {} WHERE text LIKE 'Bench %'").format(sql.Identifier(table)))
        connection.execute("ANALYZE")
    return manage(folder, "shell", "-v0", "-c", SIGN_IN).strip().splitlines()[-1]


SIGN_IN = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from brics_tracker.accounts.models import Grant, User
user = User.objects.filter(email="bench@example.org").first() or User.objects.create_user("bench@example.org", name="Bench")
Grant.objects.get_or_create(user=user, role="analyst")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
"""


@contextmanager
def serving(folder: str):  # type: ignore[no-untyped-def]
    """Both servers under the same gunicorn settings, ended afterwards."""
    servers = [
        subprocess.Popen([sys.executable, "-m", "gunicorn", *GUNICORN, "--bind", f"127.0.0.1:{port}", application],
                         cwd=BASE_DIR, env=environment(folder))
        for port, application in ((PRODUCT, "brics_tracker.wsgi:application"), (FLOOR, "tests.bench.floor:application"))
    ]  # fmt: skip
    try:
        for port, path in ((PRODUCT, "/healthz"), (FLOOR, "/list")):
            wait_for(port, path)
        yield servers
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(15)


def wait_for(port: int, path: str) -> None:
    for _try in range(150):
        try:
            Visitor(port).get(path)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"no answer at port {port}")


def memory_mib(pid: int) -> float:
    """Proportional memory (PSS) of a process and its children."""
    total, waiting = 0, [pid]
    while waiting:
        current = waiting.pop()
        try:
            total += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{current}/smaps_rollup").read_text(), re.M)[1])  # type: ignore[index]
            waiting += [int(child) for child in Path(f"/proc/{current}/task/{current}/children").read_text().split()]
        except (OSError, TypeError):
            continue
    return total / 1024


class Workbooks:
    """The process that writes workbooks: ours and the raw sheet, in turns."""

    def __init__(self, folder: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.workbook"], cwd=BASE_DIR, env=environment(folder), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, word: str) -> str:
        asked, answered = self.process.stdin, self.process.stdout
        assert asked is not None
        assert answered is not None
        print(word, file=asked, flush=True)
        answer = answered.readline().strip()
        if not answer:
            raise SystemExit("the process that writes workbooks has ended")
        return answer

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(15)


def works(cookie: str, found: list[str], workbooks: Workbooks) -> list[Work]:
    reference, targets = found[0], itertools.cycle(found[1:])
    us, raw = Visitor(PRODUCT, cookie), Visitor(FLOOR)
    page = us.get(f"/items/{reference}/log/").decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None:
        raise SystemExit("no form to log progress")
    writer = Visitor(PRODUCT, f"{cookie}; csrftoken={token[1]}")  # a masked token pairs with itself

    def write() -> None:
        fields = {
            "csrfmiddlewaretoken": token[1], "form_key": str(uuid.uuid4()), "text": "Bench entry.", "happened": "2026-01-01",
            "source-TOTAL_FORMS": "0", "source-INITIAL_FORMS": "0", "then": "submit",
        }  # fmt: skip
        writer.post(f"/items/{next(targets)}/log/", fields)

    return [
        Work("proposals list, first 50", lambda: us.get("/proposals/?status=agreed&sort=due"), lambda: raw.get("/list"), 20),
        Work("one proposal", lambda: us.get(f"/proposals/{reference}/"), lambda: raw.get(f"/detail?reference={reference}"), 15),
        Work("API list of 100", lambda: us.get("/api/v1/proposals/?page_size=100"), lambda: raw.get("/api"), 4),
        Work("overview", lambda: us.get("/"), lambda: raw.get("/overview"), 1 if PROPOSALS >= 100_000 else None, times=20),
        Work("search with highlights", lambda: us.get(f"/search/?q={WORDS}"), lambda: raw.get(f"/search?q={WORDS}"), 20),
        Work("write one update", write, lambda: raw.get(f"/write?reference={next(targets)}"), 10),
        Work("CSV of all rows", lambda: us.get("/proposals/?columns=all&export=csv"), lambda: raw.get("/csv"), 4, times=5),
        Work("XLSX of 100k x 7", lambda: workbooks.ask("ours"), lambda: workbooks.ask("raw"), 10, times=1),
    ]  # fmt: skip


def references() -> list[str]:
    """Open items with six published updates and nothing else; the first is read, the others are written to in turn."""
    with psycopg.connect(DATABASE_URL) as connection:
        rows = connection.execute(
            "SELECT t.reference FROM tracking_trackeditem t JOIN tracking_update u ON u.item_id = t.id "
            "WHERE t.item_kind = 'proposal' AND t.status = 'discussion' GROUP BY t.id "
            "HAVING count(*) = 6 AND bool_and(u.review_state = 'published') ORDER BY t.id LIMIT 150"
        ).fetchall()
    return [row[0] for row in rows]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="brics-tracker-bench-") as folder:
        cookie = prepare(folder)
        with serving(folder) as servers, closing(Workbooks(folder)) as workbooks:
            table = works(cookie, references(), workbooks)
            for work in table:  # warm: connections, templates, plans
                for _time in range(min(5, work.times)):
                    work.ours()
                    work.raw()
            before = memory_mib(servers[0].pid)
            for _round in range(ROUNDS):
                for work in table:
                    work.measure()
            after = memory_mib(servers[0].pid)
            grown = workbooks.ask("memory").split()
    print(
        f"\n{PROPOSALS} proposals, {UPDATES} updates; median ratio of {ROUNDS} rounds to the raw floor of the same run"
    )
    print(f"{'work':30} {'ratio':>7} {'spread':>13} {'must':>5}  met   (ours / raw, ms)")
    for work in table:
        ratio = statistics.median(work.ratios)
        spread = f"{min(work.ratios):.1f}–{max(work.ratios):.1f}"
        met = "yes" if work.must is None or ratio <= work.must else "NO"
        must = "–" if work.must is None else f"{work.must:.0f}"
        print(f"{work.name:30} {ratio:7.1f} {spread:>13} {must:>5}  {met:4}  ({work.ours_ms:.1f} / {work.raw_ms:.1f})")
    print(
        f"memory of 2 workers (PSS): {before:.0f} MiB before, {after:.0f} MiB after {ROUNDS * 5} exports (must ≤ 300)"
    )
    print(f"memory for XLSX of 100k x 7: {grown[0]} MiB in the worker, {grown[1]} MiB in its child (must < 50)")


if __name__ == "__main__":
    main()
