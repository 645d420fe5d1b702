"""Gestational age, due date, a child's age and the stage of care: arithmetic on local dates, no clock.

Every date is a local calendar date of the deployment. The anchor of a pregnancy is the day from which
gestation counts: the first day of the last menstrual period, or EDD - 280 days.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Literal

TERM_DAYS = 280
"""From the anchor to the estimated date of delivery: 40 weeks (Naegele; domain.md 2)."""

HOLD_AFTER_EDD_DAYS = 21
"""After EDD + 21 days without an outcome a pregnancy is on hold and staff are asked (design D12)."""

MAX_GESTATION_DAYS = TERM_DAYS + HOLD_AFTER_EDD_DAYS
"""An anchor more than 301 days (43 weeks) old is no ongoing pregnancy (issue 2, design D12)."""

SECOND_TRIMESTER_DAYS = 14 * 7
"""14w0d: first period of antenatal visits ends at 13w6d (domain.md 2, C1)."""

THIRD_TRIMESTER_DAYS = 28 * 7
"""28w0d: second period of antenatal visits ends at 27w6d (domain.md 2, C1)."""

PRETERM_DAYS = 37 * 7
"""Born before 37w0d is preterm (WHO); its milestones go by corrected age (domain.md 2)."""

EARLIEST_BIRTH_DAYS = 20 * 7
"""A live birth before 20 weeks is a wrong date or a wrong dating (issue 2)."""

LATEST_BIRTH_DAYS = 45 * 7
"""Nobody is pregnant for more than 45 weeks: a wrong date or a wrong dating (issue 2)."""

LAST_MONTH_OF_AGE = 60
"""Children are followed until the fifth birthday (plan of Vĩnh Long, II.2)."""

CORRECTED_UNTIL_MONTHS = 24
"""Corrected age is used until 24 months from birth (domain.md 2)."""

_NO_SUCH_DAY = "This date lies at the end of the calendar. Correct it."

Source = Literal["lmp", "edd", "visit"]
Stage = Literal[
    "pregnancy_1", "pregnancy_2", "pregnancy_3", "pregnancy_overdue",
    "age_0_5m", "age_6_11m", "age_12_23m", "age_24_59m", "age_60m_plus",
]  # fmt: skip


@dataclass(frozen=True, order=True)
class GestationalAge:
    """Completed weeks and 0-6 days. Prints as "12w3d"."""

    weeks: int
    days: int = 0

    def __post_init__(self) -> None:
        if self.weeks < 0 or not 0 <= self.days <= 6:
            raise ValueError("Gestational age has weeks from 0 and days from 0 to 6. Correct it.")

    @classmethod
    def from_days(cls, days: int) -> GestationalAge:
        """From days since the anchor; negative days raise ValueError."""
        return cls(*divmod(days, 7))

    @property
    def total_days(self) -> int:
        return self.weeks * 7 + self.days

    def __str__(self) -> str:
        return f"{self.weeks}w{self.days}d"


@dataclass(frozen=True)
class Dating:
    """The anchor date and where it came from."""

    anchor: date
    source: Source


def anchor_from_lmp(lmp: date) -> date:
    """Gestation counts from the first day of the last menstrual period."""
    return lmp


def anchor_from_edd(edd: date) -> date:
    """EDD - 280 days. Raises ValueError where the calendar ends."""
    return _later(edd, -TERM_DAYS)


def anchor_from_visit(weeks: int, days: int, visit_date: date) -> date:
    """The day on which gestation was 0w0d, from the gestational age found at a visit. Raises ValueError
    where the calendar ends."""
    return _later(visit_date, -GestationalAge(weeks, days).total_days)


def edd_of(anchor: date) -> date:
    """The estimated date of delivery: anchor + 280 days. Raises ValueError where the calendar ends."""
    return _later(anchor, TERM_DAYS)


def choose_dating(
    lmp: date | None, edd: date | None, visit: tuple[GestationalAge, date] | None = None
) -> Dating | None:
    """The best of what is known: the EDD, which a register takes from ultrasound, before the LMP, before the
    gestational age at a visit (domain.md 2). None when nothing is known; ValueError where the calendar ends."""
    if edd is not None:
        return Dating(anchor_from_edd(edd), "edd")
    if lmp is not None:
        return Dating(anchor_from_lmp(lmp), "lmp")
    if visit is not None:
        age, visit_date = visit
        return Dating(anchor_from_visit(age.weeks, age.days, visit_date), "visit")
    return None


def is_plausible_anchor(anchor: date, today: date) -> bool:
    """True from 301 days before today to today, both included (issue 2)."""
    return timedelta(0) <= today - anchor <= timedelta(days=MAX_GESTATION_DAYS)


def may_be_born(anchor: date, on: date) -> bool:
    """Whether a pregnancy with this anchor can have given a live birth on that day: 20 to 45 weeks after it."""
    return EARLIEST_BIRTH_DAYS <= (on - anchor).days <= LATEST_BIRTH_DAYS


def gestational_age(anchor: date, on: date) -> GestationalAge:
    """The gestational age on a day. Raises ValueError before the anchor."""
    return GestationalAge.from_days(age_in_days(anchor, on))


def add_months(day: date, months: int) -> date:
    """The same day of a later (or, negative, earlier) month; in a shorter month its last day.

    31 January + 1 month is 28 or 29 February (domain.md 2). Raises ValueError where the calendar ends.
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise ValueError(_NO_SUCH_DAY)
    last = calendar.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(day.day, last))


def age_in_days(born: date, on: date) -> int:
    """Days since birth, 0 on the day of birth. Raises ValueError before it."""
    days = (on - born).days
    if days < 0:
        raise ValueError("The day lies before the beginning. Give a later day.")
    return days


def age_in_weeks(born: date, on: date) -> int:
    """Completed weeks since birth. Raises ValueError before it."""
    return age_in_days(born, on) // 7


def age_in_months(born: date, on: date) -> int:
    """Completed calendar months: the most months whose `add_months` from birth is not after the day.

    Born on 31 January, a child is one month old on 28 (29) February. Raises ValueError before birth.
    """
    age_in_days(born, on)
    months = (on.year - born.year) * 12 + on.month - born.month
    return months if add_months(born, months) <= on else months - 1


def corrected_birth_date(born: date, at_birth: GestationalAge | None) -> date:
    """The day from which a preterm child's milestones count: birth + what was missing to 40 weeks.

    The birth date itself when born at 37w0d or later, or when gestational age at birth is not known.
    """
    if at_birth is None or at_birth.total_days >= PRETERM_DAYS:
        return born
    return _later(born, TERM_DAYS - at_birth.total_days)


def corrected_age_in_months(born: date, at_birth: GestationalAge | None, on: date) -> int:
    """Completed months of corrected age, 0 until term is reached; from 24 months after birth the plain age.

    Vaccination goes by the date of birth, never by this (domain.md 2).
    """
    if age_in_months(born, on) >= CORRECTED_UNTIL_MONTHS:
        return age_in_months(born, on)
    start = corrected_birth_date(born, at_birth)
    return age_in_months(start, on) if start <= on else 0


def pregnancy_stage(anchor: date, on: date) -> Stage:
    """pregnancy_1 to 13w6d, pregnancy_2 to 27w6d, pregnancy_3 to 42w6d, then pregnancy_overdue (on hold).

    The hold begins at EDD + 21 days = 43w0d. Raises ValueError before the anchor.
    """
    days = age_in_days(anchor, on)
    if days < SECOND_TRIMESTER_DAYS:
        return "pregnancy_1"
    if days < THIRD_TRIMESTER_DAYS:
        return "pregnancy_2"
    return "pregnancy_3" if days < MAX_GESTATION_DAYS else "pregnancy_overdue"


def child_stage(born: date, on: date) -> Stage:
    """By completed calendar months: 0-5, 6-11, 12-23, 24-59, and 60 and more (the programme has ended)."""
    months = age_in_months(born, on)
    if months < 6:
        return "age_0_5m"
    if months < 12:
        return "age_6_11m"
    if months < 24:
        return "age_12_23m"
    return "age_24_59m" if months < 60 else "age_60m_plus"


def stage(on: date, *, anchor: date | None = None, born: date | None = None) -> Stage:
    """The stage of care on a day: of the child once born, else of the pregnancy. One of the two is needed."""
    if born is not None:
        return child_stage(born, on)
    if anchor is not None:
        return pregnancy_stage(anchor, on)
    raise ValueError("A stage needs the beginning of the pregnancy or the date of birth. Give one.")


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise ValueError(_NO_SUCH_DAY) from None
