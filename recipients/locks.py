"""Who waits for whom: one registration at a time where people are compared, one fact at a time per person."""

from __future__ import annotations

from typing import TypeVar

from django.db import connection
from django.db.models import Model

Row = TypeVar("Row", bound=Model)

_REGISTRATION = 0x6D616D01


def lock_registration() -> None:
    """Until the transaction ends nobody else compares newcomers with the people on record.

    Two imports of the same register, or an import and a page, would otherwise both find a woman missing and both
    register her. PostgreSQL: a transaction-level advisory lock, which holds up no other work. SQLite: the
    transaction itself (IMMEDIATE) already admits one writer.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTRATION])


def lock(row: Row) -> Row:
    """Locks the row until the transaction ends and reads its present values into the same object.

    Not against foreign keys to it, so planning and sending go on meanwhile.
    """
    manager = type(row)._default_manager
    row.refresh_from_db(from_queryset=manager.select_for_update(of=("self",), no_key=True))
    return row
