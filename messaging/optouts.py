"""The lock on the door by number: closed numbers receive nothing, whoever asks."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from messaging.batches import batched
from messaging.models import OptOut

CONFIRMATION = "stop:"
"""Keys that begin like this are confirmations of a STOP: the only texts that a closed number receives (D9)."""


def close(number: str, *, source: str, now: datetime) -> bool:
    """Close `number` (E.164) from `now` on; `source` is how it was asked for ("sms", "page", "provider"...).

    True when it was open until now; closing a closed number changes nothing. Texts that wait in the queue are not
    touched here: the last check before the call stops them.
    """
    _row, created = OptOut.objects.get_or_create(
        number=number, ended_at=None, defaults={"source": source[:10], "started_at": now}
    )
    return created


def reopen(number: str, *, now: datetime) -> bool:
    """Open `number` again. True when it was closed. The closed time stays in the history."""
    return OptOut.objects.filter(number=number, ended_at=None).update(ended_at=now) > 0


def to_follow() -> QuerySet[OptOut]:
    """The closings from which the application above has drawn nothing yet, by whatever door they came, the oldest
    first; also of numbers that are open again."""
    return OptOut.objects.filter(followed_at=None).order_by("id")


def followed(closings: QuerySet[OptOut], now: datetime) -> None:
    """What follows from these closings has been done, in the same transaction."""
    closings.filter(followed_at=None).update(followed_at=now)


def closed(numbers: Iterable[str]) -> set[str]:
    """Which of `numbers` are closed now."""
    found: set[str] = set()
    for some in batched(sorted(set(numbers))):
        found.update(OptOut.objects.filter(number__in=some, ended_at=None).values_list("number", flat=True))
    return found


def closed_numbers() -> QuerySet[OptOut, str]:
    """The numbers that are closed now, for use inside another query."""
    return OptOut.objects.filter(ended_at=None).values_list("number", flat=True)
