"""The day from which a child's corrected age counts, as an expression over a queryset."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, DateField, F, Func, Value, When
from django.db.models.sql.compiler import SQLCompiler

from recipients.gestation import PRETERM_DAYS, TERM_DAYS


class _DaysAfter(Func):
    """`_DaysAfter(date, days)`."""

    arity = 2
    output_field = DateField()
    template = "(%(expressions)s)"
    arg_joiner = " + "

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="date(%(expressions)s || ' days')", arg_joiner=", ")


def corrected_birth(prefix: str = "") -> Case:
    """`gestation.corrected_birth_date` for the child to which `prefix` leads ("child__")."""
    born, at_birth = F(f"{prefix}date_of_birth"), F(f"{prefix}gestation_at_birth")
    early = When(
        **{f"{prefix}gestation_at_birth__lt": PRETERM_DAYS}, then=_DaysAfter(born, Value(TERM_DAYS) - at_birth)
    )
    return Case(early, default=born, output_field=DateField())
