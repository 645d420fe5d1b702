"""`INSERT ... SELECT` from a queryset, from a list joined with one, and of plain rows: the statements that Django's
ORM cannot write, or not as fast. The same SQL on PostgreSQL and SQLite."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Expression, F, Field, Model, QuerySet

from messaging.batches import batched

Column = Expression | F


def insert_select(model: type[Model], source: QuerySet[Any], columns: Mapping[str, Column], tail: str = "") -> int:
    """Inserts one row into `model` for every row of `source`, inside the database.

    - `columns`: attribute name of the target field -> expression over `source`.
    - `tail`: what follows the SELECT, such as ON CONFLICT.
    - Returns the number of rows inserted or updated.
    """
    names = [f"c{number}_" for number in range(len(columns))]
    selected = source.annotate(**dict(zip(names, columns.values(), strict=True))).values_list(*names)
    sql, parameters = selected.query.sql_with_params()
    targets = [_column(model, attribute) for attribute in columns]
    return _execute(f"{_into(model, targets)} {sql} {tail}", parameters)


def insert_joined(
    model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]], source: QuerySet[Any],
    columns: Mapping[str, str], on: str, tail: str = "",
) -> int:  # fmt: skip
    """Inserts one row into `model` for every pair of a listed row and a row of `source` that belong together.

    - `names` and `rows`: the list, in the statement as `due`. No column may be NULL in every row (PostgreSQL would take
      it for text). `source`: a queryset of `values`, in the statement as `e`.
    - `columns`: database column -> SQL over `due` and `e`; `on`: SQL, which of them belong together.
    """
    listed = ", ".join([f"({', '.join(['%s'] * len(names))})"] * len(rows))
    sql, parameters = source.query.sql_with_params()
    return _execute(
        f"WITH due ({', '.join(names)}) AS (VALUES {listed}) {_into(model, columns)}"
        f" SELECT {', '.join(columns.values())} FROM due JOIN ({sql}) e ON {on} {tail}",
        [*(_adapted(value) for row in rows for value in row), *parameters],
    )


def insert_rows(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], tail: str = "") -> int:
    """Inserts plain rows, a few hundred in a statement: several times faster than `bulk_create`, which makes an object
    of each and prepares it field by field."""
    one = f"({', '.join(['%s'] * len(columns))})"
    return sum(
        _execute(
            f"{_into(model, columns)} VALUES {', '.join([one] * len(some))} {tail}",
            [_adapted(value) for row in some for value in row],
        )
        for some in batched(rows)
    )


def _into(model: type[Model], columns: Iterable[str]) -> str:
    quote = connection.ops.quote_name
    return f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(column) for column in columns)})"


def _execute(sql: str, parameters: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return max(cursor.rowcount, 0)


def _adapted(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _column(model: type[Model], attribute: str) -> str:
    field = model._meta.get_field(attribute)
    assert isinstance(field, Field)
    assert field.column is not None
    return field.column
