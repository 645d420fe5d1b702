"""Long lists in a condition: on PostgreSQL one array instead of a parameter for each value.

`column IN (%s, %s, ...)` of some hundred values costs more to write, to escape and to parse than to answer.
"""

from typing import Any
from uuid import UUID

from django.db.models import Field, ForeignObject
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import In

FROM = 8
"""Shorter lists are left as they are."""
ARRAYS: dict[type, str] = {int: "bigint[]", UUID: "uuid[]"}
HIGHEST = 2**63 - 1
"""Of a bigint. What is beyond equals no column, but an array of it cannot be written."""


class _Among(In):
    """`__in` as Django has it; a long list of plain numbers or UUIDs is sent as one array where that is possible."""

    lookup_name = "in"
    array = ""

    def get_prep_lookup(self) -> Any:
        if self.rhs_is_direct_value():
            self.rhs = list(self.rhs)
            kinds = set(map(type, self.rhs))
            kind = kinds.pop() if len(kinds) == 1 and len(self.rhs) >= FROM else None
            if kind in ARRAYS and _holds(self.lhs.output_field, kind) and (kind is UUID or _fit(self.rhs)):
                self.array = ARRAYS[kind]
                return self.rhs
        return super().get_prep_lookup()

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        if not self.array:
            return self.as_sql(compiler, connection)
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::{self.array})", (*params, f"{{{','.join(map(str, self.rhs))}}}")


class _RelatedAmong(_Among, RelatedIn):
    """The same for a foreign key."""


def _holds(field: Any, kind: type) -> bool:
    name = getattr(field, "target_field", field).get_internal_type()
    return name == "UUIDField" if kind is UUID else name.endswith(("AutoField", "IntegerField"))


def _fit(numbers: list[int]) -> bool:
    return min(numbers) >= -HIGHEST and max(numbers) <= HIGHEST


def install() -> None:
    """Every `__in` of this process goes this way."""
    Field.register_lookup(_Among)
    ForeignObject.register_lookup(_RelatedAmong)
