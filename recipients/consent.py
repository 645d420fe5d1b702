"""Consent by person: append-only statements of which the newest is in force (design D9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from recipients.models import Consent, Person, User

CURRENT_WORDING = "2026-11"
"""Version of the words that people agree to. Silence is not consent (Law 91/2025/QH15): no row, no message."""


def give(
    person: Person, *, now: datetime, source: str, by: User | None = None, purpose: str = Consent.Purpose.MESSAGES
) -> Consent:
    """She agrees. Writes nothing when the same words are already agreed to. Returns the row in force."""
    return _state(person, Consent.State.GIVEN, now, source, by, purpose)


def withdraw(
    person: Person, *, now: datetime, source: str, by: User | None = None, purpose: str = Consent.Purpose.MESSAGES
) -> Consent:
    """She no longer agrees; in force at once."""
    return _state(person, Consent.State.WITHDRAWN, now, source, by, purpose)


def ask_again(
    person: Person, *, now: datetime, source: str, by: User | None = None, purpose: str = Consent.Purpose.MESSAGES
) -> Consent:
    """Whether she still agrees is not certain; nothing is sent until her station has asked."""
    return _state(person, Consent.State.ASK_AGAIN, now, source, by, purpose)


@transaction.atomic
def ask_again_on_number(number: str, *, now: datetime, source: str, agreed_by: datetime | None = None) -> list[Person]:
    """STOP came from a number, and phones are shared: everybody on it who had agreed is to be asked again.

    Those who had withdrawn or were never asked stay as they are, and with `agreed_by` those who agreed later than
    that: their word is newer. Returns the people who changed.
    """
    people = list(Person.objects.select_for_update(no_key=True).filter(phone=number).order_by("pk"))
    states = state_of(person.pk for person in people)
    agreed = [person for person in people if states[person.pk] == Consent.State.GIVEN]
    if agreed_by is not None:
        later = Consent.objects.filter(purpose=Consent.Purpose.MESSAGES, at__gt=agreed_by, person__in=agreed)
        newer = set(later.values_list("person_id", flat=True))
        agreed = [person for person in agreed if person.pk not in newer]
    Consent.objects.bulk_create(statement(person, Consent.State.ASK_AGAIN, now, source) for person in agreed)
    return agreed


def state_of(person_ids: Iterable[int], purpose: str = Consent.Purpose.MESSAGES) -> dict[int, str]:
    """The state in force of each person, "" for one who was never asked. One query."""
    ids = list(person_ids)
    newest = Consent.objects.filter(person_id__in=ids, purpose=purpose).values("person_id").annotate(newest=Max("id"))
    rows = Consent.objects.filter(id__in=newest.values("newest")).order_by()
    return dict.fromkeys(ids, "") | dict(rows.values_list("person_id", "state"))


def consent_state(person: str = "pk", purpose: str = Consent.Purpose.MESSAGES) -> Coalesce:
    """For querysets: the state in force, "" when never asked. `person` leads to the person: "enrollment__person"."""
    newest = Consent.objects.filter(person=OuterRef(person), purpose=purpose).order_by("-id")
    return Coalesce(Subquery(newest.values("state")[:1]), Value(""))


def consented(person: str = "pk", purpose: str = Consent.Purpose.MESSAGES) -> Exact:
    """For querysets, in `filter()` or `annotate()`: true where the newest statement says given."""
    return Exact(consent_state(person, purpose), Value(str(Consent.State.GIVEN)))


@transaction.atomic
def _state(person: Person, state: str, now: datetime, source: str, by: User | None, purpose: str) -> Consent:
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    newest = Consent.objects.filter(person=person, purpose=purpose).order_by("-id").first()
    if newest and (newest.state, newest.wording_version) == (state, CURRENT_WORDING):
        return newest
    row = statement(person, state, now, source, by, purpose)
    row.save(force_insert=True)
    return row


def statement(
    person: Person,
    state: str,
    now: datetime,
    source: str,
    by: User | None = None,
    purpose: str = Consent.Purpose.MESSAGES,
) -> Consent:
    """A row not yet saved, so that an import can save thousands at once."""
    return Consent(
        person=person, purpose=purpose, state=state, method=source, wording_version=CURRENT_WORDING, at=now, by=by
    )
