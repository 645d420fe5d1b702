"""Whether two columns hold the same words, capital letters apart: in both databases, beyond ASCII."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func
from django.db.models.sql.compiler import SQLCompiler

_SPECIAL = "\\.()[]{}+*?^$|"


class SameWords(Func):
    """`SameWords(a, b)`. SQLite's LOWER leaves every letter with a mark as it is, its regular expressions do not."""

    arity = 2
    output_field = BooleanField()
    conditional = True
    template = "(LOWER(%(expressions)s))"
    arg_joiner = ") = LOWER("

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        escaped = "%s"
        for letter in _SPECIAL:
            escaped = f"REPLACE({escaped}, '{letter}', '\\{letter}')"
        pattern, parameters = compiler.compile(self.get_source_expressions()[0])
        words, more = compiler.compile(self.get_source_expressions()[1])
        sql = escaped.replace("%s", pattern)
        return f"({words} REGEXP ('(?i)\\A' || {sql} || '\\Z'))", (*more, *parameters)
