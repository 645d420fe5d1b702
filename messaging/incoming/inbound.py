"""Texts from phones: stored once, understood by keyword, STOP obeyed at once, answered at most three times a day."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from messaging import hooks, optouts
from messaging.incoming import keywords
from messaging.models import InboundMessage, OutboundMessage, Route
from messaging.numbers import to_e164
from messaging.outgoing import gateway
from messaging.providers.base import Inbound

log = logging.getLogger(__name__)

REPLY = "reply:"
MOST_REPLIES = 3
"""Automatic answers to one number within a day: two machines that answer each other stop here."""
STOPPED = (
    "Da nhan yeu cau dung tin luc {time:%H:%M ngay %d/%m/%Y}. Chung toi ngung gui tin ngay. "
    "Muon nhan lai, hay lien he noi da dang ky."
)
"""The confirmation of a STOP (Decree 91/2020/ND-CP, art. 16: that and when it was received): one segment, any phone.

It names no keyword: START only opens the number, while consent has to be given again where the person registered (D9).
"""


def store(route: Route, inbound: Inbound, now: datetime) -> InboundMessage:
    """Keep a text from a phone; one that the provider hands over twice is kept and obeyed once.

    In the same transaction STOP closes the number and queues the one confirmation, if the number was open; START opens
    it again. Everything else waits for `handle`.
    """
    region = getattr(settings, "PHONE_REGION", "VN")
    body = inbound.body.replace("\0", "")
    with transaction.atomic():
        message, created = InboundMessage.objects.get_or_create(
            route=route,
            provider_id=inbound.provider_id[:80],
            defaults={
                "number": to_e164(inbound.from_, region)[:16],
                "to": inbound.to.strip()[:16],
                "body": body,
                "received_at": now,
                "action": keywords.recognise(body, keywords.table()),
            },
        )
        if created and message.action == "stop" and optouts.close(message.number, source="sms", now=now):
            local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
            _answer(message, STOPPED.format(time=local), f"{optouts.CONFIRMATION}{message.pk}", now)
        elif created and message.action == "start":
            optouts.reopen(message.number, now=now)
    return message


def handle(now: datetime) -> int:
    """Hand every new text to ON_INBOUND with its action and queue what is answered. Returns how many were handled.

    Each in a transaction of its own. One whose handling fails is logged, stays for the next pass and holds up no other.
    """
    handled = 0
    new = InboundMessage.objects.filter(handled_at=None, received_at__lte=now)
    for pk in list(new.order_by("id").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                message = new.filter(pk=pk).select_for_update(skip_locked=True).select_related(None).first()
                if message is None:
                    continue
                answer = hooks.answer_to(message, message.action, now)
                if answer:
                    _answer(message, answer, f"{REPLY}{message.pk}", now)
                message.handled_at = now
                message.save(update_fields=["handled_at"])
                handled += 1
        except Exception:
            log.exception("The inbound text %s could not be handled. It stays for the next pass.", pk)
    return handled


def _answer(message: InboundMessage, body: str, key: str, now: datetime) -> None:
    """Queue an answer, unless the number had enough of them today or the gateway refuses."""
    automatic = Q(key__startswith=REPLY) | Q(key__startswith=optouts.CONFIRMATION)
    today = OutboundMessage.objects.filter(automatic, to=message.number, queued_at__gt=now - timedelta(days=1))
    if today.count() >= MOST_REPLIES:
        log.warning("No automatic answer to inbound text %s: the number had %d today.", message.pk, MOST_REPLIES)
        return
    try:
        gateway.send(gateway.Text(message.number, body, key, priority=10, expires_at=now + timedelta(days=1)), now)
    except gateway.Refused as refusal:
        log.warning("No automatic answer to inbound text %s: %s", message.pk, refusal.code)
