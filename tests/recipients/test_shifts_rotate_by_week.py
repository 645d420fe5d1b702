"""Rotating shifts: one time of day for each week in turn, from the Monday of the first one."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipients.errors import Refusal
from recipients.registry import update_details
from recipients.shifts import preferred_on
from tests import people

NOON, MORNING, EVENING = time(12), "06:30", "18:30"
WEDNESDAY = date(2026, 11, 18)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 16), time(6, 30)), (WEDNESDAY, time(6, 30)), (date(2026, 11, 22), time(6, 30)),
        (date(2026, 11, 23), time(18, 30)), (date(2026, 11, 30), time(6, 30)), (date(2026, 11, 15), time(18, 30)),
        (date(2027, 1, 4), time(18, 30)),
    ],
)  # fmt: skip
def test_two_shifts_change_on_monday(day, expected):
    assert preferred_on(day, NOON, [MORNING, EVENING], WEDNESDAY) == expected


def test_without_shifts_it_is_the_preferred_time_or_none():
    assert preferred_on(WEDNESDAY, NOON, [], None) == NOON
    assert preferred_on(WEDNESDAY, None, [], None) is None


@given(day=DAYS, start=DAYS, times=st.lists(st.times().map(lambda t: f"{t:%H:%M}"), min_size=1, max_size=6))
def test_the_rotation_comes_round(day, start, times):
    there = preferred_on(day, None, times, start)
    assert preferred_on(day + timedelta(weeks=len(times)), None, times, start) == there
    monday = day - timedelta(days=day.weekday())
    assert {preferred_on(monday + timedelta(days=n), None, times, start) for n in range(7)} == {there}
    assert f"{preferred_on(start, None, times, start):%H:%M}" == times[0]


@pytest.fixture
def lan(db, now):
    return people.lan(people.commune(), now).mother


def change(lan, now, **changes):
    update_details(lan, changes=changes, now=now, source="page")
    lan.refresh_from_db()


def test_shifts_are_kept_as_they_are_read(lan, now):
    change(lan, now, shift_times=[time(6, 30), " 18:30 "], shift_from=WEDNESDAY)
    assert (lan.shift_times, lan.shift_from) == ([MORNING, EVENING], WEDNESDAY)
    change(lan, now, shift_times=[])
    assert (lan.shift_times, lan.shift_from) == ([], None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"shift_times": ["24:00"], "shift_from": WEDNESDAY}, "shift_times"),
        ({"shift_times": ["6:30"], "shift_from": WEDNESDAY}, "shift_times"),
        ({"shift_times": ["06:60"], "shift_from": WEDNESDAY}, "shift_times"),
        ({"shift_times": ["06:00"] * 7, "shift_from": WEDNESDAY}, "shift_times"),
        ({"shift_times": ["06:00"]}, "shift_from"),
    ],
)
def test_shifts_that_cannot_be_are_refused(lan, now, changes, field):
    with pytest.raises(Refusal, match=r"\.$") as refusal:
        change(lan, now, **changes)
    assert (refusal.value.code, refusal.value.field) == ("invalid", field)
