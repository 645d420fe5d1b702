"""The rows of one step that fall due on one day, written by a join with the enrollments: one statement (D2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, CharField, Exists, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.fields import DateField, DateTimeField

from campaigns.models import Campaign, Enrollment, ScheduledMessage, Step
from campaigns.schedule.conditions import followers
from campaigns.schedule.duetime import Clock
from campaigns.schedule.insert_select import Column, insert_select
from campaigns.schedule.live import LiveCampaign, timing
from campaigns.schedule.stages import stages_on
from campaigns.schedule.stations import children_of, stations
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

MOVED = [
    "due_on", "due_at", "last_day", "stage", "revision_id", "step_id", "topic", "unit_id", "facility_id", "language",
    "state", "reason", "not_before", "decided_at",
]  # fmt: skip
_OLD = "campaigns_scheduledmessage"
UPSERT = (
    "ON CONFLICT (enrollment_id, step_key, occurrence) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in MOVED)
    + f" WHERE {_OLD}.sms_id IS NULL AND {_OLD}.state <> 'told' AND ({_OLD}.due_on <> excluded.due_on"
    f" OR {_OLD}.last_day <> excluded.last_day"
    f" OR ({_OLD}.state = 'waiting' AND {_OLD}.due_at <> excluded.due_at))"
)
"""Planning again moves a row that has not been handed over, and never touches one that has, nor one that was told
face to face. Another hour of the same day is no new occasion for a row that has been skipped."""

BY_SUBJECT = (Campaign.Anchor.GESTATION, Campaign.Anchor.BIRTH, Campaign.Anchor.CALENDAR, Campaign.Anchor.SESSION)
"""Anchors whose enrollments are counted from the beginning of the pregnancy or the child."""


@dataclass(frozen=True)
class Join:
    """One window of a step and the enrollments whose step it is. Without an occurrence, that of the enrollment."""

    step: Step
    wanted: Q
    due_on: date
    last_day: date
    occurrence: int | None


def joins_of_day(day: date, live: LiveCampaign) -> Iterator[Join]:
    """Every step of a campaign that falls on a local day. Sessions are joined apart (`joins_of_sessions`)."""
    for step in live.steps.values():
        place = timing(step)
        if live.campaign.anchor == Campaign.Anchor.HAND or place.service:
            continue
        for anchor in anchors_due_on(day, place.start):
            due_on, last_day = window(place, anchor)
            if not place.month_day:
                yield Join(step, Q(anchor_date=anchor), due_on, last_day, None)
            elif anchor == occasion_in(anchor.year, place.month_day):
                yield Join(step, _born(of_age(place, anchor)), due_on, last_day, number_of(anchor))


def joins_of_sessions(live: LiveCampaign, today: date, horizon: date) -> Iterator[Join]:
    """Every session whose window touches the days from today to the horizon, for the children who are old enough
    then and were not at the session before; stations with the same days together."""
    steps = [step for step in live.steps.values() if step.service]
    first_of_unit = stations() if steps else {}
    former = Session.objects.filter(facility=OuterRef("facility"), service=OuterRef("service"), day__lt=OuterRef("day"))
    for step in steps:
        place = timing(step)
        first = min(latest_anchor(today, place.start), latest_anchor(today, place.until)) - timedelta(days=1)
        last = latest_anchor(horizon, place.start) + timedelta(days=1)
        sessions = Session.objects.filter(service=place.service, day__range=(first, last)).annotate(
            before=Subquery(former.order_by("-day").values("day")[:1])
        )
        together: dict[tuple[date, date | None], list[int]] = {}
        for facility, day, before in sessions.order_by("day", "pk").values_list("facility", "day", "before"):
            together.setdefault((day, before), []).append(facility)
        for (day, before), facilities in together.items():
            due_on, last_day = window(place, day)
            if due_on <= horizon and last_day >= today:
                wanted = _old_enough(place, day, before) & children_of(facilities, first_of_unit)
                yield Join(step, wanted, due_on, last_day, 0)


def _old_enough(place: Timing, day: date, before: date | None) -> Q:
    """Of age on the day of a session, and not yet old enough at the one before."""
    oldest, youngest = of_age(place, day)
    if before is not None:
        served = latest_anchor(before, place.age_from)
        oldest = max(oldest, served) if oldest is not None else served
    return _born((oldest, youngest))


def _born(dates: tuple[date | None, date]) -> Q:
    oldest, youngest = dates
    return Q(anchor_date__lte=youngest) if oldest is None else Q(anchor_date__gt=oldest, anchor_date__lte=youngest)


def must_go_before(join: Join, clock: Clock) -> bool:
    """Whether all days of a window are holidays."""
    return brought_forward(join.due_on, join.last_day, clock.holidays) != join.due_on


def write(join: Join, live: LiveCampaign, clock: Clock, *, again: bool = False) -> int:
    """Inserts the rows of one join, for the enrollments that are caught up; returns how many were new or moved.

    `again`: it has been written before. Then what is there already is left out beforehand, so that a pass in which
    nothing differs neither writes nor locks anything.
    """
    step, campaign = join.step, live.campaign
    due_at = clock.moments(join.due_on, join.last_day, step, campaign.message_class)
    source = Enrollment.objects.filter(followers(step, campaign), join.wanted, planned_anchor=F("anchor_date"))
    source = source.filter(planned_revision=live.revision_id)
    if again:
        there = ScheduledMessage.objects.filter(
            enrollment=OuterRef("pk"),
            step_key=step.key,
            occurrence=OuterRef("occurrence") if join.occurrence is None else join.occurrence,
        )
        settled = Q(sms__isnull=False) | Q(state=ScheduledMessage.State.TOLD)
        same = Q(due_on=join.due_on, last_day=join.last_day)
        hour = Q(due_at=due_at) | ~Q(state=ScheduledMessage.State.WAITING)
        source = source.filter(~Exists(there.filter(settled | (same & hour))))
    columns: dict[str, Column] = {
        "enrollment": F("pk"),
        "step_key": Value(step.key, CharField()),
        "occurrence": F("occurrence") if join.occurrence is None else Value(join.occurrence, IntegerField()),
        "campaign": Value(campaign.pk, IntegerField()),
        "revision": Value(live.revision_id, IntegerField()),
        "step": Value(step.pk, IntegerField()),
        "person": F("person_id"),
        "unit": F("person__unit_id"),
        "facility": F("person__facility_id"),
        "language": F("person__language"),
        "topic": Value(step.topic, CharField()),
        "stage": _stages(campaign, join.due_on),
        "due_on": Value(join.due_on, DateField()),
        "due_at": due_at,
        "last_day": Value(join.last_day, DateField()),
        "state": Value(ScheduledMessage.State.WAITING.value, CharField()),
        "reason": Value("", CharField()),
        "not_before": Value(None, DateTimeField()),
        "decided_at": Value(None, DateTimeField()),
        "release_number": Value(0, IntegerField()),
    }
    return insert_select(ScheduledMessage, source.order_by("pk"), columns, UPSERT)


def _stages(campaign: Campaign, day: date) -> Case:
    if campaign.anchor not in BY_SUBJECT:
        return stages_on(day)
    own = ("anchor_date",)
    pregnancies = campaign.anchor == Campaign.Anchor.GESTATION
    return stages_on(day, own if pregnancies else (), () if pregnancies else own)
