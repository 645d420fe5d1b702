"""`kill -9` between the call and its saving: the far end counts as many texts as we have rows, each once (D7)."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.incoming import receipts
from messaging.models import OutboundMessage, Receipt
from messaging.outgoing import claim, lastcheck, settle
from tests.fake_twilio import FakeTwilio, Fault
from tests.messaging import elsewhere
from tests.messaging.texts import make_route, queue, send_all

pytestmark = pytest.mark.django_db(transaction=True)
COUNT, AT_A_TIME = 30, 5


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_killed_between_call_and_save(settings, live_server):
    now = timezone.now()
    settings.LIVE_SENDING = True
    settings.PUBLIC_URL = live_server.url
    with FakeTwilio() as twilio:
        # One chunk passes; the texts of the next are taken while their answers hang, and there the worker dies.
        twilio.script([Fault("none")] * AT_A_TIME + [Fault("hang", seconds=60)] * AT_A_TIME)
        make_route("twilio", "twilio", settings=twilio.settings(timeout=60), sender="MAM", concurrency=AT_A_TIME)
        queue(now, COUNT)
        live = {"LIVE_SENDING": "1", "SECRET_KEY": settings.SECRET_KEY, "PUBLIC_URL": live_server.url}
        worker = elsewhere.start("dispatch", now.isoformat(), **live)
        try:
            until(lambda: len(twilio.accepted) == 2 * AT_A_TIME or worker.poll() is not None)
            time.sleep(0.2)
        finally:
            worker.kill()
            worker.communicate()
        states = Counter(OutboundMessage.objects.values_list("status", flat=True))
        assert states == {"sent": AT_A_TIME, "sending": AT_A_TIME, "queued": COUNT - 2 * AT_A_TIME}

        send_all(now)
        assert len(twilio.accepted) == 2 * AT_A_TIME, "what another one has claimed is his until his lease is over"
        later = now + claim.CLAIM + lastcheck.CALL + timedelta(seconds=30)
        while send_all(later)["sent"]:
            pass
        assert settle.settle_doubtful(later) == AT_A_TIME
        assert Counter(text.body for text in twilio.accepted) == Counter(f"Lời nhắn số {n}" for n in range(COUNT))
        assert set(OutboundMessage.objects.values_list("status", flat=True)) == {"sent"}, "found in Twilio's list"

        for text in twilio.accepted:
            assert twilio.report(text, "delivered", "sent") == [204, 204]
    assert Receipt.objects.count() == 2 * COUNT
    receipts.fold(later + timedelta(days=3650))
    assert set(OutboundMessage.objects.values_list("status", "error_code")) == {("delivered", "")}
    assert not OutboundMessage.objects.filter(provider_id="").exists()
