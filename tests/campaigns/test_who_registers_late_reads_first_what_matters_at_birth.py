"""Two texts a week are few for a woman who registers in her last weeks: danger and labour signs go before the rest."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from campaigns.content import library
from campaigns.content.rehearsal import rehearse
from campaigns.reference import load_holidays
from campaigns.schedule.caps import has_room

pytestmark = pytest.mark.django_db
REGISTERED = date(2027, 3, 1)
EXPECTED = 280
DANGER = ("danger-signs-late", "danger-signs-middle", "danger-signs-last")
"""One of them is open on every day from week 29 on, but for the gap between 38w0d and 39w2d."""
AHEAD = {"labour-signs", "newborn-danger-signs-ahead", "mother-danger-signs-ahead"}
AT_BIRTH = {*DANGER, *AHEAD, "past-due-date"}
Phone = Callable[[int], list[tuple[int, str]]]


@pytest.fixture
def phone(now) -> Phone:
    """`phone(day)`: the texts of who registers on that day of gestation, each with the day on which it comes."""
    library.load(now)
    load_holidays()

    def read(day: int) -> list[tuple[int, str]]:
        lmp = REGISTERED - timedelta(days=day)
        return [((line.day - lmp).days, line.step) for line in rehearse("gestation", lmp, registered=REGISTERED)]

    return read


def before_the_date(texts: list[tuple[int, str]]) -> list[str]:
    return [step for day, step in texts if day < EXPECTED]


def days(first: str, last: str, by: int) -> range:
    start, end = ((int(week) * 7 + int(day)) for week, day in (each.split("w") for each in (first, last)))
    return range(start, end + 1, by)


def test_from_week_30_to_37_she_has_read_all_of_it_before_the_expected_date(phone):
    for day in [*days("30w0", "35w6", 5), *days("36w0", "37w6", 1)]:
        texts = phone(day)
        read = before_the_date(texts)
        assert texts[0] == (day, "welcome-mother"), day
        assert set(read) >= AHEAD, day
        assert set(read) & set(DANGER), day


def test_signs_of_danger_come_on_the_day_after_the_welcome(phone):
    """But for who registers on the last day on which one of them is open: there is one text on a day."""
    for day in [*days("30w0", "36w5", 4), *days("37w0", "37w5", 1)]:
        assert phone(day)[1][1] in DANGER, day


def test_from_week_38_on_every_text_before_the_expected_date_is_one_of_them(phone):
    for day in days("38w0", "39w6", 1):
        welcome, *others = before_the_date(phone(day))
        assert welcome == "welcome-mother", day
        assert set(others) <= AT_BIRTH, day
        assert day == EXPECTED - 1 or others[0] in {"labour-signs", "danger-signs-last"}, day
    assert {"past-due-date", "labour-signs", "danger-signs-last"} <= {step for _day, step in phone(EXPECTED)}


def test_until_week_36_she_reads_of_the_first_injections_of_the_child_too(phone):
    """Births are reported late: vitamin K and hepatitis B belong to the first 24 hours."""
    for day in [*days("30w0", "35w6", 3), *days("36w0", "36w2", 1)]:
        assert "newborn-first-day" in before_the_date(phone(day)), day


def test_never_two_on_a_day_nor_three_in_seven(phone):
    for day in days("30w0", "40w0", 5):
        gone: list[date] = []
        for at, step in phone(day):
            today = REGISTERED + timedelta(days=at)
            assert has_room(today, gone), (day, step)
            gone.append(today)


def test_nobody_who_registers_early_waits_for_it(phone):
    """The days of the flagged texts stay, and what can be done for a few days only is not put off for them."""
    on = {step: day for day, step in phone(8 * 7)}
    theirs = {"labour-signs": 37 * 7 + 1, "newborn-danger-signs-ahead": 38 * 7 + 2, "danger-signs-last": 39 * 7 + 3}
    assert {step: on[step] for step in theirs} == theirs
    assert "screening-early" in {step for _day, step in phone(13 * 7)}
