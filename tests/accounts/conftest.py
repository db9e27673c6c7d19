"""What the tests of accounts share: mails that are really sent, and the link in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from brics_tracker.accounts.models import User

Committing = Callable[[], Any]
GOOD_PASSWORD = "a long and quiet river"


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Any) -> Committing:
    """`with committing():` - what happens on commit (jobs, hence mails) happens at the end of the block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def link_in_last_mail() -> str:
    """The path of the link that sets a password, from the newest mail."""
    found = re.search(rf"{re.escape(settings.SITE_URL)}(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def follow(client: Client, path: str) -> Any:
    """Open a mailed link as a browser does; the answer is the form, or the page that says it no longer works."""
    return client.get(path, follow=True)


def set_password(client: Client, path: str, password: str = GOOD_PASSWORD) -> Any:
    opened = follow(client, path)
    address = opened.redirect_chain[-1][0] if opened.redirect_chain else path
    return client.post(address, {"password1": password, "password2": password})


def give_password(user: User, password: str = GOOD_PASSWORD) -> User:
    user.set_password(password)
    user.save()
    return user


def try_to_sign_in(client: Client, email: str, password: str = GOOD_PASSWORD, **extra: Any) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password, **extra})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session
