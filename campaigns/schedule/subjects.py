"""Who follows a campaign by the facts of a day: querysets of pregnancies, children, visits and people, by role."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.fields import DateField
from django.db.models.functions import TruncDate

from campaigns.models import Broadcast, Campaign, Step
from campaigns.schedule import audience
from campaigns.schedule.corrected import corrected_birth
from campaigns.schedule.endings import CAREGIVERS, LAST_MONTH, UNTIL_BIRTH, WORKERS
from campaigns.schedule.insert_select import Column
from campaigns.schedule.live import LiveCampaign, timing
from campaigns.schedule.timeline import window
from campaigns.schedule.villages import SameWords
from recipients.gestation import MAX_GESTATION_DAYS, add_months
from recipients.mains import main_caregivers
from recipients.models import Caregiver, Child, Person, Pregnancy, Visit

Anchor = Campaign.Anchor
VISITS_SINCE = 60
"""Days: the reminders of a visit that was planned longer ago are not begun any more."""


@dataclass(frozen=True)
class Source:
    """Rows that become enrollments: from each its person, what the enrollment is about, and the anchor date."""

    role: str
    rows: QuerySet[Any]
    person: str
    about: dict[str, str]
    anchor: Column
    mother: str
    """Leads to the mother, whose changes matter to everybody who follows."""
    occurrence: Column = field(default_factory=lambda: Value(0))


def sources(live: LiveCampaign, today: date) -> Iterator[Source]:
    """Everybody who follows a live campaign on a local day, one source for each role that it has steps for.

    - gestation: ongoing pregnancies of living mothers, not past the hold; birth, corrected age, calendar and
      session: living children under five, without their mother when they have a main caregiver; visit: those to come
      and those of the last 60 days, neither attended nor canceled.
    - Workers follow for the mothers of their unit or village, but not about themselves.
    - enrollment: newcomers while a step is still open, mothers and caregivers, for what they came with.
    - broadcast: its audience from the eve of its day until its last, unless stopped. hand: nobody.
    """
    roles = sorted({step.role for step in live.steps.values()})
    anchor = live.campaign.anchor
    if anchor == Anchor.GESTATION:
        yield from _followers(roles, ongoing(today), "pregnancy", F("anchor_date"))
    elif anchor in (Anchor.BIRTH, Anchor.CALENDAR, Anchor.SESSION):
        yield from _followers(roles, living(today), "child", F("date_of_birth"))
    elif anchor == Anchor.CORRECTED:
        yield from _followers(roles, living(today), "child", corrected_birth())
    elif anchor == Anchor.VISIT:
        visits = Visit.objects.filter(
            planned_date__gte=today - timedelta(days=VISITS_SINCE), attended_date=None, canceled_on=None
        )
        planned, moved = F("planned_date"), F("rescheduled")
        expecting = visits.filter(pregnancy__mother__died_on=None).filter(
            Q(pregnancy__outcome="") | Q(pregnancy__outcome=Pregnancy.Outcome.LIVE_BIRTH) & ~Q(type__in=UNTIL_BIRTH)
        )
        yield from _followers(roles, expecting.filter(pregnancy__isnull=False), "visit", planned, "pregnancy__", moved)
        yield from _followers(roles, visits.filter(child__in=living(today)), "visit", planned, "child__", moved)
    elif anchor == Anchor.ENROLLMENT:
        yield from _newcomers(roles, today, today - timedelta(days=longest(live)))
    elif anchor == Anchor.BROADCAST:
        yield from _audience(roles, live, today)


def ongoing(today: date) -> QuerySet[Pregnancy]:
    """Pregnancies about which something may be due."""
    return Pregnancy.objects.filter(
        outcome="", anchor_date__gt=today - timedelta(days=MAX_GESTATION_DAYS), mother__died_on=None
    )


def living(today: date) -> QuerySet[Child]:
    """Children about whom something may be due."""
    return Child.objects.filter(died_on=None, date_of_birth__gt=add_months(today, -LAST_MONTH))


def longest(live: LiveCampaign) -> int:
    """Days from the anchor to the end of the last window of a campaign."""
    anchor = date(2024, 1, 31)
    return max(((window(timing(step), anchor)[1] - anchor).days for step in live.steps.values()), default=0) + 1


def _followers(
    roles: list[str], subjects: QuerySet[Any], kind: str, anchor: Column, to: str = "", occurrence: Column | None = None
) -> Iterator[Source]:
    """The mother, caregivers and workers of each subject. `to` leads from a visit to its pregnancy or child."""
    occurrence = occurrence or Value(0)
    for role in roles:
        if role == Step.Role.MOTHER:
            rows, person = _with_reader(subjects, kind, to), f"{to}mother_id"
        elif role in CAREGIVERS:
            carers = f"{to}caregivers"
            rows = subjects.filter(
                **{f"{carers}__role": role, f"{carers}__ended_on": None, f"{carers}__person__died_on": None}
            )
            person = f"{carers}__person_id"
        else:
            assert role in WORKERS
            workers = f"{to}mother__unit__workers"
            rows = subjects.filter(
                **{f"{workers}__role": role, f"{workers}__ended_on": None, f"{workers}__person__died_on": None}
            ).annotate(works_in=F(f"{workers}__village"), worker=F(f"{workers}__person"))
            rows = rows.filter(Q(works_in="") | SameWords("works_in", f"{to}mother__village"))
            rows, person = rows.exclude(worker=F(f"{to}mother")), "worker"
        yield Source(role, rows, person, {kind: "pk"}, anchor, f"{to}mother_id", occurrence)


def _with_reader(subjects: QuerySet[Any], kind: str, to: str) -> QuerySet[Any]:
    """Those whose mother lives, and the children whose main caregiver reads in her place."""
    alive = Q(**{f"{to}mother__died_on": None})
    if to == "pregnancy__" or kind == "pregnancy":
        return subjects.filter(alive)
    child = OuterRef("child" if to else "pk")
    main = main_caregivers().filter(child=child)
    return subjects.filter(alive | Exists(main))


def _newcomers(roles: list[str], today: date, since: date) -> Iterator[Source]:
    """Those who came since a day. A person's pregnancy before her children; the first of several counts."""
    rows: QuerySet[Any]
    for kind, subjects in (("pregnancy", ongoing(today)), ("child", living(today))):
        for role in roles:
            if role == Step.Role.MOTHER:
                rows = subjects.filter(mother__died_on=None).annotate(came=_local_date("mother__registered_at"))
                yield Source(role, rows.filter(came__gte=since), "mother_id", {kind: "pk"}, F("came"), "mother_id")
            elif role in CAREGIVERS:
                rows = Caregiver.objects.filter(
                    role=role, ended_on=None, person__died_on=None, **{f"{kind}__in": subjects.values("pk")}
                ).annotate(came=_local_date("registered_at"))
                rows = rows.filter(came__gte=since)
                yield Source(role, rows, "person_id", {kind: f"{kind}_id"}, F("came"), f"{kind}__mother_id")


def _audience(roles: list[str], live: LiveCampaign, today: date) -> Iterator[Source]:
    broadcast = Broadcast.objects.filter(campaign=live.campaign, stopped_at=None).first()
    if broadcast is None:
        return
    if not broadcast.send_on - timedelta(days=1) <= today <= broadcast.send_on + timedelta(days=longest(live)):
        return
    subjects = audience.people(broadcast.audience, broadcast.send_on)
    day = ExpressionWrapper(Value(broadcast.send_on, DateField()), output_field=DateField())
    kinds: dict[type, tuple[str, dict[str, str]]] = {
        Pregnancy: ("mother_id", {"pregnancy": "pk"}),
        Child: ("mother_id", {"child": "pk"}),
        Person: ("pk", {}),
    }
    person, about = kinds[subjects.model]
    for role in roles:
        yield Source(role, subjects, person, about, day, person)


def _local_date(field_name: str) -> TruncDate:
    return TruncDate(field_name, tzinfo=settings.ZONE)
