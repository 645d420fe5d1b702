"""Cases 1 to 4: the same trigger twice, an answer that is lost, and reports in every order, over real HTTP."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import ScheduledMessage
from campaigns.tick import tick
from messaging.incoming import receipts
from messaging.models import OutboundMessage, Receipt, Route
from recipients import events
from recipients.events import Newborn
from tests import people
from tests.cases.conftest import DAY, HOUR, MINUTE, NOON, days, gone, place
from tests.fake_twilio import FakeTwilio, Fault
from tests.timelines import Line, publish


@pytest.fixture
def twilio(transactional_db, settings, live_server):
    """A server of Twilio's shape that a route leads to."""
    settings.LIVE_SENDING, settings.PUBLIC_URL = True, live_server.url
    with FakeTwilio() as server:
        Route.objects.create(name="twilio", provider="twilio", sender="MAM", settings=server.settings(timeout=1.5))
        yield server


@pytest.fixture
def lan(twilio):
    publish([Line("week-12", day=84, open_for=3)])
    return people.lan(place(), NOON)


def sms() -> OutboundMessage:
    return OutboundMessage.objects.get()


def fold() -> None:
    """The webhook keeps reports with the moment at which they really came."""
    receipts.fold(max(NOON, timezone.now()) + timedelta(seconds=1))


def test_case_01_the_same_trigger_twice_on_a_day_is_one_message(unit):
    publish([Line("day-0", day=0, open_for=3, topic="birth")], code="child", anchor="birth")
    pregnancy = people.lan(unit, NOON, weeks=39)
    for told in (NOON, NOON + MINUTE, NOON + HOUR):
        events.birth(pregnancy, born_on=NOON.date(), now=told, source="page", children=[Newborn(name="An")])
        tick(told)
        tick(told)
    days(NOON + DAY, 4)
    assert gone() == ["Chi Lan oi, day-0."]
    assert ScheduledMessage.objects.count() == 1


def test_case_02_an_answer_that_is_lost_after_the_text_was_taken_is_no_second_text(lan, twilio):
    twilio.script([Fault("hang", seconds=2)])
    tick(NOON)
    assert sms().status == "sending", "nobody knows"
    for hours in (1, 24, 48):
        tick(NOON + hours * HOUR)
        assert sms().status == "unknown"
    assert len(twilio.accepted) == 1
    assert ScheduledMessage.objects.get().state == "released"


def test_case_02_an_answer_that_breaks_off_is_no_second_text(lan, twilio):
    twilio.script([Fault("drop"), Fault("malformed")])
    for hours in (0, 1, 24):
        tick(NOON + hours * HOUR)
    assert len(twilio.accepted) == 1


def test_case_03_sent_and_then_delivery_failed_ends_as_failed(lan, twilio, live_server):
    tick(NOON)
    text = twilio.accepted[0]
    twilio.report(text, "sent", through=live_server.url)
    fold()
    assert sms().status == "sent"
    twilio.report(text, "failed", error_code=30005, through=live_server.url)
    fold()
    assert sms().status == "failed"
    twilio.report(text, "sent", through=live_server.url)
    fold()
    assert sms().status == "failed", "a late word of the way does not overwrite the end"


def test_case_04_a_report_that_comes_before_the_call_returns_counts(lan, twilio, live_server):
    twilio.script([Fault("hang", seconds=1)])

    def as_soon_as_taken() -> None:
        end = time.monotonic() + 10
        while not twilio.accepted and time.monotonic() < end:
            time.sleep(0.02)
        twilio.report(twilio.accepted[0], "delivered", through=live_server.url)

    early = threading.Thread(target=as_soon_as_taken)
    early.start()
    tick(NOON)
    early.join(20)
    fold()
    assert sms().status == "delivered"
    assert sms().provider_id == twilio.accepted[0].sid


def test_case_04_reports_out_of_order_and_replayed_end_the_same(lan, twilio, live_server):
    tick(NOON)
    words = ["delivered", "sent", "queued", "delivered", "sent"]
    assert twilio.report(twilio.accepted[0], *words, through=live_server.url) == [204] * 5
    for _again in range(2):
        fold()
        assert sms().status == "delivered"
    assert Receipt.objects.count() == 5, "every report is kept as it came"


def test_case_04_a_report_about_an_unknown_id_is_kept_and_changes_nothing(lan, twilio, client):
    tick(NOON)
    before = sms().status
    params = twilio.callback(twilio.accepted[0], "failed") | {"MessageSid": "SM" + "0" * 32, "SmsSid": "SM" + "0" * 32}
    url = f"/sms/{Route.objects.get().pk}/status"
    there = twilio.accepted[0].callback.split("/sms/")[0]
    signature = twilio.sign(there + url, params)
    assert client.post(url, params, headers={"X-Twilio-Signature": signature}).status_code == 204
    fold()
    assert sms().status == before
    assert Receipt.objects.get().payload["MessageStatus"] == "failed"
    assert Receipt.objects.get().message is None
