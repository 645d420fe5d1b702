"""Lays single enrollments on the calendar: newcomers, corrected dates, new revisions."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q

from campaigns.models import Campaign, Enrollment, Reason, ScheduledMessage, Step
from campaigns.schedule.conditions import applies
from campaigns.schedule.dailyjoin import MOVED
from campaigns.schedule.duetime import Clock, prefers
from campaigns.schedule.live import LiveCampaign, timing
from campaigns.schedule.stages import stage_on
from campaigns.schedule.stations import Sessions, sessions_for
from campaigns.schedule.timeline import Fate, Placed, Timing, is_of_age, occasion_of, place, window

BATCH = 500
State = ScheduledMessage.State
Known = dict[tuple[str, int], ScheduledMessage]
SUBJECTS = ("person", "pregnancy", "child", "visit__pregnancy", "visit__child")


@dataclass
class _Laid:
    """What catching up leaves to be written."""

    new: list[ScheduledMessage] = field(default_factory=list)
    moved: list[ScheduledMessage] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    done: dict[tuple[date, int, int], list[int]] = field(default_factory=dict)


def catch_up(live: dict[int, LiveCampaign], today: date, clock: Clock, now: datetime) -> int:
    """Lays the enrollments whose anchor or revision differs from what was planned; returns the rows new or moved.

    - Each passed but open step goes by its policy; what was skipped is looked at again when its day has changed.
    - Rows of a former day of a visit end as `rescheduled`.
    - Written back is what was read, `WHERE anchor_date = <read>`: what changed meanwhile is laid again. All
      ledger rows are written before the first enrollment (see enrollment.derive).
    """
    stale = Q(pk__in=[])
    for campaign_id, campaign in live.items():
        other = Q(planned_revision__lt=campaign.revision_id) | Q(planned_revision__gt=campaign.revision_id)
        stale |= Q(campaign=campaign_id) & (Q(planned_anchor=None) | other)
    behind = Enrollment.objects.filter(stale, active=True).select_related(*SUBJECTS)
    count, last = 0, 0
    done: dict[tuple[date, int, int], list[int]] = {}
    while batch := list(behind.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        laid = _lay_all(batch, live, today, clock, now)
        _save(laid, now)
        count += len(laid.new) + len(laid.moved)
        for key, enrollments in laid.done.items():
            done.setdefault(key, []).extend(enrollments)
    _write_back(done)
    return count


def _lay_all(batch: list[Enrollment], live: dict[int, LiveCampaign], today: date, clock: Clock, now: datetime) -> _Laid:
    rows: dict[int, Known] = {enrollment.pk: {} for enrollment in batch}
    for row in ScheduledMessage.objects.filter(enrollment__in=batch).order_by("pk"):
        rows[row.enrollment_id][row.step_key, row.occurrence] = row
    by_session = {each for each, campaign in live.items() if campaign.campaign.anchor == Campaign.Anchor.SESSION}
    children = {each.child_id for each in batch if each.child_id and each.campaign_id in by_session}
    sessions = sessions_for(children) if children else {}
    laid = _Laid()
    for enrollment in batch:
        campaign, known = live[enrollment.campaign_id], rows[enrollment.pk]
        steps = {key: step for key, step in campaign.steps.items() if applies(step, enrollment)}
        held = sessions.get(enrollment.child_id or 0, {})
        for placed in _placed(steps, enrollment, campaign, known, held, today, clock):
            _lay(placed, steps[placed.key], enrollment, campaign, known, clock, laid, now)
        if enrollment.visit_id is not None:
            laid.passed += [row.pk for (_key, number), row in known.items()
                            if number < enrollment.occurrence and row.state == State.WAITING]  # fmt: skip
        key = (enrollment.anchor_date, enrollment.occurrence, campaign.revision_id)
        laid.done.setdefault(key, []).append(enrollment.pk)
    return laid


def _placed(
    steps: dict[str, Step], enrollment: Enrollment, live: LiveCampaign, known: Known, sessions: Sessions, today: date,
    clock: Clock,
) -> list[Placed]:  # fmt: skip
    """The steps of an enrollment on the calendar; with the known occasions of the year whose window has changed."""
    if live.campaign.anchor == Campaign.Anchor.HAND:
        return []
    timings = {key: timing(step) for key, step in steps.items()}
    anchor = enrollment.anchor_date
    found = place(
        list(timings.values()), anchor, today, clock.horizon, occurrence=enrollment.occurrence, sessions=sessions
    )
    there = {(placed.key, placed.occurrence) for placed in found}
    for key, number in known:
        if key in timings and timings[key].month_day and (key, number) not in there:
            found += _occasion(timings[key], anchor, number, today)
    return found


def _occasion(step: Timing, anchor: date, number: int, today: date) -> list[Placed]:
    occasion = occasion_of(number, step.month_day)
    if occasion is None or not is_of_age(step, anchor, occasion):
        return []
    due_on, last_day = window(step, occasion)
    return [Placed(step.key, due_on, last_day, Fate.CLOSED if last_day < today else Fate.AHEAD, number)]


def _lay(
    placed: Placed, step: Step, enrollment: Enrollment, live: LiveCampaign, rows: Known, clock: Clock, laid: _Laid,
    now: datetime,
) -> None:  # fmt: skip
    known = rows.get((placed.key, placed.occurrence))
    if known is None and placed.fate in (Fate.AHEAD, Fate.CLOSED):
        return
    if known is not None and (known.sms_id is not None or known.state == State.TOLD):
        return
    person = enrollment.person
    due_at = clock.moment(placed.due_on, placed.last_day, step, live.campaign.message_class, preferred=prefers(person))
    row = ScheduledMessage(
        enrollment=enrollment, step_key=step.key, occurrence=placed.occurrence, campaign_id=live.campaign.pk,
        revision_id=live.revision_id, step=step, person=person, unit_id=person.unit_id, facility_id=person.facility_id,
        language=person.language, topic=step.topic, stage=stage_on(enrollment, placed.due_on), due_on=placed.due_on,
        due_at=due_at, last_day=placed.last_day,
    )  # fmt: skip
    if placed.fate in (Fate.LATE_ENTRY, Fate.SUPERSEDED) and (known is None or known.state == State.SKIPPED):
        row.state, row.decided_at = State.SKIPPED, now
        row.reason = Reason.LATE_ENTRY if placed.fate == Fate.LATE_ENTRY else Reason.SUPERSEDED
    if known is None:
        laid.new.append(row)
    elif (known.due_on, known.last_day) != (row.due_on, row.last_day) or (
        known.state == State.WAITING and known.due_at != row.due_at
    ):
        laid.moved.append(row)


def _save(laid: _Laid, now: datetime) -> None:
    ScheduledMessage.objects.bulk_create(laid.new, batch_size=BATCH, ignore_conflicts=True)
    for row in laid.moved:
        same = ScheduledMessage.objects.filter(
            enrollment=row.enrollment_id, step_key=row.step_key, occurrence=row.occurrence, sms=None
        )
        same.exclude(state=State.TOLD).update(**{name: getattr(row, name) for name in MOVED})
    for first in range(0, len(laid.passed), BATCH):
        former = ScheduledMessage.objects.filter(pk__in=laid.passed[first : first + BATCH], state=State.WAITING)
        former.update(state=State.SKIPPED, reason=Reason.RESCHEDULED, not_before=None, decided_at=now)


def _write_back(done: dict[tuple[date, int, int], list[int]]) -> None:
    keys = sorted(pk for enrollments in done.values() for pk in enrollments)
    for first in range(0, len(keys), BATCH):
        some = Enrollment.objects.filter(pk__in=keys[first : first + BATCH])
        list(some.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    for (anchor, occurrence, revision_id), enrollments in done.items():
        for first in range(0, len(enrollments), BATCH):
            Enrollment.objects.filter(
                pk__in=enrollments[first : first + BATCH], anchor_date=anchor, occurrence=occurrence
            ).update(planned_anchor=anchor, planned_revision=revision_id)
