"""Which days a step falls on for an anchor date, and which anchor dates make it fall on a day. Pure arithmetic.

The anchor is the LMP-equivalent of a pregnancy, a child's date of birth, the planned day of a visit, the day of
registration or of a broadcast. An offset is calendar months and then days; a month that has no such day ends on its
last one (31 January + 1 month = 28 or 29 February). Negative days lie before the anchor.

Two kinds of step are counted from another day, for children of an age: an occasion of each year ("06-01"), and the
first session of the station for which a child is old enough.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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


def latest_anchor(day: date, offset: Offset) -> date:
    """The last anchor date for which `due_date(anchor, offset) <= day`: who was born later is not so old yet."""
    target = day - timedelta(days=offset.days)
    year, month = divmod(target.year * 12 + target.month - 1 - offset.months, 12)
    month += 1
    last_here, last_there = monthrange(target.year, target.month)[1], monthrange(year, month)[1]
    return date(year, month, last_there if target.day == last_here else min(target.day, last_there))


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
    month_day: str = ""
    service: str = ""
    age_from: Offset = Offset()
    age_until_months: int = 0


@dataclass(frozen=True)
class Placed:
    """A step laid on the calendar of one anchor. `occurrence` tells the occasions of a yearly step apart: YYYYMMDD."""

    key: str
    due_on: date
    last_day: date
    fate: Fate
    occurrence: int = 0


def occasion_in(year: int, month_day: str) -> date:
    """The occasion "MM-DD" of a year; "02-29" is the 28th where there is no 29th."""
    month, day = int(month_day[:2]), int(month_day[3:])
    return date(year, month, min(day, monthrange(year, month)[1]))


def number_of(occasion: date) -> int:
    """An occasion as the ledger's occurrence."""
    return occasion.year * 10000 + occasion.month * 100 + occasion.day


def occasion_of(occurrence: int, month_day: str) -> date | None:
    """The occasion of a ledger's occurrence; None where it is none of "MM-DD" (any more)."""
    year = occurrence // 10000
    if not 1 <= year <= 9998 or not month_day:
        return None
    day = occasion_in(year, month_day)
    return day if number_of(day) == occurrence else None


def is_of_age(step: Timing, born: date, on: date) -> bool:
    """Whether a child is, on a day, at least `age_from` and younger than `age_until_months` (0: no end)."""
    if due_date(born, step.age_from) > on:
        return False
    return step.age_until_months == 0 or on < due_date(born, Offset(step.age_until_months))


def of_age(step: Timing, on: date) -> tuple[date | None, date]:
    """The dates of birth of the children who are of age on a day: after the first (None: however early), through
    the second."""
    oldest = latest_anchor(on, Offset(step.age_until_months)) if step.age_until_months else None
    return oldest, latest_anchor(on, step.age_from)


def first_session(step: Timing, born: date, sessions: Collection[date]) -> date | None:
    """The first session for which the child is old enough, unless she or he is too old by then."""
    old_enough = due_date(born, step.age_from)
    day = min((each for each in sessions if each >= old_enough), default=None)
    return day if day is not None and is_of_age(step, born, day) else None


def window(step: Timing, anchor: date) -> tuple[date, date]:
    """First and last day of a step that is counted from `anchor`; no window is shorter than its first day."""
    due_on = due_date(anchor, step.start)
    return due_on, max(due_on, due_date(anchor, step.until))


def brought_forward(due_on: date, last_day: date, holidays: Collection[date]) -> date:
    """The day on which a step goes: `due_on`, or the last open day before where all its days are holidays."""
    day = due_on
    while day in holidays and day < last_day:
        day += timedelta(days=1)
    if day not in holidays:
        return due_on
    day = due_on
    while day in holidays and day > date.min:
        day -= timedelta(days=1)
    return day


def place(
    steps: Sequence[Timing],
    anchor: date,
    today: date,
    horizon: date,
    *,
    occurrence: int = 0,
    sessions: Mapping[str, Sequence[date]] | None = None,
    since: date | None = None,
) -> list[Placed]:
    """Where each step stands for somebody who enters (or is dated again) today.

    - A window is open through its last day, that day included.
    - Of the passed but open steps with `send_latest` only the one due last goes, for each topic; where two are
      due on that day, the later in the timeline. A step of the topic that is due today goes before them all.
    - A step of the year is laid once for each occasion whose window touches the days from `since` (or `today`, if that
      is before) to `horizon` and on which the child is of age; a step of a session once, when `sessions` (by service)
      has one for the child.
    - `occurrence` is that of every other step.
    """
    since = today if since is None else min(since, today)
    placed = [laid for step in steps for laid in _windows(step, anchor, since, horizon, occurrence, sessions or {})]
    latest: dict[str, tuple[str, int]] = {}
    for step, due_on, last_day, number in sorted(placed, key=lambda item: item[1]):
        if due_on <= today <= last_day and (due_on == today or step.catch_up == CatchUp.SEND_LATEST):
            latest[step.topic] = step.key, number

    def fate(step: Timing, due_on: date, last_day: date, number: int) -> Fate:
        if due_on > horizon:
            return Fate.AHEAD
        if due_on >= today:
            return Fate.DUE
        if last_day < today:
            return Fate.CLOSED
        if step.catch_up == CatchUp.ALWAYS:
            return Fate.CATCH_UP
        if step.catch_up == CatchUp.SEND_LATEST:
            return Fate.CATCH_UP if latest[step.topic] == (step.key, number) else Fate.SUPERSEDED
        return Fate.LATE_ENTRY

    return [Placed(each[0].key, each[1], each[2], fate(*each), each[3]) for each in placed]


def _windows(
    step: Timing, anchor: date, since: date, horizon: date, occurrence: int, sessions: Mapping[str, Sequence[date]]
) -> Iterator[tuple[Timing, date, date, int]]:
    """The windows of one step, each with its occurrence."""
    if step.month_day:
        for year in range(since.year - 1, horizon.year + 2):
            occasion = occasion_in(year, step.month_day)
            due_on, last_day = window(step, occasion)
            if due_on <= horizon and last_day >= since and is_of_age(step, anchor, occasion):
                yield step, due_on, last_day, number_of(occasion)
    elif step.service:
        day = first_session(step, anchor, sessions.get(step.service, ()))
        if day is not None:
            yield step, *window(step, day), 0
    else:
        yield step, *window(step, anchor), occurrence
