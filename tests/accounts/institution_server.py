"""An institution's sign-in service on this machine: speaks OpenID Connect over HTTP, and misbehaves when told to."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "tracker", "a secret between the two"


class Institution:
    """What it knows of one person, which codes it gave out, and what it does wrong."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {"sub": "p-1", "email": "person@example.org", "email_verified": True}
        self.about: dict[str, Any] = {"sub": "p-1"}  # what userinfo says
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        self.header: dict[str, Any] = {"kid": "first"}
        self.signing: Any = None  # another key, and its algorithm
        self.configuration: dict[str, Any] = {}
        self.refusal = ""  # "access_denied": the person turned back there

    def describe(self) -> dict[str, Any]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys",
                 "userinfo_endpoint": "userinfo"}  # fmt: skip
        ends = {name: f"{self.address}/{path}" for name, path in names.items()}
        return {"issuer": self.address, **ends, **self.configuration}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to; the person is signed in there already."""
        self.asked.append(query)
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        answer = {"state": query["state"], "error": self.refusal}
        if not self.refusal:
            code = secrets.token_urlsafe(16)
            self.codes[code] = query
            answer = {"state": query["state"], "code": code}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """The tokens for a code; None where anything does not match what was asked."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET)
            or form.get("redirect_uri") != asked["redirect_uri"]
            or asked.get("code_challenge_method") != "S256"
            or base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked.get("code_challenge")
        ):
            return None
        now = int(time.time())
        own = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked.get("nonce")}
        key, algorithm = self.signing or (self.key, "RS256")
        claims = {name: value for name, value in {**own, **self.claims}.items() if value is not None}
        return {
            "access_token": "opaque",
            "token_type": "Bearer",
            "id_token": jwt.encode(claims, key, algorithm=algorithm, headers=self.header),
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "first", "use": "sig", "alg": "RS256"}]}


@contextmanager
def running_institution() -> Iterator[Institution]:
    """The service on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.institution = Institution(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.institution  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    @property
    def institution(self) -> Institution:
        return self.server.institution  # type: ignore[attr-defined, no-any-return]

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.institution.authorize(query))
            self.end_headers()
            return
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "/.well-known/openid-configuration": self.institution.describe,
            "/keys": self.institution.keys,
            "/userinfo": lambda: self.institution.about,
        }
        self._say(answers[address.path]())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = self.institution.token({name: values[0] for name, values in parse_qs(body).items()})
        self._say(answer or {"error": "invalid_grant"}, 200 if answer else 400)

    def _say(self, answer: Any, status: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Says nothing into the tests' output."""
