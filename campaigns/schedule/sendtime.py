"""Local days, sending hours and holidays. Pure: the zone, the window and the holidays are arguments."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Hours:
    """The sending hours of a day in local time; the opening minute belongs to them, the closing one does not.

    The default of Mầm, 07:30-20:30, is narrower than the 07:00-22:00 of Decree 91/2020/ND-CP. A window that closes
    before it opens goes over midnight (a night shift's 20:00-02:00), and on a holiday it is closed before and after;
    one that opens and closes at the same minute never closes.
    """

    opens: time
    closes: time
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()


def local_day(now: datetime, zone: ZoneInfo) -> date:
    """The calendar day in `zone` at the instant `now`."""
    return now.astimezone(zone).date()


def at(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a local day and time. A time that a clock change skips or repeats is taken as the first."""
    return datetime.combine(day, moment, zone).astimezone(UTC)


def is_open(now: datetime, hours: Hours) -> bool:
    """Whether a routine text may leave at `now`."""
    here = now.astimezone(hours.zone)
    if here.date() in hours.holidays:
        return False
    if hours.opens < hours.closes:
        return hours.opens <= here.time() < hours.closes
    return hours.opens == hours.closes or here.time() >= hours.opens or here.time() < hours.closes


def next_opening(now: datetime, hours: Hours) -> datetime:
    """The first instant from `now` on at which a routine text may leave: `now` itself where it may already."""
    if is_open(now, hours):
        return now
    day = local_day(now, hours.zone)
    while True:
        # A window over midnight, or one that never closes, opens again at midnight after a holiday.
        over_midnight = hours.opens >= hours.closes and day not in hours.holidays
        for moment in [time.min, hours.opens] if over_midnight else [hours.opens]:
            opening = at(day, moment, hours.zone)
            if opening >= now and is_open(opening, hours):
                return opening
        day += timedelta(days=1)


def is_holiday(now: datetime, holidays: Collection[date], zone: ZoneInfo) -> bool:
    """Whether the local day at `now` is a holiday."""
    return local_day(now, zone) in holidays


def minute_of(number: int, minutes: int) -> timedelta:
    """By how much the texts of one person wait, so that a province does not fire in the same minute: 0 to
    `minutes` - 1 minutes, always the same for the same `number`."""
    return timedelta(minutes=number % minutes)
