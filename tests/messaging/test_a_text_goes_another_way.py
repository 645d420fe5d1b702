"""Failover: a text leaves by the next route only where the first one certainly did not take it."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from messaging.models import Attempt, OutboundMessage, RouteHealth, RouteTemplate
from messaging.outgoing import claim, failover, lastcheck, settle
from messaging.providers.sandbox import Sandbox
from tests.messaging.texts import make_route, queue, send_all, state

pytestmark = pytest.mark.django_db


def route_of(key="test:0"):
    return OutboundMessage.objects.get(key=key).route.name


def sent_by(far_end):
    return [line["key"] for line in far_end]


def test_refused_by_the_first_it_leaves_by_the_second_at_once(now, far_end):
    first = make_route("first", settings={"down": 1}, priority=1)
    make_route("second", priority=2)
    queue(now)
    assert send_all(now)["again"] == 1
    assert (state(), route_of(), far_end) == ("queued", "first", [])
    counts = send_all(now, 5)
    assert (counts["moved"], counts["sent"]) == (1, 1), "without waiting for another attempt at the first"
    text = OutboundMessage.objects.get()
    assert (text.status, text.route.name, text.attempts, len(far_end)) == ("sent", "second", 1, 1)
    attempt = Attempt.objects.get()
    assert (attempt.route, attempt.code, attempt.taken, attempt.at) == (first, "unreachable_provider", "no", now)


def test_where_every_way_was_tried_it_waits(now):
    make_route("first", settings={"down": 1}, priority=1)
    make_route("second", settings={"down": 1}, priority=2)
    queue(now)
    assert send_all(now)["again"] == 1
    assert send_all(now, 5)["again"] == 1
    assert failover.move(now + timedelta(seconds=10)) == 0
    assert (state(), route_of()) == ("queued", "second")
    assert set(Attempt.objects.values_list("route__name", flat=True)) == {"first", "second"}


def test_a_route_that_asks_for_time_keeps_its_texts(now):
    make_route("first", settings={"throttled": 1}, priority=1)
    make_route("second", priority=2)
    queue(now)
    send_all(now)
    assert failover.move(now + timedelta(seconds=5)) == 0


@pytest.mark.parametrize("why", ["paused", "resting", "off"])
def test_what_is_due_on_a_route_that_waits_is_moved(now, far_end, why):
    first = make_route("first", priority=1)
    make_route("second", priority=2)
    queue(now, 3)
    queue(now, key="later", send_after=now + timedelta(hours=1))
    RouteHealth.objects.create(
        route=first, paused=why == "paused", resting_until=now + timedelta(minutes=9) if why == "resting" else None
    )
    first.enabled = why != "off"
    first.save()
    counts = send_all(now)
    assert (counts["moved"], counts["sent"]) == (3, 3)
    assert route_of("later") == "first", "it has time"
    assert set(OutboundMessage.objects.filter(status="sent").values_list("route__name", "attempts")) == {("second", 1)}


def test_a_text_in_doubt_or_in_somebodys_hands_stays(now, far_end):
    first = make_route("first", settings={"lost_answer": 1}, priority=1)
    make_route("second", priority=2)
    queue(now, 2)
    send_all(now)
    queue(now, key="claimed")
    lease = uuid4()
    held = claim.claim(first, lease, now)
    assert [row.key for row in held] == ["claimed"]
    first.enabled = False
    first.save()
    assert failover.move(now) == 0
    later = now + lastcheck.CALL
    assert failover.move(later) == 1, "the claim is over, the doubt is not"
    assert sorted(OutboundMessage.objects.values_list("key", "route__name", "status")) == [
        ("claimed", "second", "queued"), ("test:0", "first", "sending"), ("test:1", "first", "sending"),
    ]  # fmt: skip
    assert lastcheck.last_check(held, lease, later, Counter()) == [], "a slow dispatcher has lost it"
    send_all(later)
    assert sorted(sent_by(far_end)) == ["claimed", "test:0", "test:1"]


def test_what_the_first_may_have_is_sent_again_by_the_first_alone(now, far_end):
    first = make_route("first", settings={"lost_answer": 1, "never": 1}, priority=1, resend_doubtful=True)
    make_route("second", priority=2)
    queue(now)
    assert send_all(now)["doubtful"] == 1
    over = now + lastcheck.CALL + timedelta(seconds=1)
    assert (settle.settle_doubtful(over), state()) == (1, "queued")
    RouteHealth.objects.filter(route=first).update(resting_until=over + timedelta(minutes=9))
    assert (failover.move(over), route_of()) == (0, "first")


def test_what_the_first_certainly_lacks_goes_another_way(now, far_end, monkeypatch):
    async def nothing(self, m, now):
        return None

    monkeypatch.setattr(Sandbox, "find", nothing)
    first = make_route("first", settings={"lost_answer": 1, "never": 1}, priority=1)
    make_route("second", priority=2)
    queue(now)
    assert send_all(now)["doubtful"] == 1
    over = now + lastcheck.CALL + timedelta(seconds=1)
    assert settle.settle_doubtful(over) == 1
    RouteHealth.objects.filter(route=first).update(resting_until=over + timedelta(minutes=9))
    assert (failover.move(over), route_of()) == (1, "second")


def test_the_text_is_written_as_the_other_route_wants_it(now, far_end, settings):
    settings.OPT_OUT_TAIL = ""
    first = make_route("first", priority=1, tail="Từ chối: gọi 18001234")
    second = make_route("second", priority=2, tail="Tu choi: 19005678", registered_only=True, price=700)
    make_route("third", priority=3)
    (text,) = queue(now, tail=True)
    assert text.body.endswith("18001234")
    first.enabled = False
    first.save()
    assert failover.move(now) == 0, "not registered on the second, and the third has no words how to stop"
    template = RouteTemplate.objects.create(
        route=second, name="n", body="Lời nhắn số {1}. Tu choi: 19005678", state="registered", submitted_at=now
    )
    before = text.segments
    assert failover.move(now) == 1
    text.refresh_from_db()
    assert text.route == second
    assert (text.words, text.body) == ("Lời nhắn số 0", "Lời nhắn số 0. Tu choi: 19005678")
    assert (text.template, text.encoding, text.segments <= before) == (template, "UCS-2", True)
    send_all(now)
    assert far_end[0]["body"] == text.body


def test_never_from_the_simulated_operator_to_a_real_one(now, settings):
    sandbox = make_route("sandbox")
    make_route("real", "twilio", settings={"account_sid": "AC1", "auth_token": "t"}, sender="MAM")
    queue(now)
    sandbox.enabled = False
    sandbox.save()
    settings.LIVE_SENDING = True
    assert failover.move(now) == 0
    assert route_of() == "sandbox"


def test_a_drained_route_sends_what_it_has_and_is_given_nothing(now, far_end):
    first, second = make_route("first", priority=1), make_route("second", priority=2)
    queue(now)
    queue(now, key="other", to="+84351234567")
    OutboundMessage.objects.filter(key="other").update(route=second)
    RouteHealth.objects.create(route=first, draining=True)
    RouteHealth.objects.create(route=second, paused=True)
    assert send_all(now)["sent"] == 1
    assert sent_by(far_end) == ["test:0"]
    assert (route_of("other"), state("other")) == ("second", "queued")
