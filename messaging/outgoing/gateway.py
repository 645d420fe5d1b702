"""The way in: a text becomes one queued row, or is refused with a reason. Nothing leaves from here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from messaging import optouts
from messaging.batches import batched
from messaging.models import MessageClass, OutboundMessage, Route
from messaging.outgoing import routing
from messaging.statuses import Status
from messaging.text.segments import measure
from messaging.text.tidy import tidy

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Text:
    """What a caller wants sent. `key` is the caller's name for it, at most 80 characters, the same for life."""

    to: str  # E.164
    body: str
    key: str
    message_class: str = MessageClass.SERVICE
    priority: int = 50  # the smallest goes first
    send_after: datetime | None = None  # aware; not before
    expires_at: datetime | None = None  # aware; not after


class Refused(Exception):
    """The gateway did not take a text. `code`: opted_out, no_route, bad_number or empty; `sentence` for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def send(text: Text, now: datetime) -> OutboundMessage:
    """Queue one text; the rules of `send_many`. Raises `Refused`."""
    result = send_many([text], now)[text.key]
    if isinstance(result, Refused):
        raise result
    return result


def send_many(texts: Iterable[Text], now: datetime) -> dict[str, OutboundMessage | Refused]:
    """Queue texts; for each key its row, or why it was refused. All in one transaction.

    - A key that is known returns its row untouched, whatever the text says now: asking twice sends once, also when
      two callers ask at the same moment. Of two texts with one key in one call the first counts.
    - Refused, without a row: `bad_number` (not E.164), `empty`, `opted_out` (the number is closed and the key is no
      confirmation of a STOP), `no_route` (no route takes the number and the class; without LIVE_SENDING only the
      sandbox is a route).
    - The body is made tidy and measured. It is never shortened and keeps its diacritics.
    """
    wanted: dict[str, Text] = {}
    for text in texts:
        if not 0 < len(text.key) <= 80:
            raise ValueError(f"A key has 1 to 80 characters, this one {len(text.key)}. Give the text another key.")
        wanted.setdefault(text.key, text)
    results: dict[str, OutboundMessage | Refused] = {}
    routes = routing.routes_for(now)
    with transaction.atomic():
        for some in batched(sorted(wanted)):
            results.update(_queue([wanted[key] for key in some], routes, now))
    return {key: results[key] for key in wanted}


def cancel(keys: Iterable[str], now: datetime, code: str) -> int:
    """Cancel those of `keys` that have not left, with `code` as the reason. Returns how many ended.

    A text that a dispatcher has claimed is still ours until its last check, so it is canceled too.
    """
    ended = 0
    for some in batched(sorted(set(keys))):
        with transaction.atomic():
            rows = OutboundMessage.objects.filter(key__in=some, status=Status.QUEUED)
            ids = list(rows.select_for_update().order_by("id").values_list("id", flat=True))
            ended += OutboundMessage.objects.filter(id__in=ids, status=Status.QUEUED).update(
                status=Status.CANCELED, error_code=code[:40], final_at=now, lease=None, leased_until=None
            )
    return ended


def _queue(texts: Sequence[Text], routes: Sequence[Route], now: datetime) -> dict[str, OutboundMessage | Refused]:
    results: dict[str, OutboundMessage | Refused] = {}
    known = {row.key: row for row in OutboundMessage.objects.filter(key__in=[text.key for text in texts])}
    results.update(known)
    closed = optouts.closed(text.to for text in texts if text.key not in known)
    rows = []
    for text in texts:
        if text.key in known:
            continue
        try:
            rows.append(_row(text, routes, closed, now))
        except Refused as refusal:
            results[text.key] = refusal
    if rows:
        OutboundMessage.objects.bulk_create(rows, ignore_conflicts=True)
        # A caller beside us may have been faster with a key: what is stored counts, not what we made.
        results.update({row.key: row for row in OutboundMessage.objects.filter(key__in=[row.key for row in rows])})
    return results


def _row(text: Text, routes: Sequence[Route], closed: set[str], now: datetime) -> OutboundMessage:
    if not _E164.fullmatch(text.to):
        raise Refused("bad_number", _("The number is not in international form. Correct the number."))
    body = tidy(text.body).replace("\0", "")
    if not body:
        raise Refused("empty", _("The text is empty. Write a text."))
    if text.to in closed and not text.key.startswith(optouts.CONFIRMATION):
        raise Refused("opted_out", _("The number is closed: its holder said stop. Send nothing to it."))
    route = routing.choose(routes, text.to, text.message_class)
    if route is None:
        raise Refused("no_route", _("No route takes this text. Ask the administrator to set up a route."))
    size = measure(body)
    return OutboundMessage(
        key=text.key,
        to=text.to,
        body=body,
        encoding=size.encoding,
        segments=size.segments,
        message_class=text.message_class,
        priority=text.priority,
        route=route,
        send_after=max(text.send_after, now) if text.send_after else now,
        expires_at=text.expires_at,
        queued_at=now,
    )
