"""A route's concurrency holds over all dispatchers, and a slow or dead one holds up nobody for long."""

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from messaging.models import OutboundMessage, Route, RouteBucket, RouteHealth
from messaging.outgoing import dispatch, gateway, hold, poison
from messaging.providers import sandbox
from tests.fake_twilio import FakeTwilio, Fault
from tests.messaging.texts import make_route, number, queue, send_all

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_holds_the_route_until_he_lets_go_or_falls_silent(now, route):
    one, other = uuid4(), uuid4()
    assert hold.take(route, one, now)
    assert not hold.take(route, other, now + hold.HOLD - timedelta(seconds=1))
    assert hold.keep(route, one, now + timedelta(seconds=20))
    assert not hold.take(route, other, now + hold.HOLD)
    assert hold.take(route, other, now + timedelta(seconds=20) + hold.HOLD)
    assert not hold.keep(route, one, now + timedelta(seconds=51)), "it has been taken over"
    hold.let_go(route, one)
    assert not hold.take(route, one, now + timedelta(seconds=52)), "only the holder lets go"
    hold.let_go(route, other)
    assert hold.take(route, one, now + timedelta(seconds=52))


def test_a_held_route_is_left_alone_and_let_go_at_the_end(now, route, far_end):
    queue(now)
    hold.take(route, uuid4(), now)
    assert send_all(now) == {"held": 1}
    assert far_end == []
    assert send_all(now, 30)["sent"] == 1
    assert RouteBucket.objects.values_list("holder", "held_until").get() == (None, None)


def test_four_dispatchers_together_keep_the_concurrency(settings):
    settings.LIVE_SENDING = True
    now, most, flying = timezone.now(), [], []
    with FakeTwilio(latency=0.05) as twilio:
        route = make_route("twilio", "twilio", settings=twilio.settings(), sender="MAM", concurrency=6)
        queue(now, 60)

        def work():
            for _beat in range(3):
                dispatch.dispatch_route(route, now)
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            flying.append(OutboundMessage.objects.filter(status="sending").count())
            time.sleep(0.01)
        most = sorted(text.at for text in twilio.accepted)
        assert len(most) == 60
    assert 1 < max(flying) <= 6
    for n in range(len(most) - 6):
        assert (most[n + 6] - most[n]).total_seconds() > 0.04, "seven at a time"


def test_a_slow_route_holds_up_no_other(settings):
    settings.LIVE_SENDING = True
    now = timezone.now()
    with FakeTwilio() as slow, FakeTwilio() as fast:
        slow.script([Fault("hang", seconds=4)] * 2)
        prefixes = [number(0)[:5]]
        more = {"sender": "MAM", "concurrency": 2}
        make_route("slow", "twilio", settings=slow.settings(timeout=10), prefixes=prefixes, priority=1, **more)
        make_route("fast", "twilio", settings=fast.settings(), priority=2, **more)
        queue(now, 2)
        others = [gateway.Text("+84351234567", f"Lời nhắn {n}", f"other:{n}") for n in range(20)]
        gateway.send_many(others, now)
        done = threading.Thread(target=lambda: (dispatch.dispatch_all(now), connection.close()))
        begin = time.monotonic()
        done.start()
        while len(fast.accepted) < len(others):
            assert time.monotonic() - begin < 3.5, "the fast route waited for the slow one"
            time.sleep(0.02)
        done.join()
        assert (len(slow.accepted), len(fast.accepted)) == (2, len(others))
    assert set(OutboundMessage.objects.values_list("status", flat=True)) == {"sent"}


def test_slow_calls_hold_up_no_other_of_their_route(settings):
    settings.LIVE_SENDING = True
    now = timezone.now()
    with FakeTwilio() as twilio:
        twilio.script([Fault("hang", seconds=4)] * 3)
        make_route("twilio", "twilio", settings=twilio.settings(timeout=10), sender="MAM", concurrency=4)
        queue(now, 15)
        begin = timezone.now()
        assert dispatch.dispatch_all(now)["sent"] == 15
        times = sorted((text.at - begin).total_seconds() for text in twilio.accepted)
        assert times[-1] < 3.5, "the other twelve went past them"


def test_a_pause_stops_what_is_claimed(now, route, monkeypatch):
    """The route is paused while its first chunk is on its way: the second is never started."""
    Route.objects.update(concurrency=5)
    queue(now, 15)
    monkeypatch.setattr(sandbox, "on_accept", lambda line: told.append(line["key"]))
    told: list[str] = []
    check = poison.check

    def check_and_pause(*args):
        ready = check(*args)
        RouteHealth.objects.update(paused=True)
        return ready

    monkeypatch.setattr(poison, "check", check_and_pause)
    assert send_all(now)["sent"] == len(told) == 5
    assert OutboundMessage.objects.filter(status="queued", lease=None).count() == 10
