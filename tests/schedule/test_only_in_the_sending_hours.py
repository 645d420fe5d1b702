"""Sending hours, nights and holidays, in any zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.schedule.sendtime import Hours, at, is_open, local_day, next_opening

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
TET = frozenset(date(2026, 2, 16) + timedelta(days=n) for n in range(5))
HOURS = Hours(time(7, 30), time(20, 30), VIETNAM, TET)


@pytest.mark.parametrize(
    ("local", "opened"),
    [((7, 29, 59), False), ((7, 30, 0), True), ((20, 29, 59), True), ((20, 30, 0), False), ((6, 30, 0), False)],
)
def test_the_edges_of_the_window(local, opened):
    moment = datetime(2026, 11, 21, *local, tzinfo=VIETNAM)
    assert is_open(moment.astimezone(UTC), HOURS) is opened


def test_the_night_ends_at_half_past_seven():
    evening = datetime(2026, 11, 21, 20, 30, tzinfo=VIETNAM)
    assert next_opening(evening, HOURS) == datetime(2026, 11, 22, 7, 30, tzinfo=VIETNAM)
    early = datetime(2026, 11, 21, 6, 30, tzinfo=VIETNAM)
    assert next_opening(early, HOURS) == datetime(2026, 11, 21, 7, 30, tzinfo=VIETNAM)


def test_tet_is_waited_through():
    on_tet = datetime(2026, 2, 17, 12, 0, tzinfo=VIETNAM)
    assert not is_open(on_tet, HOURS)
    assert next_opening(on_tet, HOURS) == datetime(2026, 2, 21, 7, 30, tzinfo=VIETNAM)


def test_a_window_over_midnight():
    night = Hours(time(20, 0), time(2, 0), VIETNAM, TET)
    for hour, minute, opened in [
        (19, 59, False),
        (20, 0, True),
        (23, 59, True),
        (0, 0, True),
        (1, 59, True),
        (2, 0, False),
    ]:
        assert is_open(datetime(2026, 11, 21, hour, minute, tzinfo=VIETNAM), night) is opened
    morning = datetime(2026, 11, 21, 6, 0, tzinfo=VIETNAM)
    assert next_opening(morning, night) == datetime(2026, 11, 21, 20, 0, tzinfo=VIETNAM)
    on_tet = datetime(2026, 2, 17, 12, 0, tzinfo=VIETNAM)
    assert next_opening(on_tet, night) == datetime(2026, 2, 21, 0, 0, tzinfo=VIETNAM), (
        "the night goes on after the holiday"
    )


def test_hours_that_begin_and_end_together_never_close():
    always = Hours(time(0), time(0), VIETNAM)
    assert all(is_open(datetime(2026, 11, 21, hour, tzinfo=VIETNAM), always) for hour in range(24))


@given(
    st.integers(0, 730 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.sampled_from([VIETNAM, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"), UTC]),
)
def test_the_next_opening_is_the_first_open_minute(now, zone):
    hours = Hours(time(7, 30), time(20, 30), ZoneInfo(str(zone)), TET)
    opening = next_opening(now, hours)
    assert opening >= now
    assert is_open(opening, hours)
    minute = now
    while minute < opening - timedelta(minutes=31):
        assert not is_open(minute, hours)
        minute += timedelta(minutes=30)


def test_the_local_day_is_not_the_utc_day():
    assert local_day(datetime(2026, 11, 21, 18, 0, tzinfo=UTC), VIETNAM) == date(2026, 11, 22)
    assert at(date(2026, 11, 22), time(7, 30), VIETNAM) == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
