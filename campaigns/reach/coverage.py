"""Reach of a period: whom the messages due in it arrived at, by unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.reach import facts, metrics
from campaigns.reach.metrics import Figures
from recipients.models import AdminUnit

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True)
class UnitReach:
    """The figures of one unit with everything below it."""

    unit: AdminUnit
    figures: Figures
    itself: bool = False
    """People and messages that belong to the chosen unit directly, to no unit below it."""


@dataclass(frozen=True)
class Reach:
    """A table of reach: one row a unit directly below `unit` (None: the provinces), and the whole."""

    start: date
    end: date
    unit: AdminUnit | None
    made_at: datetime
    rows: list[UnitReach]
    total: Figures

    def as_dict(self) -> dict[str, object]:
        """As the command and the API give it: `total`, and `units` with code and name."""
        return {
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "unit": self.unit.code if self.unit else None,
            "made_at": self.made_at.isoformat(),
            "definitions": metrics.DEFINITIONS_VERSION,
            "total": self.total.as_dict(),
            "units": [{"code": row.unit.code, "name": row.unit.name, **row.figures.as_dict()} for row in self.rows],
        }


def reach(start: date, end: date, unit: AdminUnit | None, now: datetime) -> Reach:
    """The figures of `metrics.Figures` for the local days `start` to `end`, both included.

    - `unit`: it and everything below it; None is the whole country.
    - Messages count when their day has come: a day after the local day of `now` is not due yet.
    - People and consent are those of the end of the period, or of `now` when it is not over.
    - A unit without a person and without a message has no row.

    Raises ValueError when the period ends before it starts, or lies outside FIRST_DAY to LAST_DAY.
    """
    if start < FIRST_DAY or end > LAST_DAY:
        raise ValueError(_("The period lies too far away. Choose days between 2000 and 2100."))
    if end < start:
        raise ValueError(_("The period ends before it starts. Choose a later last day."))
    period = facts.Period.of(start, end, settings.ZONE, now)
    by_unit, total = facts.count(period, unit.path if unit else "/")
    units = AdminUnit.objects.in_bulk([int(below) for below in by_unit if below])
    rows = [UnitReach(units[int(below)], _figures(counted)) for below, counted in by_unit.items() if below]
    rows.sort(key=lambda row: row.unit.code)
    if unit and "" in by_unit:
        rows.insert(0, UnitReach(unit, _figures(by_unit[""]), itself=True))
    return Reach(start, end, unit, now, rows, _figures(total))


def _figures(counted: facts.UnitFacts) -> Figures:
    return metrics.figures_from(counted.people, counted.outcomes, counted.sent, counted.low, counted.high)
