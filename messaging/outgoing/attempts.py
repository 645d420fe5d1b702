"""The calls that were not answered with a yes, kept for the person who asks why a text came late or not at all."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from messaging.models import Attempt, Route
from messaging.providers.base import SendError

Failed = tuple[UUID, datetime, SendError]
"""A text, when it was called, and the answer."""


def note(route: Route, failed: Iterable[Failed]) -> None:
    """Keep what `route` answered to each text. In the transaction in which the answer is stored."""
    Attempt.objects.bulk_create(
        [
            Attempt(
                message_id=message, route=route, at=at, code=error.code[:40],
                detail=error.sentence.replace("\0", "")[:300], taken=error.taken,
            )
            for message, at, error in failed
        ]
    )  # fmt: skip


def was_a_no(message: UUID) -> None:
    """The provider says that it certainly has nothing of the text: the doubt about its calls is over."""
    Attempt.objects.filter(message=message, taken="maybe").update(taken="no")


def tried(ids: Collection[UUID]) -> dict[UUID, set[int]]:
    """The routes that were tried in vain for each of the texts."""
    found: defaultdict[UUID, set[int]] = defaultdict(set)
    for message, route in Attempt.objects.filter(message__in=ids).values_list("message", "route"):
        found[message].add(route)
    return found
