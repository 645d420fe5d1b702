"""The whole way from the facts to the phone, by a walk over every day and every person: slow, and nothing clever.

Its time is local and naive. It knows the rules of docs/timeline.md and none of the product's code.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tests.schedule.test_every_step_falls_on_one_day import slow_months_later
from tests.timelines import Line

DAY = timedelta(days=1)
AT_ONCE = datetime(1, 1, 1)  # noqa: DTZ001
PRIORITY = {"visit": 5, "birth": 10, "gestation": 20}
SET_FREE = ("paused", "no_consent", "no_phone", "step_removed")
"""What was held by one of these comes in a heap when it is set free."""


class Undecided(Exception):
    """Two rows of a number have the same claim, so no rule says which goes first."""


@dataclass
class Woman:
    name: str
    phone: str | None
    agrees: bool = True
    late: bool = False
    """Wants her texts from three in the afternoon on."""


@dataclass
class Subject:
    """A pregnancy, a child or a visit, as the register has it: `over` says why nothing more is said about it."""

    name: str
    woman: Woman
    kind: str
    anchor: date
    of: "Subject | None" = None
    """The pregnancy of a visit."""
    occurrence: int = 0
    over: str = ""
    follows: bool = False
    went_on: str = ""
    counted: date | None = None
    times: int = 0
    laid: date | None = None
    edition: int = 0


@dataclass
class Row:
    due: date
    last: date
    state: str = "waiting"
    reason: str = ""
    again: datetime = AT_ONCE
    sent: tuple[str, str, date] | None = None


@dataclass
class Oracle:
    lines: dict[str, list[Line]]
    holidays: set[date]
    edition: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PRIORITY, 0))
    subjects: dict[str, Subject] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    rows: dict[tuple[str, str, int], Row] = field(default_factory=dict)
    texts: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    planned: date | None = None
    passed: date | None = None
    """The day of the last pass."""

    def walk(self, now: datetime) -> None:
        """One pass of everything at `now`."""
        for each in self.subjects.values():
            self.derive(each, now.date())
        self.plan(now.date())
        self.release(now)

    def derive(self, each: Subject, today: date) -> None:
        if not each.follows:
            old = each.kind == "gestation" and (today - each.anchor).days >= 301
            if each.over or old:
                return
            each.follows, each.counted, each.times = True, each.anchor, each.occurrence
        if each.over != each.went_on:
            for row in self.rows_of(each).values():
                row.again = AT_ONCE
                ended = row.state == "skipped" and (row.reason.startswith("ended_") or row.reason == "visit_done")
                if not each.over and ended and row.last >= today:
                    row.state, row.reason = "waiting", ""
            each.went_on = each.over
            each.laid = each.laid if each.over else None
        if not each.over and (each.counted, each.times) != (each.anchor, each.occurrence):
            each.counted, each.times, each.laid = each.anchor, each.occurrence, None

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
                for line in self.lines[each.kind]:
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
        for place, line in enumerate(self.lines[each.kind]):
            due, last = self.window(line, each)
            if due <= today <= last and (due == today or line.catch_up == "send_latest"):
                current[line.topic] = max(current.get(line.topic, (due, place)), (due, place))
        for place, line in enumerate(self.lines[each.kind]):
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

    def goes_on(self, row: Row) -> date:
        """Its day, or the last open one before, where it lies in holidays with all its window."""
        if any(row.due + n * DAY not in self.holidays for n in range((row.last - row.due).days + 1)):
            return row.due
        day = row.due
        while day in self.holidays:
            day -= DAY
        return day

    def release(self, now: datetime) -> None:
        asked = []
        for (name, key, number), row in self.rows.items():
            each = self.subjects[name]
            line = next((line for line in self.lines[each.kind] if line.key == key), None)
            day = self.goes_on(row)
            if row.state == "waiting" and day <= now.date() and (row.again <= now or row.last < now.date()):
                hour = time(7, 30) if each.woman.late else time(8, ord(key[-1]) % 30)
                turn = (PRIORITY[each.kind], not (line and line.goes_first), row.last, datetime.combine(day, hour))
                asked.append((turn, each, key, number, row, line))
        asked.sort(key=lambda item: item[0])
        going = []
        for item in asked:
            held = self.held(item[1], item[2], item[3], item[4], item[5], now)
            if held:
                item[4].state, item[4].reason = held
                item[4].again = self.asked_again(item[4], now.date())
            else:
                going.append(item)
        going = [item for item in going if not self.superseded(item, going, now)]
        self.refuse_ties(going)
        for _turn, each, key, _number, row, _line in going:
            self.send(each, key, row, now)

    def held(
        self, each: Subject, key: str, number: int, row: Row, line: Line | None, now: datetime
    ) -> tuple[str, str] | None:
        today = now.date()
        if each.over:
            return "skipped", each.over
        if number != each.occurrence:
            return "skipped", "rescheduled"
        shut = row.last < today
        if shut and row.reason:
            return "skipped", row.reason
        pregnancy = each.of or each
        open_ = pregnancy.kind == "gestation" and not pregnancy.over
        age = (today - pregnancy.anchor).days if open_ else 0
        reason = ""
        if age >= 301 or (age >= 294 and topic(key) != "outcome"):
            reason = "hold"
        elif each.woman.phone is None:
            reason = "no_phone"
        elif not each.woman.agrees:
            reason = "no_consent"
        elif line is None:
            reason = "step_removed"
        elif topic(key) in self.paused:
            reason = "paused"
        if shut:
            return "skipped", reason or "late"
        if not reason and today in self.holidays:
            reason = "holiday"
        if not reason and each.woman.late and now.time() < time(15, 10):
            reason = "preferred_time"
        return ("waiting", reason) if reason else None

    def asked_again(self, row: Row, today: date) -> datetime:
        """What a person has to change (a number, a consent, a pause) is noticed at once, the rest next morning."""
        day = today + DAY
        while day in self.holidays:
            day += DAY
        return datetime.combine(day, time(7, 30)) if row.reason in ("holiday", "step_removed") else AT_ONCE

    def superseded(self, item: tuple, going: list[tuple], now: datetime) -> bool:
        _turn, each, key, _number, row, line = item
        if line.catch_up != "send_latest" or row.reason not in SET_FREE or row.due >= now.date():
            return False
        heap = [
            other[4].due for other in going
            if other[1] is each and topic(other[2]) == topic(key) and other[5].catch_up == "send_latest"
        ]  # fmt: skip
        if heap.count(max(heap)) > 1 and row.due == max(heap):
            raise Undecided
        if row.due == max(heap):
            return False
        row.state, row.reason = "skipped", "superseded"
        return True

    def refuse_ties(self, going: list[tuple]) -> None:
        seen: dict[tuple, str] = {}
        for turn, each, key, _number, _row, _line in going:
            words = self.words(each, key)
            if seen.setdefault((turn, each.woman.phone), words) != words:
                raise Undecided

    def words(self, each: Subject, key: str) -> str:
        return f"Chi {each.woman.name.split()[-1]} oi, {key}."

    def send(self, each: Subject, key: str, row: Row, now: datetime) -> None:
        """One text a day and two in seven days to a person, three in 24 hours to a number; equal words of a day once.
        A person's texts are those of all her subjects."""
        body, phone, today = self.words(each, key), each.woman.phone or "", now.date()
        already = [text for text in self.texts if text[1:3] == (phone, body) and text[3].date() == today]
        if not already:
            hers = [text[3].date() for text in self.texts if text[0] == each.woman.name]
            if not _room(today, hers):
                day = today + DAY
                while not _room(day, hers):
                    day += DAY
                row.reason, row.again = "frequency_cap", datetime.combine(day, time(7, 30))
                return
            recent = sorted(text[3] for text in self.texts if text[1] == phone and text[3] > now - DAY)
            if len(recent) >= 3:
                row.reason, row.again = "number_cap", recent[-3] + DAY
                return
            self.texts.append((each.woman.name, phone, body, now))
        row.state, row.reason, row.sent = "released", "", (phone, body, today)


def _room(day: date, sent: list[date]) -> bool:
    return day not in sent and sum(0 <= (day - each).days <= 6 for each in sent) < 2


def topic(key: str) -> str:
    """The topic of a step follows from its key, in every edition."""
    return {"o": "outcome", "i": "iron"}.get(key[0], "anc")
