"""Whom derive has to compare with the facts: everybody once a day, in between those about whom something changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db.models import Max, Q

from campaigns.models import Enrollment, PlannerState
from campaigns.schedule.live import LiveCampaign
from recipients.models import Caregiver, ChangeEvent, Child, Person, Pregnancy, Visit, Worker

What = ChangeEvent.What
SLIPPED = 500
"""How far numbers slip: a change may have had its number before a mark and was committed after it. So many are looked
for below the first mark of all."""
MOST_GAPS = 50
"""How many runs of numbers that nobody has seen are kept in mind, the newest: those of a change that is still being
written, and for a day those of one that was given up. What slips even under this is found on the next local day."""

People = Collection[int] | None
"""Ids of people; None means everybody."""
Gaps = list[tuple[int, int]]
"""Runs of numbers of changes, first and last."""


@dataclass(frozen=True)
class Begun:
    """One comparison: about whom, and what it may write down as compared when it is through."""

    people: People
    taken_back: Collection[int]
    """People about whom something was taken back since everybody was compared last."""
    moved: Collection[int]
    """People who may belong to another station since the last comparison."""
    today: date
    what_for: str
    event: int
    gaps: Gaps
    before: tuple[int, Gaps]


def begin(live: dict[int, LiveCampaign], today: date) -> Begun:
    """Whom to compare on this pass. The mark is read before any fact, so what changes meanwhile comes next time.

    A number is given to a change when it is written and seen when it is committed, in any order. So the mark is the
    newest number seen, together with the gaps below it that nobody has seen yet.
    """
    state = PlannerState.objects.first() or PlannerState()
    what_for = _digest(live)
    seen, gaps = _mark(state)
    since = Q(id__gt=seen)
    for run in gaps:
        since |= Q(id__range=run)
    new = list(ChangeEvent.objects.filter(since).order_by("id").values_list("id", "person", "what"))
    newest = max([seen, *(number for number, _person, _what in new)])
    left = unseen([*gaps, (seen + 1, newest)], [number for number, _person, _what in new])
    undone = ChangeEvent.objects.filter(id__gt=state.derived_event, what=What.UNDONE)
    taken_back = {person for _number, person, what in new if what == What.UNDONE}
    taken_back.update(undone.values_list("person", flat=True))
    moved = {person for _number, person, what in new if what in (What.MOVED, What.DETAILS)}
    everybody = state.derived_on != today or state.derived_for != what_for
    if everybody:
        left = [run for run in left if run[1] > state.derived_event]
    people = None if everybody else {person for _number, person, _what in new}
    return Begun(people, taken_back, moved, today, what_for, newest, left[-MOST_GAPS:], (seen, gaps))


def _mark(state: PlannerState) -> tuple[int, Gaps]:
    if state.compared_event:
        return state.compared_event, [(first, last) for first, last in state.uncompared]
    newest = state.derived_event or ChangeEvent.objects.aggregate(last=Max("id"))["last"] or 0
    return max(0, newest - SLIPPED), []


def unseen(runs: Iterable[tuple[int, int]], seen: Sequence[int]) -> Gaps:
    """What is left of some runs of numbers without those that were seen; all ascending."""
    left = []
    for first, last in runs:
        for number in seen[bisect_left(seen, first) : bisect_right(seen, last)]:
            if number > first:
                left.append((first, number - 1))
            first = number + 1
        if first <= last:
            left.append((first, last))
    return left


def done(begun: Begun) -> None:
    """They have been compared: from now on what comes after is enough."""
    mark = {"compared_event": begun.event, "uncompared": begun.gaps}
    if begun.people is None:
        PlannerState.objects.bulk_create([PlannerState()], ignore_conflicts=True)
        PlannerState.objects.update(
            derived_on=begun.today, derived_for=begun.what_for, derived_event=begun.event, **mark
        )
    elif begun.before != (begun.event, begun.gaps):
        PlannerState.objects.update(**mark)


def mothers_of(people: Collection[int]) -> set[int]:
    """Themselves, and the mothers whom those among them care for or work for: what is recorded about one of them may
    begin or end what anybody is told about these mothers and their children."""
    cares = Caregiver.objects.filter(person__in=people)
    works = Worker.objects.filter(person__in=people, ended_on=None)
    return {
        *people,
        *cares.filter(pregnancy__isnull=False).values_list("pregnancy__mother", flat=True),
        *cares.filter(child__isnull=False).values_list("child__mother", flat=True),
        *Person.objects.filter(unit__in=works.values("unit")).values_list("pk", flat=True),
    }


def enrollments_of(people: Collection[int]) -> set[int]:
    """The enrollments of these people, and those that are about their pregnancies, children and visits."""
    hers = {
        "pregnancy": set(Pregnancy.objects.filter(mother__in=people).values_list("pk", flat=True)),
        "child": set(Child.everything.filter(mother__in=people).values_list("pk", flat=True)),
    }
    visits = Visit.objects.filter(Q(pregnancy__in=hers["pregnancy"]) | Q(child__in=hers["child"]))
    about = Q(person__in=people) | Q(visit__in=set(visits.values_list("pk", flat=True)))
    for kind, keys in hers.items():
        about |= Q(**{f"{kind}__in": keys})
    return set(Enrollment.objects.filter(about).values_list("pk", flat=True))


def _digest(live: dict[int, LiveCampaign]) -> str:
    workers = Worker.objects.filter(ended_on=None).order_by("pk").values_list("pk", "unit", "village")
    words = [sorted(each.revision_id for each in live.values()), list(workers)]
    return sha256(repr(words).encode()).hexdigest()
