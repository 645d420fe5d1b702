"""Preferred time of day, rotating shifts, hours by class, and no province that fires in one minute."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import Holiday, ScheduledMessage
from recipients.models import Person
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def row() -> ScheduledMessage:
    return ScheduledMessage.objects.get()


def due_tomorrow(unit, **details) -> Person:
    """Registered today; the step falls due tomorrow at 11:45."""
    publish([Line("week-12", day=84)])
    mother = people.lan(unit, NOON, lmp=NOON.date() - timedelta(days=83)).mother
    Person.objects.filter(pk=mother.pk).update(**details)
    schedule(NOON)
    return mother


def test_an_evening_person_gets_it_in_the_evening(unit):
    due_tomorrow(unit, preferred_time=time(18, 30))
    assert schedule(NOON + DAY)["preferred_time"] == 1
    assert schedule(NOON + DAY + 6 * HOUR)["released"] == 0
    assert schedule(NOON + DAY + 6.7 * HOUR)["released"] == 1


def test_an_early_person_gets_it_before_the_time_of_the_step(unit):
    due_tomorrow(unit, preferred_time=time(8))
    assert schedule((NOON + DAY).replace(hour=7, minute=45))["released"] == 0
    assert schedule((NOON + DAY).replace(hour=8, minute=15))["released"] == 1


def test_shifts_rotate_by_the_week(unit):
    """21 November 2026 is a Saturday: the 22nd belongs to the first week, the 23rd to the second."""
    due_tomorrow(unit, shift_times=["18:30", "09:00"], shift_from=NOON.date())
    schedule((NOON + DAY).replace(hour=9, minute=30))
    assert row().reason == "preferred_time"
    assert schedule((NOON + 2 * DAY).replace(hour=9, minute=30))["released"] == 1


def test_a_time_after_the_sending_hours_means_their_last_half_hour(unit):
    due_tomorrow(unit, preferred_time=time(22))
    assert schedule(NOON + DAY)["preferred_time"] == 1
    assert schedule((NOON + DAY).replace(hour=20, minute=15))["released"] == 1


def test_each_person_has_a_minute_of_her_own(unit):
    publish([Line("week-12", day=84)])
    for number in range(30):
        people.lan(unit, NOON, lmp=NOON.date() - timedelta(days=83), name=f"Lan {number}", phone=f"09123456{number:02}")
    schedule(NOON)
    due = (NOON + DAY).replace(hour=11, minute=45)
    released = [schedule(due + n * MINUTE)["released"] for n in range(10)]
    assert sum(released) == 30
    assert max(released) <= 5


def test_promotional_texts_have_hours_of_their_own(unit, settings):
    settings.OPT_OUT_TAIL = "Ngung: goi 18001234"
    publish([Line("week-12", day=84, open_for=20)], message_class="promotional")
    people.lan(unit, NOON - DAY, lmp=NOON.date() - timedelta(days=84))
    assert schedule(NOON.replace(hour=7, minute=45))["released"] == 0
    assert schedule((NOON + DAY).replace(hour=8, minute=15))["released"] == 1


def test_an_emergency_knows_no_night_and_no_holiday(unit):
    Holiday.objects.create(day=NOON.date(), name="Tết")
    publish([Line("week-12", day=84, at=time(0))], message_class="emergency")
    people.lan(unit, NOON - DAY, lmp=NOON.date() - timedelta(days=84))
    assert schedule(NOON.replace(hour=2))["released"] == 1
