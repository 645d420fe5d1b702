"""Which windows fall on a local day, or touch it, and which enrollments they are for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import OuterRef, Subquery

from campaigns.local.rules import NOTHING, Area, Rules
from campaigns.models import Campaign, Step
from campaigns.schedule.duetime import Clock
from campaigns.schedule.live import LiveCampaign, timing
from campaigns.schedule.timeline import (
    Timing,
    anchors_due_on,
    brought_forward,
    latest_anchor,
    number_of,
    occasion_in,
    of_age,
    window,
)
from recipients.models import Session

DAY = timedelta(days=1)
ANY = date(1900, 1, 1)
"""However early: nobody who is followed was born before."""


@dataclass(frozen=True)
class Join:
    """One window of a step and the enrollments whose step it is: those counted from a day between `first` and `last`,
    of a session only the children for whom `station` holds it, where an `area` is given only those who live there.
    Without an occurrence, that of the enrollment."""

    step: Step
    first: date
    last: date
    due_on: date
    last_day: date
    occurrence: int | None
    station: int | None = None
    area: Area | None = None


def joins_of_day(day: date, live: LiveCampaign, here: Rules = NOTHING) -> Iterator[Join]:
    """Every step of a campaign that falls on a local day. Sessions are joined apart (`joins_of_sessions`)."""
    if live.campaign.anchor == Campaign.Anchor.HAND:
        return
    for step in live.steps.values():
        place = timing(step)
        for anchor in [] if place.service else anchors_due_on(day, place.start):
            due_on, last_day = window(place, anchor)
            if not place.month_day:
                yield Join(step, anchor, anchor, due_on, last_day, None)
            elif anchor == occasion_in(anchor.year, place.month_day):
                for aged, area in here.by_area(place, anchor):
                    yield Join(step, *_born(of_age(aged, anchor)), due_on, last_day, number_of(anchor), area=area)


def joins_of_sessions(
    live: Iterable[LiveCampaign], today: date, horizon: date, here: Rules = NOTHING
) -> dict[int, list[Join]]:
    """By campaign, every session that takes place and whose window touches the days from today to the horizon, for the
    children who are old enough then and were not at the session before."""
    steps = [(each.campaign.pk, step, timing(step)) for each in live for step in each.steps.values() if step.service]
    if not steps:
        return {}
    first = min(min(latest_anchor(today, at.start), latest_anchor(today, at.until)) for _pk, _step, at in steps) - DAY
    last = max(latest_anchor(horizon, at.start) for _pk, _step, at in steps) + DAY
    former = Session.objects.filter(facility=OuterRef("facility"), service=OuterRef("service"), day__lt=OuterRef("day"))
    sessions = Session.objects.filter(day__range=(first, last)).annotate(
        before=Subquery(former.order_by("-day").values("day")[:1])
    )
    joins = defaultdict(list)
    for facility, service, day, before, path in sessions.order_by("day", "pk").values_list(
        "facility", "service", "day", "before", "facility__unit__path"
    ):
        if not here.takes_place(service, path, day):
            continue
        if before is not None and not here.takes_place(service, path, before):
            before = _held_before(facility, service, path, before, here)
        for campaign, step, place in steps:
            due_on, last_day = window(place, day)
            if place.service != service or not here.reminds(place, path, due_on):
                continue
            if due_on <= horizon and last_day >= today:
                joins[campaign].append(Join(step, *_old_enough(place, day, before), due_on, last_day, 0, facility))
    return joins


def _held_before(facility: int, service: str, path: str, day: date, here: Rules) -> date | None:
    """The last session of a station before a day that takes place."""
    former = Session.objects.filter(facility=facility, service=service, day__lt=day).order_by("-day")
    days = former.values_list("day", flat=True)
    return next((each for each in days if here.takes_place(service, path, each)), None)


def _old_enough(place: Timing, day: date, before: date | None) -> tuple[date, date]:
    """Of age on the day of a session, and not yet old enough at the one before."""
    oldest, youngest = of_age(place, day)
    if before is not None:
        served = latest_anchor(before, place.age_from)
        oldest = max(oldest, served) if oldest is not None else served
    return _born((oldest, youngest))


def _born(dates: tuple[date | None, date]) -> tuple[date, date]:
    oldest, youngest = dates
    return ANY if oldest is None else oldest + DAY, youngest


def must_go_before(join: Join, clock: Clock) -> bool:
    """Whether all days of a window are holidays."""
    return brought_forward(join.due_on, join.last_day, clock.holidays) != join.due_on
