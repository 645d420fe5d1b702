"""Gestation, due date, calendar months and corrected age."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipients import gestation as g

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def oracle_add_months(day: date, months: int) -> date:
    """Month by month, then down from the wanted day until the calendar has it."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    for number in range(day.day, 27, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, day.day)


@given(DAYS, st.integers(-120, 120))
def test_months_are_added_as_the_oracle_adds_them(day: date, months: int) -> None:
    assert g.add_months(day, months) == oracle_add_months(day, months)


def test_month_end_rule() -> None:
    assert g.add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert g.add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert g.age_in_months(date(2026, 1, 31), date(2026, 2, 27)) == 0
    assert g.age_in_months(date(2026, 1, 31), date(2026, 2, 28)) == 1
    assert g.age_in_months(date(2024, 2, 29), date(2025, 2, 28)) == 12


@given(DAYS, st.integers(0, 3000))
def test_completed_months_are_the_most_that_fit(born: date, days: int) -> None:
    on = born + timedelta(days=days)
    months = g.age_in_months(born, on)
    assert g.add_months(born, months) <= on < g.add_months(born, months + 1)


@given(DAYS, st.integers(0, 44), st.integers(0, 6))
def test_anchor_from_a_visit_gives_back_the_age_found(visit: date, weeks: int, days: int) -> None:
    anchor = g.anchor_from_visit(weeks, days, visit)
    assert g.gestational_age(anchor, visit) == g.GestationalAge(weeks, days)
    assert g.anchor_from_edd(g.edd_of(anchor)) == anchor
    assert str(g.gestational_age(anchor, visit)) == f"{weeks}w{days}d"


def test_what_cannot_be_is_an_error() -> None:
    for wrong in (lambda: g.GestationalAge(3, 7), lambda: g.GestationalAge(-1), lambda: g.stage(date(2026, 1, 1))):
        with pytest.raises(ValueError):
            wrong()
    with pytest.raises(ValueError):
        g.gestational_age(date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(ValueError):
        g.age_in_months(date(2026, 1, 2), date(2026, 1, 1))


def test_the_due_date_goes_before_the_period_and_the_period_before_the_visit() -> None:
    lmp, edd = date(2026, 7, 3), date(2027, 4, 20)
    visit = (g.GestationalAge(8), date(2026, 9, 1))
    assert g.choose_dating(lmp, edd, visit) == g.Dating(edd - timedelta(days=280), "edd")
    assert g.choose_dating(lmp, None, visit) == g.Dating(lmp, "lmp")
    assert g.choose_dating(None, None, visit) == g.Dating(date(2026, 7, 7), "visit")
    assert g.choose_dating(None, None) is None


def test_an_anchor_lies_within_the_last_301_days() -> None:
    today = date(2026, 11, 21)
    assert [g.is_plausible_anchor(today - timedelta(days=days), today) for days in (-1, 0, 301, 302)] == [
        False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, "pregnancy_1"), (97, "pregnancy_1"), (98, "pregnancy_2"), (195, "pregnancy_2"), (196, "pregnancy_3"),
        (300, "pregnancy_3"), (301, "pregnancy_overdue"),
    ],
)  # fmt: skip
def test_stages_of_pregnancy(days: int, expected: str) -> None:
    assert g.stage(date(2026, 1, 1) + timedelta(days=days), anchor=date(2026, 1, 1)) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 8, 31), "age_0_5m"), (date(2026, 9, 1), "age_6_11m"), (date(2027, 2, 28), "age_6_11m"),
        (date(2027, 3, 1), "age_12_23m"), (date(2028, 3, 1), "age_24_59m"), (date(2031, 2, 28), "age_24_59m"),
        (date(2031, 3, 1), "age_60m_plus"),
    ],
)  # fmt: skip
def test_stages_of_the_child_once_born(on: date, expected: str) -> None:
    assert g.stage(on, anchor=date(2025, 5, 1), born=date(2026, 3, 1)) == expected


def test_corrected_age_counts_from_term_until_two_years() -> None:
    born, at_birth = date(2026, 1, 1), g.GestationalAge(32)
    assert g.corrected_birth_date(born, at_birth) == date(2026, 2, 26)
    assert g.corrected_age_in_months(born, at_birth, date(2026, 2, 1)) == 0
    assert g.corrected_age_in_months(born, at_birth, date(2026, 8, 26)) == 6
    assert g.corrected_age_in_months(born, at_birth, date(2028, 1, 1)) == 24
    assert g.corrected_birth_date(born, g.GestationalAge(37)) == born
    assert g.corrected_birth_date(born, g.GestationalAge(36, 6)) > born
    assert g.corrected_birth_date(born, None) == born


def test_weeks_and_days_of_life() -> None:
    born = date(2026, 1, 1)
    assert (g.age_in_days(born, born), g.age_in_weeks(born, date(2026, 1, 14))) == (0, 1)
