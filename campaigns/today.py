"""The figures of one day for one part of the province, and what needs somebody's hand."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db.models import Count, Max, Model, Q, QuerySet

from campaigns import attention
from campaigns.models import PlannerState, Reason, Revision, ScheduledMessage
from campaigns.reach import facts
from campaigns.schedule.sendtime import local_day
from messaging.models import OperatorOutage, OutboundMessage, Route
from recipients.models import AdminUnit, Child, Person, Pregnancy, Task

M = TypeVar("M", bound=Model)

LATE_AFTER = timedelta(minutes=15)
"""A pass runs every minute; a text that nobody touched for this long means that no worker runs."""


@dataclass(frozen=True)
class Problem:
    """Texts that wait for somebody: the reason, how many texts, of how many people."""

    reason: Reason
    texts: int
    people: int


@dataclass(frozen=True)
class Tasks:
    """Open tasks of one kind; `late` of them should have been done by now."""

    kind: Task.Kind
    people: int
    late: int


@dataclass(frozen=True)
class Today:
    """One day. `due` = delivered + undelivered + unknown + pending + told + skipped, as in `reach.metrics`."""

    day: date
    people: int = 0
    pregnancies: int = 0
    children: int = 0
    due: int = 0
    sent: int = 0
    delivered: int = 0
    undelivered: int = 0
    unknown: int = 0
    pending: int = 0
    told: int = 0
    skipped: int = 0
    tasks: list[Tasks] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def iso(self) -> str:
        """The day as addresses carry it."""
        return self.day.isoformat()


@dataclass(frozen=True)
class RouteState:
    """A route that does not send now."""

    name: str
    paused: bool
    resting_until: datetime | None
    last_error: str


@dataclass(frozen=True)
class Machine:
    """How the machinery is, for those who keep it: the whole deployment, not one unit."""

    planned_through: date | None
    last_decision: datetime | None
    late: int
    routes_at_rest: list[RouteState]
    outages: list[OperatorOutage]
    """Operators to whom nearly everything fails now."""
    live: int

    @property
    def stands_still(self) -> bool:
        return self.late > 0


def today(unit: AdminUnit | None, now: datetime) -> Today:
    """The figures of the local day at `now` for a unit and all below it; None is everywhere.

    People, pregnancies and children are those on the register now; the texts are those that fell due on
    the day as `reach` counts them, by the unit in which they were planned.
    `sent` counts what a provider took, whatever became of it.
    """
    day = local_day(now, settings.ZONE)
    people = _within(Person.objects.filter(died_on=None), unit)
    return Today(
        day=day,
        people=people.count(),
        pregnancies=_within(Pregnancy.objects.filter(outcome=""), unit, "mother__").count(),
        children=_within(Child.objects.filter(died_on=None), unit, "mother__").count(),
        tasks=_tasks(people, now),
        problems=_problems(_within(attention.held(day), unit)),
        **_texts(facts.due_messages(facts.Period.of(day, day, settings.ZONE, now), unit.path if unit else "/")),
    )


def machine(now: datetime) -> Machine:
    """Whether planning, release and routes go on, for the whole deployment."""
    day = local_day(now, settings.ZONE)
    late_since = now - LATE_AFTER
    state = PlannerState.objects.first()
    recent = ScheduledMessage.objects.filter(due_on__range=(day - timedelta(days=1), day))
    at_rest = Route.objects.filter(enabled=True).filter(Q(health__paused=True) | Q(health__resting_until__gt=now))
    revisions = Counter(Revision.objects.values_list("state", flat=True))
    return Machine(
        planned_through=state.planned_through if state else None,
        last_decision=recent.aggregate(last=Max("decided_at"))["last"],
        late=_late(late_since, now),
        routes_at_rest=[
            RouteState(route.name, route.health.paused, route.health.resting_until, route.health.last_error)
            for route in at_rest.select_related("health")
        ],
        outages=list(OperatorOutage.objects.filter(ended_at=None).order_by("started_at")),
        live=revisions[Revision.State.LIVE],
    )


def _within(rows: QuerySet[M], unit: AdminUnit | None, prefix: str = "") -> QuerySet[M]:
    return rows if unit is None else rows.filter(**{f"{prefix}unit__path__startswith": unit.path})


def _texts(rows: QuerySet[ScheduledMessage]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    groups = rows.annotate(outcome=facts.outcome()).values("outcome")
    for group in groups.annotate(rows=Count("pk"), taken=Count("pk", filter=facts.TAKEN)).order_by():
        counts["due"] += group["rows"]
        counts["sent"] += group["taken"]
        counts[group["outcome"].partition(":")[0]] += group["rows"]
    return dict(counts)


def _tasks(people: QuerySet[Person], now: datetime) -> list[Tasks]:
    """In the order of Task.Kind: a loss first."""
    open_ones = Task.objects.filter(person__in=people, done_at=None).order_by().values("kind")
    groups = open_ones.annotate(people=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)))
    found = {group["kind"]: Tasks(Task.Kind(group["kind"]), group["people"], group["late"]) for group in groups}
    return [found[kind] for kind in Task.Kind if kind in found]


def _problems(waiting: QuerySet[ScheduledMessage]) -> list[Problem]:
    groups = waiting.values("reason").annotate(texts=Count("pk"), people=Count("person", distinct=True)).order_by()
    problems = [Problem(Reason(group["reason"]), group["texts"], group["people"]) for group in groups]
    return sorted(problems, key=lambda problem: -problem.texts)


def _late(late_since: datetime, now: datetime) -> int:
    """Texts that should have moved and were not touched: nobody decided about them, or nobody claimed them."""
    undecided = ScheduledMessage.objects.filter(
        state=ScheduledMessage.State.WAITING, reason="", due_at__lt=late_since
    ).filter(Q(not_before=None) | Q(not_before__lt=late_since))
    resting = Q(route__health__paused=True) | Q(route__health__resting_until__gt=now)
    unclaimed = OutboundMessage.objects.filter(status="queued", send_after__lt=late_since).exclude(resting)
    return undecided.count() + unclaimed.count()
