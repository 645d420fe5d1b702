"""Lists of people who need somebody's hand: tasks of the station, and texts that cannot leave."""

from datetime import date, datetime

from django.conf import settings
from django.db.models import F, Q, QuerySet

from campaigns.models import Reason, ScheduledMessage
from campaigns.schedule.sendtime import local_day
from recipients.models import Person, Task

TASKS = tuple(kind.value for kind in Task.Kind)
HELD = (
    Reason.NO_PARAMETER, Reason.NO_TEXT, Reason.NO_ROUTE, Reason.NOT_REGISTERED, Reason.NO_TAIL, Reason.UNCONFIRMED,
    Reason.PAUSED,
)  # fmt: skip
"""Waiting texts that somebody can set free; the other reasons pass by themselves or are the person's own wish."""

KINDS = (*TASKS, *(reason.value for reason in HELD))


def needing(kind: str, people: QuerySet[Person], now: datetime) -> QuerySet[Person]:
    """Of `people`, the living ones who need a hand of one of KINDS: those with a task, the most urgent first, or
    with texts that are held, ordered as people are. With a task come `due_at` and whether it is late, as `late`.

    Raises ValueError for another kind.
    """
    day = local_day(now, settings.ZONE)
    living = people.filter(died_on=None)
    if kind in TASKS:
        open_ones = living.filter(tasks__kind=kind, tasks__done_at=None)
        urgent = open_ones.annotate(due_at=F("tasks__due_at"), late=Q(tasks__due_at__lt=now))
        return urgent.order_by("due_at", "name_key", "pk")
    if kind in HELD:
        return living.filter(pk__in=held(day).filter(reason=kind).values("person"))
    raise ValueError(f"There is no list called {kind}. Choose one of: {', '.join(KINDS)}.")


def held(day: date) -> QuerySet[ScheduledMessage]:
    """Texts due by a local day that wait for a reason of HELD."""
    return ScheduledMessage.objects.filter(state=ScheduledMessage.State.WAITING, reason__in=HELD, due_on__lte=day)
