"""The welcome: counted from the day of registration, once a person, never for those who were there before."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import Enrollment, ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from recipients import events
from recipients.registry import register_pregnancy
from tests import people
from tests.timelines import Line, publish

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZONE)
WELCOME = Line("welcome", open_for=2, catch_up="always", topic="welcome")
HUSBAND = Line("welcome-husband", open_for=2, catch_up="always", topic="welcome", role="husband")


def passes(*days: int) -> None:
    for day in days:
        derive(NOON + timedelta(days=day))
        plan(NOON + timedelta(days=day))


def ledger() -> list[tuple[int, str, int]]:
    rows = ScheduledMessage.objects.order_by("pk")
    return [(row.person_id, row.step_key, (row.due_on - NOON.date()).days) for row in rows]


def test_mother_and_husband_each_on_the_day_on_which_they_came(unit):
    publish([WELCOME, HUSBAND], code="welcome", anchor="enrollment")
    lan = people.lan(unit, NOON)
    passes(0)
    husband = people.chong_lan(lan, NOON + timedelta(days=3))
    passes(3)
    assert ledger() == [(lan.mother_id, "welcome", 0), (husband.person_id, "welcome-husband", 3)]


def test_twins_and_the_next_pregnancy_are_no_second_welcome(unit):
    publish([WELCOME], code="welcome", anchor="enrollment")
    first = people.be_an(unit, NOON)
    people.be_an(unit, NOON, mother=first.mother, child_name="Bình", birth_order=2)
    passes(0)
    register_pregnancy(person=first.mother, lmp=NOON.date() - timedelta(weeks=6), now=NOON, source="page")
    passes(0, 1)
    assert [row[1] for row in ledger()] == ["welcome"]
    assert Enrollment.objects.get().person == first.mother


def test_who_was_there_before_the_campaign_is_no_newcomer(unit):
    people.lan(unit, NOON)
    publish([WELCOME], code="welcome", anchor="enrollment")
    passes(4)
    assert not Enrollment.objects.exists()


def test_the_day_is_the_local_one(unit):
    """Registered at 00:30 in Vietnam, which is the day before in UTC."""
    publish([WELCOME], code="welcome", anchor="enrollment")
    night = NOON.replace(hour=0, minute=30)
    people.lan(unit, night)
    passes(0)
    assert Enrollment.objects.get().anchor_date == NOON.date()


def test_a_loss_before_it_has_left_ends_it(unit):
    publish([WELCOME], code="welcome", anchor="enrollment")
    lan = people.lan(unit, NOON)
    passes(0)
    events.loss(lan, kind="miscarriage", on=NOON.date(), now=NOON, source="page")
    passes(0)
    assert Enrollment.objects.get().ended_reason == "ended_loss"
