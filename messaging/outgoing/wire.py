"""The calls to one provider during one pass: one event loop, one open provider, many calls at once."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from django.conf import settings

from messaging.models import OutboundMessage, Route
from messaging.outgoing.outcome import POISON
from messaging.providers import get_provider
from messaging.providers.base import Accepted, Outgoing, SendError, may_leave
from messaging.secrets import UNREADABLE, Unreadable

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=5)
"""How long the last check is good (D4)."""
LONGEST_CALL = 120.0
"""Seconds after which a call is given up and its text is in doubt, whatever the provider's own time-outs are."""
IDLE = 1.0
"""Seconds after which `answers` returns although nothing was answered, so that the pass can look around."""
LINGER = 0.02
"""Seconds that an answer waits for others, since storing many at once costs little more than storing one."""


class Stale(Exception):
    """The last check was too old when the call was to start, so it did not start."""


Answer = Accepted | SendError | Stale
Answered = tuple[OutboundMessage, Answer]


class Wire:
    """`with Wire(route, clock) as wire:` opens the provider; `start` begins calls, `answers` tells how they ended.

    The loop runs only inside `answers`. Between two of them the requests that are out travel on by themselves, so the
    time of the provider and that of the database pass together, in one thread.
    """

    def __init__(self, route: Route, clock: Callable[[], datetime]) -> None:
        if isinstance(route.settings, Unreadable):
            raise ValueError(UNREADABLE)
        self._route = route
        self._clock = clock
        self._provider = get_provider(route.provider, route.settings)
        self._runner = asyncio.Runner()
        self._calls: dict[asyncio.Task[Answer], OutboundMessage] = {}
        self._ended: list[asyncio.Task[Answer]] = []
        self._enough = 0
        self._waiting: asyncio.Future[None] | None = None

    def __enter__(self) -> Self:
        self._runner.__enter__()
        try:
            self._runner.run(self._provider.open())
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        try:
            self._runner.run(self._provider.close())
        finally:
            self._runner.close()

    @property
    def flying(self) -> int:
        """How many calls have begun whose answers were not fetched."""
        return len(self._calls)

    def start(self, rows: Sequence[OutboundMessage], checked_at: datetime) -> None:
        """Hand over all `rows` at the same time, as soon as `answers` is asked."""
        for row in rows:
            task = self._runner.get_loop().create_task(self._send(row, checked_at))
            self._calls[task] = row
            task.add_done_callback(self._done)

    def answers(self, many: int = 1) -> list[Answered]:
        """What was answered, in the order of the answers. Never raises for a single text.

        Waits for the first answer, `LINGER` longer for `many`, and no more than `IDLE` for anything. Of more than
        `many` the rest stays for the next time, or all calls would soon begin and end together; but where one was no
        yes all are told, so that a route which fails is noticed before the next calls.
        """
        if not self._calls:
            return []
        self._runner.run(self._run(min(many, self.flying)))
        well = all(isinstance(_answer(task), Accepted) for task in self._ended)
        most = many if well else len(self._ended)
        ended, self._ended = self._ended[:most], self._ended[most:]
        return [(self._calls.pop(task), _answer(task)) for task in ended]

    async def _run(self, many: int) -> None:
        await asyncio.sleep(0)  # what was started goes out, however many answers are waiting
        await self._until(1, IDLE)
        if 0 < len(self._ended) < many:
            await self._until(many, LINGER)

    async def _until(self, enough: int, seconds: float) -> None:
        """Wait until `enough` calls have ended; the pending ones are not looked at one by one."""
        if len(self._ended) >= enough:
            return
        loop = asyncio.get_running_loop()
        self._enough, self._waiting = enough, loop.create_future()
        bell = loop.call_later(seconds, _ring, self._waiting)
        await self._waiting
        bell.cancel()
        self._waiting = None

    def _done(self, task: "asyncio.Task[Answer]") -> None:
        self._ended.append(task)
        if self._waiting is not None and len(self._ended) >= self._enough:
            _ring(self._waiting)

    async def _send(self, row: OutboundMessage, checked_at: datetime) -> Answer:
        """The loop stands still while answers are stored, and providers are slow: so the age of the check is looked at
        again when the connection stands and the text is to be written."""
        at, late = self._clock(), False
        if at - checked_at > FRESH:
            return Stale()

        def in_time() -> bool:
            nonlocal late
            late = self._clock() - checked_at > FRESH
            return not late

        may_leave.set(in_time)  # of this call alone: each has a context of its own
        try:
            outgoing = as_outgoing(self._route, row, at)
        except Exception as error:
            log.exception("The text %s cannot be handed over; it is set aside.", row.id)
            return SendError(f"The call could not be built: {type(error).__name__}.", POISON)
        try:
            async with asyncio.timeout(LONGEST_CALL):
                return await self._provider.send(outgoing)
        except SendError as error:
            return Stale() if late and error.taken == "no" else error
        except TimeoutError:
            return SendError("The provider did not answer. A delivery report will tell.", "timeout", taken="maybe")
        except Exception as error:
            log.exception("The adapter %s failed; the text %s is in doubt.", self._route.provider, row.id)
            return SendError(f"The adapter failed: {type(error).__name__}.", "adapter_fault", taken="maybe")


def as_outgoing(route: Route, row: OutboundMessage, at: datetime) -> Outgoing:
    """The text as an adapter gets it. `at`: the moment of its call."""
    return Outgoing(
        id=row.id,
        to=row.to,
        body=row.body,
        encoding=row.encoding,
        segments=row.segments,
        sender=route.sender,
        key=row.key,
        callback_url=f"{settings.PUBLIC_URL}/sms/{route.pk}/status?m={row.id}",
        expires_at=row.expires_at,
        at=at,
        message_class=row.message_class,
        priority=row.priority,
    )


def _ring(bell: "asyncio.Future[None]") -> None:
    if not bell.done():
        bell.set_result(None)


def _answer(task: "asyncio.Task[Answer]") -> Answer:
    """The result of a call. What is no error of the text (a worker that is being stopped) goes on upwards."""
    if task.cancelled():
        return SendError("The call was broken off. A delivery report will tell.", "adapter_fault", taken="maybe")
    return task.result()
