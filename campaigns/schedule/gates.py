"""The facts that decide, at the last minute, whether a due message may leave (D4). Asked by release and by dispatch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Holiday, Reason, ScheduledMessage, Step
from campaigns.schedule.endings import anchor_in_facts, ended
from campaigns.schedule.live import LiveCampaign, timing
from campaigns.schedule.sendtime import Hours, is_holiday, is_open, local_day, next_opening
from campaigns.schedule.timeline import due_date
from messaging import optouts
from recipients.consent import consented
from recipients.gestation import MAX_GESTATION_DAYS
from recipients.models import Visit

ASK_AGAIN_AFTER = timedelta(hours=1)
"""How long a row waits before a passing reason is looked at again."""
REDATED_AFTER = timedelta(minutes=1)
"""How long a row waits for the planner to give it its new day."""


@dataclass(frozen=True)
class Verdict:
    """Why a row must not go now. Final: never; else it is asked again at `retry_at`."""

    reason: Reason
    final: bool
    retry_at: datetime


def with_facts(rows: QuerySet[ScheduledMessage], now: datetime) -> QuerySet[ScheduledMessage]:
    """The rows with every fact that `judge` reads, in one query."""
    visits = Visit.objects.filter(
        Q(pregnancy=OuterRef("enrollment__pregnancy")) | Q(child=OuterRef("enrollment__child")),
        type=OuterRef("step__visit_type"),
        attended_date__isnull=False,
    )
    return rows.select_related("person", "enrollment", "step", "campaign").annotate(
        ends=ended(local_day(now, settings.ZONE), "enrollment__"),
        anchor=anchor_in_facts("enrollment__"),
        consents=consented("person_id"),
        visited=Exists(visits),
    )


def hours_of(now: datetime) -> Hours:
    """The sending hours with the holidays that may matter around `now`."""
    today = local_day(now, settings.ZONE)
    days = Holiday.objects.filter(day__range=(today, today + timedelta(days=30))).values_list("day", flat=True)
    return Hours(settings.SEND_FROM, settings.SEND_UNTIL, settings.ZONE, frozenset(days))


def judge(
    rows: Sequence[ScheduledMessage], live: dict[int, LiveCampaign], now: datetime, closed: set[str] | None = None
) -> dict[int, Verdict]:
    """The rows (from `with_facts`) that must not leave at `now`, each with its reason.

    - What has ended, was visited or is past its last day is final. A row that waited for something until its
      window closed keeps that as its reason; `late` is left for those that nothing else held.
    - Everything else passes: the row waits and is asked again.
    - The order of the checks is the order in which a person would want to hear the reasons.
    """
    hours = hours_of(now)
    today = local_day(now, settings.ZONE)
    if closed is None:
        closed = optouts.closed({row.person.phone for row in rows if row.person.phone})
    verdicts: dict[int, Verdict] = {}
    for row in rows:
        shut = row.last_day < today
        reason = _ended(row) or _redated(row, today)
        if reason is None and shut and row.reason:
            reason = Reason(row.reason)
        reason = reason or _held(row, live, closed, today.toordinal()) or (Reason.LATE if shut else None)
        final = shut or reason in FINAL
        retry_at = now + (REDATED_AFTER if reason == Reason.REDATED else ASK_AGAIN_AFTER)
        if reason is None and not is_open(now, hours):
            reason = Reason.HOLIDAY if is_holiday(now, hours.holidays, hours.zone) else Reason.QUIET_HOURS
            retry_at = next_opening(now, hours)
        if reason is not None:
            verdicts[row.pk] = Verdict(reason, final, retry_at)
    return verdicts


FINAL = frozenset(
    {
        Reason.ENDED_LOSS,
        Reason.ENDED_BIRTH,
        Reason.ENDED_DEATH,
        Reason.ENDED_AGE,
        Reason.ENDED_UNKNOWN,
        Reason.ENDED_CARE,
        Reason.VISIT_DONE,
        Reason.LATE,
    }
)


def _ended(row: ScheduledMessage) -> Reason | None:
    if row.ends:  # type: ignore[attr-defined]
        return Reason(row.ends)  # type: ignore[attr-defined]
    return Reason.VISIT_DONE if row.visited else None  # type: ignore[attr-defined]


def _redated(row: ScheduledMessage, today: date) -> Reason | None:
    """The row's day must be the one that the facts give now: between a correction and the next pass of the planner
    the ledger may still hold the old one, and so may a row that was handed over before it."""
    day = due_date(row.anchor, timing(row.step).start)  # type: ignore[attr-defined]
    return Reason.REDATED if row.due_on != day or row.due_on > today else None


def _held(row: ScheduledMessage, live: dict[int, LiveCampaign], closed: set[str], today: int) -> Reason | None:
    person, campaign = row.person, live.get(row.campaign_id)
    step = live_step(row, live)
    pregnant = row.enrollment.pregnancy_id is not None
    checks: Iterable[tuple[bool, Reason]] = (
        (pregnant and today - row.anchor.toordinal() >= MAX_GESTATION_DAYS, Reason.HOLD),  # type: ignore[attr-defined]
        (row.topic in person.excluded_topics, Reason.TOPIC_EXCLUDED),
        (not person.phone, Reason.NO_PHONE),
        (not row.consents, Reason.NO_CONSENT),  # type: ignore[attr-defined]
        (person.phone in closed, Reason.OPTED_OUT),
        (campaign is None or campaign.campaign.paused_at is not None, Reason.PAUSED),
        (step is None, Reason.STEP_REMOVED),
    )
    return next((reason for stands, reason in checks if stands), None)


def live_step(row: ScheduledMessage, live: dict[int, LiveCampaign]) -> Step | None:
    """The step of a row in the live revision of its campaign; it may have been removed since the row was planned."""
    campaign = live.get(row.campaign_id)
    return campaign.steps.get(row.step_key) if campaign else None
