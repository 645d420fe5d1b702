"""A person wants no more messages, or wants them again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from recipients import consent
from recipients.details import confirm_number
from recipients.events.rules import died
from recipients.history import record
from recipients.locks import lock
from recipients.models import ChangeEvent, Consent, Person, User
from recipients.models.consent import Source

What = ChangeEvent.What


@transaction.atomic
def stop_person(person: Person, *, now: datetime, source: str, by: User | None = None) -> Person:
    """She wants no more messages, on whatever number: her consent is withdrawn. The number itself stays open."""
    _switch(person, consent.withdraw, What.STOPPED, now, source, by)
    return person


@transaction.atomic
def resume_person(person: Person, *, now: datetime, source: str, by: User | None = None) -> Person:
    """She has agreed again. Staff who write it down (source page) have spoken with her: her number is confirmed.

    Refusal died.
    """
    if person.died_on:
        raise died()
    _switch(person, consent.give, What.RESUMED, now, source, by)
    if source == Source.PAGE and person.phone:
        confirm_number(person, now=now, source=source, by=by)
    return person


def _switch(
    person: Person, verb: Callable[..., Consent], what: str, now: datetime, source: str, by: User | None
) -> None:
    lock(person)
    before = consent.state_of([person.pk])[person.pk]
    after = verb(person, now=now, source=source, by=by).state
    if before != after:
        record(what, person, now=now, source=source, by=by, old={"consent": before}, new={"consent": after})
