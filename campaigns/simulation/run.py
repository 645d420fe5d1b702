"""Plays days with the real verbs, a simulated clock and the simulated operator, with workers killed in the middle."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from time import monotonic
from typing import Any

from django.db import connection
from django.db.models import Count, Max

from campaigns import dead_numbers, stopping
from campaigns.models import ScheduledMessage
from campaigns.reach import facts, metrics
from campaigns.schedule import enrollment, planner, release
from campaigns.simulation import ground
from campaigns.simulation.certain import KILLED as KILLED_FOR_CERTAIN
from campaigns.simulation.certain import Certain
from campaigns.simulation.down import Down
from campaigns.simulation.life import Lives
from campaigns.simulation.log import FarEnd, listening
from campaigns.simulation.province import happenings
from campaigns.simulation.staff import Staff
from campaigns.simulation.world import WAIT_FOR_TEXT, Happening, World
from messaging import outages, phones
from messaging.incoming import inbound, receipts
from messaging.models import OptOut, OutboundMessage
from messaging.outgoing import dispatch, settle
from messaging.statuses import PENDING, Status

PASSES = (
    time(6, 30), time(7, 40), time(9, 30), time(12, 0), time(15, 0), time(18, 45), time(20, 20), time(20, 50), time(23)
)  # fmt: skip
"""Local times at which the verbs run; some lie outside the sending hours on purpose."""
PLANNED = frozenset({time(6, 30), time(12, 0), time(12, 5), time(18, 45), time(18, 50), time(23)})
"""The passes that derive and plan; between them the facts run ahead of the ledger, and release has to see it."""
DRAIN_PASSES = (time(7, 40), time(12), time(20, 20))
BETWEEN = timedelta(seconds=2)
"""From the release to what happens then, and from there to the dispatch."""
KILLED = 0.08
"""Share of passes whose worker is killed in the middle."""
LONGEST_DRAIN = 60
"""Days of passes after the run, beside the one jump to the day when the last window has closed."""


class Killed(BaseException):
    """The worker died. No handler of errors may catch it, as none can catch a kill."""


@dataclass
class Run:
    """One simulated stretch of time. `play` the days, then, for a whole simulation, `drain`."""

    world: World
    lives: Lives
    staff: Staff
    far_end: FarEnd
    kills: bool = True
    passes: Sequence[time] = PASSES
    certain: int = 0
    """How often each kind of certain.KINDS happens beside what chance brings."""
    down: Down | None = None
    """An operator at which nothing arrives for some days."""

    def __post_init__(self) -> None:
        self._draw = Random(f"{self.world.seed}:run")
        self._ahead = deque(happenings(self.world))
        self._lying_in_wait: list[Happening] = []
        self._texts_to_live: int | None = None
        self._certain = Certain(self.certain, self.world.zone)
        self.counts: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        """Of real time, by what was done."""

    def play(self, until: datetime | None = None, progress: Callable[[int], Any] = lambda days: None) -> None:
        """The days of the world, or up to the moment `until`; `progress` is called with 1 after each day."""
        with listening(self.far_end, self._one_text):
            for offset in range(self.world.days):
                for moment in self.passes:
                    now = self._at(self.world.start + timedelta(days=offset), moment)
                    if until is not None and now > until:
                        return
                    with self._timed("happenings"):
                        self._happen(now)
                    self._pass(now, plan=moment in PLANNED)
                if offset < 3 or offset % 7 == 0:
                    ground.look_over()
                progress(1)

    def drain(self) -> None:
        """Passes without new due messages until nothing is pending.

        When a whole day brings nothing, what still waits (for a number, for consent...) can only wait for its window
        to close, and the clock jumps to that day.
        """
        self.kills = False
        self._certain.owed.clear()
        day = self.world.end
        with listening(self.far_end, self._one_text):
            for _ in range(LONGEST_DRAIN):
                texts = self.far_end.texts
                for moment in DRAIN_PASSES:
                    self._pass(self._at(day, moment), plan=False)
                waiting = ScheduledMessage.objects.filter(state=ScheduledMessage.State.WAITING)
                under_way = OutboundMessage.objects.filter(status__in=list(PENDING)).exists()
                last = waiting.aggregate(last=Max("last_day"))["last"]
                if last is None and not under_way:
                    return
                idle = texts == self.far_end.texts and not under_way
                day = max(last, day) + timedelta(days=1) if idle else day + timedelta(days=1)

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self.world.zone).astimezone(UTC)

    def _happen(self, now: datetime) -> None:
        """Everything that was to happen until now; what lies in wait waits for a text, but not for ever."""
        while self._ahead and self._ahead[0].at <= now:
            thing = self._ahead.popleft()
            if thing.in_wait:
                self._lying_in_wait.append(thing)
            else:
                (self.lives if thing.number >= 0 else self.staff).act(thing, thing.at.astimezone(UTC))
        for thing in [thing for thing in self._lying_in_wait if thing.at + WAIT_FOR_TEXT <= now]:
            self._lying_in_wait.remove(thing)
            self.lives.act(thing, now)

    def _pass(self, now: datetime, plan: bool) -> None:
        """The order is that of `tick`, but that the receipts of the hours before come after the doubtful."""
        if self.down is not None:
            self.counts.update(self.down.passes(now))
        with self._mortal():
            with self._timed("receipts"):
                settle.settle_doubtful(now)
                receipts.fold(now)
                inbound.handle(now)
            if plan:
                with self._timed("numbers"):
                    watched = outages.watch_operators(now) + phones.count_failures(now)
                    self.counts.update({f"numbers:{what}": n for what, n in watched.items()})
                    dead_numbers.open_tasks(now)
                    stopping.follow(now)
                with self._timed("derive"):
                    enrollment.derive(now)
                with self._timed("plan"):
                    planner.plan(now)
            with self._timed("release"):
                release.release_due(now)
        with self._timed("happenings"):
            self._strike(now + BETWEEN)
            fate = self._certain.strike(self.lives, self.staff, now + BETWEEN)
        if fate:
            self.counts[f"certain:{fate}"] += 1
        if not self._certain.is_down(now + 2 * BETWEEN):
            with self._mortal(fate), self._timed("dispatch"):
                self.counts.update(dispatch.dispatch_all(now + 2 * BETWEEN, self._clock(now + 2 * BETWEEN)))
                settle.expire_silent(now + 2 * BETWEEN)
        with self._timed("log"):
            self.far_end.flush()

    def _strike(self, now: datetime) -> None:
        """What lay in wait happens to those who have a text on its way: released, not yet sent."""
        if not self._lying_in_wait:
            return
        people = {
            self.lives.known[thing.number].person for thing in self._lying_in_wait if thing.number in self.lives.known
        }
        queued = ScheduledMessage.objects.filter(person__in=people, sms__status=Status.QUEUED)
        struck = set(queued.values_list("person", flat=True))
        for thing in list(self._lying_in_wait):
            known = self.lives.known.get(thing.number)
            if known is not None and known.person in struck:
                self._lying_in_wait.remove(thing)
                self.lives.act(thing, now)
                self.counts["struck"] += 1

    def _clock(self, start: datetime) -> Callable[[], datetime]:
        """A clock that goes on by a millisecond whenever somebody looks: the same run shows the same times."""
        looks = iter(range(10**9))
        return lambda: start + timedelta(milliseconds=next(looks))

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = monotonic()
        try:
            yield
        finally:
            self.seconds[what] += monotonic() - began

    @contextmanager
    def _mortal(self, fate: str = "") -> Iterator[None]:
        """Now and then the worker dies: at a statement to the database, or after a text was accepted.

        `fate` is what happened for certain before (certain.KINDS): the worker dies at its first accepted text, or
        lives, so that the text which was hit is asked about.
        """
        sure = fate == KILLED_FOR_CERTAIN
        if not sure and (fate or not self.kills or self._draw.random() >= KILLED):
            yield
            return
        left = 0 if sure else int(10 ** self._draw.uniform(0, 2.5))
        if sure or self._draw.random() < 0.5:
            self._texts_to_live = max(1, left // 20)
            left = 10**9

        def statement(execute: Callable[..., Any], *args: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0 or self._texts_to_live == 0:
                raise Killed
            return execute(*args)

        with ExitStack() as stack:
            stack.callback(setattr, self, "_texts_to_live", None)
            stack.enter_context(connection.execute_wrapper(statement))
            try:
                yield
            except Killed:
                self.counts["killed"] += 1

    def _one_text(self) -> None:
        """Called for each accepted text: the worker may die before it can write down that it was accepted."""
        if self._texts_to_live is not None and self._texts_to_live > 0:
            self._texts_to_live -= 1
            if self._texts_to_live == 0:
                raise Killed


def figures() -> metrics.Figures:
    """Reach over the whole ledger, whatever the day."""
    rows = ScheduledMessage.objects.annotate(outcome=facts.outcome()).values("outcome").annotate(n=Count("id"))
    outcomes = {row["outcome"]: row["n"] for row in rows.order_by()}
    return metrics.figures_from({}, outcomes, 0, 0, 0)


def given_up() -> set[str]:
    """The numbers that are held as dead, or are closed."""
    closed = OptOut.objects.filter(ended_at=None).values_list("number", flat=True)
    return {*closed, *phones.dead_numbers()}


def ledger() -> Iterator[tuple[str | None, str, str]]:
    """For every due message the key of its text (None: none), its state and the status of the text, for the count."""
    rows = ScheduledMessage.objects.values_list("sms__key", "state", "sms__status")
    for key, state, status in rows.iterator(chunk_size=5000):
        yield key, state, status or ""
