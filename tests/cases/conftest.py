"""A commune with its station, a calm sandbox, and the whole pass of every verb at the moments that a test names."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.tick import tick
from messaging.models import OutboundMessage
from messaging.outgoing.routing import ensure_sandbox_route
from recipients.models import AdminUnit
from tests import people

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=VIETNAM)
"""A Saturday."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def unit(db) -> AdminUnit:
    """Xã An Bình with its station; every text is taken and arrives."""
    route = ensure_sandbox_route()
    route.settings = {"profile": "calm"}
    route.save()
    return place()


def place() -> AdminUnit:
    unit = people.commune()
    people.station(unit)
    return unit


def days(first: datetime, count: int) -> None:
    """Two passes of everything on each of `count` days, at noon and at two."""
    for number in range(count):
        tick(first + number * DAY)
        tick(first + number * DAY + 2 * HOUR)


LEFT = ["sending", "unknown", "sent", "undelivered", "delivered"]


def gone(to: Iterable[str] | str | None = None) -> list[str]:
    """The bodies that have left, in the order in which they did."""
    left = OutboundMessage.objects.filter(status__in=LEFT).order_by("sending_at", "key")
    if to is not None:
        left = left.filter(to__in=[to] if isinstance(to, str) else list(to))
    return list(left.values_list("body", flat=True))
