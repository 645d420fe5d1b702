"""After a birth was taken back nothing about its children leaves, and the texts of the pregnancy go on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.local import setting
from campaigns.models import Enrollment, ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.explain import why
from campaigns.schedule.planner import plan
from campaigns.schedule.upcoming import coming
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from recipients.models import Child
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
LATER = NOON + timedelta(minutes=1)
TOLD = {"now": NOON, "source": "page"}
IRON = Line("iron", open_for=30, topic="iron")


def test_what_was_queued_does_not_leave_and_the_pregnancy_goes_on(unit):
    publish([Line("week-38", day=38 * 7, open_for=20), Line("week-39", day=39 * 7, open_for=20)])
    publish([Line("day-0", open_for=30), Line("day-7", day=7, open_for=30)], code="newborn", anchor="birth")
    mai = people.mai(unit, NOON, weeks=38)
    child = events.birth(mai, born_on=NOON.date(), **TOLD)[0]
    people.ba_sau(child, NOON)
    assert schedule(NOON)["released"] == 1
    events.undo_birth(child, now=LATER, source="page")
    assert dispatch_all(LATER)["canceled"] == 1
    assert ScheduledMessage.objects.get(step_key="day-0").reason == "ended_undone"
    assert not Child.objects.exists()
    for day in range(1, 30):
        schedule(NOON + timedelta(days=day))
        dispatch_all(NOON + timedelta(days=day))
    left = OutboundMessage.objects.filter(sent_at__isnull=False).values_list("key", flat=True)
    told = ScheduledMessage.objects.filter(sms__key__in=left).values_list("step_key", flat=True)
    assert sorted(told) == ["week-38", "week-39"]
    assert set(Enrollment.objects.filter(child=child.pk).values_list("active", "ended_reason")) == {
        (False, "ended_undone")
    }


def test_her_page_announces_nothing_about_the_child(unit):
    publish([Line("day-0", open_for=30), Line("day-7", day=7, open_for=30)], code="newborn", anchor="birth")
    mai = people.mai(unit, NOON, weeks=38)
    child = events.birth(mai, born_on=NOON.date(), **TOLD)[0]
    schedule(NOON)
    assert coming(mai.mother, NOON)
    events.undo_birth(child, **TOLD)
    assert coming(mai.mother, NOON) == []


@pytest.mark.parametrize("queued", [False, True], ids=["waits", "queued"])
@pytest.mark.parametrize(
    "line", [Line("kangaroo", open_for=30, condition="low_birth_weight"), IRON], ids=lambda x: x.key
)
def test_what_must_be_asked_about_the_child_holds_up_nobody(unit, line, queued):
    """Her weight, or how long iron is given after a birth: the child is not recorded any more."""
    setting.set_value("iron_days", unit, "14", now=NOON - timedelta(days=1))
    publish([line], code="newborn", anchor="birth")
    publish([Line("week-12", day=84, open_for=9)])
    mai = people.mai(unit, NOON, weeks=38)
    child = events.birth(mai, born_on=NOON.date(), children=[events.Newborn(weight=2000)], **TOLD)[0]
    derive(NOON)
    plan(NOON)
    if queued:
        assert schedule(NOON)["released"] == 1
    people.lan(unit, LATER)
    events.undo_birth(child, now=LATER, source="page")
    assert why(mai.mother, NOON.date(), LATER)
    schedule(LATER)
    dispatch_all(LATER)
    schedule(LATER + timedelta(minutes=1))
    assert ScheduledMessage.objects.get(step_key=line.key).reason == "ended_undone"
    assert ScheduledMessage.objects.get(step_key="week-12").state == "released"
