"""`INSERT ... SELECT` from a queryset: the one statement that Django's ORM cannot write."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Expression, F, Field, Model, QuerySet

Column = Expression | F


def insert_select(model: type[Model], source: QuerySet[Any], columns: Mapping[str, Column], tail: str = "") -> int:
    """Inserts one row into `model` for every row of `source`, inside the database.

    - `columns`: attribute name of the target field -> expression over `source`.
    - `tail`: what follows the SELECT, such as ON CONFLICT.
    - Returns the number of rows inserted or updated. The same SQL on PostgreSQL and SQLite.
    """
    quote = connection.ops.quote_name
    names = [f"c{number}_" for number in range(len(columns))]
    selected = source.annotate(**dict(zip(names, columns.values(), strict=True))).values_list(*names)
    sql, parameters = selected.query.sql_with_params()
    targets = ", ".join(quote(_column(model, attribute)) for attribute in columns)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({targets}) {sql} {tail}", parameters)
        return max(cursor.rowcount, 0)


def _column(model: type[Model], attribute: str) -> str:
    field = model._meta.get_field(attribute)
    assert isinstance(field, Field)
    assert field.column is not None
    return field.column
