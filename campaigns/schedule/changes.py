"""Whom derive has to compare with the facts: everybody once a day, in between those about whom something changed."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db.models import Max, Q, QuerySet

from campaigns.models import Enrollment, PlannerState
from campaigns.schedule.live import LiveCampaign
from recipients.models import ChangeEvent, Child, Pregnancy, Visit, Worker

SLIPPED = 500
"""Changes before the last mark that are looked at again: one may have had its number before the mark and was
committed after it, as those of a long import. What slips even under this is found on the next local day."""

People = QuerySet[ChangeEvent, int] | None
"""Ids of people inside a query; None means everybody."""


@dataclass(frozen=True)
class Begun:
    """One comparison: about whom, and what it may write down as compared when it is through."""

    touched: People
    today: date
    what_for: str
    event: int
    taken_back: QuerySet[ChangeEvent, int]
    """Ids of people about whom something was taken back since everybody was compared last."""


def begin(live: dict[int, LiveCampaign], today: date) -> Begun:
    """Whom to compare on this pass. The mark is read before any fact, so what changes meanwhile comes next time."""
    state = PlannerState.objects.first() or PlannerState()
    what_for = _digest(live)
    recent = ChangeEvent.objects.filter(id__gt=state.derived_event - SLIPPED)
    taken_back = recent.filter(what=ChangeEvent.What.UNDONE).values_list("person", flat=True)
    if state.derived_on == today and state.derived_for == what_for:
        people = recent.values_list("person", flat=True)
        return Begun(people, today, what_for, state.derived_event, taken_back)
    newest = ChangeEvent.objects.aggregate(last=Max("id"))["last"] or 0
    return Begun(None, today, what_for, newest, taken_back)


def done(begun: Begun) -> None:
    """Everybody has been compared: from now on the changes since then are enough."""
    if begun.touched is None:
        PlannerState.objects.bulk_create([PlannerState()], ignore_conflicts=True)
        PlannerState.objects.update(derived_on=begun.today, derived_for=begun.what_for, derived_event=begun.event)


def enrollments_of(people: People) -> QuerySet[Enrollment]:
    """The enrollments of these people, and those that are about their pregnancies, children and visits."""
    if people is None:
        return Enrollment.objects.all()
    pregnancies = Pregnancy.objects.filter(mother__in=people).values("pk")
    children = Child.objects.filter(mother__in=people).values("pk")
    visits = Visit.objects.filter(Q(pregnancy__in=pregnancies) | Q(child__in=children)).values("pk")
    return Enrollment.objects.filter(
        Q(person__in=people) | Q(pregnancy__in=pregnancies) | Q(child__in=children) | Q(visit__in=visits)
    )


def _digest(live: dict[int, LiveCampaign]) -> str:
    workers = Worker.objects.filter(ended_on=None).order_by("pk").values_list("pk", "unit", "village")
    words = [sorted(each.revision_id for each in live.values()), list(workers)]
    return sha256(repr(words).encode()).hexdigest()
