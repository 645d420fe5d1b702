"""Vitamin A on the first of June and of December: children who are 6 to 35 months old on that day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from recipients.models import Child
from tests import people
from tests.timelines import Line, publish

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
JUNE = Line("june", day=-3, open_for=4, month_day="06-01", age_from=(6, 0), age_until=36, topic="vitamin_a")
DECEMBER = Line("december", day=-3, open_for=4, month_day="12-01", age_from=(6, 0), age_until=36, topic="vitamin_a")


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)


def born(unit, day: date) -> Child:
    now = on(date(2026, 5, 1))
    number = Child.objects.count()
    return people.be_an(
        unit,
        now,
        days=(now.date() - day).days,
        name=f"Yến {number}",
        phone=f"070792440{number}",
        child_name=f"An {number}",
    )


def walk(first: date, days: int) -> None:
    for day in range(days):
        derive(on(first + timedelta(days=day)))
        plan(on(first + timedelta(days=day)))


def due() -> set[tuple[int, str, int, date]]:
    rows = ScheduledMessage.objects.values_list("enrollment__child", "step_key", "occurrence", "due_on")
    return set(rows)


def test_from_the_day_of_six_months_until_the_eve_of_three_years(unit):
    publish([JUNE], code="vitamin-a", anchor="calendar")
    too_old, oldest = born(unit, date(2023, 6, 1)), born(unit, date(2023, 6, 2))
    youngest, too_young = born(unit, date(2025, 12, 1)), born(unit, date(2025, 12, 2))
    walk(date(2026, 5, 20), 20)
    day = date(2026, 5, 29)
    assert due() == {(oldest.pk, "june", 20260601, day), (youngest.pk, "june", 20260601, day)}
    assert {too_old.pk, too_young.pk} <= set(Child.objects.values_list("pk", flat=True))
    assert set(ScheduledMessage.objects.values_list("stage", flat=True)) == {"age_24_59m", "age_0_5m"}


def test_every_year_again_each_occasion_once(unit):
    publish([JUNE, DECEMBER], code="vitamin-a", anchor="calendar")
    child = born(unit, date(2025, 6, 15))
    for first in (date(2026, 5, 20), date(2026, 11, 20), date(2027, 5, 20)):
        walk(first, 20)
    assert due() == {
        (child.pk, "june", 20260601, date(2026, 5, 29)),
        (child.pk, "december", 20261201, date(2026, 11, 28)),
        (child.pk, "june", 20270601, date(2027, 5, 29)),
    }


def test_registered_between_the_text_and_the_day_the_open_one_is_caught_up_with(unit):
    publish([JUNE], code="vitamin-a", anchor="calendar")
    walk(date(2026, 5, 20), 11)
    child = born(unit, date(2025, 6, 15))
    walk(date(2026, 5, 31), 2)
    assert due() == {(child.pk, "june", 20260601, date(2026, 5, 29))}


def test_the_twenty_ninth_of_february_is_the_last_of_february(unit):
    publish([Line("leap", month_day="02-29")], code="leap", anchor="calendar")
    child = born(unit, date(2025, 6, 15))
    walk(date(2027, 2, 20), 10)
    walk(date(2028, 2, 20), 11)
    assert due() == {
        (child.pk, "leap", 20270228, date(2027, 2, 28)),
        (child.pk, "leap", 20280229, date(2028, 2, 29)),
    }


def test_the_window_of_an_occasion_changes_with_the_revision(unit):
    publish([JUNE], code="vitamin-a", anchor="calendar")
    child = born(unit, date(2025, 6, 15))
    walk(date(2026, 5, 27), 2)
    publish([Line("june", day=-1, open_for=4, month_day="06-01", age_from=(6, 0), age_until=36)],
            code="vitamin-a", anchor="calendar")  # fmt: skip
    walk(date(2026, 5, 28), 10)
    assert due() == {(child.pk, "june", 20260601, date(2026, 5, 31))}
