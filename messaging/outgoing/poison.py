"""A text that breaks the last check is set aside, so that the others of its chunk leave."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from messaging.bulk import update_rows
from messaging.models import OutboundMessage, Route
from messaging.outgoing import attempts, outcome
from messaging.outgoing.lastcheck import last_check
from messaging.outgoing.steady import GONE
from messaging.providers.base import SendError
from messaging.statuses import Status

log = logging.getLogger(__name__)
MOST_IN_A_ROW = 8
"""So many rows that raise, and none that passes: then it is the check that is broken."""


def check(
    route: Route, chunk: Sequence[OutboundMessage], lease: UUID, now: datetime, counts: Counter[str]
) -> list[OutboundMessage]:
    """`last_check` of `chunk`, without the rows that make it raise.

    - When it raises, the chunk is halved until the rows are found at which it does. Each of them is set aside: tried
      again after a wait like after a temporary fault, and `failed` as `poison` at its last attempt.
    - Where no row passes it is the check that is broken, not the rows: its error goes on upwards, nothing is sent and
      nothing is held against anybody. So it is too when the database is away.
    """
    try:
        return last_check(chunk, lease, now, counts)
    except GONE:
        raise
    except Exception as error:
        if len(chunk) == 1:
            raise
        why = error
    ready: list[OutboundMessage] = []
    bad: list[tuple[OutboundMessage, Exception]] = []
    passed = False
    halves = [chunk[: len(chunk) // 2], chunk[len(chunk) // 2 :]]
    while halves:
        some = halves.pop(0)
        mine: Counter[str] = Counter()
        try:
            ready += last_check(some, lease, now, mine)
            passed = passed or bool(ready) or mine["canceled"] > 0
            counts.update(mine)
        except GONE:
            raise
        except Exception as error:
            if len(some) == 1:
                bad.append((some[0], error))
                if len(bad) >= MOST_IN_A_ROW and not passed:
                    break
            else:
                halves[:0] = [some[: len(some) // 2], some[len(some) // 2 :]]
    if not passed:
        raise why
    _set_aside(route, bad, lease, now, counts)
    return ready


def _set_aside(
    route: Route, bad: Sequence[tuple[OutboundMessage, Exception]], lease: UUID, now: datetime, counts: Counter[str]
) -> None:
    errors = {row.id: error for row, error in bad}
    with transaction.atomic():
        mine = OutboundMessage.objects.filter(id__in=errors, lease=lease, status=Status.QUEUED)
        rows = list(mine.select_for_update().order_by("id"))
        failed: list[attempts.Failed] = []
        for row in rows:
            log.error("The text %s breaks the last check; it is set aside.", row.id, exc_info=errors[row.id])
            row.attempts += 1
            said = SendError(f"The last check failed: {type(errors[row.id]).__name__}.", outcome.POISON)
            counts[outcome.not_taken(row, said, now)] += 1
            failed.append((row.id, now, said))
        update_rows(rows, outcome.FIELDS)
        attempts.note(route, failed)
