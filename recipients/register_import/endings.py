"""Records the end of a pregnancy that a register tells, through the verbs of life events."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.matching import SAME_PREGNANCY_DAYS
from recipients.models import Child, Pregnancy, User
from recipients.register_import.outcomes import Ending, dated
from recipients.register_import.result import RowResult

OPEN = (Pregnancy.Outcome.ONGOING, Pregnancy.Outcome.UNKNOWN)


def record_ending(row: RowResult, *, now: datetime, source: str, by: User | None, dry_run: bool) -> RowResult:
    """What became of the end that an accepted or known row tells; each is a transaction of its own.

    - Her pregnancy is open, or was closed without a known outcome: events.birth or events.loss records it.
    - It ended so on record: a birth's weights and further children are filled in, else nothing is written. So the same
      file again writes nothing, and goes on where it was killed.
    - It ended otherwise on record, or the verb refuses: nothing is written, and the row carries a warning.
    A dry run writes nothing, and does not foresee what a verb refuses.
    """
    told, anchor = row.parsed.ending, row.parsed.anchor_date
    if told is None or anchor is None or row.verdict == "refused":
        return row
    ending = dated(told, anchor, local_day(now))
    if row.person_id is None:  # somebody new in a dry run, or out of the user's area
        return replace(row, recorded=ending.kind) if row.verdict == "accepted" else row
    pregnancy = _meant(row.person_id, anchor)
    if pregnancy is None:
        born = Child.objects.filter(mother=row.person_id).values_list("date_of_birth", flat=True)
        return row if ending.is_birth and ending.on in born else row.warned("outcome_differs")
    same = pregnancy.outcome == ending.kind and told.on in (None, pregnancy.outcome_date)
    if not same and pregnancy.outcome not in OPEN:
        return row.warned("outcome_differs")
    if not dry_run and (ending.is_birth or not same):
        try:
            _record(pregnancy, ending, now, source, by)
        except Refusal:
            return row.warned("outcome_refused")
    return row if same else replace(row, recorded=ending.kind)


def _meant(person_id: int, anchor: date) -> Pregnancy | None:
    """The pregnancy on record that began nearest to the row's, if it may be the same."""
    hers = Pregnancy.objects.filter(mother=person_id)
    nearest = min(hers, key=lambda one: abs((one.anchor_date - anchor).days), default=None)
    near = nearest is not None and abs((nearest.anchor_date - anchor).days) <= SAME_PREGNANCY_DAYS
    return nearest if near else None


def _record(pregnancy: Pregnancy, ending: Ending, now: datetime, source: str, by: User | None) -> None:
    assert ending.on is not None
    if ending.is_birth:
        children = [events.Newborn("", weight, ending.gestation) for weight in ending.weights]
        events.birth(pregnancy, born_on=ending.on, children=children, now=now, source=source, by=by)
    else:
        events.loss(pregnancy, kind=ending.kind, on=ending.on, now=now, source=source, by=by)
