"""Is this woman on record already? The comparison that keeps anybody from being registered twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from django.db.models import Q

from recipients.gestation import TERM_DAYS
from recipients.models import ChangeEvent, Child, Person, Pregnancy

SAME_PREGNANCY_DAYS = 140
"""Two anchors of one woman within 20 weeks mean one pregnancy, dated twice."""

SAME_WITHOUT_PHONE_DAYS = 21
"""Without a phone to compare, anchors within three weeks belong to the identity (issue 2)."""


@dataclass(frozen=True)
class Sought:
    """What identifies a newcomer. `anchor` is None where no pregnancy is registered (a caregiver)."""

    name_key: str
    phone: str | None
    year_of_birth: int | None
    unit_id: int
    anchor: date | None = None


@dataclass(frozen=True)
class Former:
    """A pregnancy on record: its anchor and when it ended, None while it is ongoing."""

    anchor: date
    ended: date | None


@dataclass
class OnRecord:
    """A person on record. `phones` are the present and all former numbers; `person_id` is None in a rehearsal."""

    person_id: int | None
    name_key: str
    phones: frozenset[str]
    has_phone: bool
    year_of_birth: int | None
    unit_id: int
    died_on: date | None = None
    formers: list[Former] = field(default_factory=list)


class Step(Enum):
    """What registering a pregnancy means for a person on record."""

    KNOWN = "known"
    ADD = "add"
    CLOSE_AND_ADD = "close_and_add"


def decide(anchor: date, formers: Iterable[Former]) -> Step:
    """Pure. A pregnancy with this anchor, for a person with these pregnancies on record, is

    - KNOWN: one ended on the anchor or later (that one is meant, or it is later than what is asked), or one is
      ongoing and the anchor is at most 140 days after its own. So a register imported again after a loss or a
      birth registers nothing.
    - CLOSE_AND_ADD: the ongoing one began more than 140 days before; it must have ended, nobody knows how.
    - ADD: everything on record ended before the anchor.
    """
    step = Step.ADD
    for former in formers:
        if former.ended is not None:
            if former.ended >= anchor:
                return Step.KNOWN
        elif anchor <= former.anchor + timedelta(days=SAME_PREGNANCY_DAYS):
            return Step.KNOWN
        else:
            step = Step.CLOSE_AND_ADD
    return step


class Book:
    """The people on record who may be among the sought ones, loaded for many at once.

    Same person
    - name and phone agree, the phone being her present number or any former one (else a woman whose number was
      changed would come in again with the old register, even after a loss); or
    - where one of the two has no phone: name, year of birth and commune agree, and an anchor within 21 days.
    A person who had died before the anchor is not the one who is pregnant.
    """

    def __init__(self) -> None:
        self._by_phone: dict[tuple[str, str], list[OnRecord]] = defaultdict(list)
        self._by_place: dict[tuple[str, int | None, int], list[OnRecord]] = defaultdict(list)
        self._loaded: dict[int, OnRecord] = {}
        self._former_numbers: dict[str, list[int]] | None = None

    def clear(self) -> None:
        """Forgets the people, so that the next load sees the database as it is."""
        self._by_phone.clear()
        self._by_place.clear()
        self._loaded.clear()

    def load(self, sought: Iterable[Sought]) -> None:
        """Four queries, whatever the number of sought (a thousand at a time is a good number)."""
        wanted = list(sought)
        phones = {one.phone for one in wanted if one.phone}
        names = {one.name_key for one in wanted}
        units = {one.unit_id for one in wanted}
        without = {one.name_key for one in wanted if not one.phone}
        former = self._numbers_before()
        moved = {pk for phone in phones for pk in former.get(phone, ())}
        numbers = {(one.name_key, one.phone) for one in wanted}
        places = {(one.name_key, one.year_of_birth, one.unit_id) for one in wanted}
        columns = ("pk", "name_key", "phone", "year_of_birth", "unit_id", "died_on")
        found = {
            row[0]: row
            for query in (
                Q(phone__in=phones, name_key__in=names),
                Q(phone=None, name_key__in=names, unit_id__in=units),
                Q(name_key__in=without, unit_id__in=units),
                Q(pk__in=moved, name_key__in=names),
            )
            for row in Person.objects.filter(query).values_list(*columns).order_by()
            if row[0] in moved or (row[1], row[2]) in numbers or (row[1], row[3], row[4]) in places
        }
        old_phones: dict[int, set[str]] = defaultdict(set)
        for phone in phones:
            for pk in former.get(phone, ()):
                old_phones[pk].add(phone)
        formers = formers_of(found)
        for pk in sorted(found):
            _pk, name_key, phone_now, year_of_birth, unit_id, died_on = found[pk]
            every = frozenset(old_phones[pk] | ({phone_now} if phone_now else set()))
            if loaded := self._loaded.get(pk):
                self._index_phones(loaded, every - loaded.phones)
                continue
            self._loaded[pk] = OnRecord(
                pk, name_key, every, bool(phone_now), year_of_birth, unit_id, died_on, formers.get(pk, [])
            )
            self.add(self._loaded[pk])

    def add(self, person: OnRecord) -> None:
        self._index_phones(person, person.phones)
        self._by_place[person.name_key, person.year_of_birth, person.unit_id].append(person)

    def find(self, sought: Sought) -> tuple[OnRecord, Step] | None:
        """The person on record and what a pregnancy with this anchor means for her; None for a newcomer."""
        same = [one for one in self._by_phone.get((sought.name_key, sought.phone or ""), ()) if _alive(one, sought)]
        if same and sought.anchor is None:
            return same[0], Step.ADD
        steps = [(one, decide(sought.anchor, one.formers)) for one in same if sought.anchor]
        for one, step in steps:
            if step is Step.KNOWN:
                return one, step
        for one in self._by_place.get((sought.name_key, sought.year_of_birth, sought.unit_id), ()):
            if not (sought.phone and one.has_phone) and _alive(one, sought) and _near(one, sought):
                return one, Step.KNOWN
        return steps[0] if steps else None

    def _index_phones(self, person: OnRecord, phones: Iterable[str]) -> None:
        for phone in phones:
            self._by_phone[person.name_key, phone].append(person)

    def _numbers_before(self) -> dict[str, list[int]]:
        """Every number that somebody had before, read once: changes of number are few beside registrations."""
        if self._former_numbers is None:
            self._former_numbers = defaultdict(list)
            events = ChangeEvent.objects.filter(what=ChangeEvent.What.NUMBER).order_by("id")
            for person_id, old in events.values_list("person_id", "old").iterator(chunk_size=5000):
                if old.get("phone"):
                    self._former_numbers[old["phone"]].append(person_id)
        return self._former_numbers


def formers_of(person_ids: Iterable[int]) -> dict[int, list[Former]]:
    """The pregnancies on record of each person; a child registered without one stands for its own."""
    ids = list(person_ids)
    formers: dict[int, list[Former]] = defaultdict(list)
    rows = Pregnancy.objects.filter(mother_id__in=ids).values_list("mother_id", "anchor_date", "outcome_date")
    for mother_id, anchor, ended in rows.order_by("mother_id", "anchor_date"):
        formers[mother_id].append(Former(anchor, ended))
    births = Child.objects.filter(mother_id__in=ids, pregnancy=None)
    for mother_id, born, days in births.values_list("mother_id", "date_of_birth", "gestation_at_birth"):
        formers[mother_id].append(Former(born - timedelta(days=days or TERM_DAYS), born))
    return formers


def _alive(one: OnRecord, sought: Sought) -> bool:
    return one.died_on is None or (sought.anchor is not None and one.died_on >= sought.anchor)


def _near(one: OnRecord, sought: Sought) -> bool:
    if sought.anchor is None:
        return False
    return any(abs((former.anchor - sought.anchor).days) <= SAME_WITHOUT_PHONE_DAYS for former in one.formers)
