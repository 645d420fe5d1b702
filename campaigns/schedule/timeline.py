"""Which days a step falls on for an anchor date, and which anchor dates make it fall on a day. Pure arithmetic.

The anchor is the LMP-equivalent of a pregnancy or a child's date of birth. An offset is calendar months and then
days; a month that has no such day ends on its last one (31 January + 1 month = 28 or 29 February).
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from recipients.gestation import add_months


@dataclass(frozen=True)
class Offset:
    """Calendar months after the anchor, then days. Gestation is counted in days alone."""

    months: int = 0
    days: int = 0


def due_date(anchor: date, offset: Offset) -> date:
    """The day that lies `offset` after `anchor`."""
    return add_months(anchor, offset.months) + timedelta(days=offset.days)


def anchors_due_on(day: date, offset: Offset) -> list[date]:
    """Every anchor date for which `due_date(anchor, offset) == day`: none to four, ascending.

    Without months exactly one. With months the end of a month decides: on 28 February of a common year four
    anchors (28 to 31 January) are one month old, on 31 March one, on 30 March one.
    """
    target = day - timedelta(days=offset.days)
    if offset.months == 0:
        return [target]
    year, month = divmod(target.year * 12 + target.month - 1 - offset.months, 12)
    month += 1
    last_here, last_there = monthrange(target.year, target.month)[1], monthrange(year, month)[1]
    if target.day < last_here:
        days: Iterable[int] = [target.day] if target.day <= last_there else []
    else:
        days = range(target.day, last_there + 1)
    return [date(year, month, d) for d in days]


class CatchUp(StrEnum):
    """What happens to a step whose day has passed, but whose window is open, when somebody enters late."""

    SKIP = "skip"
    SEND_LATEST = "send_latest"
    ALWAYS = "always"


class Fate(StrEnum):
    """What the planner does with a step of one enrollment."""

    DUE = "due"  # its day lies between today and the planning horizon
    CATCH_UP = "catch_up"  # its day has passed, its window is open, its policy sends it
    LATE_ENTRY = "late_entry"  # its day has passed, its window is open, its policy skips it
    SUPERSEDED = "superseded"  # a later step of the same topic is sent instead
    CLOSED = "closed"  # its window has closed
    AHEAD = "ahead"  # beyond the horizon


@dataclass(frozen=True)
class Timing:
    """When one step falls due: `key` in its campaign, counted from `start`, open through `until`."""

    key: str
    topic: str
    start: Offset
    until: Offset
    catch_up: str


@dataclass(frozen=True)
class Placed:
    """A step laid on the calendar of one anchor."""

    key: str
    due_on: date
    last_day: date
    fate: Fate


def place(steps: Sequence[Timing], anchor: date, today: date, horizon: date) -> list[Placed]:
    """Where each step stands for somebody who enters (or is dated again) today.

    - A window is open through its last day, that day included.
    - Of the passed but open steps with `send_latest` only the one due last goes, for each topic; where two are
      due on that day, the later in the timeline. A step of the topic that is due today goes before them all.
    """
    placed = [(step, due_date(anchor, step.start), due_date(anchor, step.until)) for step in steps]
    latest: dict[str, str] = {}
    for step, due_on, last_day in sorted(placed, key=lambda item: item[1]):
        if due_on <= today <= last_day and (due_on == today or step.catch_up == CatchUp.SEND_LATEST):
            latest[step.topic] = step.key

    def fate(step: Timing, due_on: date, last_day: date) -> Fate:
        if due_on > horizon:
            return Fate.AHEAD
        if due_on >= today:
            return Fate.DUE
        if last_day < today:
            return Fate.CLOSED
        if step.catch_up == CatchUp.ALWAYS:
            return Fate.CATCH_UP
        if step.catch_up == CatchUp.SEND_LATEST:
            return Fate.CATCH_UP if latest[step.topic] == step.key else Fate.SUPERSEDED
        return Fate.LATE_ENTRY

    return [Placed(step.key, due_on, last_day, fate(step, due_on, last_day)) for step, due_on, last_day in placed]
