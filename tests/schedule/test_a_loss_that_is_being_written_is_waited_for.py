"""The last check waits for a verb that is writing about her, and then sees what it wrote."""

import threading
from datetime import datetime, timedelta
from time import sleep
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from campaigns.models import ScheduledMessage
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from recipients.models import Pregnancy
from tests import people
from tests.schedule.conftest import calm_route, schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.mark.django_db(transaction=True)
def test_her_own_and_her_husbands_texts_are_stopped_by_a_loss_that_commits_during_the_check():
    calm_route()
    unit = people.commune()
    people.station(unit)
    publish([Line("week-12", day=84), Line("week-12-husband", day=84, role="husband")])
    pregnancy = people.lan(unit, NOON)
    people.chong_lan(pregnancy, NOON)
    assert schedule(NOON)["released"] == 2
    written = threading.Event()

    def lose() -> None:
        try:
            with transaction.atomic():
                events.loss(Pregnancy.objects.get(), kind="miscarriage", on=NOON.date(), now=NOON, source="page")
                written.set()
                sleep(0.7)
        finally:
            connection.close()

    losing = threading.Thread(target=lose)
    losing.start()
    assert written.wait(10)
    dispatch_all(NOON + timedelta(minutes=1))
    losing.join(10)
    assert set(OutboundMessage.objects.values_list("status", flat=True)) == {"canceled"}
    assert set(ScheduledMessage.objects.values_list("reason", flat=True)) == {"ended_loss"}
