"""Texts from phones: stored once, understood by keyword, STOP obeyed at once, answered at most three times a day."""

import hashlib
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from messaging import hooks, optouts, phones
from messaging.incoming import confirmations, keywords, machines
from messaging.models import InboundMessage, OutboundMessage, Route
from messaging.numbers import to_e164
from messaging.outgoing import gateway
from messaging.providers.base import Inbound
from messaging.storable import storable

log = logging.getLogger(__name__)

REPLY = "reply:"
MOST_REPLIES = 3
"""Automatic answers to one number within a day: two machines that answer each other stop here. Confirmations of a STOP
are counted by themselves, so that nobody's STOP stays without one."""
MOST_OPEN = 20
"""Texts of one number that wait for a person; further ones are read with them, in the conversation."""
TOLD_AGAIN = timedelta(minutes=10)
"""In this time the same text of a number, with nothing in between, is one text told twice by a provider that numbers
none."""
GIVE_UP = timedelta(hours=1)
"""For so long a text whose handling fails is tried again; then a person has to read it."""
SETTLED_HERE = frozenset({*confirmations.CLOSES, "start"})
"""What needs nobody above to be obeyed."""


def store(route: Route, inbound: Inbound, now: datetime) -> InboundMessage:
    """Keep a text from a phone; one that the provider hands over twice is kept and obeyed once.

    In the same transaction STOP and "wrong number" close the number and queue the one confirmation, if the number was
    open; START opens it again. What is `keywords.URGENT` is handed up at once, everything else with the next pass of
    `handle`. A machine's text asks for nothing, whatever it says.
    """
    region = getattr(settings, "PHONE_REGION", "VN")
    body = storable(inbound.body)
    number = to_e164(storable(inbound.from_), region)[:16]
    with transaction.atomic():
        message, created = InboundMessage.objects.get_or_create(
            route=route,
            provider_id=_id_of(route, number, inbound, now),
            defaults={
                "number": number,
                "to": storable(inbound.to).strip()[:16],
                "body": body,
                "received_at": now,
                "action": _understood(number, body, region),
            },
        )
        if created:
            phones.works(message.number, now)
        if created and message.action in confirmations.CLOSES:
            _close(message, now)
        elif created and message.action == "start":
            optouts.reopen(message.number, now=now)
        if created and message.action in keywords.URGENT:
            _try(message, now)
    return message


def handle(now: datetime) -> int:
    """Hand every new text to ON_INBOUND with its action and queue what is answered. Returns how many were handled.

    Each in a transaction of its own. One whose handling fails is logged, stays for the next pass and holds up no other;
    after `GIVE_UP` it is left to a person.
    """
    handled = 0
    new = InboundMessage.objects.filter(handled_at=None, received_at__lte=now)
    for pk in list(new.order_by("id").values_list("pk", flat=True)):
        with transaction.atomic():
            message = new.filter(pk=pk).select_for_update(skip_locked=True).select_related(None).first()
            if message is not None:
                handled += _try(message, now)
    return handled


def _id_of(route: Route, number: str, inbound: Inbound, now: datetime) -> str:
    """The provider's id. Where it gives none: that of the latest text of the number, where this is the same within
    `TOLD_AGAIN`; else a name made of the text and of the latest, so that two hands that store it at once store it once.
    """
    given = storable(inbound.provider_id)
    if 0 < len(given) <= 80:
        return given
    facts = [given, inbound.from_, inbound.to, inbound.body]
    if not given:
        latest = InboundMessage.objects.filter(route=route, number=number).order_by("id").last()
        if latest is not None and latest.body == storable(inbound.body) and now - latest.received_at < TOLD_AGAIN:
            return latest.provider_id
        facts.append(str(latest.pk) if latest else "")
    return "~" + hashlib.sha256(repr(facts).encode("utf-8", "replace")).hexdigest()


def _understood(number: str, body: str, region: str) -> str:
    if machines.is_machine(number, body, region):
        return machines.MACHINE
    return keywords.recognise(body, keywords.table())


def _close(message: InboundMessage, now: datetime) -> None:
    """The number is closed from now on; if it was open, its holder is told so, once."""
    source, words = confirmations.CLOSES[message.action]
    if optouts.close(message.number, source=source, now=now):
        _answer(message, confirmations.said(words, message.number, now), optouts.CONFIRMATION, now)


def _try(message: InboundMessage, now: datetime) -> bool:
    """Hand one locked text up. What an error leaves behind is taken back; the text itself stays."""
    try:
        with transaction.atomic():
            message.for_staff = _hand_up(message, now)
    except Exception:
        log.exception("The inbound text %s could not be handled. It stays for the next pass.", message.pk)
        if now - message.received_at < GIVE_UP:
            return False
        message.for_staff = True
    message.handled_at = now
    message.save(update_fields=["for_staff", "handled_at"])
    return True


def _hand_up(message: InboundMessage, now: datetime) -> bool:
    """Whether a person has to read it: what nobody above has settled, what should have been answered and could not."""
    if message.action == machines.MACHINE:
        return False
    handled = hooks.handle_inbound(message, message.action, now)
    if handled is None:
        handled = hooks.Handled(for_staff=message.action not in SETTLED_HERE)
    told = not handled.answer or _answer(message, handled.answer, REPLY, now)
    return (handled.for_staff or not told) and not _read_anyway(message)


def _read_anyway(message: InboundMessage) -> bool:
    """Whether who reads what waits already will see this text too: the same words again, or one more of many."""
    waiting = InboundMessage.objects.filter(number=message.number, for_staff=True, settled_at=None)
    others = waiting.exclude(pk=message.pk)
    return others.filter(body=message.body).exists() or others.count() >= MOST_OPEN


def _answer(message: InboundMessage, body: str, prefix: str, now: datetime) -> bool:
    """Queue an answer, unless the number had enough of the kind today or the gateway refuses. A closed number counts
    as told: its holder wants nothing more from us. It leaves by the route of the text, where that can send to it."""
    today = OutboundMessage.objects.filter(
        key__startswith=prefix, to=message.number, queued_at__gt=now - timedelta(days=1)
    )
    if today.count() >= MOST_REPLIES:
        log.warning("No automatic answer to inbound text %s: the number had %d today.", message.pk, MOST_REPLIES)
        return False
    text = gateway.Text(
        message.number, body, f"{prefix}{message.pk}", priority=10, expires_at=now + timedelta(days=1), tail=False,
        back=message.route_id,
    )  # fmt: skip
    try:
        gateway.send(text, now)
    except gateway.Refused as refusal:
        log.warning("No automatic answer to inbound text %s: %s", message.pk, refusal.code)
        return refusal.code == "opted_out"
    return True
