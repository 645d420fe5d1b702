"""Asking a provider whether it has texts that are in doubt."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

from messaging.models import OutboundMessage, Route
from messaging.outgoing.wire import as_outgoing
from messaging.providers import get_provider
from messaging.providers.base import Accepted, CannotTell, Provider

log = logging.getLogger(__name__)
LONGEST_QUESTION = 20.0  # seconds
AT_A_TIME = 16

Found = Accepted | None | CannotTell
"""The provider has it; it certainly does not have it; it does not say, or not yet."""


def can_ask(route: Route) -> bool:
    """Whether the provider of `route` keeps a list in which a text can be found."""
    try:
        return type(get_provider(route.provider, route.settings)).find is not Provider.find
    except Exception:
        return False


def ask(route: Route, rows: Sequence[OutboundMessage], now: datetime) -> list[Found]:
    """What the provider tells about each of `rows`, in their order. Sends nothing and never raises."""
    try:
        return asyncio.run(_ask(route, rows, now))
    except Exception as error:
        log.warning("The route %s could not be asked about texts in doubt.", route.name, exc_info=error)
        return [CannotTell(f"The provider could not be opened ({type(error).__name__}).") for _row in rows]


async def _ask(route: Route, rows: Sequence[OutboundMessage], now: datetime) -> list[Found]:
    gate = asyncio.Semaphore(AT_A_TIME)
    async with get_provider(route.provider, route.settings) as provider:

        async def one(row: OutboundMessage) -> Found:
            try:
                async with gate, asyncio.timeout(LONGEST_QUESTION):
                    return await provider.find(as_outgoing(route, row, row.sending_at or now), now)
            except CannotTell as error:
                return error
            except Exception as error:
                return CannotTell(f"The question failed ({type(error).__name__}).")

        return list(await asyncio.gather(*(one(row) for row in rows)))
