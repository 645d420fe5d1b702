"""What is due to whom and when, by a walk over every day and every person: slow, and nothing clever.

Its time is local and naive. It knows the rules of docs/timeline.md and none of the product's code.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.schedule.test_every_step_falls_on_one_day import slow_months_later
from tests.timelines import Line

DAY = timedelta(days=1)
AT_ONCE = datetime(1, 1, 1)  # noqa: DTZ001
PRIORITY = {"flood": 0, "visit": 5, "birth": 10, "gestation": 20}
"""Of each campaign; that of the flood is an emergency and follows the pregnancies."""


@dataclass
class Reader:
    """Somebody with a phone: a woman, her husband, a grandmother."""

    name: str
    phone: str | None
    agrees: bool = True
    late: bool = False
    """Wants her texts from three in the afternoon on."""


@dataclass
class Care:
    """Somebody beside the mother, for one pregnancy or one child."""

    reader: Reader
    role: str
    word: bool
    """The mother's: a husband receives nothing without it."""
    main: bool = False
    """Receives in the mother's place."""
    ended: bool = False


@dataclass
class Subject:
    """What one person follows: a pregnancy, a child or a visit, as the register has it."""

    name: str
    woman: Reader
    """Whose texts they are: the mother, or who follows as one that cares."""
    kind: str
    anchor: date
    of: "Subject | None" = None
    """The pregnancy of a visit or a flood; what the mother follows, for those beside her."""
    care: Care | None = None
    """Of one who follows beside her."""
    cares: list[Care] = field(default_factory=list)
    """Those beside the mother."""
    occurrence: int = 0
    ended: str = ""
    """Why nothing more is said about it to anybody."""
    follows: bool = False
    went_on: str = ""
    counted: date | None = None
    times: int = 0
    laid: date | None = None
    edition: int = 0

    @property
    def over(self) -> str:
        """Why nothing more is said: what ended for her ended for the household; and care ends too."""
        about = self.of.ended if self.of and self.kind != "visit" else self.ended
        return about or ("ended_care" if self.care and self.care.ended else "")

    @property
    def day(self) -> date:
        """From which day it counts now."""
        return self.of.anchor if self.of and self.kind != "visit" else self.anchor

    @property
    def role(self) -> str:
        return self.care.role if self.care else "mother"


@dataclass
class Text:
    """Words on their way to a number, or there."""

    phone: str
    body: str
    at: datetime
    """When it was handed over; once it left, when it left."""
    urgent: bool
    left: bool = False
    carries: list[tuple[tuple, str, tuple[str, str, int]]] = field(default_factory=list)
    """The turn of each row, who reads it, and which row it is."""


@dataclass
class Row:
    due: date
    last: date
    state: str = "waiting"
    reason: str = ""
    again: datetime = AT_ONCE
    text: Text | None = None
    instead: datetime | None = None
    """When the words of a pause were handed over in the place of its own."""

    @property
    def sent(self) -> tuple[str, str, date] | None:
        return (self.text.phone, self.text.body, self.text.at.date()) if self.text else None


@dataclass
class Ledger:
    lines: dict[str, list[Line]]
    holidays: set[date]
    edition: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PRIORITY, 0))
    subjects: dict[str, Subject] = field(default_factory=dict)
    rows: dict[tuple[str, str, int], Row] = field(default_factory=dict)
    planned: date | None = None
    passed: date | None = None
    """The day of the last pass."""

    def derive(self, each: Subject, today: date) -> None:
        if not each.follows:
            old = each.kind in ("gestation", "flood") and (today - each.day).days >= 301
            if each.over or old or not self.of_role(each):
                return
            each.follows, each.counted, each.times = True, each.day, each.occurrence
        for row in self.rows_of(each).values():
            ended = row.state == "skipped" and (row.reason.startswith("ended_") or row.reason == "visit_done")
            if not each.over and ended and row.last >= today:
                row.state, row.reason, row.again = "waiting", "", AT_ONCE
        if each.over != each.went_on:
            for row in self.rows_of(each).values():
                row.again = AT_ONCE
            each.went_on = each.over
            each.laid = each.laid if each.over else None
        if not each.over and (each.counted, each.times) != (each.day, each.occurrence):
            each.counted, each.times, each.laid = each.day, each.occurrence, None

    def of_role(self, each: Subject) -> list[Line]:
        return [line for line in self.lines[each.kind] if line.role == each.role]

    def rows_of(self, each: Subject) -> dict[tuple[str, int], Row]:
        return {key[1:]: row for key, row in self.rows.items() if key[0] == each.name}

    def plan(self, today: date) -> None:
        horizon = today + DAY
        while horizon + DAY in self.holidays:
            horizon += DAY
        horizon = max(horizon, self.planned or horizon)
        first = self.planned + DAY if self.planned else today
        for each in self.subjects.values():
            if not each.follows or each.went_on:
                continue
            if (each.laid, each.edition) == (each.counted, self.edition[each.kind]):
                for line in self.of_role(each):
                    due, last = self.window(line, each)
                    if first <= due <= horizon:
                        self.put(each, line, due, last, "")
            else:
                self.lay(each, today, horizon)
            each.laid, each.edition = each.counted, self.edition[each.kind]
        self.planned, self.passed = horizon, today

    def window(self, line: Line, each: Subject) -> tuple[date, date]:
        assert each.counted
        due = slow_months_later(each.counted, line.month) + line.day * DAY
        return due, due + line.open_for * DAY

    def put(self, each: Subject, line: Line, due: date, last: date, reason: str) -> None:
        known = self.rows.get((each.name, line.key, each.times))
        if known is None or (known.sent is None and (known.due, known.last) != (due, last)):
            if known is not None and known.state == "waiting":
                reason = ""
            row = Row(due, last, "skipped" if reason else "waiting", reason)
            self.rows[each.name, line.key, each.times] = row

    def lay(self, each: Subject, today: date, horizon: date) -> None:
        current: dict[str, tuple[date, int]] = {}
        for place, line in enumerate(self.of_role(each)):
            due, last = self.window(line, each)
            if due <= today <= last and (due == today or line.catch_up == "send_latest"):
                current[line.topic] = max(current.get(line.topic, (due, place)), (due, place))
        for place, line in enumerate(self.of_role(each)):
            due, last = self.window(line, each)
            missed = each.edition > 0 and self.passed is not None and self.passed < last < today
            there = (each.name, line.key, each.times) in self.rows
            if not there and (due > horizon or (last < today and not missed)):
                continue
            reason = ""
            if due < today <= last and line.catch_up == "skip":
                reason = "late_entry"
            if due < today <= last and line.catch_up == "send_latest" and current[line.topic] != (due, place):
                reason = "superseded"
            self.put(each, line, due, last, reason)
        for (_key, number), row in self.rows_of(each).items():
            if number < each.times and row.state == "waiting":
                row.state, row.reason = "skipped", "rescheduled"
