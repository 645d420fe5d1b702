"""Writes the rows of windows by a join with the enrollments: one statement for all that are alike (D2)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from campaigns.models import Campaign, Enrollment, ScheduledMessage
from campaigns.schedule.conditions import followers
from campaigns.schedule.dailyjoin import Join
from campaigns.schedule.duetime import PREFERRING, Clock
from campaigns.schedule.insert_select import insert_joined
from campaigns.schedule.live import LiveCampaign
from campaigns.schedule.stages import stages_on
from campaigns.schedule.stations import ELSEWHERE, HERS, served_units

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

_DUE_AT = "CASE WHEN e.prefers = 1 THEN due.opening ELSE due.usual END"
_THERE = f"""NOT EXISTS (
    SELECT 1 FROM {_OLD} r WHERE r.enrollment_id = e.key AND r.step_key = due.step_key AND r.occurrence = {{occurrence}}
    AND (r.sms_id IS NOT NULL OR r.state = 'told' OR (r.due_on = due.due_on AND r.last_day = due.last_day
        AND (r.state <> 'waiting' OR r.due_at = {_DUE_AT}))))"""


def write(
    joins: Iterable[Join],
    live: LiveCampaign,
    clock: Clock,
    *,
    again: bool = False,
    mothers: Iterable[int] | None = None,
) -> int:
    """Inserts the rows of windows of one campaign for the enrollments that are caught up; returns how many were new or
    moved.

    - `again`: they have been written before. Then what is there already is left out beforehand, so that a pass in
      which nothing differs neither writes nor locks anything.
    """
    groups: dict[tuple[object, ...], list[Join]] = defaultdict(list)
    for join in joins:
        step, of_session = join.step, join.station is not None
        exact, own = join.first == join.last, join.occurrence is None
        alike_in = (join.due_on, step.role, step.condition, step.visit_type, of_session, exact, own, join.area)
        groups[alike_in].append(join)
    count = 0
    for alike in groups.values():
        source = Enrollment.objects.filter(
            followers(alike[0].step, live.campaign),
            laid=True,
            planned_revision=live.revision_id,
        )
        if alike[0].area is not None:
            source = source.filter(alike[0].area.mothers("child__mother__unit__path"))
        if alike[0].station is None:
            count += _write(alike, source, live, clock, again)
        else:
            hers = source.filter(HERS).annotate(place=F("child__mother__facility"))
            count += _write(alike, hers, live, clock, again)
            by_unit = served_units({join.station for join in alike if join.station is not None})
            served = [replace(join, station=unit) for join in alike for unit in by_unit.get(join.station or 0, [])]
            elsewhere = source.filter(ELSEWHERE).annotate(place=F("child__mother__unit"))
            count += _write(served, elsewhere, live, clock, again)
    return count


def _write(joins: Sequence[Join], source: QuerySet[Enrollment], live: LiveCampaign, clock: Clock, again: bool) -> int:
    """Those of one group: of one day, for the same enrollments apart from the dates that they are counted from."""
    if not joins:
        return 0
    one, campaign = joins[0], live.campaign
    occurrence = "e.number" if one.occurrence is None else "due.number"
    on = "e.counted = due.first" if one.first == one.last else "e.counted BETWEEN due.first AND due.last"
    names = ["step_key", "step_id", "topic", "due_on", "last_day", "usual", "opening", "first", "last"]
    rows: list[list[Any]] = [_window(join, campaign, clock) for join in joins]
    if one.occurrence is not None:
        names.append("number")
        rows = [[*row, join.occurrence] for row, join in zip(rows, joins, strict=True)]
    if one.station is not None:
        names.append("place")
        rows = [[*row, join.station] for row, join in zip(rows, joins, strict=True)]
        on += " AND e.place = due.place"
    if again:
        on += f" AND {_THERE.format(occurrence=occurrence)}"
    source = source.annotate(
        key=F("pk"), number=F("occurrence"), counted=F("anchor_date"), whom=F("person_id"), unit=F("person__unit_id"),
        facility=F("person__facility_id"), language=F("person__language"), stage=_stages(campaign, one.due_on),
        prefers=Case(When(PREFERRING, then=Value(1)), default=Value(0), output_field=IntegerField()),
    )  # fmt: skip
    picked = ["key", "number", "counted", "whom", "unit", "facility", "language", "stage", "prefers"]
    columns = {
        "enrollment_id": "e.key", "step_key": "due.step_key", "occurrence": occurrence,
        "campaign_id": f"{campaign.pk:d}", "revision_id": f"{live.revision_id:d}", "step_id": "due.step_id",
        "person_id": "e.whom", "unit_id": "e.unit", "facility_id": "e.facility", "language": "e.language",
        "topic": "due.topic", "stage": "e.stage", "due_on": "due.due_on", "due_at": _DUE_AT,
        "last_day": "due.last_day", "state": "'waiting'", "reason": "''", "not_before": "NULL", "decided_at": "NULL",
        "release_number": "0",
    }  # fmt: skip
    picked += ["place"] if one.station is not None else []
    return insert_joined(
        ScheduledMessage, names, rows, source.values(*picked), columns, on, f"ORDER BY e.key, due.step_key {UPSERT}"
    )


def _window(join: Join, campaign: Campaign, clock: Clock) -> list[Any]:
    usual, opening = (
        clock.moment(join.due_on, join.last_day, join.step, campaign.message_class, preferred=each)
        for each in (False, True)
    )
    step = join.step
    return [step.key, step.pk, step.topic, join.due_on, join.last_day, usual, opening, join.first, join.last]


def _stages(campaign: Campaign, day: date) -> Case:
    if campaign.anchor not in BY_SUBJECT:
        return stages_on(day)
    own = ("anchor_date",)
    pregnancies = campaign.anchor == Campaign.Anchor.GESTATION
    return stages_on(day, own if pregnancies else (), () if pregnancies else own)
