"""From 42w0d without an outcome only questions leave; from EDD + 21 days nothing, until somebody has asked."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from recipients.models import Pregnancy
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
DAY = timedelta(days=1)
STEPS = [
    Line("routine", day=41 * 7, open_for=30, topic="danger-signs", catch_up="always"),
    Line("question", day=41 * 7, open_for=30, topic="outcome", catch_up="always"),
]


@pytest.mark.parametrize(
    ("age", "released"),
    [(41 * 7 + 6, {"routine", "question"}), (42 * 7, {"question"}), (300, {"question"}), (301, set())],
)
def test_what_may_leave_at_an_age(unit, age, released):
    for step in STEPS:
        publish([step], code=step.key)
    lan = people.lan(unit, NOON - DAY, weeks=40)
    derive(NOON - DAY)
    Pregnancy.objects.filter(pk=lan.pk).update(anchor_date=NOON.date() - timedelta(days=age))
    derive(NOON)
    plan(NOON)
    reasons = {}
    release_due(NOON)
    for row in ScheduledMessage.objects.all():
        reasons[row.step_key] = row.reason
    held = {key for key, reason in reasons.items() if reason == "hold"}
    assert set(reasons) - held == released


def test_a_text_on_its_way_is_stopped_when_the_day_comes(unit):
    publish(STEPS[:1])
    pregnancy = people.lan(unit, NOON, weeks=40)
    Pregnancy.objects.filter(pk=pregnancy.pk).update(anchor_date=NOON.date() - timedelta(days=42 * 7 - 1))
    assert schedule(NOON)["released"] == 1
    assert dispatch_all(NOON + DAY)["canceled"] == 1
    assert ScheduledMessage.objects.get().reason == "hold"


def test_a_corrected_date_sets_it_free(unit):
    publish(STEPS[:1])
    pregnancy = people.lan(unit, NOON, weeks=42)
    schedule(NOON)
    assert ScheduledMessage.objects.get().reason == "hold"
    events.redate(pregnancy, edd=NOON.date() - timedelta(days=8), dating="ultrasound", now=NOON, source="page")
    schedule(NOON + timedelta(hours=1))
    assert OutboundMessage.objects.count() == 1


def test_an_emergency_is_not_held(unit):
    publish([STEPS[0]], code="storm", message_class="emergency")
    lan = people.lan(unit, NOON - DAY, weeks=40)
    Pregnancy.objects.filter(pk=lan.pk).update(anchor_date=NOON.date() - timedelta(days=42 * 7))
    assert schedule(NOON)["released"] == 1
    dispatch_all(NOON)
    assert OutboundMessage.objects.get().sending_at is not None
