"""One SMS through its six files, over real HTTP, as README tells it under "Follow one message"."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import ScheduledMessage
from campaigns.reach.coverage import reach
from campaigns.schedule import enrollment, planner, release
from campaigns.schedule.timeline import Offset, due_date
from messaging.incoming import receipts
from messaging.models import OutboundMessage, Receipt, Route
from messaging.outgoing import dispatch
from messaging.outgoing.routing import ensure_sandbox_route
from tests import people
from tests.fake_twilio import FakeTwilio
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def lan(transactional_db):
    unit = people.commune()
    people.station(unit)
    publish([Line("anc-1", day=84, texts={"vi": "Chị {ten} ơi, mời chị đến {coso}."})])
    return people.lan(unit, NOON, script="diacritics")


def to_the_gateway(pregnancy) -> ScheduledMessage:
    assert due_date(pregnancy.anchor_date, Offset(days=84)) == NOON.date()  # 1 timeline
    enrollment.derive(NOON)
    planner.plan(NOON)  # 2 planner
    row = ScheduledMessage.objects.get()
    assert (row.state, row.due_on, row.sms) == ("waiting", NOON.date(), None)
    release.release_due(NOON)  # 3 release, 4 gateway
    row.refresh_from_db()
    assert row.sms.body == "Chị Lan ơi, mời chị đến Trạm y tế Xã An Bình."
    assert (row.sms.status, row.sms.encoding, row.sms.segments) == ("queued", "UCS-2", 1)
    return row


def delivered(row: ScheduledMessage, client) -> None:
    sms = OutboundMessage.objects.get(pk=row.sms_id)
    assert sms.status == "delivered"
    assert (figures := reach(date(2026, 11, 1), date(2026, 11, 30), None, NOON).total).delivered == 1
    assert (figures.due, figures.reached_low, figures.reached_high) == (1, 1, 1)
    client.force_login(people.user("admin"))
    page = client.get(reverse("person", args=[row.person_id]))
    assert sms.body in page.content.decode()


def test_by_the_sandbox(lan, client):
    route = ensure_sandbox_route()
    route.settings = {"profile": "calm"}
    route.save()
    row = to_the_gateway(lan)
    assert dispatch.dispatch_all(NOON)["sent"] == 1  # 5 dispatch
    receipts.fold(NOON + timedelta(days=2))  # 6 receipts
    delivered(row, client)


def test_by_a_provider_of_twilios_shape(lan, client, settings, live_server):
    settings.LIVE_SENDING, settings.PUBLIC_URL = True, live_server.url
    with FakeTwilio() as twilio:
        Route.objects.create(name="twilio", provider="twilio", sender="MAM", settings=twilio.settings())
        row = to_the_gateway(lan)
        dispatch.dispatch_all(NOON)
        assert [text.body for text in twilio.accepted] == [row.sms.body]
        assert twilio.report(twilio.accepted[0], "delivered", "sent", through=live_server.url) == [204, 204]
    assert Receipt.objects.count() == 2
    receipts.fold(timezone.now() + timedelta(seconds=1))
    delivered(row, client)
