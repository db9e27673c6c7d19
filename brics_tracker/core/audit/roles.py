"""The role with which web and workers use PostgreSQL: it adds to the audit trail and can rewrite nothing in it.

The owner of the tables migrates, restores and prepares; nobody else needs to be it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg import sql

from .tables import append_only_tables

EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
ADDING = "SELECT, INSERT"
READING = "SELECT"


def secure_trail(role: str, password: str = "") -> list[str]:
    """Give a role exactly the rights that the product needs; returns the tables that it can only add to.

    Run by the tables' owner, after each migration: a table that came since has no rights at all until then. The role is
    made where it is missing and a password is given. Raises ValidationError where the rights would mean nothing:
    the role owns tables, is a superuser, or may act as one who is.
    """
    if connection.vendor != "postgresql":
        raise ValidationError(
            _("Roles are PostgreSQL's: SQLite is one file, and whoever can write it can write all of it.")
        )
    with transaction.atomic():
        _make_role(role, password)
        _check_role(role)
        for statement in _statements(role):
            _execute(statement)
    return sorted(append_only_tables())


def rewritable_tables() -> list[str]:
    """Tables of the trail whose rows this connection's role could change or remove."""
    if connection.vendor != "postgresql":
        return []
    return [
        table
        for table in sorted(append_only_tables())
        if _asked("SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')", connection.ops.quote_name(table))
    ]


def _statements(role: str) -> Iterator[sql.Composed]:
    who, schema = sql.Identifier(role), sql.Identifier(str(_asked("SELECT current_schema()")))
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, who)
    yield sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC, {}").format(schema, who)
    yield sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, who)
    only_added = append_only_tables()
    for table in _tables():
        # What migrated when is read by /readyz, and written by the owner alone.
        rights = READING if table == "django_migrations" else ADDING if table in only_added else EVERYTHING
        where = sql.Identifier(table)
        yield sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(where, who)
        yield sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), where, who)


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def _make_role(role: str, password: str) -> None:
    """A role of its own for the web. One that is there keeps its password in step with what the web is told."""
    if not password:
        return
    there = _asked("SELECT COUNT(*) FROM pg_roles WHERE rolname = %s", role)
    act = sql.SQL("ALTER ROLE {} PASSWORD {}" if there else "CREATE ROLE {} LOGIN PASSWORD {}")
    _execute(act.format(sql.Identifier(role), sql.Literal(password)))


def _check_role(role: str) -> None:
    if not _asked("SELECT COUNT(*) FROM pg_roles WHERE rolname = %s", role):
        raise ValidationError(_("There is no role %(role)s.") % {"role": role})
    if _asked("SELECT rolsuper FROM pg_roles WHERE rolname = %s", role):
        raise ValidationError(_("%(role)s is a superuser, whom nothing is refused.") % {"role": role})
    owned = _asked(
        """
        SELECT COUNT(*) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner
        WHERE relname = ANY(%s) AND pg_has_role(%s, relowner, 'MEMBER')
        """,
        list(append_only_tables()), role,
    )  # fmt: skip
    if owned:
        raise ValidationError(_("%(role)s owns the tables, or may act as their owner.") % {"role": role})


def _asked(question: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question, values)  # type: ignore[arg-type]
        return cursor.fetchone()[0]


def _execute(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
