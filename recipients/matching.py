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
from recipients.names import search_form

SAME_PREGNANCY_DAYS = 140
"""Two anchors of one woman within 20 weeks mean one pregnancy, dated twice."""

LOST = ("miscarriage", "stillbirth", "termination", "maternal_death")
SAME_WITHOUT_PHONE_DAYS = 21
"""Without a phone to compare, anchors within three weeks belong to the identity (issue 2)."""


@dataclass(frozen=True)
class Sought:
    """What identifies a newcomer. `anchor` is None where no pregnancy is registered (a caregiver, a child's mother);
    `near`, where a child was born, is what its pregnancy counted from, for choosing between two people only."""

    name_key: str
    phone: str | None
    year_of_birth: int | None
    unit_id: int
    anchor: date | None = None
    near: date | None = None


@dataclass(frozen=True)
class Former:
    """A pregnancy on record: its anchor, when it ended (None while it is ongoing), and whether in a loss."""

    anchor: date
    ended: date | None
    lost: bool = False


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
      changed would come in again with the old register, even after a loss). Beside a phone that agrees, a name
      typed entirely without diacritics agrees with every name that has the same letters: "Le Thi Hoa" is Lê Thị
      Hòa, while "Lê Thị Hoa", which has marks, is not. Of several on one phone the one whose name is the very
      same goes first, else the one with this pregnancy, else the one whose pregnancy is nearest; or
    - where one of the two has no phone, or the pregnancy on record was lost: name, year of birth and commune agree,
      and an anchor within 21 days. A register with another number of hers must not begin what a loss has ended.
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
        """Five queries, whatever the number of sought (a thousand at a time is a good number)."""
        wanted = list(sought)
        phones = {one.phone for one in wanted if one.phone}
        names = {one.name_key for one in wanted}
        plains = {search_form(one.name_key) for one in wanted if one.phone}
        units = {one.unit_id for one in wanted}
        without = {one.name_key for one in wanted if not one.phone}
        former = self._numbers_before()
        moved = {pk for phone in phones for pk in former.get(phone, ())}
        numbers = {(search_form(one.name_key), one.phone) for one in wanted if one.phone}
        places = {(one.name_key, one.year_of_birth, one.unit_id) for one in wanted}
        columns = ("pk", "name_key", "phone", "year_of_birth", "unit_id", "died_on", "search_name")
        found = {
            row[0]: row
            for query in (
                Q(phone__in=phones, search_name__in=plains),
                Q(phone=None, name_key__in=names, unit_id__in=units),
                Q(name_key__in=without, unit_id__in=units),
                Q(pk__in=moved, search_name__in=plains),
                Q(name_key__in=names, unit_id__in=units, pregnancies__outcome__in=LOST),
            )
            for row in Person.objects.filter(query).values_list(*columns).order_by()
            if row[0] in moved or (row[6], row[2]) in numbers or (row[1], row[3], row[4]) in places
        }
        old_phones: dict[int, set[str]] = defaultdict(set)
        for phone in phones:
            for pk in former.get(phone, ()):
                old_phones[pk].add(phone)
        formers = formers_of(found)
        for pk in sorted(found):
            _pk, name_key, phone_now, year_of_birth, unit_id, died_on, _plain = found[pk]
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
        same = self._on_this_phone(sought)
        if same and sought.anchor is None:
            return same[0], Step.ADD
        steps = [(one, decide(sought.anchor, one.formers)) for one in same if sought.anchor]
        for one, step in steps:
            if step is Step.KNOWN:
                return one, step
        for one in self._by_place.get((sought.name_key, sought.year_of_birth, sought.unit_id), ()):
            if _alive(one, sought) and _near(one, sought, lost_only=bool(sought.phone and one.has_phone)):
                return one, Step.KNOWN
        return steps[0] if steps else None

    def ids(self) -> list[int]:
        """Everybody loaded from the database."""
        return list(self._loaded)

    def _on_this_phone(self, sought: Sought) -> list[OnRecord]:
        """Those whose phone and name agree, the likeliest first."""
        on_phone = self._by_phone.get((search_form(sought.name_key), sought.phone or ""), ())
        same = [one for one in on_phone if names_agree(one.name_key, sought.name_key) and _alive(one, sought)]
        exact = [one for one in same if one.name_key == sought.name_key]
        return sorted(exact or same, key=lambda one: _distance(one, sought.anchor or sought.near))

    def _index_phones(self, person: OnRecord, phones: Iterable[str]) -> None:
        for phone in phones:
            self._by_phone[search_form(person.name_key), phone].append(person)

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
    rows = Pregnancy.objects.filter(mother_id__in=ids).values_list(
        "mother_id", "anchor_date", "outcome_date", "outcome"
    )
    for mother_id, anchor, ended, outcome in rows.order_by("mother_id", "anchor_date"):
        formers[mother_id].append(Former(anchor, ended, outcome in LOST))
    births = Child.objects.filter(mother_id__in=ids, pregnancy=None)
    for mother_id, born, days in births.values_list("mother_id", "date_of_birth", "gestation_at_birth"):
        formers[mother_id].append(Former(born - timedelta(days=days or TERM_DAYS), born))
    return formers


def names_agree(one: str, other: str) -> bool:
    """Two name keys beside the same phone: equal, or equal but for the marks and one of the two has none at all."""
    plain = search_form(one)
    return one == other or (plain == search_form(other) and plain in (one, other))


def _distance(one: OnRecord, anchor: date | None) -> int:
    """Days between an anchor and the nearest one on record."""
    if anchor is None or not one.formers:
        return date.max.toordinal()
    return min(abs((former.anchor - anchor).days) for former in one.formers)


def _alive(one: OnRecord, sought: Sought) -> bool:
    return one.died_on is None or (sought.anchor is not None and one.died_on >= sought.anchor)


def _near(one: OnRecord, sought: Sought, lost_only: bool) -> bool:
    if sought.anchor is None:
        return False
    return any(
        abs((former.anchor - sought.anchor).days) <= SAME_WITHOUT_PHONE_DAYS
        for former in one.formers
        if former.lost or not lost_only
    )
