"""How many routine texts one person gets. Pure."""

from collections.abc import Collection
from datetime import date, timedelta

MOST_A_DAY = 1
MOST_A_WEEK = 2
"""Over all campaigns, in any seven local days: what comes more often is no longer read, and somebody who is
registered late must not get a burst (domain facts 2.3)."""


def has_room(day: date, sent_on: Collection[date]) -> bool:
    """Whether one more routine text may go on a local day, after those sent on `sent_on` (a day for each text)."""
    week = [sent for sent in sent_on if day - timedelta(days=6) <= sent <= day]
    return week.count(day) < MOST_A_DAY and len(week) < MOST_A_WEEK
