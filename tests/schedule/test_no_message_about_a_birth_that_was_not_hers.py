"""After a birth was taken back nothing about its children leaves, and the texts of the pregnancy go on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import Enrollment, ScheduledMessage
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
