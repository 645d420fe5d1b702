"""Rows and tokens are taken together (D5, D6)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from messaging.bulk import update_rows
from messaging.models import OutboundMessage, Route
from messaging.outgoing import bucket as buckets
from messaging.outgoing import health
from messaging.statuses import Status

BATCH = 500
ROUNDS = 4
"""As many calls of a route's whole concurrency are claimed at once: what is urgent waits for no more than these."""
CLAIM = timedelta(minutes=2)
"""How long a claimed row that is still queued stays out of other hands."""


def claim(route: Route, lease: UUID, now: datetime, busy: bool = False) -> list[OutboundMessage]:
    """Put `lease` on the next rows of `route` and take their tokens, in one transaction.

    - Next: queued, due, under nobody's valid lease; by priority, then `send_after`.
    - As many as the bucket has tokens for, at most `BATCH` and `ROUNDS` of the route's concurrency; the last one may
      leave it in debt. The bucket's row is locked, so all machines together keep the rate.
    - None while the route rests or is paused; one as a probe when its rest is over, and while it is on its way (`busy`)
      no other.
    - Rows that another dispatcher is claiming at this moment are passed over where the database can do that.
    """
    room = health.room(route, now)
    if room == 0 or (room is not None and busy):
        return []
    with transaction.atomic():
        bucket = buckets.locked(route)
        buckets.fill(bucket, route.rate, now)
        limit = min(BATCH, ROUNDS * route.concurrency, room or BATCH, max(0, int(bucket.tokens)))
        free = OutboundMessage.objects.filter(
            Q(leased_until=None) | Q(leased_until__lte=now), route=route, status=Status.QUEUED, send_after__lte=now
        )
        taken = []
        for row in free.select_for_update(skip_locked=True).order_by("priority", "send_after", "id")[:limit]:
            if not buckets.take(bucket, row.segments):
                break
            row.lease, row.leased_until = lease, now + CLAIM
            taken.append(row)
        bucket.save(update_fields=["tokens", "filled_at"])
        update_rows(taken, ["lease", "leased_until"])
    return taken


def release(route: Route, lease: UUID) -> None:
    """Give back what was claimed under `lease` and not sent. Its tokens are spent (D6)."""
    OutboundMessage.objects.filter(route=route, lease=lease, status=Status.QUEUED).update(lease=None, leased_until=None)
