"""The calls that were not answered with a yes, kept for the person who asks why a text came late or not at all."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from messaging.models import Attempt, OutboundMessage, Route
from messaging.outgoing.outcome import DUPLICATE, OF_THE_ROUTE
from messaging.providers.base import SendError
from messaging.storable import storable

MOST_OF_AN_ANSWER = 2000  # characters

Failed = tuple[UUID, datetime, SendError]
"""A text, when it was called, and the answer."""


def note(route: Route, failed: Iterable[Failed]) -> None:
    """Keep what `route` answered to each text. In the transaction in which the answer is stored."""
    Attempt.objects.bulk_create(
        [
            Attempt(
                message_id=message, route=route, at=at, code=error.code[:40],
                detail=error.sentence[:300], answer=_as_text(error.raw), taken=error.taken,
            )
            for message, at, error in failed
        ]
    )  # fmt: skip


def _as_text(raw: Mapping[str, Any]) -> str:
    return storable(json.dumps(raw, ensure_ascii=False, default=str))[:MOST_OF_AN_ANSWER] if raw else ""


def was_a_no(message: UUID) -> None:
    """The provider says that it certainly has nothing of the text: the doubt about its calls is over. That it called
    the text a repetition stays: nothing that its list lacks disproves it."""
    Attempt.objects.filter(message=message, taken="maybe").exclude(code=DUPLICATE).update(taken="no")


def when_taken(row: OutboundMessage) -> list[datetime]:
    """The moments of the calls by which the route of a text in doubt may have taken it, the earliest first.

    The last one, and those before it that are in doubt (a route may send again in doubt). Where the provider calls the
    last one a repetition: all that came to it, also those that its list did not show in time.
    """
    before = Attempt.objects.filter(message=row.pk, route=row.route_id)
    if row.error_code == DUPLICATE:
        before = before.exclude(code__in=sorted(OF_THE_ROUTE))
    else:
        before = before.filter(taken="maybe")
    moments = set(before.values_list("at", flat=True))
    return sorted(moments | {row.sending_at} if row.sending_at else moments)


def put_off(ids: Collection[UUID]) -> Counter[UUID]:
    """How often each of the texts met a route's own trouble."""
    found = Attempt.objects.filter(message__in=ids, code__in=sorted(OF_THE_ROUTE)) if ids else Attempt.objects.none()
    return Counter(found.values_list("message", flat=True))


def tried(ids: Collection[UUID]) -> dict[UUID, set[int]]:
    """The routes that were tried in vain for each of the texts."""
    found: defaultdict[UUID, set[int]] = defaultdict(set)
    for message, route in Attempt.objects.filter(message__in=ids).values_list("message", "route"):
        found[message].add(route)
    return found
