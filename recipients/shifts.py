"""Pure: the time of day that suits somebody on a day, rotating shifts included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta


def preferred_on(
    day: date, preferred_time: time | None, shift_times: Sequence[str], shift_from: date | None
) -> time | None:
    """The local time from which texts are welcome on `day`; None where no time is preferred.

    Who works in shifts has one "HH:MM" for each week of the rotation, in turn and round again; weeks begin on
    Monday (ISO), the first one is that of `shift_from`, and it reaches back as well. Without shifts it is
    `preferred_time`.
    """
    if not shift_times or shift_from is None:
        return preferred_time
    weeks = (_monday(day) - _monday(shift_from)).days // 7
    return time.fromisoformat(shift_times[weeks % len(shift_times)])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
