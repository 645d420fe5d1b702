"""Who follows which campaign, derived from the facts in a few set-based statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields import BooleanField, CharField, DateField, DateTimeField, IntegerField

from campaigns.models import Campaign, Enrollment, Reason, ScheduledMessage, Step
from campaigns.schedule import changes
from campaigns.schedule.conditions import CONDITIONS
from campaigns.schedule.endings import ENDINGS, anchor_in_facts, ended
from campaigns.schedule.insert_select import Column, insert_select
from campaigns.schedule.live import LiveCampaign, live_campaigns, timing
from campaigns.schedule.sendtime import local_day
from campaigns.schedule.subjects import Source, sources
from campaigns.schedule.timeline import latest_anchor
from messaging.batches import batched
from recipients.models import Caregiver

ONCE_A_PERSON = (Campaign.Anchor.ENROLLMENT, Campaign.Anchor.BROADCAST)
State = ScheduledMessage.State
TOGETHER = 500
"""People who are compared at once, with those whom they care or work for."""


@dataclass(frozen=True)
class Counts:
    enrolled: int = 0
    ended: int = 0
    resumed: int = 0
    moved: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def derive(now: datetime) -> Counts:
    """Brings every enrollment in line with the facts.

    - Who follows a live campaign (subjects.sources) is enrolled, once for each pregnancy, child or visit; welcomed
      and reached by a broadcast once in all.
    - Consent and number play no part here: they are asked when a message is due (`no_consent`, `no_phone`).
    - An outcome, a death, a visit that took place or was canceled, or the end of care ends the enrollment with its
      reason (endings.ended); when the fact is taken back, it goes on. What waits of it is asked again at once.
    - A corrected date moves `anchor_date`, a visit's new day its `occurrence` too; the planner then lays the
      enrollment on the calendar again, as it does with the sessions of another station.
    - Ledger rows are written before their enrollments and both in key order, as the planner and release do, so
      that none of them waits for another in a circle.

    Everybody is compared on the first pass of a local day and whenever a campaign or a worker has come or gone; in
    between only those about whom something was recorded since, a few hundred at a time (changes.begin). What
    somebody changed behind the verbs' back therefore starts a day later at most; it stops at once, since release asks
    the facts themselves.

    Safe at any time, from any number of workers: unique constraints decide who was first.
    """
    today = local_day(now, settings.ZONE)
    live = live_campaigns()
    begun = changes.begin(live, today)
    counts = Counts()
    if begun.people is None:
        counts += _compare(live, None, today, now)
    else:
        for some in batched(sorted(begun.people), TOGETHER):
            counts += _compare(live, some, today, now)
    if begun.taken_back:
        _ask_again(begun.taken_back, today)
    _other_station(begun.moved)
    changes.done(begun)
    return counts


def _compare(live: dict[int, LiveCampaign], people: changes.People, today: date, now: datetime) -> Counts:
    mothers = None if people is None else changes.mothers_of(people)
    with transaction.atomic():
        enrolled = sum(
            _insert(live[pk], source, mothers, now) for pk in sorted(live) for source in sources(live[pk], today)
        )
    followed = Enrollment.objects.all()
    if people is not None:
        followed = followed.filter(pk__in=changes.enrollments_of(people))
    ended_count, resumed = _end_and_resume(followed, today)
    resumed += _other_role(live, followed, today)
    moved = _move_anchors(followed)
    _condition_met(live, followed, today)
    return Counts(enrolled=enrolled, ended=ended_count, resumed=resumed, moved=moved)


def _insert(live: LiveCampaign, source: Source, mothers: changes.People, now: datetime) -> int:
    known = Enrollment.objects.filter(campaign=live.campaign, person=OuterRef(source.person))
    if live.campaign.anchor not in ONCE_A_PERSON:
        known = known.filter(**{kind: OuterRef(key) for kind, key in source.about.items()})
    nothing: dict[str, Column] = {kind: Value(None, IntegerField()) for kind in ("pregnancy", "child", "visit")}
    columns: dict[str, Column] = {
        "person": F(source.person),
        "campaign": Value(live.campaign.pk, IntegerField()),
        "role": Value(source.role, CharField()),
        "anchor": Value(live.campaign.anchor, CharField()),
        **nothing,
        **{kind: F(key) for kind, key in source.about.items()},
        "occurrence": ExpressionWrapper(source.occurrence, output_field=IntegerField()),
        "anchor_date": ExpressionWrapper(source.anchor, output_field=DateField()),
        "laid": Value(False, BooleanField()),
        "active": Value(True, BooleanField()),
        "ended_reason": Value("", CharField()),
        "enrolled_at": Value(now, DateTimeField()),
    }
    rows = source.rows.filter(~Exists(known))
    if mothers is not None:
        rows = rows.filter(**{f"{source.mother}__in": mothers})
    return insert_select(Enrollment, rows.order_by("pk"), columns, "ON CONFLICT DO NOTHING")


def _end_and_resume(followed: QuerySet[Enrollment], today: date) -> tuple[int, int]:
    changed: dict[str, list[int]] = {}
    differing = followed.annotate(ends=ended(today)).exclude(ends=F("ended_reason"))
    for pk, reason in differing.order_by("pk").values_list("pk", "ends"):
        changed.setdefault(reason, []).append(pk)
    ended_count = resumed = 0
    for reason, keys in sorted(changed.items()):
        for some in batched(keys):
            if reason:
                ended_count += _end(some, reason)
            else:
                resumed += _resume(some, today)
    return ended_count, resumed


@transaction.atomic
def _end(enrollments: list[int], reason: str) -> int:
    """They end, and release settles what waits of them at once; what the planner or release has in his hands, in
    another order than this, when it is due again."""
    waiting = ScheduledMessage.objects.filter(enrollment__in=enrollments, state=State.WAITING, not_before__isnull=False)
    _update(waiting, skip_locked=True, not_before=None)
    return _update(Enrollment.objects.filter(pk__in=enrollments), active=False, ended_reason=reason)


@transaction.atomic
def _resume(enrollments: list[int], today: date) -> int:
    """They go on: what ended with them and is still open waits again, and what was missed meanwhile is planned."""
    rows = ScheduledMessage.objects.filter(enrollment__in=enrollments)
    _wait_again(rows, today)
    _update(rows.filter(state=State.WAITING, not_before__isnull=False), not_before=None)
    return _update(Enrollment.objects.filter(pk__in=enrollments), active=True, ended_reason="", laid=False)


def _condition_met(live: dict[int, LiveCampaign], followed: QuerySet[Enrollment], today: date) -> None:
    """A weight or the weeks at birth came later: a step for such children, still open, is laid on the calendar."""
    for pk in sorted(live):
        for step in live[pk].steps.values():
            if not step.condition:
                continue
            planned = ScheduledMessage.objects.filter(enrollment=OuterRef("pk"), step_key=step.key)
            wanting = followed.filter(
                CONDITIONS[step.condition],
                ~Exists(planned),
                campaign=pk,
                role=step.role,
                active=True,
                laid=True,
                anchor_date__gte=latest_anchor(today, timing(step).until),
                anchor_date__lte=latest_anchor(today, timing(step).start),
            )
            with transaction.atomic():
                _update(wanting, laid=False)


@transaction.atomic
def _ask_again(people: Collection[int], today: date) -> None:
    """A visit, a loss, a birth or a death was taken back: what was skipped for it, in enrollments that go on, is asked
    again. So is what the last check ended before anybody had compared the enrollment, which then never ended."""
    going_on = ScheduledMessage.objects.filter(enrollment__in=changes.enrollments_of(people), enrollment__active=True)
    _wait_again(going_on, today)


def _wait_again(rows: QuerySet[ScheduledMessage], today: date) -> None:
    """Of `rows` those that ended with their subject and are still open; but what somebody decided to send by hand, and
    was taken back, never begins again by itself."""
    ended_open = rows.filter(state=State.SKIPPED, reason__in=ENDINGS, last_day__gte=today)
    again = ended_open.exclude(enrollment__anchor=Campaign.Anchor.HAND, reason=Reason.ENDED_UNDONE)
    _update(
        again,
        state=State.WAITING,
        reason="",
        not_before=None,
        sms=None,
        reader=None,
        release_number=F("release_number") + 1,
    )


def _other_station(mothers: Collection[int]) -> None:
    """Another station holds the sessions: they are laid on the calendar."""
    for some in batched(sorted(mothers)):
        of_session = Enrollment.objects.filter(anchor=Campaign.Anchor.SESSION, child__mother__in=some, active=True)
        with transaction.atomic():
            _update(of_session.filter(laid=True), laid=False)


def _other_role(live: dict[int, LiveCampaign], followed: QuerySet[Enrollment], today: date) -> int:
    """Somebody whose care ended and who cares again in another role goes on in that one."""
    about = Q(pregnancy=OuterRef("pregnancy")) | Q(child=OuterRef("child"))
    about |= Q(pregnancy=OuterRef("visit__pregnancy")) | Q(child=OuterRef("visit__child"))
    editions = [each.revision_id for each in live.values()]
    roles = Step.objects.filter(revision__in=editions, revision__campaign=OuterRef(OuterRef("campaign"))).values("role")
    cares = Caregiver.objects.filter(about, person=OuterRef("person"), ended_on=None, role__in=roles)
    stopped = followed.filter(active=False, ended_reason=Reason.ENDED_CARE)
    other = stopped.annotate(other=Subquery(cares.exclude(role=OuterRef("role")).order_by("pk").values("role")[:1]))
    goes_on: dict[str, list[int]] = {}
    for pk, role in other.filter(other__isnull=False).order_by("pk").values_list("pk", "other"):
        goes_on.setdefault(role, []).append(pk)
    count = 0
    for role, keys in sorted(goes_on.items()):
        for some in batched(keys):
            Enrollment.objects.filter(pk__in=some).update(role=role)
            count += _resume(some, today)
    return count


def _move_anchors(followed: QuerySet[Enrollment]) -> int:
    active = followed.filter(active=True)
    differing = active.annotate(fact=anchor_in_facts()).exclude(fact=F("anchor_date"))
    moved: dict[tuple[date, int | None], list[int]] = {}
    for pk, fact in differing.filter(visit=None).order_by("pk").values_list("pk", "fact"):
        moved.setdefault((fact, None), []).append(pk)
    visits = active.filter(visit__planned_date__isnull=False)
    changed = visits.exclude(anchor_date=F("visit__planned_date"), occurrence=F("visit__rescheduled"))
    for pk, fact, times in changed.order_by("pk").values_list("pk", "visit__planned_date", "visit__rescheduled"):
        if fact is not None:
            moved.setdefault((fact, times), []).append(pk)
    count = 0
    for (fact, occurrence), keys in sorted(moved.items(), key=lambda item: item[1][0]):
        values: dict[str, Any] = {"anchor_date": fact, "laid": False}
        if occurrence is not None:
            values["occurrence"] = occurrence
        for some in batched(keys):
            with transaction.atomic():
                count += _update(Enrollment.objects.filter(pk__in=some), **values)
    return count


def _update(rows: QuerySet[Any], *, skip_locked: bool = False, **values: Any) -> int:
    """In key order, inside a transaction: two updates that lock the same rows in another order wait for each other.
    `skip_locked`: without what another holds."""
    mine = rows.select_for_update(no_key=True, of=("self",), skip_locked=skip_locked)
    keys = list(mine.order_by("pk").values_list("pk", flat=True))
    return sum(rows.model._default_manager.filter(pk__in=some).update(**values) for some in batched(keys))
