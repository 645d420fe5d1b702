"""The last question before a text leaves, and the intent written down before the call (D4, D7)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from messaging import hooks, optouts
from messaging.bulk import lock_rows, update_rows
from messaging.models import OutboundMessage
from messaging.statuses import Status

BEGUN = ["status", "sending_at", "attempts", "leased_until"]
ENDED = ["status", "error_code", "final_at", "lease", "leased_until"]
CALL = timedelta(minutes=3)
"""How long a row may be `sending` before it is in doubt: longer than a call may take (`wire.LONGEST_CALL`)."""


def last_check(
    chunk: Sequence[OutboundMessage], lease: UUID, now: datetime, counts: Counter[str]
) -> list[OutboundMessage]:
    """Which rows of `chunk` may go now, already `sending`. One transaction:

    - only rows that are still queued and still under `lease`;
    - whose time is over: `expired`;
    - refused by BEFORE_SEND: `canceled`, with its reason;
    - to a closed number: `canceled` with `opted_out`, but for the confirmation of the STOP itself;
    - the others: `sending`, one attempt more, under a lease that outlives the call.

    An error of BEFORE_SEND goes on upwards and nothing is sent: without an answer nobody knows what may go.
    """
    with transaction.atomic():
        # Of what is read here, nothing changes between the claim and the check but the status: no second copy.
        still = lock_rows(OutboundMessage, [row.id for row in chunk], lease=lease, status=Status.QUEUED)
        late: list[OutboundMessage] = []
        rows: list[OutboundMessage] = []
        for row in sorted((row for row in chunk if row.id in still), key=lambda row: row.id):
            (late if row.expires_at is not None and row.expires_at <= now else rows).append(row)
        closed = optouts.closed(row.to for row in rows)
        reasons = hooks.refused_at_the_last_minute([row.key for row in rows], now)
        for row in rows:
            if row.to in closed and not row.key.startswith(optouts.CONFIRMATION):
                reasons.setdefault(row.key, "opted_out")
        unwanted = [row for row in rows if row.key in reasons]
        for row in late:
            _end(row, Status.EXPIRED, "expired", now)
        for row in unwanted:
            _end(row, Status.CANCELED, reasons[row.key], now)
        update_rows(late + unwanted, ENDED)
        ready = [row for row in rows if row.key not in reasons]
        for row in ready:
            row.attempts += row.status != Status.SENDING  # a try in vain has counted it already
            row.status, row.sending_at, row.leased_until = Status.SENDING, now, now + CALL
        update_rows(ready, BEGUN)
    counts["expired"] += len(late)
    counts["canceled"] += len(unwanted)
    # In the order of the claim: what is urgent leaves first.
    place = {row.id: number for number, row in enumerate(chunk)}
    return sorted(ready, key=lambda row: place[row.id])


def _end(row: OutboundMessage, status: Status, code: str, now: datetime) -> None:
    row.status, row.error_code, row.final_at = status, code[:40], now
    row.lease = row.leased_until = None
