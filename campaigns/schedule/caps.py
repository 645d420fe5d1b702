"""How many routine texts one person, and one number, gets. Pure."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

MOST_A_DAY = 1
MOST_A_WEEK = 2
"""Over all campaigns, in any seven local days: what comes more often is no longer read, and somebody who is
registered late must not get a burst (domain facts 2.3). Notices to staff apart: several women on a day are their
work."""

MOST_A_NUMBER = 3
WITHIN = timedelta(hours=24)
"""The law's limit for one number in any 24 hours (Decree 91/2020/ND-CP, domain facts 3.1), kept for every class."""


def has_room(day: date, sent_on: Collection[date]) -> bool:
    """Whether one more routine text may go on a local day, after those sent on `sent_on` (a day for each text)."""
    week = [sent for sent in sent_on if day - timedelta(days=6) <= sent <= day]
    return week.count(day) < MOST_A_DAY and len(week) < MOST_A_WEEK


def next_day_with_room(day: date, sent_on: Collection[date]) -> date:
    """The first local day after `day` on which there is room, if nothing else goes until then."""
    later = day + timedelta(days=1)
    while not has_room(later, sent_on):
        later += timedelta(days=1)
    return later


def number_free_at(now: datetime, sent_at: Collection[datetime]) -> datetime:
    """From when one more text may go to a number to which texts went at `sent_at`: `now` when there is room."""
    recent = sorted(moment for moment in sent_at if moment > now - WITHIN)
    return now if len(recent) < MOST_A_NUMBER else recent[-MOST_A_NUMBER] + WITHIN
