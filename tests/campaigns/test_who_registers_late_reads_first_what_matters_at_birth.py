"""Two texts a week are few for a woman who registers in her last weeks: danger and labour signs go before the rest."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from campaigns.content import library
from campaigns.content.rehearsal import rehearse
from campaigns.reference import load_holidays

pytestmark = pytest.mark.django_db
MONDAY = date(2027, 3, 1)
BEFORE_BIRTH = {"labour-signs", "danger-signs-last"}
AFTER_BIRTH_AHEAD = {"newborn-danger-signs-ahead", "mother-danger-signs-ahead"}
FROM_WEEK_29 = "danger-signs-late"


@pytest.fixture
def phone(now):
    """`phone(weeks, weekday)`: the texts of who registers in that week, each with the day of gestation."""
    library.load(now)
    load_holidays()

    def read(weeks: int, weekday: int) -> list[tuple[int, str]]:
        registered = MONDAY + timedelta(days=weekday)
        lmp = registered - timedelta(days=weeks * 7)
        return [((line.day - lmp).days, line.step) for line in rehearse("gestation", lmp, registered=registered)]

    return read


@pytest.mark.parametrize("weekday", range(0, 7, 2))
def test_whatever_the_day_she_has_read_it_before_the_expected_date(phone, weekday):
    for weeks in range(30, 39):
        texts = phone(weeks, weekday)
        on = {step: day for day, step in texts}
        assert texts[0][1] == "welcome-mother", f"week {weeks}"
        read = {step for step, day in on.items() if day <= 280}
        assert read >= {"labour-signs"} | AFTER_BIRTH_AHEAD, f"week {weeks}"
        assert on["danger-signs-last"] <= 283, f"week {weeks}"
        if weeks < 37:
            assert on[FROM_WEEK_29] <= (weeks + 1) * 7 + 2, f"week {weeks}"
        if weeks >= 37:
            assert on["labour-signs"] <= (weeks + 1) * 7 + 1, f"week {weeks}"


@pytest.mark.parametrize("weeks", [39, 40])
def test_later_still_what_concerns_her_at_once_follows_the_welcome(phone, weeks):
    texts = phone(weeks, 0)
    assert [texts[0][1], texts[1][1] in BEFORE_BIRTH] == ["welcome-mother", True]
    assert {step for _day, step in texts} >= BEFORE_BIRTH | {"past-due-date"}


def test_never_more_than_two_a_week(phone):
    for weeks in (30, 36, 39):
        days = [day for day, _step in phone(weeks, 2)]
        assert all(third - first > 6 for first, third in zip(days, days[2:], strict=False)), f"week {weeks}"
        assert all(second > first for first, second in pairwise(days)), f"week {weeks}"
