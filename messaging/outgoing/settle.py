"""Rows about which nobody says anything any more come to an honest end."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from messaging.batches import batched
from messaging.models import OutboundMessage, Route
from messaging.statuses import Status

NO_REPORT = "no_report"
"""`error_code` of a text that was sent and of which no report came in time."""


def settle_doubtful(now: datetime) -> int:
    """Rows that are `sending` although their lease is over become `unknown`. Returns how many.

    Their worker was killed between the call and its saving, or the answer was lost: the provider may have the text.
    It is never sent again blindly (D7); a report that still comes tells what happened.
    """
    return _move(
        OutboundMessage.objects.filter(status=Status.SENDING, leased_until__lte=now),
        {"status": Status.UNKNOWN, "lease": None, "leased_until": None},
        {"error_code": "in_doubt"},
    )


def expire_silent(now: datetime) -> int:
    """End the waiting for what is too late. Returns how many rows changed.

    - `sent` and no report within the route's time-out: `unknown`, `no_report`. This is the one step down in rank and
      no report makes it; only a final report moves such a row again.
    - `queued` past its `expires_at` and in nobody's hands (its route is paused, rests or is switched off): `expired`.
    """
    changed = 0
    for route in Route.objects.only("id", "report_timeout"):
        silent_since = now - timedelta(hours=route.report_timeout)
        changed += _move(
            OutboundMessage.objects.filter(route=route, status=Status.SENT, sent_at__lte=silent_since),
            {"status": Status.UNKNOWN, "error_code": NO_REPORT},
        )
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    changed += _move(
        OutboundMessage.objects.filter(free, status=Status.QUEUED, expires_at__lte=now),
        {"status": Status.EXPIRED, "error_code": "expired", "final_at": now, "lease": None, "leased_until": None},
    )
    return changed


def _move(rows: QuerySet[OutboundMessage], to: dict[str, object], where_empty: dict[str, str] | None = None) -> int:
    """Update `rows` in batches, each in a transaction with its rows locked in the order of their ids.

    `where_empty`: fields that are set only where nothing stands yet.
    """
    moved = 0
    for some in batched(list(rows.order_by("id").values_list("id", flat=True))):
        with transaction.atomic():
            ids = list(rows.filter(id__in=some).select_for_update().order_by("id").values_list("id", flat=True))
            for field, value in (where_empty or {}).items():
                OutboundMessage.objects.filter(id__in=ids, **{field: ""}).update(**{field: value})
            moved += OutboundMessage.objects.filter(id__in=ids).update(**to)
    return moved
