"""The facts that reach counts: a handful of grouped queries, whatever the number of units and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, StrIndex, Substr

from campaigns.models import Enrollment, ScheduledMessage
from messaging import statuses
from recipients.models import Consent, Person

State = ScheduledMessage.State

TAKEN = Q(sms__sent_at__isnull=False) | Q(sms__status__in=["sent", "unknown", "delivered"])
"""A provider took the text, whatever became of it."""


@dataclass
class UnitFacts:
    """What was counted for one unit."""

    people: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    low: int = 0
    high: int = 0


def below_of(path: str, root: str) -> Combinable:
    """The id, as text, of the unit directly below `root` on `path`; empty for `root` itself. `root` ends with "/"."""
    tail = Concat(Substr(F(path), len(root) + 1), Value("/"))
    return Substr(tail, 1, StrIndex(tail, Value("/")) - 1, output_field=CharField())


def outcome() -> Case:
    """The one outcome of each ledger row, in the words of `metrics.figures_from`.

    A text canceled by hand in the gateway, without the ledger having taken it back, counts as skipped, `canceled`.
    """
    return Case(
        When(state=State.WAITING, then=Value("pending")),
        When(state=State.TOLD, then=Value("told")),
        When(state=State.SKIPPED, then=Concat(Value("skipped:"), F("reason"))),
        When(sms__status__in=list(statuses.DELIVERED), then=Value("delivered")),
        When(sms__status__in=list(statuses.NOT_ARRIVED), then=Value("undelivered")),
        When(sms__status__in=list(statuses.UNKNOWN), then=Value("unknown")),
        When(sms__status__in=list(statuses.CANCELED), then=Value("skipped:canceled")),
        default=Value("pending"),
        output_field=CharField(),
    )


@dataclass(frozen=True)
class Period:
    """Local days `start` to `end`, both included; `opens` is the first moment of it, `closes` the first after it."""

    start: date
    end: date
    opens: datetime
    closes: datetime

    @classmethod
    def of(cls, start: date, end: date, zone: ZoneInfo, now: datetime) -> Period:
        """The days as far as they have come at `now`: a day after today is not due yet."""
        over = datetime.combine(end + timedelta(days=1), time(), zone)
        opens = datetime.combine(start, time(), zone)
        return cls(start, min(end, now.astimezone(zone).date()), opens, min(over, now + timedelta(microseconds=1)))

    def due(self) -> Q:
        """The ledger rows that fell due in the period: on their day, or on enrolment where that came later.

        Somebody who enters late is sent what is still open from before; it belongs to the period in which she came,
        not to one that may be long reported. (A window that closed before `start` cannot be such a row.)
        """
        of_late_entrants = Q(enrollment__enrolled_at__gte=self.opens, last_day__gte=self.start)
        by_now = Q(due_on__lte=self.end, enrollment__enrolled_at__lt=self.closes)
        return by_now & (Q(due_on__gte=self.start) | of_late_entrants)


def due_messages(period: Period, root: str) -> QuerySet[ScheduledMessage]:
    """The ledger rows that fell due in `period`, in the unit of path `root` or below it."""
    rows = ScheduledMessage.objects.filter(period.due())
    return rows if root == "/" else rows.filter(unit__path__startswith=root)


def count(period: Period, root: str) -> tuple[dict[str, UnitFacts], UnitFacts]:
    """Facts by the unit directly below `root` (key: its id as text; "" is `root` itself), and of all together.

    Costs four queries. People reached are counted apart for the total: somebody who moved is one person.
    """
    by_unit: dict[str, UnitFacts] = {}
    total = UnitFacts()
    _count_people(by_unit, total, period, root)
    due = due_messages(period, root)
    grouped = due.annotate(below=below_of("unit__path", root), outcome=outcome()).values("below", "outcome")
    for row in grouped.annotate(n=Count("id"), taken=Count("id", filter=TAKEN)).order_by():
        for facts in (by_unit.setdefault(row["below"], UnitFacts()), total):
            facts.outcomes[row["outcome"]] = facts.outcomes.get(row["outcome"], 0) + row["n"]
            facts.sent += row["taken"]
    answered = due.filter(sms__status__in=["delivered", "unknown"])
    reached = {
        "low": Count("person", distinct=True, filter=Q(sms__status="delivered")),
        "high": Count("person", distinct=True),
    }
    by_below = answered.annotate(below=below_of("unit__path", root)).values_list("below").annotate(**reached)
    for below, low, high in by_below.order_by():
        by_unit[below].low, by_unit[below].high = low, high
    whole: Mapping[str, int] = answered.aggregate(**reached)
    total.low, total.high = whole["low"], whole["high"]
    return by_unit, total


def _count_people(by_unit: dict[str, UnitFacts], total: UnitFacts, period: Period, root: str) -> None:
    as_of = period.closes
    people = Person.objects.filter(registered_at__lt=as_of)
    if root != "/":
        people = people.filter(unit__path__startswith=root)
    newest = Consent.objects.filter(person=OuterRef("pk"), purpose=Consent.Purpose.MESSAGES, at__lt=as_of)
    following = Enrollment.objects.filter(person=OuterRef("pk"), enrolled_at__lt=as_of, active=True)
    had_due = ScheduledMessage.objects.filter(period.due(), person=OuterRef("pk"))
    grouped = (
        people.annotate(
            below=below_of("unit__path", root),
            consent_then=Subquery(newest.order_by("-id").values("state")[:1]),
            follows=Exists(following) | Exists(had_due),
        )
        .values("below")
        .annotate(
            registered=Count("id"),
            has_phone=Count("id", filter=Q(phone__isnull=False)),
            consented=Count("id", filter=Q(consent_then=Consent.State.GIVEN)),
            enrolled=Count("id", filter=Q(follows=True)),
        )
        .order_by()
    )
    for row in grouped:
        counted = {name: int(row[name]) for name in ("registered", "has_phone", "consented", "enrolled")}
        by_unit.setdefault(row["below"], UnitFacts()).people = counted
        total.people = {name: total.people.get(name, 0) + n for name, n in counted.items()}
