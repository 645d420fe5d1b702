"""A commune that receives texts, keywords as shipped, and somebody who writes."""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Parameter
from messaging.incoming import inbound, keywords
from messaging.models import InboundMessage, OutboundMessage, Route
from messaging.providers.base import Inbound
from recipients.models import AdminUnit, Person
from tests import people
from tests.schedule.conftest import calm_route

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
_ids = count(1)


@pytest.fixture
def unit(db: None) -> AdminUnit:
    """Xã An Bình with its station, a hotline, a route that takes every text, and the keywords."""
    calm_route()
    keywords.load()
    unit = people.commune()
    people.station(unit)
    Parameter.objects.create(name="hotline", value="1800 1234")
    return unit


def writes(who: Person | str, body: str, now: datetime = NOON) -> InboundMessage:
    """A text comes in and the pass runs once; as it is stored then."""
    number = who if isinstance(who, str) else str(who.phone)
    text = inbound.store(Route.objects.get(), Inbound(number, "8088", body, f"in-{next(_ids)}"), now)
    inbound.handle(now)
    text.refresh_from_db()
    return text


def answers(to: str | None = None) -> list[str]:
    """What was answered by machine, in the order in which it was."""
    texts = OutboundMessage.objects.filter(key__startswith="reply:") | OutboundMessage.objects.filter(
        key__startswith="stop:"
    )
    if to is not None:
        texts = texts.filter(to=to)
    return list(texts.order_by("queued_at", "key").values_list("body", flat=True))
