"""Writing many changed rows at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model

AT_ONCE = 1000


def update_rows(rows: Iterable[Model], fields: Sequence[str]) -> None:
    """Write the named `fields` of changed `rows` (of one model), in the order given.

    PostgreSQL: one UPDATE for up to `AT_ONCE` rows, joined with arrays of their values, which takes half the time of
    a statement for each; what is the same in all rows is prepared and sent once, which halves that again where rows
    go the same way together. SQLite: one prepared UPDATE by primary key, executed for every row. Either costs about a
    tenth of `bulk_update`, whose CASE over all rows costs more to build than to run. Plain values only, no
    expressions. The caller holds the locks.
    """
    rows = list(rows)
    for first in range(0, len(rows), AT_ONCE):
        _update(rows[first : first + AT_ONCE], fields)


def _update(rows: Sequence[Model], fields: Sequence[str]) -> None:
    model = type(rows[0])
    columns = {name: [getattr(row, _column(model, name).attname) for row in rows] for name in fields}
    update_values(model, [row.pk for row in rows], columns)


def update_values(model: type[Model], keys: Sequence[Any], values: Mapping[str, Sequence[Any]]) -> None:
    """The same for rows of which only the primary keys and the new values are at hand: `values` by field, a value for
    each key, in the order of the keys."""
    if not keys:
        return
    key = _quoted(cast("Field[Any, Any]", model._meta.pk))
    table = connection.ops.quote_name(model._meta.db_table)
    same: list[tuple[str, str, Any]] = []  # name, type, the value
    each: list[tuple[str, str, list[Any]]] = []  # name, type, the values; the primary key is the last
    for name, raw in values.items():
        column = _column(model, name)
        if all(value == raw[0] for value in raw):
            same.append((_quoted(column), _type(column), column.get_db_prep_save(raw[0], connection)))
        else:
            prepared = [column.get_db_prep_save(value, connection) for value in raw]
            each.append((_quoted(column), _type(column), prepared))
    pk = cast("Field[Any, Any]", model._meta.pk)
    each.append((key, _type(pk), [pk.get_db_prep_save(value, connection) for value in keys]))
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            assigned = ", ".join(f"{name} = %s" for name, _kind, _value in [*same, *each[:-1]])
            one = [value for _name, _kind, value in same]
            rows = [[*one, *several] for several in zip(*(values for _name, _kind, values in each), strict=True)]
            cursor.executemany(f"UPDATE {table} SET {assigned} WHERE {key} = %s", rows)
            return
        assigned = ", ".join(
            [f"{name} = %s::{kind}" for name, kind, _value in same]
            + [f"{name} = v.{name}" for name, _kind, _values in each[:-1]]
        )
        arrays = ", ".join(f"%s::{kind}[]" for _name, kind, _values in each)
        names = ", ".join(name for name, _kind, _values in each)
        cursor.execute(
            f"UPDATE {table} AS t SET {assigned} FROM unnest({arrays}) AS v({names}) WHERE t.{key} = v.{key}",
            [value for _name, _kind, value in [*same, *each]],
        )


def _column(model: type[Model], name: str) -> "Field[Any, Any]":
    return cast("Field[Any, Any]", model._meta.get_field(name))


def _quoted(column: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(column.column))


def _type(column: "Field[Any, Any]") -> str:
    """The type of a column as a cast names it, without a length: a value that is too long is to be refused, not cut."""
    declared = str(column.rel_db_type(connection) if column.remote_field else column.db_type(connection))
    return declared.partition("(")[0].replace("varchar", "text")
