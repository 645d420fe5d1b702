"""Who writes to a number is answered from that number, where it can send; a brand name cannot be written to."""

from datetime import timedelta

import pytest

from messaging import hooks
from messaging.incoming import desk, inbound
from messaging.models import OutboundMessage, Route, RouteHealth
from messaging.outgoing import failover
from messaging.providers.base import Inbound
from tests.messaging.texts import make_route, number

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand() -> Route:
    """The best way for everything."""
    return make_route("brand", sender="MAM", priority=1, price=100)


@pytest.fixture
def line() -> Route:
    """A rented number that receives, dearer and later in order."""
    return make_route("line", sender="8088", priority=9, price=900)


@pytest.fixture(autouse=True)
def _answered(monkeypatch):
    monkeypatch.setattr(inbound.hooks, "handle_inbound", lambda *args: hooks.Handled("Da nhan."))


def writes(route, body, now):
    message = inbound.store(route, Inbound(number(1), "8088", body, f"in-{body}"), now)
    inbound.handle(now)
    return message


def ways() -> dict[str, str]:
    return dict(OutboundMessage.objects.values_list("key", "route__name"))


def test_the_answer_the_confirmation_and_what_staff_write(brand, line, now):
    message = writes(line, "Chi hoi", now)
    desk.answer(message, "Mời chị ghé trạm.", number=1, by="thu", writer="7", now=now)
    stop = writes(line, "TC", now)
    assert ways() == {
        f"reply:{message.pk}": "line", f"answer:{message.pk}:1:7": "line", f"stop:{stop.pk}": "line",
    }  # fmt: skip


def test_a_brand_name_answers_nobody_and_the_best_way_is_taken(brand, line, now):
    Route.objects.filter(pk=line.pk).update(sender="MAM2")
    assert list(ways_after(line, now).values()) == ["brand"]


@pytest.mark.parametrize(
    "unfit",
    [{"prefixes": ["+8497"]}, {"message_classes": ["emergency"]}, {"enabled": False}, {"registered_only": True}],
)
def test_where_it_cannot_send_to_her_the_best_way_is_taken(brand, line, now, unfit):
    Route.objects.filter(pk=line.pk).update(**unfit)
    assert list(ways_after(line, now).values()) == ["brand"]


def test_while_it_rests_the_answer_takes_another_way(brand, line, now):
    RouteHealth.objects.create(route=line, resting_until=now + timedelta(minutes=5))
    assert list(ways_after(line, now).values()) == ["brand"]
    RouteHealth.objects.update(resting_until=None)
    writes(line, "Lan hai", now)
    RouteHealth.objects.update(paused=True)
    assert failover.move(now) == 1
    assert set(ways().values()) == {"brand"}


def ways_after(line, now) -> dict[str, str]:
    line.refresh_from_db()
    writes(line, "Chi hoi", now)
    return ways()
