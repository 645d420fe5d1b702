"""Temporary faults are tried again later, permanent ones never, and what may have been taken never either (D7)."""

import json
from datetime import timedelta

import pytest

from messaging.incoming import receipts
from messaging.models import Attempt, OutboundMessage, RouteHealth
from messaging.outgoing import health, lastcheck, outcome, settle
from tests.fake_twilio import FakeTwilio, Fault
from tests.messaging.texts import make_route, number, queue, send_all, state

pytestmark = pytest.mark.django_db
NEVER = number(999)


class Choosy(FakeTwilio):
    """Always busy for one number."""

    async def take(self, request):
        form = await request.post()
        return self.no(Fault("status", 429, 20429)) if form["To"] == NEVER else await super().take(request)


def test_a_temporary_fault_waits_longer_every_time_and_ends(now, settings):
    settings.LIVE_SENDING = True
    with FakeTwilio() as twilio:
        twilio.script([Fault("status", 400, 29999)] * outcome.MOST_ATTEMPTS)
        make_route("twilio", "twilio", settings=twilio.settings(), sender="MAM")
        (text,) = queue(now)
        at, waits = now, []
        for attempt in range(1, outcome.MOST_ATTEMPTS):
            assert send_all(at)["again"] == 1
            text.refresh_from_db()
            assert (text.status, text.attempts, text.error_code) == ("queued", attempt, "twilio_29999")
            waits.append((text.send_after - at).total_seconds())
            assert send_all(at + timedelta(seconds=waits[-1] - 1))["again"] == 0
            at = text.send_after
        for wait, base in zip(waits, [30, 120, 480, 1920], strict=True):
            assert base < wait <= base * 1.25, "up to a quarter more, so that not all come back at once"
        RouteHealth.objects.update(failures=0, resting_until=None)
        assert send_all(at)["failed"] == 1
        assert (state(), twilio.accepted) == ("failed", [])


def test_what_a_broken_route_did_not_take_waits_until_it_is_repaired(now, far_end):
    """However long: the most urgent text is the probe, and would be the first to be given up."""
    route = make_route(settings={"down": 1})
    texts = queue(now, 3)
    for hour in range(48):
        send_all(now + timedelta(hours=hour))
    assert set(OutboundMessage.objects.values_list("status", "attempts")) == {("queued", 0)}
    assert not far_end
    route.settings = {}
    route.save()
    later = now + timedelta(hours=49)
    for minute in range(3):
        send_all(later + timedelta(minutes=minute))
    assert len(far_end) == len(texts)


def test_a_text_without_an_end_gets_one_when_its_route_is_broken(now):
    make_route(settings={"down": 1})
    ends = {"none": None, "own": now + timedelta(days=9)}
    for key, end in ends.items():
        queue(now, key=key, expires_at=end)
    for hour in range(3):
        send_all(now + timedelta(hours=hour))
    assert dict(OutboundMessage.objects.values_list("key", "expires_at")) == ends | {"none": now + outcome.LONGEST}
    settle.expire_silent(now + outcome.LONGEST)
    assert dict(OutboundMessage.objects.values_list("key", "status")) == {"none": "expired", "own": "queued"}


def test_a_text_that_is_put_off_while_others_pass_waits_twice_as_long_each_time(now, settings):
    """The route answers others, so it never rests; without waits of its own the text would call every half minute."""
    settings.LIVE_SENDING = True
    with FakeTwilio() as twilio:
        make_route("twilio", "twilio", settings=twilio.settings(), sender="MAM")
        (busy,) = queue(now, key="busy")
        at, waits = now, []
        for turn in range(8):
            twilio.script([Fault("status", 429, 20429)])
            assert send_all(at)["again"] == 1
            queue(at, key=f"other-{turn}")
            assert send_all(at)["sent"] == 1
            busy.refresh_from_db()
            waits.append((busy.send_after - at).total_seconds())
            at = busy.send_after
        for wait, base in zip(waits, [30, 60, 120, 240, 480, 900, 900, 900], strict=True):
            assert base <= wait <= base * 1.25
        assert (busy.attempts, busy.status) == (0, "queued")


def test_an_urgent_text_that_is_never_taken_keeps_no_other_for_longer_than_a_rest(now, settings):
    """On a quiet route it is alone with its refusals, so the route rests, and it would be each probe."""
    settings.LIVE_SENDING = True
    with Choosy() as twilio:
        make_route("twilio", "twilio", settings=twilio.settings(), sender="MAM")
        queue(now, key="never", to=NEVER, priority=1)
        queued = {}
        for beat in range(3 * 60 * 4):
            at = now + timedelta(seconds=15 * beat)
            if beat % 40 == 1:
                (row,) = queue(at, key=f"other-{beat}")
                queued[row.key] = at
            send_all(at)
        gone = dict(OutboundMessage.objects.exclude(sent_at=None).values_list("key", "sent_at"))
        most = health.LONGEST_REST + timedelta(seconds=30)
        late = [key for key, at in queued.items() if now + timedelta(hours=3) - at > most and key not in gone]
        assert (late, [key for key, at in gone.items() if at - queued[key] > most]) == ([], [])
        assert (state("never"), len(gone) > 10) == ("queued", True)


def test_a_route_rests_twice_as_long_each_time_but_at_most_a_quarter_of_an_hour(now):
    route = make_route(settings={"down": 1})
    queue(now)
    at, rests = now, []
    for _probe in range(12):
        send_all(at)
        row = RouteHealth.objects.get(route=route)
        if row.resting_until and row.resting_until > at:
            rests.append((row.resting_until - at).total_seconds())
        at = max(row.resting_until or at, OutboundMessage.objects.get().send_after)
    assert rests[:6] == [30, 60, 120, 240, 480, 900]
    assert set(rests[6:]) == {900}


@pytest.mark.parametrize(
    "asked",
    [
        "31536000",
        "99999999999999",
        "Fri, 01 Jan 2100 00:00:00 GMT",
        "Fri, 01 Jan 99999999999999999999 00:00:00 GMT",
        "²",
        "soon",
    ],
)
def test_no_provider_makes_a_text_wait_for_more_than_an_hour_at_a_time(now, settings, asked):
    settings.LIVE_SENDING = True
    with FakeTwilio() as twilio:
        twilio.script([Fault("status", 429, headers={"Retry-After": asked})])
        make_route("twilio", "twilio", settings=twilio.settings(), sender="MAM")
        queue(now)
        assert send_all(now)["again"] == 1
        assert OutboundMessage.objects.get().send_after <= now + timedelta(hours=1.25)


def test_a_provider_that_asks_to_wait_is_given_its_time(now):
    make_route(settings={"throttled": 1})
    (text,) = queue(now)
    text.attempts = 1
    assert outcome.wait_before(text, 600) >= timedelta(seconds=600)


def test_a_permanent_fault_is_never_tried_again(now, far_end):
    make_route(settings={"invalid": 1})
    queue(now)
    assert send_all(now)["failed"] == 1
    text = OutboundMessage.objects.get()
    assert (text.status, text.error_code, text.final_at) == ("failed", "bad_number", now)
    assert send_all(now, 86400)["failed"] == 0


def test_a_refusal_is_kept_as_it_came_also_when_no_database_takes_its_words(now, settings):
    """Half of a character and a NUL in the answer: the refusal counts, and the text is not in doubt."""
    settings.LIVE_SENDING = True
    with FakeTwilio() as twilio:
        twilio.script([Fault("status", 400, body=r'{"code": 29999, "message": "Số \u0000sai \ud83d", "status": 400}')])
        make_route("twilio", "twilio", settings=twilio.settings(), sender="MAM")
        queue(now)
        assert send_all(now)["again"] == 1
    kept = Attempt.objects.get()
    assert json.loads(kept.answer) == {"http": 400, "code": 29999, "message": "Số \0sai ?"}
    assert (state(), "Số sai ?" in kept.detail) == ("queued", True)


def test_a_lost_answer_is_never_sent_again_and_settled_by_its_report(now, far_end):
    make_route(settings={"lost_answer": 1})
    queue(now)
    assert send_all(now)["doubtful"] == 1
    assert state() == "sending"
    assert settle.settle_doubtful(now + lastcheck.CALL - timedelta(seconds=1)) == 0
    later = now + lastcheck.CALL
    assert settle.settle_doubtful(later) == 1
    assert OutboundMessage.objects.get().error_code == "timeout"
    assert state() == "unknown"
    assert send_all(later)["sent"] == 0
    receipts.fold(now + timedelta(days=2))
    text = OutboundMessage.objects.get()
    assert (text.status, len(far_end), text.sent_at) == ("delivered", 1, now)


@pytest.mark.parametrize("fault", ["hang", "drop", "malformed", "status"])
def test_nothing_is_doubled_when_twilio_answers_badly(now, settings, fault):
    settings.LIVE_SENDING = True
    with FakeTwilio() as twilio:
        twilio.script([Fault(fault, seconds=2)])
        make_route("twilio", "twilio", settings=twilio.settings(timeout=0.3), sender="MAM")
        queue(now)
        send_all(now)
        send_all(now, 3600)
        assert twilio.requests == 1
    settle.settle_doubtful(now + timedelta(hours=1))
    assert state() == "unknown"


def test_a_route_that_fails_rests_and_is_probed(now, far_end):
    route = make_route(settings={"down": 1}, concurrency=5)
    queue(now, 12)
    assert send_all(now)["again"] == 5, "the rest of the claim is given back"
    row = RouteHealth.objects.get()
    assert (row.failures, row.resting_until) == (health.FAILURES, now + health.REST)
    assert "unreachable_provider" in row.last_error
    assert OutboundMessage.objects.filter(lease__isnull=False).count() == 0
    assert not send_all(now, 29)
    assert send_all(now, 30)["again"] == 1, "one text as a probe"
    assert RouteHealth.objects.get().resting_until == now + timedelta(seconds=30) + 2 * health.REST
    route.settings = {}
    route.save()
    assert not send_all(now, 60)
    assert send_all(now, 7200)["sent"] == 12
    assert RouteHealth.objects.get().failures == 0


def test_one_broken_route_does_not_stop_the_other(now, far_end):
    make_route("broken", settings={"profile": "nonsense"}, prefixes=["+8491"], priority=1)
    make_route("good", priority=2)
    queue(now)
    queue(now, key="other", to="+84351234567")
    counts = send_all(now)
    assert (counts["errors"], counts["sent"]) == (1, 1)
    assert [line["key"] for line in far_end] == ["other"]


def test_what_waits_on_a_paused_route_ends_when_its_time_is_over(now, route):
    RouteHealth.objects.create(route=route, paused=True)
    queue(now, expires_at=now + timedelta(hours=1))
    send_all(now)
    assert settle.expire_silent(now) == 0
    assert settle.expire_silent(now + timedelta(hours=1)) == 1
    assert state() == "expired"


@pytest.mark.parametrize(
    ("provider", "broken", "said"),
    [
        ("twilio", {"account_sid": "AC1", "auth_token": "t0ken", "timeout": "abc"}, "timeout is not a number"),
        ("sandbox", {"log": "/proc/there/is/no/such/folder"}, "No such file"),
        ("sandbox", {"profile": "nonsense"}, "no sandbox profile"),
        ("pigeon", {}, "no SMS provider"),
    ],
)
def test_a_route_that_cannot_be_opened_rests_and_its_texts_wait(now, settings, provider, broken, said):
    settings.LIVE_SENDING = provider != "sandbox"
    route = make_route(provider=provider, settings=broken)
    queue(now, 3)
    assert send_all(now) == {"errors": 1}
    row = RouteHealth.objects.get()
    assert said in row.last_error
    assert row.resting_until == now + health.REST
    assert set(OutboundMessage.objects.values_list("status", "attempts", "lease")) == {("queued", 0, None)}
    assert not send_all(now, 29), "nobody opens it while it rests"
    assert send_all(now, 30) == {"errors": 1}
    assert RouteHealth.objects.get().resting_until == now + timedelta(seconds=30) + 2 * health.REST
    settings.LIVE_SENDING = False
    route.provider, route.settings = "sandbox", {}
    route.save()
    assert send_all(now, 7200)["sent"] == 3
    assert RouteHealth.objects.get().failures == 0
