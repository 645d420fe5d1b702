"""The way out: claimed rows are checked once more, sent, and what happened is stored."""

import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta

from messaging.batches import batched
from messaging.models import Route
from messaging.outgoing import health, results, routing
from messaging.outgoing.claim import claim, release
from messaging.outgoing.lastcheck import last_check
from messaging.outgoing.wire import Answer, Stale, Wire
from messaging.providers import problems
from messaging.providers.base import SendError

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
LONGEST_PASS = timedelta(seconds=20)
"""After this time a pass ends and leaves the rest to the next beat, so that no route keeps a worker for itself."""


def dispatch_route(route: Route, now: datetime, clock: Clock | None = None) -> Counter[str]:
    """Send what is due on `route` and its bucket allows. Any number of dispatchers may do so at the same time.

    `clock` tells the time as the pass goes on; by default `now` and the time that really passed since. Counts:
    sent, again (temporary fault), failed, doubtful, canceled, expired, stale; errors: the provider could not be opened,
    so the route rests and its texts wait.
    """
    counts: Counter[str] = Counter()
    clock = clock or running_from(now)
    if not routing.may_send(route) or health.room(route, clock()) == 0:
        return counts
    lease = uuid.uuid4()
    going = True
    try:
        with ExitStack() as opened:
            try:
                wire = opened.enter_context(Wire(route, clock))
            except Exception as error:
                return _not_opened(route, error, clock(), counts)
            while going and (rows := claim(route, lease, clock())):  # rows and their tokens, together
                for chunk in batched(rows, route.concurrency):
                    checked_at = clock()
                    ready = last_check(chunk, lease, checked_at, counts)  # those that may go: `sending`, committed
                    answers = wire.call(ready, checked_at)  # only now; and only while the check is fresh
                    results.save(route, ready, answers, clock(), counts)
                    going = _went_well(route, answers, clock()) and clock() - now < LONGEST_PASS
                    if not going:
                        break
    finally:
        release(route, lease)
    return counts


def dispatch_all(now: datetime, clock: Clock | None = None) -> Counter[str]:
    """`dispatch_route` for every route, one after the other, in this process.

    An error on one route does not stop the others: it is logged and counted under `errors`.
    """
    counts: Counter[str] = Counter()
    for route in routing.routes_for(now):
        try:
            counts.update(dispatch_route(route, now, clock))
        except Exception:
            log.exception("The route %s could not send. Its texts wait for the next pass.", route.name)
            counts["errors"] += 1
    return counts


def running_from(now: datetime) -> Clock:
    """A clock that shows `now` at this moment and goes on with real time."""
    start = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - start)


def _not_opened(route: Route, error: Exception, now: datetime, counts: Counter[str]) -> Counter[str]:
    """Nothing was claimed. The route rests at once, as after failures in a row, and its health says why."""
    log.error("The route %s could not be opened. Its texts wait.", route.name, exc_info=error)
    why = " ".join(problems(route.provider, route.settings)) or (
        f"The provider could not be opened ({error if isinstance(error, OSError) else type(error).__name__}). "
        "Check the route's settings."
    )
    health.note(route, answered=0, failed=health.FAILURES, error=f"not_opened: {why}", now=now)
    counts["errors"] += 1
    return counts


def _went_well(route: Route, answers: list[Answer], now: datetime) -> bool:
    called = [answer for answer in answers if not isinstance(answer, Stale)]
    troubles = [a for a in called if isinstance(a, SendError) and (a.taken == "maybe" or not a.permanent)]
    error = f"{troubles[-1].code}: {troubles[-1].sentence}" if troubles else ""
    return health.note(route, answered=len(called) - len(troubles), failed=len(troubles), error=error, now=now)
