"""A mail server that takes everything, remembers it, and can hold its answer: the moment in which a test kills."""

from __future__ import annotations

import email
import socketserver
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread


class Sink:
    """What came in, by recipient; `hold_at` names the arrival (from 1) whose answer waits until `let_go`."""

    def __init__(self) -> None:
        self.arrived: dict[str, list[str]] = defaultdict(list)
        self.number = 0
        self.hold_at = 0
        self.held, self.go = Event(), Event()
        self.port = 0
        self._lock = Lock()

    def take(self, recipients: list[str], text: str) -> None:
        """One mail, taken for good: whoever dies now without the answer does not know that it was."""
        message_id = str(email.message_from_string(text)["Message-ID"])
        with self._lock:
            self.number += 1
            here = self.number == self.hold_at
            for recipient in recipients:
                self.arrived[recipient].append(message_id)
        if here:
            self.held.set()
            self.go.wait(30)

    def hold_next(self, after: int) -> None:
        """Hold the answer to the mail that comes after so many others."""
        self.held.clear()
        self.go.clear()
        self.hold_at = self.number + after

    def let_go(self) -> None:
        self.hold_at = 0
        self.go.set()

    @property
    def repeats(self) -> int:
        """How many mails came again."""
        return sum(len(ids) - 1 for ids in self.arrived.values())

    @property
    def doubled(self) -> dict[str, list[str]]:
        """Who got the same thing as another mail: more than one Message-ID."""
        return {recipient: ids for recipient, ids in self.arrived.items() if len(set(ids)) > 1}


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        sink: Sink = self.server.sink  # type: ignore[attr-defined]
        recipients: list[str] = []
        try:
            self._say("220 sink")
            while line := self.rfile.readline():
                word = line.strip().upper()
                if word.startswith(b"RCPT"):
                    recipients.append(line.decode().partition("<")[2].partition(">")[0])
                if word == b"DATA":
                    self._say("354 go on")
                    if (text := self._text()) is None:
                        return  # cut off: nothing was taken
                    sink.take(recipients, text)
                    recipients = []
                if word == b"QUIT":
                    self._say("221 bye")
                    return
                self._say("250 ok")
        except OSError:  # whoever was sending is dead
            return

    def _text(self) -> str | None:
        """The whole mail; None where its sender died before its end."""
        lines: list[str] = []
        while line := self.rfile.readline():
            if line.rstrip(b"\r\n") == b".":
                return "".join(lines)
            lines.append(line.decode())
        return None

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
        self.wfile.flush()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """A sink that listens on a port of its own while the block lasts."""
    sink = Sink()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.sink = sink  # type: ignore[attr-defined]
        sink.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield sink
        sink.let_go()
        server.shutdown()
