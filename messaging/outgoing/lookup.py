"""Asking a provider whether it has texts that are in doubt."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

from messaging.models import OutboundMessage, Route
from messaging.outgoing import attempts
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
    """What the provider tells about each of `rows`, in their order. Sends nothing and never raises.

    Asked is about every call by which it may have got the text; what is found sets `sending_at` to that call.
    """
    try:
        calls = [attempts.when_taken(row) or [now] for row in rows]
        return asyncio.run(_ask(route, list(zip(rows, calls, strict=True)), now))
    except Exception as error:
        log.warning("The route %s could not be asked about texts in doubt.", route.name, exc_info=error)
        return [CannotTell(f"The provider could not be opened ({type(error).__name__}).") for _row in rows]


async def _ask(route: Route, calls: Sequence[tuple[OutboundMessage, list[datetime]]], now: datetime) -> list[Found]:
    gate = asyncio.Semaphore(AT_A_TIME)
    async with get_provider(route.provider, route.settings) as provider:

        async def one(row: OutboundMessage, at: datetime) -> Found:
            try:
                async with gate, asyncio.timeout(LONGEST_QUESTION):
                    return await provider.find(as_outgoing(route, row, at), now)
            except CannotTell as error:
                return error
            except Exception as error:
                return CannotTell(f"The question failed ({type(error).__name__}).")

        async def any_of(row: OutboundMessage, moments: list[datetime]) -> Found:
            said: Found = None
            for at in moments:
                found = await one(row, at)
                if isinstance(found, Accepted):
                    row.sending_at = at
                    return found
                said = said or found
            return said

        return list(await asyncio.gather(*(any_of(row, moments) for row, moments in calls)))
