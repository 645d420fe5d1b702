"""In doubt (D7): the provider's own list settles it where there is one, otherwise it becomes unknown, never two."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from messaging import optouts
from messaging.incoming import receipts
from messaging.models import Attempt, OutboundMessage, RouteHealth
from messaging.outgoing import attempts, claim, lastcheck, lookup, outcome, settle, wire
from messaging.providers.base import Accepted, CannotTell
from messaging.providers.sandbox import Sandbox
from tests.fake_aggregators import FakeEsms
from tests.fake_twilio import FakeTwilio, Fault
from tests.messaging.texts import make_route, queue, send_all, state

pytestmark = pytest.mark.django_db
OVER = lastcheck.CALL + timedelta(seconds=1)


@pytest.fixture
def told(monkeypatch):
    """What the provider's list says about each key; and whether it was asked."""
    answers: dict[str, object] = {}
    asked: list[tuple[str, object]] = []

    async def find(self, m, now):
        asked.append((m.key, m.at))
        answer = answers.get(m.key, CannotTell("not yet"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(Sandbox, "find", find)
    answers["asked"] = asked
    return answers


def lose(now, count=1, **more):
    route = make_route(settings={"lost_answer": 1, "never": 1}, **more)
    rows = queue(now, count)
    assert send_all(now)["doubtful"] == count
    return route, rows


def test_what_the_list_shows_was_sent_when_it_was_called(now, far_end, told):
    lose(now)
    told["test:0"] = Accepted("SB-found")
    assert settle.settle_doubtful(now + lastcheck.CALL - timedelta(seconds=1)) == 0
    assert settle.settle_doubtful(now + OVER) == 1
    text = OutboundMessage.objects.get()
    assert (text.status, text.provider_id, text.sent_at, text.cost) == ("sent", "SB-found", now, 400)
    assert (text.error_code, text.lease) == ("", None)
    assert told["asked"] == [("test:0", now)], "with the moment of the call"


def test_what_the_list_shows_as_failed_keeps_its_reason(now, far_end, told):
    """Or a dead number is never counted as one."""
    lose(now)
    told["test:0"] = Accepted("SB-found", status="undelivered", error_code="dead_number")
    assert settle.settle_doubtful(now + OVER) == 1
    assert (state(), OutboundMessage.objects.get().error_code) == ("undelivered", "dead_number")


def test_a_number_that_the_list_shows_as_closed_is_closed_here(now, far_end, told):
    _route, (row,) = lose(now)
    told["test:0"] = Accepted("SB-found", status="failed", error_code="opted_out")
    assert settle.settle_doubtful(now + OVER) == 1
    assert (state(), optouts.closed([row.to])) == ("failed", {row.to})


def test_what_the_list_surely_lacks_is_sent_again(now, far_end, told):
    lose(now)
    told["test:0"] = None
    assert settle.settle_doubtful(now + OVER) == 1
    assert state() == "queued"
    assert send_all(now + OVER)["doubtful"] == 1
    assert OutboundMessage.objects.get().attempts == 2


def test_what_the_list_never_shows_ends_with_its_last_attempt(now, far_end, told):
    lose(now)
    told["test:0"] = None
    at = now
    for attempt in range(1, outcome.MOST_ATTEMPTS):
        at += timedelta(hours=1)
        assert settle.settle_doubtful(at) == 1
        assert (state(), OutboundMessage.objects.get().attempts) == ("queued", attempt)
        RouteHealth.objects.update(failures=0, resting_until=None)
        assert send_all(at)["doubtful"] == 1
    assert settle.settle_doubtful(at + timedelta(hours=1)) == 1
    assert (state(), OutboundMessage.objects.get().error_code) == ("failed", "never_came")


def test_what_the_provider_calls_a_repetition_it_has_whatever_its_list_shows(now, far_end, told):
    """An eSMS answer 124: the first call was taken, and its list did not show it in time."""
    lose(now)
    OutboundMessage.objects.update(error_code="duplicate_request")
    told["test:0"] = None
    assert settle.settle_doubtful(now + OVER) == 0
    assert settle.settle_doubtful(now + settle.DOUBT + OVER) == 1
    assert (state(), OutboundMessage.objects.get().error_code) == ("unknown", "duplicate_request")


@pytest.fixture
def esms(settings, now):
    """eSMS whose clock stands at `hour` and whose list shows nothing while `listing` is off."""
    settings.LIVE_SENDING = True
    with FakeEsms() as server:
        server.hour = now
        server.clock = lambda: server.hour
        server.listing = False
        server.script([Fault("drop")])
        yield server


def pass_hours(esms, hours, minutes=4):
    end = esms.hour + timedelta(hours=hours)
    while esms.hour < end:
        RouteHealth.objects.update(failures=0, resting_until=None)
        send_all(esms.hour)
        settle.settle_doubtful(esms.hour)
        esms.hour += timedelta(minutes=minutes)


@pytest.mark.parametrize("resend", [False, True])
def test_esms_gets_a_text_once_although_its_list_never_shows_it_and_it_forgets(now, esms, resend):
    make_route("esms", "esms", sender="MAM", settings=esms.settings(), resend_doubtful=resend)
    queue(now)
    pass_hours(esms, 26, 10)
    assert len(esms.accepted) == 1
    text = OutboundMessage.objects.get()
    assert (text.status, text.attempts, text.error_code) == ("unknown", 2, "duplicate_request")
    assert ("duplicate_request", "maybe") in set(Attempt.objects.values_list("code", "taken"))


def test_what_is_called_a_repetition_is_looked_for_about_its_first_call(now, esms):
    make_route("esms", "esms", sender="MAM", settings=esms.settings())
    queue(now)
    pass_hours(esms, 0.4)
    assert OutboundMessage.objects.get().error_code == "duplicate_request"
    esms.listing = True
    pass_hours(esms, 0.2)
    text = OutboundMessage.objects.get()
    assert (text.status, text.provider_id, text.sent_at) == ("sent", esms.accepted[0].id, now)


def test_nothing_turns_a_repetition_into_a_no(now):
    make_route()
    (row,) = queue(now)
    for code in ("timeout", "duplicate_request"):
        Attempt.objects.create(message=row, route=row.route, at=now, code=code, taken="maybe")
    attempts.was_a_no(row.id)
    assert dict(Attempt.objects.values_list("code", "taken")) == {"timeout": "no", "duplicate_request": "maybe"}


def test_a_call_ends_before_its_text_is_in_doubt():
    """Or a text whose call is under way could be sent again."""
    assert timedelta(seconds=wire.LONGEST_CALL) + wire.FRESH < lastcheck.CALL


def test_it_is_asked_again_until_the_doubt_is_over(now, told):
    lose(now)
    at = now + OVER
    assert settle.settle_doubtful(at) == 0
    assert settle.settle_doubtful(at + settle.ASK_AGAIN - timedelta(seconds=1)) == 0
    assert len(told["asked"]) == 1
    assert settle.settle_doubtful(at + settle.ASK_AGAIN) == 0
    assert (len(told["asked"]), state()) == (2, "sending")
    assert settle.settle_doubtful(now + settle.DOUBT) == 1
    assert (len(told["asked"]), state()) == (3, "unknown")
    assert send_all(now + settle.DOUBT)["sent"] == 0


def test_after_a_long_outage_it_is_asked_once_at_least(now, told):
    lose(now)
    told["test:0"] = Accepted("SB-found")
    assert settle.settle_doubtful(now + timedelta(days=1)) == 1
    assert state() == "sent"


def test_a_report_that_was_set_aside_belongs_to_what_the_list_shows(now, told):
    """After a long outage the report is older than the id by which it is known."""
    route, _rows = lose(now)
    receipts.store(route, {"kind": "report", "provider_id": "SB-found", "status": "DELIVRD"}, message_id=None, now=now)
    receipts.fold(now + timedelta(days=1))
    told["test:0"] = Accepted("SB-found")
    assert settle.settle_doubtful(now + timedelta(days=1)) == 1
    assert state() == "sent"
    receipts.fold(now + timedelta(days=1))
    assert state() == "delivered"


def test_another_text_with_the_same_words_proves_nothing(now, told):
    lose(now)
    (other,) = queue(now, key="other")
    OutboundMessage.objects.filter(pk=other.pk).update(status="sent", provider_id="SB-other", sent_at=now)
    told["test:0"] = Accepted("SB-other")
    assert settle.settle_doubtful(now + OVER) == 0
    assert settle.settle_doubtful(now + settle.DOUBT) == 1
    assert state() == "unknown"


def test_a_report_that_came_while_it_was_asked_stays(now, told, monkeypatch):
    lose(now)
    ask = lookup.ask

    def report_comes(*args):
        found = ask(*args)
        OutboundMessage.objects.update(status="delivered", lease=None, leased_until=None)
        return found

    told["test:0"] = None
    monkeypatch.setattr(lookup, "ask", report_comes)
    assert settle.settle_doubtful(now + OVER) == 0
    assert state() == "delivered"


def test_a_provider_without_a_list_makes_it_unknown(now):
    lose(now)
    assert settle.settle_doubtful(now + OVER) == 1
    assert (state(), OutboundMessage.objects.get().error_code) == ("unknown", "timeout")
    assert Attempt.objects.values_list("code", "taken").get() == ("timeout", "maybe")


def test_only_a_route_that_is_set_so_sends_it_again(now, far_end):
    lose(now, resend_doubtful=True)
    assert settle.settle_doubtful(now + OVER) == 1
    assert state() == "queued"
    send_all(now + OVER)
    assert len(far_end) == 2


def test_a_killed_worker_leaves_an_attempt_behind(now, far_end):
    route = make_route()
    queue(now)
    lease = uuid4()
    lastcheck.last_check(claim.claim(route, lease, now), lease, now, Counter())
    assert settle.settle_doubtful(now + OVER) == 1
    assert (state(), Attempt.objects.get().code, Attempt.objects.get().at) == ("unknown", "in_doubt", now)


def test_twilios_list(settings):
    """An answer that hung is found, a request that was dropped before it was taken is sent again, once."""
    settings.LIVE_SENDING = True
    now = timezone.now()
    with FakeTwilio() as twilio:
        twilio.script([Fault("hang", seconds=2), Fault("drop_before")])
        make_route("twilio", "twilio", settings=twilio.settings(timeout=0.5), sender="MAM", concurrency=1)
        queue(now, 2)
        assert send_all(now)["doubtful"] == 2
        assert settle.settle_doubtful(now + OVER) == 1, "one is there; the other may not be listed yet"
        assert settle.settle_doubtful(now + timedelta(minutes=16)) == 1
        assert sorted(OutboundMessage.objects.values_list("status", flat=True)) == ["queued", "sent"]
        assert send_all(now + timedelta(minutes=16))["sent"] == 1
        assert len({text.body for text in twilio.accepted}) == len(twilio.accepted) == 2
