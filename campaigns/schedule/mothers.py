"""From a row of the ledger to the mother whom it is about, and where she lives."""

from django.db.models.functions import Coalesce

MOTHERS = (
    "enrollment__pregnancy__mother", "enrollment__child__mother", "enrollment__visit__pregnancy__mother",
    "enrollment__visit__child__mother",
)  # fmt: skip
"""One of these is not NULL, unless the row is about nobody (a broadcast)."""


def home(before: str = "") -> Coalesce:
    """For querysets over the ledger: the path of the unit in which the mother lives, or the row's person where it is
    about nobody. For querysets over enrollments `before` is "enrollment__", which they need not go through."""
    mothers = [f"{mother.removeprefix(before)}__unit__path" for mother in MOTHERS]
    return Coalesce(*mothers, "person__unit__path")
