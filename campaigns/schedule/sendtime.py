"""Local days, sending hours and holidays. Pure: the zone, the window and the holidays are arguments."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Hours:
    """The sending hours of a day in local time; the opening minute belongs to them, the closing one does not.

    The default of Mầm, 07:30-20:30, is narrower than the 07:00-22:00 of Decree 91/2020/ND-CP.
    A window over midnight is not a sending window: `opens` lies before `closes`.
    """

    opens: time
    closes: time
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"The sending hours {self.opens:%H:%M}-{self.closes:%H:%M} end before they begin.")


def local_day(now: datetime, zone: ZoneInfo) -> date:
    """The calendar day in `zone` at the instant `now`."""
    return now.astimezone(zone).date()


def at(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a local day and time. A time that a clock change skips or repeats is taken as the first."""
    return datetime.combine(day, moment, zone).astimezone(UTC)


def is_open(now: datetime, hours: Hours) -> bool:
    """Whether a routine text may leave at `now`."""
    here = now.astimezone(hours.zone)
    return here.date() not in hours.holidays and hours.opens <= here.time() < hours.closes


def next_opening(now: datetime, hours: Hours) -> datetime:
    """The first instant from `now` on at which a routine text may leave: `now` itself where it may already."""
    if is_open(now, hours):
        return now
    here = now.astimezone(hours.zone)
    day = here.date() if here.time() < hours.opens else here.date() + timedelta(days=1)
    while day in hours.holidays:
        day += timedelta(days=1)
    return at(day, hours.opens, hours.zone)


def is_holiday(now: datetime, holidays: Collection[date], zone: ZoneInfo) -> bool:
    """Whether the local day at `now` is a holiday."""
    return local_day(now, zone) in holidays
