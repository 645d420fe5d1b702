"""What a person does with a text that came in: answer it, settle it, read what was said to and fro."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from messaging.models import InboundMessage, OutboundMessage
from messaging.outgoing import gateway

ANSWER = "answer:"
"""Keys of answers by people: `answer:<id of the text>:<which answer to it>:<who wrote it>`."""
PRIORITY = 20


@transaction.atomic
def answer(
    message: InboundMessage, body: str, *, number: int, by: str, writer: str, now: datetime
) -> tuple[OutboundMessage, bool]:
    """Queue the `number`-th answer of people to a text (from 1), which settles it. `by`: the user's name; `writer`:
    what names the user for good in the key. Returns the row, and whether it is new.

    - It leaves at once, at whatever hour: somebody waits for it. Nothing leaves to a closed number.
    - It leaves by the route of the text, where that can send to it (`routing.ways`).
    - The same answer asked for twice (a double click) leaves once. Where a colleague was faster, it is refused with
      `answered_meanwhile`, for that answer is to be read first.
    Raises `gateway.Refused`.
    """
    locked = InboundMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    given = list(answers_to(locked))
    if number <= len(given):
        same = given[number - 1]
        if same.key == _key(locked, number, writer) and same.words.split() == body.split():
            return same, False
    if number != len(given) + 1:
        raise gateway.Refused(
            "answered_meanwhile", _("A colleague has answered meanwhile. Read that answer, then write yours if needed.")
        )
    text = gateway.Text(
        locked.number, body, _key(locked, number, writer), priority=PRIORITY, tail=False,
        back=locked.route_id,
    )  # fmt: skip
    queued = gateway.send(text, now)
    settle(locked, by=by, note="", now=now)
    return queued, True


def settle(message: InboundMessage, *, by: str, note: str, now: datetime) -> bool:
    """Nobody has to read the text any more; `note` says what came of it. False where it was settled before: the first
    word stays."""
    still = InboundMessage.objects.filter(pk=message.pk, settled_at=None)
    return still.update(settled_at=now, settled_by=by[:150], note=note[:300]) > 0


def answers_to(message: InboundMessage) -> QuerySet[OutboundMessage]:
    """The answers of people to a text, in the order in which they were written: among what went to its number, since
    no index leads to what keys begin with."""
    theirs = said_to(message.number).filter(key__startswith=f"{ANSWER}{message.pk}:")
    return theirs.order_by("queued_at", "key")


def writer_of(text: OutboundMessage) -> str:
    """Who wrote an answer, as `answer` was told; "" for a text that is none."""
    return text.key.rpartition(":")[2] if text.key.startswith(ANSWER) else ""


def heard_from(number: str) -> QuerySet[InboundMessage]:
    """What came from a number, the newest first."""
    return InboundMessage.objects.filter(number=number).order_by("-received_at", "-id")


def said_to(number: str) -> QuerySet[OutboundMessage]:
    """What went to a number or was to go, the newest first."""
    return OutboundMessage.objects.filter(to=number).order_by("-queued_at", "-id")


def _key(message: InboundMessage, number: int, writer: str) -> str:
    return f"{ANSWER}{message.pk}:{number}:{writer}"
