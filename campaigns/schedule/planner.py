"""Writes the ledger: one row for every due (enrollment, step, occurrence), by join (D2), never twice."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, F, IntegerField, Q, Value
from django.db.models.fields import DateField, DateTimeField

from campaigns.models import Campaign, Enrollment, PlannerState, Reason, ScheduledMessage, Step
from campaigns.schedule.insert_select import Column, insert_select
from campaigns.schedule.live import LiveCampaign, live_campaigns, timing
from campaigns.schedule.sendtime import at, local_day
from campaigns.schedule.timeline import Fate, Placed, anchors_due_on, due_date, place
from recipients.gestation import PRETERM_DAYS, child_stage, pregnancy_stage

LOOKAHEAD_DAYS = 1
BATCH = 500
CONDITIONS = {
    "": Q(),
    "low_birth_weight": Q(child__birth_weight__lt=2500) | Q(child__gestation_at_birth__lt=PRETERM_DAYS),
}
"""Conditions on the facts of the subject by name; the linter refuses any other. Pre-term or under 2,500 g:
kangaroo care (SEED-VL III.6)."""

MOVED = [
    "due_on", "due_at", "last_day", "stage", "revision_id", "step_id", "topic", "unit_id", "facility_id", "language",
    "state", "reason", "not_before", "decided_at",
]  # fmt: skip
UPSERT = (
    "ON CONFLICT (enrollment_id, step_key, occurrence) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in MOVED)
    + " WHERE campaigns_scheduledmessage.sms_id IS NULL AND (campaigns_scheduledmessage.due_at <> excluded.due_at"
    " OR campaigns_scheduledmessage.last_day <> excluded.last_day)"
)
"""Planning again moves a row that has not been handed over, and never touches one that has."""


@dataclass
class Counts:
    planned: int = 0
    caught_up: int = 0


def plan(now: datetime) -> Counts:
    """Brings the ledger to the end of tomorrow (local).

    - The daily join: for every local day not yet planned and every live step, the few anchor dates that make it due
      on that day, joined with the active enrollments that are caught up. What an outage left out is planned with
      its own day.
    - The catch-up: enrollments whose anchor or revision differs from what was planned are laid on the calendar one
      by one, each passed but open step by its policy.
    - Holds the planner's lease for one transaction; a second planner at the same time returns zeros.
    """
    today = local_day(now, settings.ZONE)
    horizon = today + timedelta(days=LOOKAHEAD_DAYS)
    PlannerState.objects.bulk_create([PlannerState()], ignore_conflicts=True)
    with transaction.atomic():
        state = PlannerState.objects.select_for_update(skip_locked=True).first()
        if state is None:
            return Counts()
        live = live_campaigns()
        counts = Counts(planned=sum(_join_day(day, live) for day in _days_to_plan(state, today, horizon)))
        counts.caught_up = _catch_up(live, today, horizon, now)
        state.planned_through = max(horizon, state.planned_through or horizon)
        state.save()
    return counts


def _days_to_plan(state: PlannerState, today: date, horizon: date) -> Iterable[date]:
    day = state.planned_through + timedelta(days=1) if state.planned_through else today
    while day <= horizon:
        yield day
        day += timedelta(days=1)


def _join_day(day: date, live: dict[int, LiveCampaign]) -> int:
    return sum(join_step(day, campaign, step) for campaign in live.values() for step in campaign.steps.values())


def join_step(day: date, live: LiveCampaign, step: Step) -> int:
    """Inserts the rows of one step that fall due on one local day; returns how many."""
    start, until = timing(step).start, timing(step).until
    count = 0
    for anchor in anchors_due_on(day, start):
        source = Enrollment.objects.filter(
            CONDITIONS[step.condition],
            campaign=live.campaign,
            active=True,
            anchor_date=anchor,
            planned_anchor=anchor,
            role=step.role,
        )
        columns: dict[str, Column] = {
            "enrollment": F("pk"),
            "step_key": Value(step.key, CharField()),
            "occurrence": Value(0, IntegerField()),
            "campaign": Value(live.campaign.pk, IntegerField()),
            "revision": Value(live.revision_id, IntegerField()),
            "step": Value(step.pk, IntegerField()),
            "person": F("person_id"),
            "unit": F("person__unit_id"),
            "facility": F("person__facility_id"),
            "language": F("person__language"),
            "topic": Value(step.topic, CharField()),
            "stage": Value(stage_on(live.campaign, anchor, day), CharField()),
            "due_on": Value(day, DateField()),
            "due_at": Value(at(day, step.send_time, settings.ZONE), DateTimeField()),
            "last_day": Value(max(day, due_date(anchor, until)), DateField()),
            "state": Value(ScheduledMessage.State.WAITING.value, CharField()),
            "reason": Value("", CharField()),
            "not_before": Value(None, DateTimeField()),
            "decided_at": Value(None, DateTimeField()),
            "release_number": Value(0, IntegerField()),
        }
        count += insert_select(ScheduledMessage, source.order_by("pk"), columns, UPSERT)
    return count


def stage_on(campaign: Campaign, anchor: date, day: date) -> str:
    """The stage of care on a day, for the reports."""
    return pregnancy_stage(anchor, day) if campaign.anchor == Campaign.Anchor.GESTATION else child_stage(anchor, day)


@dataclass
class _Laid:
    """The rows that catching up one batch of enrollments leaves behind."""

    new: list[ScheduledMessage] = field(default_factory=list)
    moved: list[ScheduledMessage] = field(default_factory=list)
    done: dict[tuple[date, int], list[int]] = field(default_factory=dict)


def _catch_up(live: dict[int, LiveCampaign], today: date, horizon: date, now: datetime) -> int:
    behind = Enrollment.objects.filter(active=True).select_related("person", "child")
    stale = Q()
    for campaign_id, campaign in live.items():
        stale |= Q(campaign=campaign_id) & (
            Q(planned_anchor=None) | ~Q(planned_anchor=F("anchor_date")) | ~Q(planned_revision=campaign.revision_id)
        )
    if not live:
        return 0
    count, last = 0, 0
    while batch := list(behind.filter(stale, pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        count += _catch_up_batch(batch, live, today, horizon, now)
    return count


def _catch_up_batch(
    batch: list[Enrollment], live: dict[int, LiveCampaign], today: date, horizon: date, now: datetime
) -> int:
    rows: dict[tuple[int, str], ScheduledMessage] = {
        (row.enrollment_id, row.step_key): row
        for row in ScheduledMessage.objects.filter(enrollment__in=batch, occurrence=0)
    }
    laid = _Laid()
    for enrollment in batch:
        campaign = live[enrollment.campaign_id]
        steps = {step.key: step for step in campaign.for_role(enrollment.role) if applies(step, enrollment)}
        for placed in place([timing(step) for step in steps.values()], enrollment.anchor_date, today, horizon):
            _lay(placed, steps[placed.key], enrollment, campaign, rows.get((enrollment.pk, placed.key)), laid, now)
        laid.done.setdefault((enrollment.anchor_date, campaign.revision_id), []).append(enrollment.pk)
    _save(laid)
    return len(laid.new) + len(laid.moved)


def applies(step: Step, enrollment: Enrollment) -> bool:
    """The condition of a step for one enrollment, as CONDITIONS says it for many."""
    if step.condition == "low_birth_weight":
        child = enrollment.child
        return child is not None and (
            (child.birth_weight is not None and child.birth_weight < 2500)
            or (child.gestation_at_birth is not None and child.gestation_at_birth < PRETERM_DAYS)
        )
    return True


def _lay(
    placed: Placed,
    step: Step,
    enrollment: Enrollment,
    live: LiveCampaign,
    known: ScheduledMessage | None,
    laid: _Laid,
    now: datetime,
) -> None:
    if known is None and placed.fate in (Fate.AHEAD, Fate.CLOSED):
        return
    if known is not None and known.sms_id is not None:
        return
    person = enrollment.person
    row = ScheduledMessage(
        enrollment=enrollment, step_key=step.key, campaign_id=live.campaign.pk, revision_id=live.revision_id, step=step,
        person=person, unit_id=person.unit_id, facility_id=person.facility_id, language=person.language,
        topic=step.topic, stage=stage_on(live.campaign, enrollment.anchor_date, placed.due_on),
        due_on=placed.due_on, due_at=at(placed.due_on, step.send_time, settings.ZONE),
        last_day=max(placed.last_day, placed.due_on),
    )  # fmt: skip
    if placed.fate in (Fate.LATE_ENTRY, Fate.SUPERSEDED) and (known is None or known.state == known.State.SKIPPED):
        row.state, row.decided_at = ScheduledMessage.State.SKIPPED, now
        row.reason = Reason.LATE_ENTRY if placed.fate == Fate.LATE_ENTRY else Reason.SUPERSEDED
    if known is None:
        laid.new.append(row)
    elif (known.due_at, known.last_day) != (row.due_at, row.last_day):
        laid.moved.append(row)


def _save(laid: _Laid) -> None:
    ScheduledMessage.objects.bulk_create(laid.new, batch_size=BATCH, ignore_conflicts=True)
    for row in laid.moved:
        ScheduledMessage.objects.filter(
            enrollment=row.enrollment_id, step_key=row.step_key, occurrence=0, sms=None
        ).update(**{name: getattr(row, name) for name in MOVED})
    for (anchor, revision_id), keys in laid.done.items():
        Enrollment.objects.filter(pk__in=keys, anchor_date=anchor).update(
            planned_anchor=anchor, planned_revision=revision_id
        )
