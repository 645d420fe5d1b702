"""Stops and resumes messages on somebody's word: the person's consent and the number's lock in one transaction."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from messaging import optouts
from messaging.models import OptOut
from messaging.outgoing.steady import GONE
from recipients import consent, events, history
from recipients.models import ChangeEvent, Person, User
from recipients.models.consent import Source

log = logging.getLogger(__name__)

DOORS = {"sms": Source.KEYWORD, "wrong": Source.KEYWORD, "provider": Source.KEYWORD}
"""How a number was closed -> by which door that came to us, where the two words differ. A provider closes it when a
STOP came to itself."""


@dataclass(frozen=True)
class Stopped:
    """What a stop did: whether the number was open before, and who on it must now be asked again."""

    number_closed: bool = False
    to_ask_again: tuple[Person, ...] = ()


def stop_person(
    person: Person, *, now: datetime, source: str, by: User | None = None, number_too: bool = False
) -> Stopped:
    """Withdraws a person's consent to messages; with `number_too` also closes her number.

    - Without `number_too` other people on the same number go on receiving theirs (phones are shared).
    - With it nothing goes to the number any more, and everybody else on it is to be asked again (D9); she is not,
      her word is clear.
    - All or nothing, in one transaction; a second time changes nothing. A text that waits in the gateway is caught
      by the last check before it is sent.
    """
    with transaction.atomic():
        events.stop_person(person, now=now, source=source, by=by)
        if number_too and person.phone:
            return stop_number(person.phone, now=now, source=source, by=by)
    return Stopped()


def stop_number(number: str, *, now: datetime, source: str, by: User | None = None) -> Stopped:
    """Closes a number (E.164) to every text and turns the consent of the people on it into "ask again" (D9).

    One transaction. The number need not be anybody's: a caller to the hotline may use a phone that is not registered.
    """
    with transaction.atomic():
        closed = optouts.close(number, source=source, now=now)
        to_ask = _ask_again(number, now=now, source=source, by=by)
        optouts.followed(OptOut.objects.filter(number=number), now)
        return Stopped(closed, tuple(to_ask))


def follow(now: datetime) -> Counter[str]:
    """Does for every closing that came by another door what `stop_number` does: another system's API, a provider, the
    administration, SQL. Returns how many `closings` there were and how many people are `to_ask`.

    - Derived from the closings that nobody has followed, so none is forgotten; each in a transaction of its own. One
      that fails is logged, stays for the next pass and holds up no other.
    - Whoever agrees and has a number that is closed, since before or not, would receive nothing and nobody would know:
      she too is to be asked, which opens the number.
    - Where START has opened the number again, its people are still to be asked, as after a STOP; but not those who
      agreed since it was closed, whose word is newer.
    - Safe again and side by side: who is to be asked already is asked once.
    """
    counts: Counter[str] = Counter(closings=0, to_ask=0)
    for row in [*optouts.to_follow(), *_agreed_on_closed()]:
        try:
            counts["to_ask"] += _follow(row, now)
        except GONE:  # the database is away: the next pass begins with it
            raise
        except Exception:
            log.exception("What follows from the closing %s could not be written. It stays for the next pass.", row.pk)
            continue
        counts["closings"] += 1
    return counts


def _agreed_on_closed() -> QuerySet[OptOut]:
    """The closings in force, followed before, whose number somebody has who agreed."""
    agreed = Person.objects.filter(consent.consented(), phone=OuterRef("number"))
    return OptOut.objects.filter(Exists(agreed), ended_at=None, followed_at__isnull=False).order_by("id")


@transaction.atomic
def _follow(closing: OptOut, now: datetime) -> int:
    door = DOORS.get(closing.source, closing.source)
    source = door if door in Source.values else Source.COMMAND
    list(Person.objects.select_for_update(no_key=True).filter(phone=closing.number).order_by("pk"))
    closing.refresh_from_db(fields=["ended_at"])  # only now: whoever was just resuming has opened the number
    agreed_by = closing.started_at if closing.ended_at else None
    to_ask = _ask_again(closing.number, now=now, source=source, agreed_by=agreed_by)
    optouts.followed(OptOut.objects.filter(pk=closing.pk), now)
    return len(to_ask)


def _ask_again(
    number: str, *, now: datetime, source: str, by: User | None = None, agreed_by: datetime | None = None
) -> list[Person]:
    to_ask = consent.ask_again_on_number(number, now=now, source=source, agreed_by=agreed_by)
    for person in to_ask:
        history.record(ChangeEvent.What.STOPPED, person, now=now, source=source, by=by, new={"number": number})
    return to_ask


def resume_person(person: Person, *, now: datetime, source: str, by: User | None = None) -> bool:
    """Records that the person agreed to messages again and opens her number. True when the number was closed.

    Both locks must open, or she who just agreed would receive nothing (D9). Other people on the number are not
    touched: those who are "to be asked again" stay so until they are asked. What follows from a closing comes first,
    so that her word is the newer one.
    """
    with transaction.atomic():
        for closing in optouts.to_follow().filter(number=person.phone or ""):
            _follow(closing, now)
        events.resume_person(person, now=now, source=source, by=by)
        return bool(person.phone and optouts.reopen(person.phone, now=now))
