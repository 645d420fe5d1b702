"""The rest of the way, from what is due to the phones: who reads, what holds, which words leave, and the last check."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from tests.schedule.slow_ledger import AT_ONCE, DAY, PRIORITY, Ledger, Reader, Row, Subject, Text
from tests.timelines import Line

SET_FREE = ("paused", "no_consent", "no_phone", "not_agreed", "mothers_own", "step_removed")
"""What was held by one of these comes in a heap when it is set free."""
CLOCK = ("holiday", "quiet_hours", "preferred_time")
CAPS = ("frequency_cap", "number_cap")
INSTEAD = "Chi {} oi, sub."
"""The words that a pause may send in the place of what it holds. They are the mother's own."""
Key = tuple[str, str, int]


class Undecided(Exception):
    """Two rows of a number have the same claim, so no rule says which goes first."""


@dataclass(frozen=True)
class Held:
    """A pause of a topic or of a person; with words that go instead, or without."""

    since: datetime
    topic: str = ""
    person: str = ""
    instead: bool = False


@dataclass
class Asked:
    """A row that is due, and what decides about it."""

    key: Key
    turn: tuple
    each: Subject
    row: Row
    line: Line | None
    reader: Reader
    instead: bool = False


@dataclass
class Oracle(Ledger):
    paused: list[Held] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def walk(self, now: datetime) -> None:
        """One pass of everything at `now`, up to the gateway."""
        for each in self.subjects.values():
            self.derive(each, now.date())
        self.plan(now.date())
        self.release(now)

    def goes_on(self, each: Subject, row: Row) -> date:
        """Its day, or the last open one before, where it lies in holidays with all its window."""
        urgent = each.kind == "flood"
        if urgent or any(row.due + n * DAY not in self.holidays for n in range((row.last - row.due).days + 1)):
            return row.due
        day = row.due
        while day in self.holidays:
            day -= DAY
        return day

    def asked(self, key: Key) -> Asked:
        """A row with what decides about it. Who reads: the main caregiver what goes to the mother about her child."""
        each, row = self.subjects[key[0]], self.rows[key]
        line = next((line for line in self.of_role(each) if line.key == key[1]), None)
        hour = time(7, 30) if each.woman.late and each.kind != "flood" else time(8, ord(key[1][-1]) % 30)
        at = datetime.combine(self.goes_on(each, row), hour)
        mains = [care.reader for care in each.cares if care.main and not care.ended]
        turn = (PRIORITY[each.kind], not (line and line.goes_first), row.last, at)
        return Asked(key, turn, each, row, line, mains[0] if mains else each.woman)

    def release(self, now: datetime) -> None:
        today = now.date()
        due = [self.asked(key) for key, row in self.rows.items() if row.state == "waiting"]
        due = [one for one in due if one.turn[3].date() <= today and (one.row.again <= now or one.row.last < today)]
        free = []
        for one in sorted(due, key=lambda one: one.turn):
            one.instead = self.goes_instead(one)
            self.hold(one, held, today) if (held := self.held(one, today)) else free.append(one)
        free = [one for one in free if not self.superseded(one, free, today)]
        going = []
        for one in free:
            self.hold(one, ("waiting", hour), today) if (hour := self.not_yet(one, now)) else going.append(one)
        self.refuse_ties(going)
        for one in going:
            self.send(one, going, now)

    def hold(self, one: Asked, held: tuple[str, str], today: date) -> None:
        one.row.state, one.row.reason = held
        one.row.again = self.asked_again(one.row, today)

    def held(self, one: Asked, today: date) -> tuple[str, str] | None:
        """Its next state and why, where a fact holds it."""
        each, row, reader = one.each, one.row, one.reader
        if each.over:
            return "skipped", each.over
        if one.key[2] != each.occurrence:
            return "skipped", "rescheduled"
        shut = row.last < today
        if shut and row.reason:
            return "skipped", row.reason
        pregnancy = each.of or each
        open_ = pregnancy.kind == "gestation" and not pregnancy.over and each.kind != "flood"
        age = (today - pregnancy.anchor).days if open_ else 0
        in_her_place = next((care for care in each.cares if care.reader is reader), None)
        care = each.care or in_her_place
        reason = ""
        if age >= 301 or (age >= 294 and topic(one.key[1]) != "outcome"):
            reason = "hold"
        elif reader.phone is None:
            reason = "no_phone"
        elif not reader.agrees:
            reason = "no_consent"
        elif care and care.role == "husband" and not care.word:
            reason = "not_agreed"
        elif one.line is None:
            reason = "step_removed"
        elif reader is not each.woman and not one.line.without_mother:
            reason = "mothers_own"
        elif self.pauses_of(one) and not one.instead:
            reason = "paused"
        if shut:
            return "skipped", reason or "late"
        return ("waiting", reason) if reason else None

    def not_yet(self, one: Asked, now: datetime) -> str:
        """An emergency knows no hour and no holiday."""
        if one.each.kind == "flood":
            return ""
        if now.date() in self.holidays:
            return "holiday"
        if not time(7, 30) <= now.time() < time(20, 30):
            return "quiet_hours"
        return "preferred_time" if one.reader.late and now.time() < time(15, 10) else ""

    def pauses_of(self, one: Asked) -> list[Held]:
        people = (one.each.woman.name, one.reader.name)
        return [
            held for held in self.paused
            if held.topic in ("", topic(one.key[1])) and (not held.person or held.person in people)
        ]  # fmt: skip

    def goes_instead(self, one: Asked) -> bool:
        """Whether the words of a pause go: once to a mother, never for an emergency, and where no other pause is for
        silence."""
        holding, each = self.pauses_of(one), one.each
        if not holding or not all(held.instead for held in holding) or each.kind == "flood":
            return False
        if each.role != "mother" or one.reader is not each.woman:
            return False
        hers = [row for key, row in self.rows.items() if self.subjects[key[0]].woman is each.woman]
        return one.row.instead is not None or not any(
            row.instead is not None and row.instead >= holding[0].since for row in hers
        )

    def asked_again(self, row: Row, today: date) -> datetime:
        """What a person has to change (a number, a consent, a pause) is noticed at once, the rest next morning."""
        day = today + DAY
        while day in self.holidays:
            day += DAY
        return datetime.combine(day, time(7, 30)) if row.reason in ("holiday", "step_removed") else AT_ONCE

    def superseded(self, one: Asked, free: list[Asked], today: date) -> bool:
        if one.line.catch_up != "send_latest" or one.instead:
            return False
        heap = [
            other.row.due for other in free
            if other.each is one.each and topic(other.key[1]) == topic(one.key[1])
            and other.line.catch_up == "send_latest" and not other.instead
        ]  # fmt: skip
        if one.row.reason not in SET_FREE or one.row.due >= today:
            return False
        if heap.count(max(heap)) > 1 and one.row.due == max(heap):
            raise Undecided
        if one.row.due == max(heap):
            return False
        one.row.state, one.row.reason = "skipped", "superseded"
        return True

    def refuse_ties(self, going: list[Asked]) -> None:
        seen: dict[tuple, str] = {}
        for one in going:
            if seen.setdefault((one.turn, one.reader.phone), self.words(one)) != self.words(one):
                raise Undecided
        for woman in {one.each.woman.name for one in going if one.instead}:
            hers = [one.row.reason for one in going if one.instead and one.each.woman.name == woman]
            if len(hers) > 1 and set(hers) & {"frequency_cap", *CLOCK}:  # whether the second is said to be covered
                raise Undecided

    def words(self, one: Asked) -> str:
        name = one.reader.name.split()[-1]
        if one.instead:
            return INSTEAD.format(name)
        return f"Uong nuoc, {one.key[1]}." if one.line.texts else f"Chi {name} oi, {one.key[1]}."

    def read_on(self, reader: Reader) -> list[date]:
        """The days of the routine texts that this person read, with the words of another's text too."""
        return [
            text.at.date() for text in self.texts
            if not text.urgent and any(name == reader.name for _turn, name, _key in text.carries)
        ]  # fmt: skip

    def send(self, one: Asked, going: list[Asked], now: datetime) -> None:
        """One text a day and two in seven days to a person, three in 24 hours to a number, an emergency beside the
        former. Equal words to a number on a day leave once, for all to whom they are due."""
        body, phone, row, today = self.words(one), one.reader.phone or "", one.row, now.date()
        urgent = one.each.kind == "flood"
        text = next((t for t in self.texts if (t.phone, t.body) == (phone, body) and t.at.date() == today), None)
        if text is None:
            read_on = self.read_on(one.reader)
            if not urgent and not _room(today, read_on):
                day = today + DAY
                while not _room(day, read_on):
                    day += DAY
                row.reason, row.again = "frequency_cap", datetime.combine(day, time(7, 30))
                alike = [o for o in going if (o.turn, self.words(o), o.reader.phone) == (one.turn, body, phone)]
                if any(other.reader is not one.reader for other in alike):
                    raise Undecided
                return
            recent = sorted(text.at for text in self.texts if text.phone == phone and text.at > now - DAY)
            if not urgent and len(recent) >= 3:
                row.reason, row.again = "number_cap", recent[-3] + DAY
                return
            text = Text(phone, body, now, urgent)
            self.texts.append(text)
        text.carries.append((one.turn, one.reader.name, one.key))
        row.state, row.reason, row.text, row.instead = "released", "", text, now if one.instead else None

    def leave(self, now: datetime, carry: set[Key]) -> None:
        """Asked again before the call. Of equal rows no rule says which carries the others: `carry` are those whose
        text the product made."""
        for text in [text for text in self.texts if not text.left]:
            first = min(turn for turn, _name, _key in text.carries)
            carrier = next((key for turn, _name, key in text.carries if turn == first and key in carry), None)
            assert carrier, f"the product makes no such text: {text}"
            back = {}
            for _turn, _name, key in text.carries:
                one = self.asked(key)
                one.instead = one.row.instead is not None and self.goes_instead(one)
                if held := self.held(one, now.date()):
                    back[key] = held
                elif one.reader.phone != text.phone:
                    back[key] = "waiting", "number_changed"
            text.left, text.at = carrier not in back, now
            if not text.left:
                self.texts.remove(text)
                back = {key: ("waiting", "covered") for _turn, _name, key in text.carries} | back
            for key, (state, reason) in back.items():
                row = self.rows[key]
                row.state, row.reason, row.again, row.text, row.instead = state, reason, AT_ONCE, None, None
            self.give_room(text, set(back))
            text.carries = [carried for carried in text.carries if carried[2] not in back]

    def give_room(self, text: Text, back: set[Key]) -> None:
        """What found no room beside a text that does not go is asked again at once, for today may be its last day."""
        readers = {name for _turn, name, key in text.carries if key in back}
        for key, row in self.rows.items():
            reader = self.asked(key).reader
            beside = reader.name in readers or (not text.left and reader.phone == text.phone)
            if row.state == "waiting" and row.reason in CAPS and beside:
                row.again = AT_ONCE


def _room(day: date, sent: list[date]) -> bool:
    return day not in sent and sum(0 <= (day - each).days <= 6 for each in sent) < 2


def topic(key: str) -> str:
    """The topic of a step follows from its key, in every edition."""
    return {"o": "outcome", "i": "iron", "f": "flood"}.get(key[0], "anc")
