"""What a provider answered is stored with its row, whatever happens to the database meanwhile."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from messaging import optouts
from messaging.bulk import lock_rows, update_rows
from messaging.incoming import receipts
from messaging.models import OutboundMessage, Route
from messaging.outgoing import attempts, outcome
from messaging.outgoing.steady import GONE, steadily
from messaging.outgoing.wire import Answered, Stale
from messaging.providers.base import Accepted, LaterReport, SendError
from messaging.statuses import Status

log = logging.getLogger(__name__)


def save(route: Route, lease: UUID, answered: Sequence[Answered], now: datetime) -> Counter[str]:
    """Store the answers to some calls made under `lease`, in one transaction, with the rows locked in the
    order of their ids.

    - Accepted: provider's id, cost and `sent_at`; the status rises, so a receipt that was faster stays. One that came
      for this provider's id before anybody knew it is matched when receipts are folded next.
    - Certainly not taken: queued again after a wait, or ended (`outcome.not_taken`). When the holder had told the
      operator to stop, the number is closed.
    - Perhaps taken: stays `sending`; when its lease is over it is in doubt (`settle_doubtful`).
    - The check was too old: queued again as if nothing had been, for the next claim and a new check.
    - Reports that came with the answer are kept as receipts for their time; what was no yes, as an attempt.

    When the database is away for a moment it is tried again. A row that cannot be stored does not take the others
    with it: it stays `sending`, so it is in doubt later. Returns how many were sent, again, failed, doubtful, stale.
    """
    if not answered:
        return Counter()
    try:
        return steadily(lambda: _save(route, lease, answered, now))
    except GONE:
        raise
    except Exception:
        if len(answered) == 1:
            log.exception("The answer to the text %s cannot be stored; the text is in doubt.", answered[0][0].id)
            return Counter(doubtful=1)
    half = len(answered) // 2
    return save(route, lease, answered[:half], now) + save(route, lease, answered[half:], now)


def _save(route: Route, lease: UUID, answered: Sequence[Answered], now: datetime) -> Counter[str]:
    counts: Counter[str] = Counter()
    failed: list[attempts.Failed] = []
    reports: list[tuple[OutboundMessage, LaterReport]] = []
    gone: set[str] = set()
    with transaction.atomic():
        stored = _locked([row for row, _answer in answered], lease)
        put_off = attempts.put_off([row.id for row, answer in answered if isinstance(answer, SendError)])
        for mine, answer in answered:
            row = stored[mine.id]
            ours = row.status == Status.SENDING and row.lease == lease
            if isinstance(answer, Accepted):
                counts["sent"] += 1
                outcome.accepted(row, answer, route, now)
                if answer.error_code == outcome.OPTED_OUT:
                    gone.add(row.to)
            elif isinstance(answer, Stale):
                counts["stale"] += 1
                if ours:
                    row.attempts -= 1
                    outcome.back(row, row.send_after)
            else:
                failed.append((row.id, row.sending_at or now, answer))
                counts[_not_accepted(row, answer, ours, now, put_off[row.id])] += 1
                if answer.opted_out:
                    gone.add(row.to)
            if not isinstance(answer, Stale):
                reports += [(row, report) for report in answer.reports]
        update_rows(stored.values(), outcome.FIELDS)
        if failed:
            attempts.note(route, failed)
        for number in sorted(gone):
            optouts.close(number, source="provider", now=now)
        if reports:
            receipts.keep(route, reports)
    return counts


def _locked(rows: Sequence[OutboundMessage], lease: UUID) -> dict[UUID, OutboundMessage]:
    """The rows as they are stored, locked, in the order of their ids.

    One that is still `sending` under our lease is as we left it, so our own copy serves; what somebody has moved
    meanwhile, or a try before has changed in vain, is read again.
    """
    mine = {row.id: row for row in rows}
    still = lock_rows(OutboundMessage, mine, status=Status.SENDING, lease=lease, provider_id="")
    ours = {pk for pk in still if mine[pk].status == Status.SENDING and mine[pk].lease == lease}
    moved = OutboundMessage.objects.in_bulk([pk for pk in mine if pk not in ours])
    return {pk: moved.get(pk, row) for pk, row in mine.items()}


def _not_accepted(row: OutboundMessage, error: SendError, ours: bool, now: datetime, put_off: int) -> str:
    if error.taken == "maybe":
        if ours:
            outcome.doubtful(row, error)
        return "doubtful"
    if ours:
        return outcome.not_taken(row, error, now, put_off)
    if row.status == Status.QUEUED:  # our lease ran out, and somebody has asked about the text and queued it again
        return "again"
    outcome.failed(row, error, now)
    return "failed"
