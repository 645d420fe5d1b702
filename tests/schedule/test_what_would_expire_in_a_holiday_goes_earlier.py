"""A text all of whose days are holidays leaves on the last open day before; every other one waits for its day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Holiday, ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from tests import people
from tests.timelines import Line, publish

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2027, 2, 1, 12, 0, tzinfo=ZONE)
TET = [date(2027, 2, 4) + timedelta(days=n) for n in range(7)]
EVE = date(2027, 2, 3)


def passes(*days: int) -> None:
    for day in days:
        derive(NOON + timedelta(days=day))
        plan(NOON + timedelta(days=day))


def enter_tet() -> None:
    Holiday.objects.bulk_create(Holiday(day=day, name="Tết") for day in TET)


def going() -> dict[str, tuple[date, date]]:
    """Step -> the day that follows from the facts, and the day on which it goes."""
    rows = ScheduledMessage.objects.all()
    return {row.step_key: (row.due_on, row.due_at.astimezone(ZONE).date()) for row in rows}


@pytest.fixture
def lan(unit):
    """Lan, 12 weeks on 1 February; steps on the 6th, one open for a day, one for two weeks."""
    publish([Line("short", day=89, open_for=2), Line("long", day=89, open_for=14, topic="iron")])
    return people.lan(unit, NOON)


def test_it_goes_on_the_eve_and_what_can_wait_waits(lan):
    enter_tet()
    passes(0, 1, 2)
    day = date(2027, 2, 6)
    assert going() == {"short": (day, EVE), "long": (day, day)}


def test_it_is_planned_before_the_eve_is_over(lan):
    enter_tet()
    passes(0, 2)
    assert "short" in going()
    assert ScheduledMessage.objects.get(step_key="short").due_at.astimezone(ZONE).hour == 11


def test_holidays_that_are_entered_late_are_found(unit):
    publish([Line("short", day=87, open_for=1)])
    people.lan(unit, NOON)
    passes(0, 1, 2)
    day = date(2027, 2, 4)
    assert going() == {"short": (day, day)}
    enter_tet()
    passes(2)
    assert going() == {"short": (day, EVE)}


def test_holidays_that_are_taken_back_give_it_its_day_again(lan):
    enter_tet()
    passes(0, 1, 2)
    Holiday.objects.all().delete()
    passes(2)
    day = date(2027, 2, 6)
    assert going() == {"short": (day, day), "long": (day, day)}


def test_who_registers_after_holidays_were_taken_back_misses_nothing(lan, unit):
    """The days have been planned already: newcomers are laid as far."""
    enter_tet()
    passes(1, 2)
    Holiday.objects.all().delete()
    people.mai(unit, NOON, weeks=12)
    passes(2, *range(3, 12))
    assert ScheduledMessage.objects.filter(step_key="short").count() == 2


def test_an_emergency_keeps_its_day(unit):
    enter_tet()
    publish([Line("storm", day=89, open_for=1)], code="storm", message_class="emergency")
    people.lan(unit, NOON)
    passes(0, 1, 2)
    day = date(2027, 2, 6)
    assert going() == {"storm": (day, day)}
