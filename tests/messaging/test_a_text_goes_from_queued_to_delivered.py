"""The whole way of one text through the gateway, with the simulated operator and with Twilio's shape over HTTP."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from messaging.incoming import receipts
from messaging.models import OutboundMessage, Receipt
from messaging.outgoing import dispatch
from tests.fake_twilio import FakeTwilio
from tests.messaging.texts import make_route, queue, send_all, state


def test_with_the_sandbox(now, route, far_end):
    (text,) = queue(now)
    assert text.status == "queued"
    assert send_all(now)["sent"] == 1
    sent = OutboundMessage.objects.get()
    assert (sent.status, sent.sent_at, sent.attempts) == ("sent", now, 1)
    assert sent.cost == Decimal(400) * sent.segments
    assert sent.lease is None
    assert [line["key"] for line in far_end] == ["test:0"]
    assert far_end[0]["body"] == "Lời nhắn số 0"
    assert receipts.fold(now) == 0, "a report has not come before its time"
    receipts.fold(now + timedelta(hours=4))
    done = OutboundMessage.objects.get()
    assert done.status == "delivered"
    assert now < done.final_at < now + timedelta(hours=4)


@pytest.mark.django_db(transaction=True)
def test_with_twilio_over_http(now, settings, live_server):
    settings.LIVE_SENDING = True
    settings.PUBLIC_URL = live_server.url
    with FakeTwilio() as twilio:
        make_route("twilio", "twilio", settings=twilio.settings(), sender="MAM")
        (text,) = queue(now)
        send_all(now)
        (accepted,) = twilio.accepted
        assert accepted.body == "Lời nhắn số 0"
        assert accepted.callback.endswith(f"?m={text.id}")
        sent = OutboundMessage.objects.get()
        assert (sent.status, sent.provider_id) == ("sent", accepted.sid)
        assert twilio.report(accepted, "sent", "delivered") == [204, 204]
    receipts.fold(now + timedelta(days=3650))
    assert state() == "delivered"


def test_without_live_sending_only_the_sandbox_sends(now, settings, db):
    with FakeTwilio() as twilio:
        settings.LIVE_SENDING = True
        route = make_route("twilio", "twilio", settings=twilio.settings(), sender="MAM")
        queue(now)
        settings.LIVE_SENDING = False
        send_all(now)
        assert not dispatch.dispatch_route(route, now)
        assert (state(), twilio.requests) == ("queued", 0)


def test_a_report_for_an_unknown_id_waits_until_the_id_is_stored(now, settings, db):
    settings.LIVE_SENDING = True
    client = Client()
    with FakeTwilio() as twilio:
        route = make_route("twilio", "twilio", settings=twilio.settings(), sender="MAM")
        receipts.store(route, {"MessageSid": "SMearly", "MessageStatus": "delivered"}, message_id=None, now=now)
        receipts.fold(now)
        assert Receipt.objects.get().applied_at is None
        receipts.fold(now + timedelta(hours=2))
        assert Receipt.objects.get().applied_at is not None, "set aside after an hour"
        (text,) = queue(now)
        OutboundMessage.objects.update(status="sent", provider_id="SMearly", sent_at=now)
        assert receipts.rematch(route, [OutboundMessage.objects.get()]) == 1
        receipts.fold(now + timedelta(hours=2))
    assert state() == "delivered"
    assert Receipt.objects.get().message_id == text.id
    assert client.get(f"/sms/{route.pk}/status").status_code == 405
