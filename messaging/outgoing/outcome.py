"""What an answer makes of the row of a text (D8). Changes the object; the caller locks and stores it."""

import random
from datetime import datetime, timedelta

from messaging.models import OutboundMessage, Route
from messaging.providers.base import Accepted, SendError
from messaging.statuses import FINAL, Status, can_move
from messaging.storable import storable

MOST_ATTEMPTS = 5
LONGEST = timedelta(days=3)
"""How long a text for which its caller set no end waits for a broken route."""
FIRST_WAIT = 30.0  # seconds
LONGEST_PUT_OFF = 900.0  # seconds; as long as a route rests at most
ELSEWHERE = frozenset({"no_route", "not_registered", "sender_unregistered"})
"""Codes with which a route refuses a text for good that another route may take."""
OF_THE_ROUTE = frozenset(
    {"unreachable_provider", "provider_busy", "throttled", "auth_failed", "route_misconfigured", "no_credit"}
)
"""Codes of a route that cannot send or not now, whatever the text: its rest spaces the calls, and none is held against
the text, which would be the most urgent one, since that is the probe."""
NO_REPORT = "no_report"
"""`error_code` of a text that was sent and of which no report came in time."""
OPTED_OUT = "opted_out"
"""The holder of the number has told the operator to stop."""
DUPLICATE = "duplicate_request"
"""Our word for a provider that has had a text with this id before, so it has it."""
POISON = "poison"
"""The text itself breaks our own check or the building of the call."""
FIELDS = [
    "status", "lease", "leased_until", "attempts", "provider_id", "error_code", "error_detail", "cost", "send_after",
    "sending_at", "sent_at", "final_at", "expires_at",
]  # fmt: skip


def accepted(row: OutboundMessage, answer: Accepted, route: Route, at: datetime) -> None:
    """The provider has the text since `at`. The status only rises: a receipt that was faster stays."""
    row.provider_id = storable(answer.provider_id)[:80]
    row.cost = answer.price if answer.price is not None else route.price * row.segments
    row.sent_at = row.sent_at or at
    if can_move(row.status, answer.status):
        row.status, row.error_code, row.error_detail = Status(answer.status), answer.error_code, ""
        if row.status in FINAL:
            row.final_at = at
    row.lease = row.leased_until = None


def not_taken(row: OutboundMessage, error: SendError, now: datetime, put_off: int = 0) -> str:
    """The provider certainly does not have the text, which is still `sending` under our lease: "again" or "failed".

    - The route's own trouble (`OF_THE_ROUTE`): queued again after a wait, until it is repaired or the text's time over;
      a text without an end gets one (`LONGEST`), for what a person was to know is of no use to her for ever. The wait
      doubles with each of the `put_off` times that this happened to the text before: where others pass, the route does
      not rest, and one that it never takes would be tried every half minute.
    - Temporary, or refused by this route only (`ELSEWHERE`): queued again after a wait, `failed` after `MOST_ATTEMPTS`.
    - Permanent: `failed`, or `expired` when its time was over.
    """
    if error.code in OF_THE_ROUTE:
        row.attempts -= 1
        row.expires_at = row.expires_at or now + LONGEST
    if (not error.permanent or error.code in ELSEWHERE) and row.attempts < MOST_ATTEMPTS:
        base = min(LONGEST_PUT_OFF, FIRST_WAIT * 2 ** min(put_off, 10)) if error.code in OF_THE_ROUTE else 0.0
        back(row, now + wait_before(row, max(base, error.retry_after or 0.0)))
        _why(row, error)
        return "again"
    failed(row, error, now)
    return "failed"


def failed(row: OutboundMessage, error: SendError, now: datetime) -> None:
    """The end of a text that nobody will take, where its status allows it."""
    end = Status.EXPIRED if error.code == "expired" else Status.FAILED
    if can_move(row.status, end):
        row.status, row.final_at = end, now
        _why(row, error)
        row.lease = row.leased_until = None


def doubtful(row: OutboundMessage, error: SendError) -> None:
    """The provider may have the text: it stays `sending`, and when its lease is over it is in doubt."""
    _why(row, error)


def back(row: OutboundMessage, send_after: datetime) -> None:
    """Undo `sending` under our own lease: no call was made, or the provider certainly did not take the text."""
    row.status, row.send_after, row.sending_at = Status.QUEUED, send_after, None
    row.lease = row.leased_until = None


def never_came(row: OutboundMessage, now: datetime) -> None:
    """The provider has nothing of a text that was in doubt: queued again at once, `failed` after `MOST_ATTEMPTS`."""
    if row.attempts < MOST_ATTEMPTS:
        back(row, now)
        row.error_code = row.error_detail = ""
    else:
        failed(row, SendError("The provider never got the text, however often it was sent.", "never_came"), now)


def wait_before(row: OutboundMessage, asked: float | None = None) -> timedelta:
    """Time until the next attempt: 30 s, 2 min, 8 min, 32 min, or what the provider asked for; up to a quarter more.

    The part that varies follows from the row, so that a simulated year comes out the same twice.
    """
    base = max(FIRST_WAIT * 4 ** max(0, row.attempts - 1), asked or 0.0)
    return timedelta(seconds=base * (1 + random.Random(f"{row.key}:{row.attempts}").random() / 4))


def _why(row: OutboundMessage, error: SendError) -> None:
    row.error_code, row.error_detail = error.code[:40], error.sentence[:300]
