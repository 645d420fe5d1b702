"""What a provider answered becomes the state of its row (D8)."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from messaging import optouts
from messaging.bulk import update_rows
from messaging.incoming import receipts
from messaging.models import OutboundMessage, Route
from messaging.outgoing.wire import Answer, Stale
from messaging.providers.base import Accepted, SendError
from messaging.statuses import FINAL, Status, can_move

MOST_ATTEMPTS = 5
FIRST_WAIT = 30.0  # seconds
FIELDS = [
    "status", "lease", "leased_until", "attempts", "provider_id", "error_code", "error_detail", "cost", "send_after",
    "sending_at", "sent_at", "final_at",
]  # fmt: skip


def save(
    route: Route, rows: Sequence[OutboundMessage], answers: Sequence[Answer], now: datetime, counts: Counter[str]
) -> None:
    """Store the answers to one chunk, in one transaction, with the rows locked in the order of their ids.

    - Accepted: provider's id, cost and `sent_at`; the status rises, so a receipt that was faster stays. Receipts that
      came for this provider's id before anybody knew it are matched now.
    - Certainly not taken, temporary: queued again after a wait; after `MOST_ATTEMPTS` attempts `failed`.
    - Certainly not taken, permanent: `failed` (`expired` when its time was over). When the holder had told the
      operator to stop, the number is closed.
    - Perhaps taken: stays `sending`; when its lease is over it is in doubt (`settle_doubtful`) and never sent again.
    - The check was too old: queued again as if nothing had been, for the next claim and a new check.
    - Reports that came with the answer are kept as receipts for their time.
    """
    with transaction.atomic():
        stored = _locked(rows)
        reports = []
        for mine, answer in zip(rows, answers, strict=True):
            row = stored[mine.id]
            if isinstance(answer, Accepted):
                counts["sent"] += 1
                _accepted(row, answer, route, now)
            elif isinstance(answer, Stale):
                counts["stale"] += 1
                _back(row, mine, row.send_after, attempts=row.attempts - 1)
            else:
                counts[_failed(row, mine, answer, now)] += 1
            if not isinstance(answer, Stale):
                reports += [(row, report) for report in answer.reports]
        update_rows(stored.values(), FIELDS)
        gone = {row.to for row, a in zip(rows, answers, strict=True) if isinstance(a, SendError) and a.opted_out}
        for number in sorted(gone):
            optouts.close(number, source="provider", now=now)
        receipts.keep(route, reports)
    # Apart, or it would wait for receipts while the folding of receipts waits for our rows.
    receipts.rematch(route, [row for row in stored.values() if row.provider_id])


def _locked(rows: Sequence[OutboundMessage]) -> dict[UUID, OutboundMessage]:
    """The rows as they are stored, locked, in the order of their ids.

    One that is still `sending` under our lease is as we left it, so our own copy serves; only what somebody has moved
    meanwhile is read again.
    """
    found = OutboundMessage.objects.filter(id__in=[row.id for row in rows]).select_for_update().order_by("id")
    mine = {row.id: row for row in rows}
    stored: dict[UUID, OutboundMessage | None] = {}
    for pk, status, lease, provider_id in found.values_list("id", "status", "lease", "provider_id"):
        row = mine[pk]
        untouched = (status, lease, provider_id) == (Status.SENDING, row.lease, row.provider_id)
        stored[pk] = row if untouched and row.status == Status.SENDING else None
    moved = OutboundMessage.objects.in_bulk([pk for pk, row in stored.items() if row is None])
    return {pk: row or moved[pk] for pk, row in stored.items()}


def wait_before(row: OutboundMessage, asked: float | None) -> timedelta:
    """Time until the next attempt: 30 s, 2 min, 8 min, 32 min, or what the provider asked for; up to a quarter more.

    The part that varies follows from the row, so that a simulated year comes out the same twice.
    """
    base = max(FIRST_WAIT * 4 ** max(0, row.attempts - 1), asked or 0.0)
    return timedelta(seconds=base * (1 + random.Random(f"{row.key}:{row.attempts}").random() / 4))


def _accepted(row: OutboundMessage, answer: Accepted, route: Route, now: datetime) -> None:
    row.provider_id = answer.provider_id[:80]
    row.cost = answer.price if answer.price is not None else route.price * row.segments
    row.sent_at = row.sent_at or now
    if can_move(row.status, answer.status):
        row.status, row.error_code, row.error_detail = Status(answer.status), "", ""
        if row.status in FINAL:
            row.final_at = now
    row.lease = row.leased_until = None


def _failed(row: OutboundMessage, mine: OutboundMessage, error: SendError, now: datetime) -> str:
    ours = row.status == Status.SENDING and row.lease == mine.lease
    if error.taken == "maybe":
        if ours:
            row.error_code, row.error_detail = error.code[:40], error.sentence[:300]
        return "doubtful"
    if not error.permanent and ours and row.attempts < MOST_ATTEMPTS:
        _back(row, mine, now + wait_before(row, error.retry_after), attempts=row.attempts)
        row.error_code, row.error_detail = error.code[:40], error.sentence[:300]
        return "again"
    end = Status.EXPIRED if error.code == "expired" else Status.FAILED
    if can_move(row.status, end):
        row.status, row.final_at = end, now
        row.error_code, row.error_detail = error.code[:40], error.sentence[:300]
        row.lease = row.leased_until = None
    return "failed"


def _back(row: OutboundMessage, mine: OutboundMessage, send_after: datetime, attempts: int) -> None:
    """Undo `sending` under our own lease: no call was made, or the provider certainly did not take the text."""
    if row.status == Status.SENDING and row.lease == mine.lease:
        row.status, row.send_after, row.attempts, row.sending_at = Status.QUEUED, send_after, attempts, None
        row.lease = row.leased_until = None
