"""Rows about which nobody says anything any more come to an honest end."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from messaging import optouts
from messaging.batches import batched
from messaging.bulk import update_rows
from messaging.incoming import receipts
from messaging.models import OutboundMessage, Route
from messaging.outgoing import attempts, lookup, outcome
from messaging.providers.base import Accepted, CannotTell, SendError
from messaging.statuses import Status

IN_DOUBT = "in_doubt"
"""`error_code` of a text whose worker died between the call and its saving."""
DOUBT = timedelta(minutes=30)
"""How long after the call a provider that keeps a list is asked about a text."""
ASK_AGAIN = timedelta(minutes=3)
MOST = 100
"""Texts of one route that one pass asks about."""


def settle_doubtful(now: datetime) -> int:
    """Settle rows that are `sending` although their lease is over. Returns how many came out of doubt.

    Their worker was killed between the call and its saving, or the answer was lost: the provider may have the text.

    - Where the provider keeps a list it is asked (`Provider.find`), again and again for `DOUBT`: what it has is `sent`
      since the call, and gets the reports that were set aside; what it certainly does not have is queued again, at most
      until its last attempt.
    - Otherwise the row becomes `unknown`. It is never sent again blindly (D7); a report that still comes tells what
      happened. Only a route that is set so (`resend_doubtful`) queues it again, for a second copy's price.
    - What the provider has called a repetition it has: never queued again, whatever its list lacks and its route is
      set to.
    """
    doubtful = OutboundMessage.objects.filter(status=Status.SENDING, leased_until__lte=now)
    routes = Route.objects.filter(pk__in=doubtful.values("route")).order_by("pk")
    return sum(_settle(route, doubtful.filter(route=route), now) for route in routes)


def _settle(route: Route, doubtful: QuerySet[OutboundMessage], now: datetime) -> int:
    if not lookup.can_ask(route):
        return _give_up(route, doubtful, now)
    rows = _mine(doubtful, now)
    settled, untold = 0, []
    for row, found in zip(rows, lookup.ask(route, rows, now) if rows else [], strict=True):
        knows_it = found is None and row.error_code == outcome.DUPLICATE  # it said so itself, whatever its list shows
        if isinstance(found, CannotTell) or knows_it or _belongs_to_another(route, row, found):
            if (row.sending_at or now) <= now - DOUBT:
                untold.append(row.pk)
            continue
        with transaction.atomic():
            mine = OutboundMessage.objects.filter(pk=row.pk, lease=row.lease, status=Status.SENDING)
            if not mine.select_for_update().exists():
                continue
            if isinstance(found, Accepted):
                outcome.accepted(row, found, route, row.sending_at or now)
            else:
                outcome.never_came(row, now)
                attempts.was_a_no(row.id)
            update_rows([row], outcome.FIELDS)
            if row.error_code == outcome.OPTED_OUT:
                optouts.close(row.to, source="provider", now=now)
            settled += 1
        if row.provider_id:  # apart, or it would wait for receipts while the folding of receipts waits for our row
            receipts.rematch(route, [row])
    given_up = OutboundMessage.objects.filter(pk__in=untold, lease__in={row.lease for row in rows})
    return settled + _give_up(route, given_up.filter(status=Status.SENDING), now)


def _belongs_to_another(route: Route, row: OutboundMessage, found: Accepted | None) -> bool:
    """Whether what was found is another text of ours with the same words to the same number."""
    if found is None:
        return False
    known = OutboundMessage.objects.filter(route=route, provider_id=found.provider_id[:80])
    return known.exclude(pk=row.pk).exists()


def _mine(rows: QuerySet[OutboundMessage], now: datetime) -> list[OutboundMessage]:
    """Rows to ask about, in nobody else's hands until they are to be asked about again."""
    with transaction.atomic():
        taken = list(rows.select_for_update(skip_locked=True).order_by("leased_until", "id")[:MOST])
        lease, until = uuid.uuid4(), now + ASK_AGAIN
        OutboundMessage.objects.filter(id__in=[row.id for row in taken]).update(lease=lease, leased_until=until)
    for row in taken:
        row.lease, row.leased_until = lease, until
    return taken


def _give_up(route: Route, rows: QuerySet[OutboundMessage], now: datetime) -> int:
    """Nobody will tell any more: `unknown`, or queued again where the route is set so. Returns how many rows."""
    ended = 0
    for some in batched(list(rows.order_by("id").values_list("id", flat=True))):
        with transaction.atomic():
            mine = list(rows.filter(id__in=some).select_for_update().order_by("id"))
            silent = [row for row in mine if not row.error_code]
            said = SendError("The worker ended before the answer was stored.", IN_DOUBT, taken="maybe")
            attempts.note(route, [(row.id, row.sending_at or now, said) for row in silent])
            for row in mine:
                row.error_code = row.error_code or IN_DOUBT
                row.lease = row.leased_until = None
                has_it = row.error_code == outcome.DUPLICATE
                if route.resend_doubtful and not has_it and row.attempts < outcome.MOST_ATTEMPTS:
                    outcome.back(row, now)
                else:
                    row.status = Status.UNKNOWN
            update_rows(mine, outcome.FIELDS)
            ended += len(mine)
    return ended


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
            {"status": Status.UNKNOWN, "error_code": outcome.NO_REPORT},
        )
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    changed += _move(
        OutboundMessage.objects.filter(free, status=Status.QUEUED, expires_at__lte=now),
        {"status": Status.EXPIRED, "error_code": "expired", "final_at": now, "lease": None, "leased_until": None},
    )
    return changed


def _move(rows: QuerySet[OutboundMessage], to: dict[str, object]) -> int:
    """Update `rows` in batches, each in a transaction with its rows locked in the order of their ids."""
    moved = 0
    for some in batched(list(rows.order_by("id").values_list("id", flat=True))):
        with transaction.atomic():
            ids = list(rows.filter(id__in=some).select_for_update().order_by("id").values_list("id", flat=True))
            moved += OutboundMessage.objects.filter(id__in=ids).update(**to)
    return moved
