"""What other systems hand in: their texts under keys of their own, and what became of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from messaging.models import ApiToken, MessageClass, OutboundMessage
from messaging.numbers import takes_texts, to_e164
from messaging.outgoing import gateway
from messaging.text.frame import with_label
from messaging.text.tidy import tidy

PREFIX = "api:"
LONGEST_KEY = 60
"""Characters of a caller's key: with what is put before it, a key of the gateway has at most 80."""
CANCELED = "canceled_by_caller"

Result = Literal["queued", "known", "conflict", "refused"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What another system wants sent. `key` is its own name for the text, at most LONGEST_KEY characters."""

    key: str
    to: str  # as people write it
    text: str
    message_class: str = MessageClass.SERVICE
    language: str = ""  # of the text: for the words how to stop
    priority: int = 50
    send_after: datetime | None = None  # aware
    expires_at: datetime | None = None  # aware


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of one wish: its row (`queued` now or `known` before), or why there is none.

    `conflict`: the key has been used for another text or number, which is `message`.
    """

    key: str
    result: Result
    message: OutboundMessage | None = None
    code: str = ""
    sentence: str = ""


def submit(token: ApiToken, wishes: Sequence[Wanted], now: datetime) -> list[Submitted]:
    """Queue the texts of another system; the answers in the order of `wishes`. The rules are the gateway's, besides:

    - Keys are the caller's own: nobody else's texts can be reached by them.
    - A key that is known answers its text as it stands, whatever else the wish says now; with another number or other
      words it is a `conflict`. So it is when two wishes of one call share a key and differ.
    - The number is understood as people write it; what can be no mobile phone's is `bad_number`.
    """
    texts = [_text(token, wish) for wish in wishes]
    answers = gateway.send_many(texts, now)
    prefetch_related_objects([row for row in answers.values() if isinstance(row, OutboundMessage)], "route")
    return [_submitted(wish, text, answers[text.key], now) for wish, text in zip(wishes, texts, strict=True)]


def texts_of(token: ApiToken) -> QuerySet[OutboundMessage]:
    """Everything that this system has handed in, the newest first."""
    return OutboundMessage.objects.filter(caller=token).select_related("route").order_by("-queued_at", "-id")


def by_ids(token: ApiToken, ids: Iterable[UUID]) -> QuerySet[OutboundMessage]:
    """The system's own texts with these ids; others are not there."""
    return texts_of(token).filter(id__in=set(ids))


def by_keys(token: ApiToken, keys: Iterable[str]) -> QuerySet[OutboundMessage]:
    """The system's own texts with these keys of its own."""
    return texts_of(token).filter(key__in={_full(token, key) for key in keys})


def own_key(message: OutboundMessage) -> str:
    """The key as the caller named it."""
    return message.key.removeprefix(PREFIX).partition(":")[2]


def estimate(message: OutboundMessage) -> Decimal:
    """What the text costs by the price of its route, in the route's currency."""
    return message.route.price * message.segments


def cancel(token: ApiToken, messages: Iterable[OutboundMessage], now: datetime) -> dict[UUID, OutboundMessage]:
    """Cancel those of the system's `messages` that have not left; each as it is afterwards, by id.

    What was claimed already and passes its last check later does not leave either; what is `sending` or beyond stays.
    """
    rows = list(messages)
    gateway.cancel([row.key for row in rows if row.caller_id == token.pk], now, CANCELED)
    return {row.id: row for row in by_ids(token, [row.id for row in rows])}


def _full(token: ApiToken, key: str) -> str:
    return f"{PREFIX}{token.prefix}:{key}"


def _text(token: ApiToken, wish: Wanted) -> gateway.Text:
    number = to_e164(wish.to, settings.PHONE_REGION)
    return gateway.Text(
        to=number if takes_texts(number) else "",
        body=tidy(wish.text),
        key=_full(token, wish.key),
        message_class=wish.message_class,
        language=wish.language,
        priority=wish.priority,
        send_after=wish.send_after,
        expires_at=wish.expires_at,
        caller=token.pk,
    )


def _submitted(wish: Wanted, text: gateway.Text, answer: OutboundMessage | gateway.Refused, now: datetime) -> Submitted:
    if isinstance(answer, gateway.Refused) and not text.to:
        sentence = _("No text arrives at this number. Give that of a mobile phone, like 0912 345 678.")
        return Submitted(wish.key, "refused", code=answer.code, sentence=sentence)
    if isinstance(answer, gateway.Refused):
        return Submitted(wish.key, "refused", code=answer.code, sentence=answer.sentence)
    if answer.to != text.to or answer.words not in _spellings(text):
        sentence = _("This key stands for another text or number already. Give the new text a key of its own.")
        return Submitted(wish.key, "conflict", answer, "key_used", sentence)
    return Submitted(wish.key, "queued" if answer.queued_at == now else "known", answer)


def _spellings(text: gateway.Text) -> Collection[str]:
    """The words as the row may hold them: its class, which decides about a label, is that of the first time."""
    return {text.body, with_label(text.body, settings.PROMOTIONAL_LABEL)}
