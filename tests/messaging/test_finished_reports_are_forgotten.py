"""Reports to other systems go a month after they were made, raw delivery reports only where a setting says so."""

from datetime import timedelta

import pytest

from config import celery
from messaging import callbacks, retention
from messaging.incoming import receipts
from messaging.models import Callback, InboundMessage, OutboundMessage, Receipt
from tests.messaging.systems import access, post, wish
from tests.messaging.texts import queue, send_all

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


@pytest.fixture
def told(route, now):
    """Three reports: taken, given up, still to be told."""
    token, client = access(callback_url="https://his.example.org/sms", inbound_prefixes=["KHAM"])
    assert post(client, "messages/batch", {"messages": [wish(n) for n in range(3)]}).status_code == 200
    OutboundMessage.objects.update(status="delivered")
    callbacks.gather(now)
    first, second, _third = Callback.objects.all()
    Callback.objects.filter(pk=first.pk).update(done_at=now)
    Callback.objects.filter(pk=second.pk).update(given_up_at=now + timedelta(days=1))
    return token


def test_what_was_taken_or_given_up_goes_after_its_time(told, now, settings):
    assert retention.forget(now + MONTH) == {"callbacks": 0, "receipts": 0}
    assert retention.forget(now + MONTH + timedelta(seconds=1)) == {"callbacks": 2, "receipts": 0}
    left = Callback.objects.get()
    assert (left.done_at, left.given_up_at) == (None, None)
    settings.CALLBACK_KEEP_DAYS = 90
    Callback.objects.update(done_at=now)
    assert retention.forget(now + 2 * MONTH)["callbacks"] == 0


def test_nothing_is_told_again_for_that(told, now, route):
    InboundMessage.objects.create(route=route, number="+84912345678", body="KHAM", provider_id="1", received_at=now)
    assert callbacks.gather(now) == 1
    Callback.objects.update(done_at=now)
    later = now + MONTH + timedelta(seconds=1)
    assert retention.forget(later)["callbacks"] == 4
    assert callbacks.gather(later) == 0
    assert OutboundMessage.objects.count() == 3


def test_more_than_a_batch_and_what_is_young_stays(told, now, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    Callback.objects.update(done_at=now)
    Callback.objects.filter(pk=Callback.objects.last().pk).update(made_at=now + MONTH)
    assert retention.forget(now + MONTH + timedelta(seconds=1))["callbacks"] == 2
    assert Callback.objects.count() == 1


def test_what_stays_is_not_in_the_way_of_what_goes(told, now, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(retention, "MOST", 1)
    first, second, third = Callback.objects.order_by("pk")
    Callback.objects.filter(pk__in=[first.pk, second.pk]).update(done_at=None, given_up_at=None)
    Callback.objects.filter(pk=third.pk).update(done_at=now)
    assert retention.forget(now + 2 * MONTH)["callbacks"] == 1


def test_raw_delivery_reports_stay_unless_a_setting_says_so(route, now, settings):
    queue(now, 1)
    send_all(now)
    receipts.fold(now + timedelta(minutes=30))
    assert OutboundMessage.objects.get().status == "delivered"
    count = Receipt.objects.count()
    assert count
    waiting = Receipt.objects.create(route=route, payload={}, received_at=now, message=OutboundMessage.objects.get())
    Receipt.objects.create(route=route, payload={}, received_at=now)
    assert retention.forget(now + 12 * MONTH)["receipts"] == 0
    settings.RECEIPT_KEEP_DAYS = 30
    OutboundMessage.objects.update(status="sent")
    assert retention.forget(now + 2 * MONTH)["receipts"] == 1, "the text has not ended; the other is about none"
    OutboundMessage.objects.update(status="delivered")
    assert retention.forget(now + 2 * MONTH)["receipts"] == count
    assert Receipt.objects.get() == waiting, "it is still to be applied"


def test_it_is_in_the_rhythm():
    assert celery.RHYTHM["messaging.tasks.forget_finished"] == 3600
