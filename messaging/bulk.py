"""Writing many changed rows at once."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model


def update_rows(rows: Iterable[Model], fields: Sequence[str]) -> None:
    """Write the named `fields` of changed `rows` (of one model), in the order given.

    One prepared UPDATE by primary key, executed for every row: about a tenth of the time of `bulk_update`, whose CASE
    over all rows costs more to build than to run. Plain values only, no expressions. The caller holds the locks.
    """
    rows = list(rows)
    if not rows:
        return
    meta = type(rows[0])._meta
    columns = [cast("Field[Any, Any]", meta.get_field(name)) for name in fields]
    key = meta.pk
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(str(column.column))} = %s" for column in columns)
    sql = f"UPDATE {quote(meta.db_table)} SET {assignments} WHERE {quote(str(key.column))} = %s"
    values = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for column in (*columns, key)]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
