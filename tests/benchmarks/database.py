"""A PostgreSQL database for one benchmark: made, migrated, filled by the hundred thousand, dropped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from django.db.models import Field, Model

SERVER = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """Sets Django up on a new, migrated database of the local PostgreSQL server, and drops it at the end."""
    server = SERVER.replace("postgres://", "postgresql://")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    os.environ["DATABASE_URL"] = SERVER.rsplit("/", 1)[0] + f"/{name}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connections.close_all()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def copies(row: Model, first: int, last: int, **changes: str) -> None:
    """Copies `row` for every number n from `first` to `last`; its primary key becomes n.

    `changes`: attribute name of a field -> an SQL expression over n.
    """
    from django.db import connection

    quote, table = connection.ops.quote_name, row._meta.db_table
    fields: list[Field] = list(row._meta.concrete_fields)
    changed = {"id": "n", **changes}
    values = [changed.get(field.attname, f"t.{quote(field.column)}") for field in fields]
    columns = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(table)} ({columns}) SELECT {', '.join(values)} FROM {quote(table)} t, "
            f"generate_series({first:d}, {last:d}) n WHERE t.id = {row.pk:d}"
        )
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last:d})")
