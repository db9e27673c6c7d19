"""Two administrators who shut each other out at the same moment: one of them stays."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from brics_tracker.accounts import services
from brics_tracker.accounts.models import User
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def race(*acts: Callable[[], object]) -> list[bool]:
    """Run the acts at the same moment; says which of them were done."""
    done, start = [False] * len(acts), Barrier(len(acts))

    def run(index: int) -> None:
        try:
            start.wait(timeout=5)
            acts[index]()
            done[index] = True
        except ValidationError:
            pass
        finally:
            connection.close()

    threads = [Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return done


@pytest.mark.parametrize("attempt", range(5))
def test_one_of_two_stays(attempt: int) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time, and its test database is one connection's own")
    one, other = (make_user(f"{name}-{attempt}", role="administrator") for name in ("one", "other"))
    done = race(
        lambda: services.revoke_grant(other.grants.get(), by=one), lambda: services.deactivate_user(one, by=other)
    )
    assert sorted(done) == [False, True]
    left = [user for user in User.objects.filter(is_active=True) if user.grants.filter(role="administrator").exists()]
    assert len(left) == 1
