"""Writes a register into the database: every row accepted, known or refused, nobody twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from recipients import areas
from recipients.consent import state_of, statement
from recipients.dating import way_of_dating
from recipients.days import local_day
from recipients.history import change
from recipients.locks import lock_registration
from recipients.matching import Book, Former, OnRecord, Sought, Step
from recipients.models import AdminUnit, ChangeEvent, Consent, Person, Pregnancy, User
from recipients.names import search_form
from recipients.register_import.outcomes import record_outcomes
from recipients.register_import.reader import read_register
from recipients.register_import.result import ImportResult, RowResult, write_refused
from recipients.register_import.verdicts import ParsedRow, judge
from recipients.registry import close_as_unknown, pregnancy_facts, registered_facts

__all__ = ["CHUNK", "ImportResult", "import_register", "write_refused"]

CHUNK = 500
"""Rows of one transaction: large enough to be fast, small enough that nobody waits long for the lock."""


def import_register(
    file: str | Path | bytes | BinaryIO,
    filename: str = "",
    *,
    now: datetime,
    unit: AdminUnit | None = None,
    by: User | None = None,
    dry_run: bool = False,
    source: str = "import",
) -> ImportResult:
    """Imports an antenatal register.

    - Reading and judging: register_import.reader and .verdicts. The content decides the format; `filename` is for
      the record of the caller only.
    - `unit` is the unit that the register belongs to: rows without any unit get it, names of communes are looked
      up below it. With `by`, a commune outside that user's area is unit_unknown.
    - Whether a row is known: matching.Book, against the database and the earlier rows of the file.
    - Accepted: a new person with a pregnancy, or a later pregnancy of a person on record, whose other details
      stay as they are. A consent is written where the row says yes; one that was withdrawn or is to be asked
      again is not given back by a spreadsheet. A row that is known gives its consent too, where nobody had asked;
      one that says no where a consent is on record turns it into "ask again".
    - A pregnancy that is not on record and, by the row, ended in a loss is refused: nothing is left to follow; so is
      one of which the row says contradictory things, since it may have been lost.
    - How a pregnancy ended, where a row says so, is recorded by the verbs of recipients.events after the chunk that
      registered the row (register_import.outcomes).
    - With `by`, a row of somebody on record outside that user's area is known, and nothing is written for her.
    - Rows are written in chunks of CHUNK, each one transaction. Killed in the middle, the chunks before are
      there; the same file imported again finds them known, records the outcomes that were missing, and goes on.
      Chunks of imports at the same time wait for each other (locks.lock_registration), so the second finds known
      what the first has written.
    - `dry_run` writes nothing and gives the same verdicts; what the verbs say of an outcome too, but for people who
      are new in the file.
    Raises register_import.reader.RegisterError for a file that is no register.
    """
    today = local_day(now)
    register = read_register(file)
    index = areas.UnitIndex.load(today, unit)
    allowed = by.unit.path if by is not None and by.unit is not None else ""

    def resolve(code: str, name: str) -> str | None:
        found = index.find(code, name)
        return found.code if found and found.path.startswith(allowed) else None

    own = unit.code if unit and unit.path.startswith(allowed) else ""
    rows = [judge(row, register.heading, today, resolve, own) for row in register.rows]
    result = ImportResult(register.heading.titles, register.heading.unknown, left_out=register.left_out)
    desk = _Desk(index.by_code | ({unit.code: unit} if unit else {}), now, by, source)
    for start in range(0, len(rows), CHUNK):
        taken = desk.take(rows[start : start + CHUNK], dry_run)
        result.details += record_outcomes(taken, now=now, source=source, by=by, dry_run=dry_run)
    return result


@dataclass
class _Chunk:
    """What one transaction will write."""

    people: list[Person] = field(default_factory=list)
    pregnancies: list[Pregnancy] = field(default_factory=list)
    events: list[ChangeEvent] = field(default_factory=list)
    answers: list[tuple[Person, bool]] = field(default_factory=list)
    """Who says yes or no to messages, in the order of the rows: the last word counts."""
    closed: dict[int, Pregnancy] = field(default_factory=dict)
    """The later pregnancy of people on record whose former one is still open."""
    open_here: dict[int, Pregnancy] = field(default_factory=dict)
    persons: dict[int, Person] = field(default_factory=dict)
    """Both by the identity of the OnRecord: not everybody has an id yet."""
    rows: dict[int, Person] = field(default_factory=dict)


class _Desk:
    """Takes the rows of one file, chunk by chunk. In a dry run the book and one chunk live as long as the file."""

    def __init__(self, units: dict[str, AdminUnit], now: datetime, by: User | None, source: str) -> None:
        self.units = units
        self.now = now
        self.by = by
        self.source = source
        self.book = Book()
        self.rehearsed = _Chunk()
        self.visible: set[int] | None = None
        """Ids on record that the user may change; None without a user, who may change everybody."""

    def take(self, rows: Sequence[ParsedRow], dry_run: bool) -> list[RowResult]:
        sought = {row.row: self._sought(row) for row in rows if not row.refused}
        if dry_run:
            self._load(sought.values())
            return [self._decide(row, sought.get(row.row), self.rehearsed) for row in rows]
        chunk = _Chunk()
        with transaction.atomic():
            lock_registration()
            self.book.clear()
            self._load(sought.values())
            results = [self._decide(row, sought.get(row.row), chunk) for row in rows]
            self._save(chunk)
        return [replace(one, person_id=chunk.rows[one.parsed.row].pk) if one.parsed.row in chunk.rows else one
                for one in results]  # fmt: skip

    def _load(self, sought: Iterable[Sought]) -> None:
        self.book.load(sought)
        if self.by is not None:
            mine = areas.people_visible_to(self.by).filter(pk__in=self.book.ids())
            self.visible = set(mine.values_list("pk", flat=True))

    def _sought(self, row: ParsedRow) -> Sought:
        return Sought(row.name_key, row.phone, row.year_of_birth, self.units[row.unit_code].pk, row.anchor_date)

    def _decide(self, row: ParsedRow, sought: Sought | None, chunk: _Chunk) -> RowResult:
        if sought is None:
            return RowResult(row, "refused")
        found = self.book.find(sought)
        if (found is None or found[1] is not Step.KNOWN) and (why := _not_to_begin(row)):
            return RowResult(replace(row, reasons=(why,)), "refused")
        if found is None:
            self._newcomer(row, sought, chunk)
            return RowResult(row, "accepted")
        one, step = found
        if self.visible is not None and one.person_id is not None and one.person_id not in self.visible:
            return RowResult(row, "known", elsewhere=True)
        if step is Step.KNOWN:
            if one.died_on is None:
                self._answer(row, chunk.persons.get(id(one)) or Person(pk=one.person_id), chunk)
            if person := chunk.persons.get(id(one)):
                chunk.rows[row.row] = person
            return RowResult(row, "known", one.person_id)
        self._later_pregnancy(row, one, step, chunk)
        return RowResult(row, "accepted", one.person_id)

    def _newcomer(self, row: ParsedRow, sought: Sought, chunk: _Chunk) -> None:
        assert row.anchor_date is not None
        person = Person(
            name=row.name, name_key=row.name_key, search_name=search_form(row.name),
            year_of_birth=row.year_of_birth, phone=row.phone, phone_holder=row.phone_holder,
            contact_phone=row.contact_phone, language=row.language, occupation=row.occupation,
            unit=self.units[row.unit_code], village=row.village, note=row.note, registered_at=self.now,
        )  # fmt: skip
        one = OnRecord(
            None, row.name_key, frozenset([row.phone] if row.phone else []), bool(row.phone), row.year_of_birth,
            sought.unit_id, formers=[Former(row.anchor_date, None)],
        )  # fmt: skip
        self.book.add(one)
        chunk.people.append(person)
        chunk.persons[id(one)] = chunk.rows[row.row] = person
        pregnancy = self._pregnancy(row, person)
        chunk.pregnancies.append(pregnancy)
        chunk.open_here[id(one)] = pregnancy
        self._answer(row, person, chunk)
        facts = registered_facts(person) | pregnancy_facts(pregnancy) | _facts(row)
        chunk.events.append(self._event(ChangeEvent.What.REGISTERED, person, pregnancy, new=facts))

    def _later_pregnancy(self, row: ParsedRow, one: OnRecord, step: Step, chunk: _Chunk) -> None:
        assert row.anchor_date is not None
        person = chunk.persons.setdefault(id(one), Person(pk=one.person_id))
        chunk.rows[row.row] = person
        pregnancy = self._pregnancy(row, person)
        if step is Step.CLOSE_AND_ADD:
            self._close(one, pregnancy, chunk)
        one.formers.append(Former(row.anchor_date, None))
        chunk.pregnancies.append(pregnancy)
        chunk.open_here[id(one)] = pregnancy
        self._answer(row, person, chunk)
        facts = pregnancy_facts(pregnancy) | _facts(row)
        chunk.events.append(self._event(ChangeEvent.What.PREGNANCY, person, pregnancy, new=facts))

    def _answer(self, row: ParsedRow, person: Person, chunk: _Chunk) -> None:
        """What the row says of messages. A blank cell says nothing."""
        if row.consent or row.declined:
            chunk.answers.append((person, row.consent))

    def _close(self, one: OnRecord, later: Pregnancy, chunk: _Chunk) -> None:
        """The open pregnancy ends as unknown on the later one's anchor, here or, when it is on record, on saving."""
        one.formers = [Former(each.anchor, each.ended or later.anchor_date) for each in one.formers]
        former = chunk.open_here.get(id(one))
        if former is None:
            assert one.person_id is not None
            chunk.closed[one.person_id] = later
        else:
            new = close_as_unknown(former, later.anchor_date, self.now)
            chunk.events.append(self._event(ChangeEvent.What.PREGNANCY, later.mother, former, {"outcome": ""}, new))

    def _pregnancy(self, row: ParsedRow, person: Person) -> Pregnancy:
        assert row.anchor_date is not None
        assert row.anchor_source is not None
        return Pregnancy(
            mother=person, lmp=row.lmp, edd=row.edd, dating=way_of_dating(row.anchor_source, row.lmp, row.edd),
            anchor_date=row.anchor_date, gravida=row.gravida, registered_at=self.now,
        )  # fmt: skip

    def _event(
        self, what: str, person: Person, pregnancy: Pregnancy, old: dict[str, object] | None = None,
        new: dict[str, object] | None = None,
    ) -> ChangeEvent:  # fmt: skip
        return change(what, person, now=self.now, source=self.source, by=self.by, old=old, new=new, pregnancy=pregnancy)

    def _save(self, chunk: _Chunk) -> None:
        """Set-based: nine statements or so, whatever the number of rows."""
        Person.objects.bulk_create(chunk.people)
        if chunk.closed:
            formers = Pregnancy.objects.select_for_update(no_key=True).filter(mother_id__in=chunk.closed, outcome="")
            closing = list(formers.order_by("pk"))
            for former in closing:
                later = chunk.closed[former.mother_id]
                new = close_as_unknown(former, later.anchor_date, self.now)
                what = ChangeEvent.What.PREGNANCY
                chunk.events.append(self._event(what, later.mother, former, {"outcome": ""}, new))
            Pregnancy.objects.bulk_update(closing, ["outcome", "outcome_date", "outcome_recorded_at"])
        Pregnancy.objects.bulk_create(chunk.pregnancies)
        ChangeEvent.objects.bulk_create(chunk.events)
        answers = {person.pk: (person, yes) for person, yes in chunk.answers}
        list(Person.objects.select_for_update(no_key=True).filter(pk__in=answers).order_by("pk").values_list("pk"))
        states = state_of(answers)
        given, doubted = Consent.State.GIVEN, Consent.State.ASK_AGAIN
        words = [(person, given) for person, yes in answers.values() if yes and not states[person.pk]]
        words += [(person, doubted) for person, yes in answers.values() if not yes and states[person.pk] == given]
        Consent.objects.bulk_create(statement(person, state, self.now, self.source, self.by) for person, state in words)


def _not_to_begin(row: ParsedRow) -> str:
    """Why the pregnancy of a row is not to be registered, though it could be; "" where it is."""
    if row.ending is not None and not row.ending.is_birth:
        return "pregnancy_over"
    return "outcome_contradictory" if "outcome_contradictory" in row.warnings else ""


def _facts(row: ParsedRow) -> dict[str, object]:
    """What a row says that has no column of its own, for the event."""
    facts = {
        "migrated_from": row.migrated_from,
        "parity": row.parity,
        "visit_date": row.visit_date,
        "gestation": str(row.gestation) if row.gestation else None,
    }
    return {name: value for name, value in facts.items() if value is not None}
