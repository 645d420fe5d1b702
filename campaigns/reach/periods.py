"""The periods that offices report by, as local days. Calendar periods: Circular 37/2019/TT-BYT (domain 3.3)."""

from __future__ import annotations

from datetime import date, timedelta

PRESETS = ("month", "last_month", "quarter", "last_quarter", "year")


def period(preset: str, today: date) -> tuple[date, date]:
    """First and last day, both included, of a preset as of `today`; the current ones end with their calendar end.

    Raises ValueError for a word that is no preset.
    """
    if preset == "month":
        return _months(today.year, today.month, 1)
    if preset == "last_month":
        return _months(today.year, today.month - 1, 1)
    quarter = (today.month - 1) // 3 * 3 + 1
    if preset == "quarter":
        return _months(today.year, quarter, 3)
    if preset == "last_quarter":
        return _months(today.year, quarter - 3, 3)
    if preset == "year":
        return _months(today.year, 1, 12)
    raise ValueError(f"“{preset}” is no period. Choose one of: {', '.join(PRESETS)}.")


def _months(year: int, month: int, length: int) -> tuple[date, date]:
    """`length` whole months from a month that may lie below 1, in the year before."""
    first = year * 12 + month - 1
    start, after = (date(*_year_month(number), 1) for number in (first, first + length))
    return start, after - timedelta(days=1)


def _year_month(number: int) -> tuple[int, int]:
    return number // 12, number % 12 + 1
