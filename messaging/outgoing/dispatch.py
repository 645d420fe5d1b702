"""The way out: claimed rows are checked once more, sent, and what happened is stored."""

import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta

from django.db import connection, connections

from messaging.models import OutboundMessage, Route
from messaging.outgoing import failover, health, hold, poison, results, routing
from messaging.outgoing.claim import claim, release
from messaging.outgoing.outcome import POISON
from messaging.outgoing.steady import steadily
from messaging.outgoing.wire import Answered, Stale, Wire
from messaging.providers import problems
from messaging.providers.base import SendError
from messaging.statuses import Status

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
LONGEST_PASS = timedelta(seconds=20)
"""After this time a pass starts no more calls and leaves the rest to the next, so that no route keeps a worker."""
NOTED = timedelta(seconds=5)
QUICK = timedelta(milliseconds=10)
"""A last check that takes no longer is asked for a quarter of the calls at a time, so that few places stay empty; a
slower one, which costs much whatever it is asked, for a half."""
AT_ONCE = 8
"""Routes that one process sends on at the same time."""


def dispatch_route(route: Route, now: datetime, clock: Clock | None = None) -> Counter[str]:
    """Send what is due on `route` and its bucket allows. Of any number of dispatchers one does so at a time.

    `clock` tells the time as the pass goes on; by default `now` and the time that really passed since. Counts:
    sent, again (temporary fault), failed, doubtful, canceled, expired, stale; errors: the provider could not be opened,
    so the route rests and its texts wait; held: another pass has the route; more: time was over before the texts were.
    """
    counts: Counter[str] = Counter()
    clock = clock or running_from(now)
    if not routing.may_send(route) or health.room(route, clock()) == 0:
        return counts
    lease = uuid.uuid4()
    if not hold.take(route, lease, clock()):
        counts["held"] += 1
        return counts
    try:
        with ExitStack() as opened:
            try:
                wire = opened.enter_context(Wire(route, clock))
            except Exception as error:
                return _not_opened(route, error, clock(), counts)
            _Pass(route, wire, lease, clock, now + LONGEST_PASS, counts).run()
    finally:
        steadily(lambda: release(route, lease))
        steadily(lambda: hold.let_go(route, lease))
    return counts


class _Pass:
    """One pass over a route: a window of calls as wide as its concurrency, refilled as the answers come."""

    def __init__(
        self, route: Route, wire: Wire, lease: uuid.UUID, clock: Clock, ends: datetime, counts: Counter[str]
    ) -> None:
        self.route, self.wire, self.lease, self.clock, self.ends, self.counts = route, wire, lease, clock, ends, counts
        self.rows: list[OutboundMessage] = []  # claimed, not started
        self.held_at = clock()  # when this pass last said that it has the route
        self.well_at: datetime | None = None  # when it last wrote down that the route works
        self.parts = 4
        self.going = True

    def run(self) -> None:
        trouble: Exception | None = None
        while self.going or self.wire.flying:
            try:
                self.going = self.going and self._refill()
            except Exception as error:  # what is under way is still to be stored
                trouble, self.going = error, False
            # The other parts of the window are on their way while one is stored and filled again.
            answered = self.wire.answers(many=max(1, self.route.concurrency // self.parts))
            self.counts.update(results.save(self.route, self.lease, answered, self.clock()))
            self.going = self._went_well(answered) and self._held() and self.going
        if trouble:
            raise trouble

    def _refill(self) -> bool:
        """Start as many calls as there is room for. Whether the pass is to go on."""
        if self.clock() >= self.ends:
            self.counts.update(["more"])
            return False
        free = self.route.concurrency - self.wire.flying
        if free <= 0:
            return True
        if self.rows and health.stopped(self.route):
            return False
        if not self.rows:  # rows and their tokens, together
            self.rows = claim(self.route, self.lease, self.clock(), busy=self.wire.flying > 0)
        if not self.rows:
            return self.wire.flying > 0
        chunk, self.rows = self.rows[:free], self.rows[free:]
        checked_at = self.clock()
        ready = poison.check(self.route, chunk, self.lease, checked_at, self.counts)  # `sending`, committed
        self.wire.start(ready, checked_at)  # only now; and only while the check is fresh
        self.parts = 4 if self.clock() - checked_at < QUICK else 2
        return True

    def _held(self) -> bool:
        """Whether this pass still has the route; it says so again before others take it over."""
        now = self.clock()
        if now - self.held_at < hold.SAY_AGAIN:
            return True
        self.held_at = now
        return steadily(lambda: hold.keep(self.route, self.lease, now))

    def _went_well(self, answered: Sequence[Answered]) -> bool:
        """Write down how the route is, a success at most every `NOTED`. Whether it may go on."""
        called = [a for _row, a in answered if not isinstance(a, Stale) and getattr(a, "code", "") != POISON]
        troubles = [a for a in called if isinstance(a, SendError) and (a.taken == "maybe" or not a.permanent)]
        now = self.clock()
        if not called or (not troubles and self.well_at is not None and now - self.well_at < NOTED):
            return True
        self.well_at = None if troubles else now
        said = f"{troubles[-1].code}: {troubles[-1].sentence}" if troubles else ""
        good = len(called) - len(troubles)
        return steadily(lambda: health.note(self.route, answered=good, failed=len(troubles), error=said, now=now))


def dispatch_all(now: datetime, clock: Clock | None = None) -> Counter[str]:
    """`failover.move`, then `dispatch_route` for every route that has texts due: side by side, so that a slow one
    holds up no other (one after the other inside a transaction of the caller, which other connections do not see).

    An error on one route does not stop the others: it is logged and counted under `errors`.
    """
    counts: Counter[str] = Counter()
    moved = failover.move(now)
    if moved:
        counts["moved"] += moved
    routes = due(now)
    if len(routes) < 2 or connection.in_atomic_block:
        for route in routes:
            counts.update(_guarded(route, now, clock))
        return counts
    with ThreadPoolExecutor(min(AT_ONCE, len(routes)), "dispatch") as pool:
        for result in pool.map(lambda route: _in_thread(route, now, clock), routes):
            counts.update(result)
    return counts


def due(now: datetime) -> list[Route]:
    """The routes that may send and have texts whose time has come, best first."""
    routes = routing.routes_for(now)
    queued = OutboundMessage.objects.filter(status=Status.QUEUED, send_after__lte=now)
    return [route for route in routes if queued.filter(route=route).exists()]


def running_from(now: datetime) -> Clock:
    """A clock that shows `now` at this moment and goes on with real time."""
    start = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - start)


def _guarded(route: Route, now: datetime, clock: Clock | None) -> Counter[str]:
    try:
        return dispatch_route(route, now, clock)
    except Exception:
        log.exception("The route %s could not send. Its texts wait for the next pass.", route.name)
        return Counter(errors=1)


def _in_thread(route: Route, now: datetime, clock: Clock | None) -> Counter[str]:
    try:
        return _guarded(route, now, clock)
    finally:
        connections.close_all()


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
