"""Lays single enrollments on the calendar: newcomers, corrected dates, new revisions."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Case, IntegerField, Q, Value, When

from campaigns.models import Campaign, Enrollment, Reason, ScheduledMessage, Step
from campaigns.schedule.conditions import is_light, meant
from campaigns.schedule.duetime import PREFERRING, Clock
from campaigns.schedule.insert_select import insert_rows
from campaigns.schedule.ledgerjoin import MOVED, UPSERT
from campaigns.schedule.live import LiveCampaign, timing
from campaigns.schedule.locally import Local, local
from campaigns.schedule.stages import stage_of
from campaigns.schedule.stations import Sessions, sessions_for
from campaigns.schedule.timeline import Fate, Placed, Timing, is_of_age, occasion_of, place, window
from messaging.batches import batched

BATCH = 500
HAND = Campaign.Anchor.HAND
State = ScheduledMessage.State
SUBJECTS = ("person", "pregnancy", "child", "visit__pregnancy", "visit__child")
COLUMNS = ("enrollment_id", "step_key", "occurrence", "campaign_id", "person_id", "release_number", *MOVED)


class Follower(NamedTuple):
    """An enrollment to be laid on the calendar, with what its rows are copied from."""

    pk: int
    campaign: int
    role: str
    counted: date
    occurrence: int
    planned_revision: int | None
    person: int
    unit: int
    facility: int | None
    language: str
    prefers: bool
    child: int | None
    visit_type: str | None
    weight: int | None
    gestation: int | None
    pregnancy_from: date | None
    visits_pregnancy_from: date | None
    born: date | None
    visits_child_born: date | None


PATHS = (
    "pk", "campaign", "role", "anchor_date", "occurrence", "planned_revision", "person",
    "person__unit", "person__facility", "person__language", "prefers", "child", "visit__type", "child__birth_weight",
    "child__gestation_at_birth", "pregnancy__anchor_date", "visit__pregnancy__anchor_date", "child__date_of_birth",
    "visit__child__date_of_birth",
)  # fmt: skip


class Known(NamedTuple):
    """A row that is there."""

    pk: int
    enrollment: int
    step_key: str
    occurrence: int
    state: str
    sms: object
    due_on: date
    last_day: date
    due_at: datetime


Rows = dict[tuple[str, int], Known]


@dataclass
class _Laid:
    """What catching up leaves to be written: rows new or moved, and the waiting ones of a former day of a visit."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)


def catch_up(
    live: dict[int, LiveCampaign], today: date, clock: Clock, now: datetime, last_pass: date | None, *, edited: bool
) -> int:
    """Lays the enrollments whose anchor or revision differs from what was planned; returns the rows new or moved.

    - Each passed but open step goes by its policy; what was skipped is looked at again when its day has changed.
    - A step that closed before today has no row, except for somebody who was laid before, when it was still open
      after the day of the last pass (`last_pass`): nobody saw it, and the row will say that it is too late.
    - `edited`: also those that were laid by another edition.
    - Rows of a former day of a visit end as `rescheduled`.
    - Written back is what was read, while its anchor date is still the one read: what changed meanwhile is laid again.
      All ledger rows are written before the first enrollment (see enrollment.derive).
    """
    behind = Q(campaign__in=live, laid=False)
    if edited:
        for campaign_id, campaign in live.items():
            other = Q(planned_revision__lt=campaign.revision_id) | Q(planned_revision__gt=campaign.revision_id)
            behind |= Q(campaign=campaign_id) & other
    layer = _Layer(live, today, clock, now, last_pass)
    found = (
        Enrollment.objects.filter(behind, active=True)
        .order_by("pk")
        .annotate(prefers=Case(When(PREFERRING, then=Value(1)), default=Value(0), output_field=IntegerField()))
    )
    count, last = 0, 0
    done: list[Follower] = []
    while batch := [Follower(*row) for row in found.filter(pk__gt=last).values_list(*PATHS)[:BATCH]]:
        last = batch[-1].pk
        laid = layer.lay_all(batch)
        count += insert_rows(ScheduledMessage, COLUMNS, laid.rows, UPSERT)
        for some in batched(laid.passed):
            former = ScheduledMessage.objects.filter(pk__in=some, state=State.WAITING)
            former.update(state=State.SKIPPED, reason=Reason.RESCHEDULED, not_before=None, decided_at=now)
        done += batch
    _write_back(done, live)
    return count


class _Layer:
    """Lays enrollments on the calendar of one pass. What follows from the date, the steps and the day alone is worked
    out once for all who share it."""

    def __init__(
        self, live: dict[int, LiveCampaign], today: date, clock: Clock, now: datetime, last_pass: date | None
    ) -> None:
        self.live, self.today, self.clock, self.now, self.last_pass = live, today, clock, now, last_pass
        self._timing = cache(timing)
        self._steps: dict[tuple[Any, ...], dict[str, tuple[Step, Timing]]] = {}
        self._placed: dict[tuple[Any, ...], list[Placed]] = {}
        self._moments: dict[tuple[Any, ...], datetime] = {}
        self._by_session = {pk for pk, each in live.items() if each.campaign.anchor == Campaign.Anchor.SESSION}
        by_year = {pk for pk, each in live.items() if each.campaign.anchor == Campaign.Anchor.CALENDAR}
        self._by_place = self._by_session | by_year
        self._here = Local()

    def lay_all(self, batch: list[Follower]) -> _Laid:
        rows: dict[int, Rows] = defaultdict(dict)
        there = ScheduledMessage.objects.filter(enrollment__in=[each.pk for each in batch])
        for row in there.values_list(
            "pk", "enrollment", "step_key", "occurrence", "state", "sms", "due_on", "last_day", "due_at"
        ):
            known = Known(*row)
            rows[known.enrollment][known.step_key, known.occurrence] = known
        children = {each.child for each in batch if each.child and each.campaign in self._by_session}
        sessions = sessions_for(children) if children else {}
        self._here = local({each.child for each in batch if each.child and each.campaign in self._by_place})
        laid = _Laid()
        for each in batch:
            self._lay(each, rows[each.pk], sessions.get(each.child or 0, {}), laid)
        return laid

    def _lay(self, each: Follower, rows: Rows, sessions: Sessions, laid: _Laid) -> None:
        steps = self._steps_of(each)
        if each.campaign in self._by_place:
            steps = self._here.steps(steps, each.child, self.today)
        for placed in self._place(each, steps, rows, sessions):
            known = rows.get((placed.key, placed.occurrence))
            if known is None and (
                placed.fate == Fate.AHEAD or (placed.fate == Fate.CLOSED and self._seen(each, placed))
            ):
                continue
            if known is not None and (known.sms is not None or known.state == State.TOLD):
                continue
            step = steps[placed.key][0]
            due_at = self._moment(step, placed, each)
            same = known is not None and (known.due_on, known.last_day) == (placed.due_on, placed.last_day)
            if known is not None and same and (known.state != State.WAITING or known.due_at == due_at):
                continue
            laid.rows.append(self._row(each, step, placed, due_at, known))
        laid.passed += (
            [known.pk for known in rows.values() if known.occurrence < each.occurrence and known.state == State.WAITING]
            if each.visit_type is not None
            else []
        )

    def _seen(self, each: Follower, placed: Placed) -> bool:
        """Whether a closed window was laid by, or had closed before, the last pass, or the person came after it."""
        return each.planned_revision is None or self.last_pass is None or placed.last_day <= self.last_pass

    def _steps_of(self, each: Follower) -> dict[str, tuple[Step, Timing]]:
        """The steps that are meant for somebody, in the order of the timeline."""
        about = (each.role, each.visit_type, is_light(each.weight, each.gestation))
        kept = self._steps.get((each.campaign, *about))
        if kept is None:
            steps = self.live[each.campaign].steps if self.live[each.campaign].campaign.anchor != HAND else {}
            kept = {key: (step, self._timing(step)) for key, step in steps.items() if meant(step, *about)}
            self._steps[each.campaign, *about] = kept
        return kept

    def _place(
        self, each: Follower, steps: dict[str, tuple[Step, Timing]], rows: Rows, sessions: Sessions
    ) -> list[Placed]:
        """The steps of an enrollment on the calendar; with the known occasions of the year whose window has changed."""
        timings = [at for _step, at in steps.values()]
        laid_before = each.planned_revision is not None
        ages = [(at.age_from, at.age_until_months) for at in timings if at.month_day]
        alike = (each.campaign, *steps, *ages, each.counted, each.occurrence, laid_before)
        found = None if each.campaign in self._by_session else self._placed.get(alike)
        if found is None:
            found = self._placed[alike] = place(
                timings, each.counted, self.today, self.clock.horizon, occurrence=each.occurrence, sessions=sessions,
                since=self.last_pass if laid_before else None,
            )  # fmt: skip
        if not any(at.month_day for at in timings):
            return found
        there = {(placed.key, placed.occurrence) for placed in found}
        return found + [
            placed
            for key, number in rows
            if key in steps and steps[key][1].month_day and (key, number) not in there
            for placed in _occasion(steps[key][1], each.counted, number, self.today)
        ]

    def _moment(self, step: Step, placed: Placed, each: Follower) -> datetime:
        alike = (step.pk, placed.due_on, placed.last_day, each.prefers)
        if alike not in self._moments:
            self._moments[alike] = self.clock.moment(
                placed.due_on, placed.last_day, step, self.live[each.campaign].campaign.message_class,
                preferred=bool(each.prefers),
            )  # fmt: skip
        return self._moments[alike]

    def _row(
        self, each: Follower, step: Step, placed: Placed, due_at: datetime, known: Known | None
    ) -> tuple[Any, ...]:
        """In the order of COLUMNS."""
        skipped = placed.fate in (Fate.LATE_ENTRY, Fate.SUPERSEDED) and (known is None or known.state == State.SKIPPED)
        reason = Reason.LATE_ENTRY if placed.fate == Fate.LATE_ENTRY else Reason.SUPERSEDED
        stage = stage_of(
            each.pregnancy_from or each.visits_pregnancy_from, each.born or each.visits_child_born, placed.due_on
        )
        return (
            each.pk, step.key, placed.occurrence, each.campaign, each.person, 0,
            placed.due_on, due_at, placed.last_day, stage, self.live[each.campaign].revision_id, step.pk, step.topic,
            each.unit, each.facility, each.language, (State.SKIPPED if skipped else State.WAITING).value,
            reason.value if skipped else "", None, self.now if skipped else None,
        )  # fmt: skip


def _occasion(step: Timing, anchor: date, number: int, today: date) -> Iterator[Placed]:
    occasion = occasion_of(number, step.month_day)
    if occasion is not None and is_of_age(step, anchor, occasion):
        due_on, last_day = window(step, occasion)
        yield Placed(step.key, due_on, last_day, Fate.CLOSED if last_day < today else Fate.AHEAD, number)


def _write_back(done: list[Follower], live: dict[int, LiveCampaign]) -> None:
    """Locked in key order, and laid only where the date and the occasion are still those that were read."""
    laid: dict[int, list[int]] = defaultdict(list)
    for some in batched(done):
        keys = [each.pk for each in some]
        found = Enrollment.objects.filter(pk__in=keys).select_for_update(no_key=True).order_by("pk")
        now = {pk: read for pk, *read in found.values_list("pk", "anchor_date", "occurrence")}
        for each in some:
            if now.get(each.pk) == [each.counted, each.occurrence]:
                laid[live[each.campaign].revision_id].append(each.pk)
    for revision_id, keys in sorted(laid.items()):
        for some_keys in batched(keys):
            Enrollment.objects.filter(pk__in=some_keys).update(laid=True, planned_revision=revision_id)
