"""The calls to one provider during one pass: one event loop, one open provider, many calls at once."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from django.conf import settings

from messaging.models import OutboundMessage, Route
from messaging.providers import get_provider
from messaging.providers.base import Accepted, Outgoing, SendError

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=5)
"""How long the last check is good (D4)."""
LONGEST_CALL = 120.0
"""Seconds after which a call is given up and its text is in doubt, whatever the provider's own time-outs are."""


class Stale(Exception):
    """The last check was too old when the call was to start, so it did not start."""


Answer = Accepted | SendError | Stale


class Wire:
    """`with Wire(route, clock) as wire:` opens the provider; `wire.call(rows, checked_at)` makes the calls."""

    def __init__(self, route: Route, clock: Callable[[], datetime]) -> None:
        self._route = route
        self._clock = clock
        self._provider = get_provider(route.provider, route.settings)
        self._runner = asyncio.Runner()

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

    def call(self, rows: Sequence[OutboundMessage], checked_at: datetime) -> list[Answer]:
        """Hand over all `rows` at the same time; the answers in their order. Never raises for a single text."""
        return self._runner.run(self._call(rows, checked_at)) if rows else []

    async def _call(self, rows: Sequence[OutboundMessage], checked_at: datetime) -> list[Answer]:
        return list(await asyncio.gather(*(self._send(row, checked_at) for row in rows)))

    async def _send(self, row: OutboundMessage, checked_at: datetime) -> Answer:
        at = self._clock()
        if at - checked_at > FRESH:
            return Stale()
        try:
            async with asyncio.timeout(LONGEST_CALL):
                return await self._provider.send(self._outgoing(row, at))
        except SendError as error:
            return error
        except TimeoutError:
            return SendError("The provider did not answer. A delivery report will tell.", "timeout", taken="maybe")
        except Exception as error:
            log.exception("The adapter %s failed; the text %s is in doubt.", self._route.provider, row.id)
            return SendError(f"The adapter failed: {type(error).__name__}.", "adapter_fault", taken="maybe")

    def _outgoing(self, row: OutboundMessage, at: datetime) -> Outgoing:
        return Outgoing(
            id=row.id,
            to=row.to,
            body=row.body,
            encoding=row.encoding,
            segments=row.segments,
            sender=self._route.sender,
            key=row.key,
            callback_url=f"{settings.PUBLIC_URL}/sms/{self._route.pk}/status?m={row.id}",
            expires_at=row.expires_at,
            at=at,
        )
