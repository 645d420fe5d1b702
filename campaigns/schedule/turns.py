"""Which due rows are decided next: number by number, and of what waits for room only the row whose turn it is."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Q, QuerySet

from campaigns.content.rendering import needs_discretion
from campaigns.models import Reason, ScheduledMessage
from campaigns.schedule import numbers
from campaigns.schedule.facts import STAFF, load
from campaigns.schedule.gates import CLOCK
from campaigns.schedule.live import LiveCampaign, said
from campaigns.schedule.room import rank, turn
from campaigns.schedule.sendtime import local_day, minute_of
from messaging.models import MessageClass


class Light(NamedTuple):
    """What of a due row tells whether it has to be looked at."""

    pk: int
    person: int
    reason: str
    not_before: datetime | None
    campaign: int
    step_key: str
    enrollment__role: str
    last_day: date
    due_at: datetime
    person__language: str
    person__discreet: bool
    person__phone_holder: str


@dataclass
class Batch:
    """Rows to decide, locked and loaded; and by person those `behind` them, locked too, which wait for room."""

    rows: list[ScheduledMessage] = field(default_factory=list)
    behind: dict[int, list[Light]] = field(default_factory=dict)


def due_rows(now: datetime) -> QuerySet[ScheduledMessage]:
    """Everything that is to be decided at `now`."""
    due = ScheduledMessage.objects.filter(
        Q(not_before=None) | Q(not_before__lte=now), state=ScheduledMessage.State.WAITING, due_at__lte=now
    )
    return due.alias(minute=F("person_id") % settings.SPREAD_MINUTES).filter(_their_minute(now))


def people_of(due: QuerySet[ScheduledMessage]) -> list[int]:
    """Whose rows they are, each once, who has waited longest first."""
    return list(dict.fromkeys(due.order_by("due_at").values_list("person", flat=True)))


def claim(
    due: QuerySet[ScheduledMessage], people: Collection[int], live: dict[int, LiveCampaign], now: datetime,
    asked: Collection[int] = (),
) -> Batch:  # fmt: skip
    """What is due to those of `people` whose numbers are nobody else's at the moment, locked until the transaction
    ends.

    Of who has nothing due but texts that waited for room or for the hour, one is decided: the others are `behind` it,
    and only when it does not take the room are they to be asked, then all of them (`asked`: people whose first has
    been). So a long queue costs no more than its first.
    """
    mine = numbers.lock_numbers_of(people)
    if not mine:
        return Batch()
    locked = due.filter(person__in=list(mine)).select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    of_person: dict[int, list[Light]] = {}
    for row in map(Light._make, locked.values_list(*Light._fields)):
        of_person.setdefault(row.person, []).append(row)
    today, batch, keys = local_day(now, settings.ZONE), Batch(), []
    for person, rows in of_person.items():
        if (
            len(rows) > 1
            and mine[person]
            and person not in asked
            and all(_only_waits_for_room(row, live, today) for row in rows)
        ):
            first = min(rows, key=lambda row: _turn(row, live))
            words = _words(first, live)
            ahead = [row for row in rows if _words(row, live) == words]
            batch.behind[person] = [row for row in rows if row not in ahead]
            rows = ahead
        keys += [row.pk for row in rows]
    batch.rows = load(keys, live, now)
    return batch


def _turn(row: Light, live: dict[int, LiveCampaign]) -> tuple[object, ...]:
    followed = live[row.campaign]
    return turn(rank(followed.campaign, followed.steps.get(row.step_key)), row.last_day, row.due_at, row.pk)


def _words(row: Light, live: dict[int, LiveCampaign]) -> tuple[str, str] | None:
    """What the step says to her: equal words to one phone leave once and need no room of their own."""
    step = live[row.campaign].steps[row.step_key]
    return said(step, row.person__language, needs_discretion(row.person__discreet, row.person__phone_holder))


def _only_waits_for_room(row: Light, live: dict[int, LiveCampaign], today: date) -> bool:
    """Nothing but the cap or the clock held it when it was asked last, and nothing about it has changed since."""
    return (
        row.reason in (Reason.FREQUENCY_CAP, *CLOCK)
        and row.not_before is not None
        and row.last_day >= today
        and row.enrollment__role not in STAFF
        and row.campaign in live
        and row.step_key in live[row.campaign].steps
        and live[row.campaign].campaign.message_class != MessageClass.EMERGENCY
    )


def _their_minute(now: datetime) -> Q:
    """A province does not fire in one minute: each person has her own minute after the time that is due."""
    minutes = settings.SPREAD_MINUTES
    turns = Q(due_at__lte=now - minute_of(minutes - 1, minutes))  # most are: asked first, it spares the others
    for minute in range(minutes - 1):
        turns |= Q(minute=minute, due_at__lte=now - minute_of(minute, minutes))
    return turns
