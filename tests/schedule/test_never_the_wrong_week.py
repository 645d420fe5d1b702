"""A corrected date is in force for the next call to a provider, wherever the old one had already led."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.models import ScheduledMessage
from campaigns.schedule import release
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from messaging.statuses import Status
from recipients import events
from recipients.models import Child, Person
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
LATER = NOON + timedelta(minutes=1)
WEEK_12 = Line("week-12", day=84)


def in_week_six(pregnancy, now=LATER) -> None:
    events.redate(pregnancy, lmp=NOON.date() - timedelta(weeks=6), now=now, source="page")


def week_twelve_comes_later() -> None:
    assert not OutboundMessage.objects.exclude(status=Status.CANCELED).exists()
    day = NOON + timedelta(weeks=6)
    schedule(day)
    dispatch_all(day)
    row = ScheduledMessage.objects.get()
    assert (row.state, row.due_on) == ("released", day.date())
    assert OutboundMessage.objects.filter(status=Status.SENT).count() == 1


def test_redated_while_the_text_was_queued(unit):
    publish([WEEK_12])
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    in_week_six(pregnancy)
    dispatch_all(LATER)
    schedule(LATER)
    week_twelve_comes_later()


def test_redated_while_queued_and_planned_again_before_the_dispatch(unit):
    publish([WEEK_12])
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    in_week_six(pregnancy)
    schedule(LATER)
    dispatch_all(LATER)
    schedule(LATER + timedelta(minutes=2))
    week_twelve_comes_later()


def test_redated_between_the_planner_and_the_release(unit):
    publish([WEEK_12])
    pregnancy = people.lan(unit, NOON)
    derive(NOON)
    plan(NOON)
    in_week_six(pregnancy)
    release_due(LATER)
    assert ScheduledMessage.objects.get().reason == "redated"
    schedule(LATER + timedelta(minutes=2))
    week_twelve_comes_later()


def test_a_corrected_date_of_birth(unit):
    publish([Line("day-60", day=60)], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=60)
    schedule(NOON)
    Child.objects.filter(pk=child.pk).update(date_of_birth=NOON.date() - timedelta(days=30))
    dispatch_all(LATER)
    assert OutboundMessage.objects.get().status == Status.CANCELED
    schedule(NOON + timedelta(days=1))  # no verb wrote it down, so only the first pass of a day finds it
    assert ScheduledMessage.objects.get().due_on == NOON.date() + timedelta(days=30)


def test_the_hold_counts_from_the_date_in_force(unit):
    publish([Line("week-40", day=280, open_for=60)])
    pregnancy = people.lan(unit, NOON, weeks=40, phone=None)
    schedule(NOON)
    Person.objects.update(phone="+84912345678")
    type(pregnancy).objects.update(anchor_date=NOON.date() - timedelta(days=301))
    release_due(NOON + timedelta(hours=2))
    assert ScheduledMessage.objects.get().state == "waiting"
    assert not OutboundMessage.objects.exists()


def test_a_row_that_the_planner_moves_while_release_decides_does_not_leave(unit, monkeypatch):
    """The rows are locked from the first look to the writing; on SQLite the whole transaction is."""
    publish([WEEK_12])
    people.lan(unit, NOON)
    derive(NOON)
    plan(NOON)
    seen: list[str] = []
    decide = release._decide

    def watched(*arguments):
        seen.extend(query["sql"] for query in connection.queries if "FOR UPDATE" in query["sql"])
        return decide(*arguments)

    monkeypatch.setattr(release, "_decide", watched)
    connection.force_debug_cursor = True
    release_due(NOON)
    if connection.vendor == "postgresql":
        assert any("campaigns_scheduledmessage" in sql and "SKIP LOCKED" in sql for sql in seen)
    assert ScheduledMessage.objects.get().state == "released"
