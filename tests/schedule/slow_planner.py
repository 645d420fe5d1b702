"""A planner that walks every day for every enrollment, one step at a time: the oracle of the real one."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.schedule.test_every_step_falls_on_one_day import slow_months_later
from tests.timelines import Line

DAY = timedelta(days=1)
Window = tuple[int, date, date]
Row = tuple[date, date, str]
"""Due day, last day, and state or reason."""


@dataclass
class Follower:
    """An enrollment: its name, the date that it is counted from, and how often that was agreed anew."""

    name: str
    anchor: date
    occurrence: int = 0
    laid: tuple[date, int, tuple[Line, ...]] | None = None


@dataclass
class SlowPlanner:
    """`rows`: (follower, step, occurrence) -> Row. `sessions`: the days that are known."""

    anchor: str
    lines: list[Line]
    holidays: set[date] = field(default_factory=set)
    sessions: set[date] = field(default_factory=set)
    followers: dict[str, Follower] = field(default_factory=dict)
    rows: dict[tuple[str, str, int], Row] = field(default_factory=dict)
    planned: date | None = None
    passed: date | None = None
    """The day of the last pass."""

    def plan(self, today: date) -> None:
        horizon = today + DAY
        while horizon + DAY in self.holidays:
            horizon += DAY
        horizon = max(horizon, self.planned or horizon)
        first = self.planned + DAY if self.planned else today
        for each in self.followers.values():
            now = (each.anchor, each.occurrence, tuple(self.lines))
            if each.laid == now:
                self._new_days(each, first, today, horizon)
            else:
                self._lay(each, today, horizon)
            if each.laid or self.lines:  # nobody is enrolled where there is nothing to follow
                each.laid = now
        self.planned, self.passed = horizon, today

    def goes_on(self, due: date, last: date) -> date:
        """The day itself, or the last open day before, where it lies in holidays with all its window."""
        day = due
        while day <= last:
            if day not in self.holidays:
                return due
            day += DAY
        while due in self.holidays:
            due -= DAY
        return due

    def _new_days(self, each: Follower, first: date, today: date, horizon: date) -> None:
        for line in self.lines:
            since = today if line.service else first
            for number, due, last in self._windows(line, each, since, horizon):
                if due <= horizon and (last >= today if line.service else due >= first):
                    known = self.rows.get((each.name, line.key, number))
                    if known is None or known[:2] != (due, last):
                        self.rows[each.name, line.key, number] = due, last, "waiting"

    def _lay(self, each: Follower, today: date, horizon: date) -> None:
        passed = self.passed if each.laid and self.passed else today
        placed = [(line, *window) for line in self.lines for window in self._windows(line, each, passed, horizon)]
        rivals: dict[str, list[tuple[date, int, str, int]]] = {}
        for place, (line, number, due, last) in enumerate(placed):
            if due <= today <= last and (line.catch_up == "send_latest" or due == today):
                rivals.setdefault(line.topic, []).append((due, place, line.key, number))
        for line, number, due, last in placed:
            known = self.rows.get((each.name, line.key, number))
            if known is None and (
                due > horizon or (last < today and last <= passed) or (last < today and not each.laid)
            ):
                continue
            if known is not None and known[:2] == (due, last):
                continue
            state = "waiting"
            if due < today <= last and (known is None or known[2] in ("late_entry", "superseded", "rescheduled")):
                if line.catch_up == "skip":
                    state = "late_entry"
                elif line.catch_up == "send_latest" and max(rivals[line.topic])[2:] != (line.key, number):
                    state = "superseded"
            self.rows[each.name, line.key, number] = due, last, state
        if self.anchor == "visit":
            for key, (due, last, state) in list(self.rows.items()):
                if key[0] == each.name and key[2] < each.occurrence and state == "waiting":
                    self.rows[key] = due, last, "rescheduled"

    def _windows(self, line: Line, each: Follower, since: date, horizon: date) -> list[Window]:
        if line.month_day:
            return self._occasions(line, each, since, horizon)
        if line.service:
            return [(0, *_counted(line, day)) for day in self._first_session(line, each.anchor)]
        start = slow_months_later(each.anchor, line.month) + line.day * DAY
        return [(each.occurrence, start, max(start, start + line.open_for * DAY))]

    def _occasions(self, line: Line, each: Follower, since: date, horizon: date) -> list[Window]:
        found = []
        day = since - 80 * DAY
        while day < horizon + 80 * DAY:
            number = day.year * 10000 + day.month * 100 + day.day
            due, last = _counted(line, day)
            known = self.rows.get((each.name, line.key, number))
            near = due <= horizon and last >= since
            if _is(day, line.month_day) and _of_age(line, each.anchor, day) and (near or known):
                found.append((number, due, last))
            day += DAY
        return found

    def _first_session(self, line: Line, born: date) -> list[date]:
        day = _old_enough(line, born)
        while self.sessions and day <= max(self.sessions):
            if day in self.sessions:
                return [day] if _of_age(line, born, day) else []
            day += DAY
        return []


def _counted(line: Line, day: date) -> tuple[date, date]:
    return day + line.day * DAY, max(day + line.day * DAY, day + (line.day + line.open_for) * DAY)


def _is(day: date, month_day: str) -> bool:
    if month_day == "02-29" and (day + DAY).day == 1 and day.month == 2:
        return True
    return f"{day:%m-%d}" == month_day


def _old_enough(line: Line, born: date) -> date:
    return slow_months_later(born, line.age_from[0]) + line.age_from[1] * DAY


def _of_age(line: Line, born: date, day: date) -> bool:
    return _old_enough(line, born) <= day and (not line.age_until or day < slow_months_later(born, line.age_until))
