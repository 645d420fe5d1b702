"""Whether a due message may leave at this moment (D4). Asked by release and by dispatch; pure over gathered facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings

from campaigns.models import Campaign, Reason, ScheduledMessage
from campaigns.schedule import toldloss
from campaigns.schedule.facts import Facts, hours_of, live_step
from campaigns.schedule.live import LiveCampaign
from campaigns.schedule.sendtime import at, is_holiday, is_open, local_day, minute_of, next_opening
from messaging.models import MessageClass
from recipients.gestation import MAX_GESTATION_DAYS
from recipients.shifts import preferred_on

ASK_AGAIN_AFTER = timedelta(hours=1)
"""How long a row waits before a reason that an officer or administrator can remove is looked at again."""
REDATED_AFTER = timedelta(minutes=1)
"""How long a row waits for the planner to give it its new day."""
LAST_HALF_HOUR = timedelta(minutes=30)
"""Before the sending hours close: for who prefers a time after them."""
QUESTIONS_FROM = 42 * 7
"""From 42w0d without an outcome only questions leave (design D12: after 41 weeks 6 days)."""
QUESTIONS = "outcome"
"""The topic of the texts that ask what has become of the pregnancy."""

FINAL = frozenset(
    {
        Reason.ENDED_LOSS,
        Reason.ENDED_BIRTH,
        Reason.ENDED_DEATH,
        Reason.ENDED_AGE,
        Reason.ENDED_UNKNOWN,
        Reason.ENDED_CARE,
        Reason.ENDED_VISIT,
        Reason.ENDED_UNDONE,
        Reason.ENDED_BROADCAST,
        Reason.RESCHEDULED,
        Reason.VISIT_DONE,
        Reason.LATE,
    }
)
ASLEEP = frozenset(
    {
        Reason.NO_CONSENT, Reason.NO_PHONE, Reason.DEAD_NUMBER, Reason.OPTED_OUT, Reason.CANNOT_READ,
        Reason.MOTHERS_OWN, Reason.NOT_AGREED, Reason.PAUSED, Reason.HOLD,
    }
)  # fmt: skip
"""Nobody asks these again and again: wake.wake, the verb, the planner or dead_numbers sets them free as soon as the
fact changes; else they are looked at when their window has closed. Every other reason that passes is asked each
morning; so is a pause that nobody made (toldloss), which ends with a task."""
CLOCK = (Reason.QUIET_HOURS, Reason.HOLIDAY, Reason.PREFERRED_TIME)
"""Only the hour, which is the same for all texts of a person and class."""
SOON = frozenset({Reason.NO_TEXT, Reason.NO_PARAMETER, Reason.NO_ROUTE, Reason.NOT_REGISTERED, Reason.NO_TAIL})


@dataclass(frozen=True)
class Verdict:
    """Why a row must not go now. Final: never; else it is asked again at `retry_at`."""

    reason: Reason
    final: bool
    retry_at: datetime


def judge(
    rows: Sequence[ScheduledMessage], live: dict[int, LiveCampaign], facts: Facts, now: datetime
) -> dict[int, Verdict]:
    """The rows (from `facts.with_facts`) that must not leave at `now`, each with its reason.

    - What has ended, was visited or is past its last day is final. A row that waited for something until its
      window closed keeps that as its reason; `late` is left for those that nothing else held.
    - Everything else passes: the row waits and is asked again, or sleeps until the fact changes.
    - The order of the checks is the order in which a person would want to hear the reasons.
    """
    today = local_day(now, settings.ZONE)
    verdicts: dict[int, Verdict] = {}
    for row in rows:
        shut = row.last_day < today
        reason = _ended(row, live, facts) or _redated(row, facts)
        if reason is None and shut and row.reason:
            reason = Reason(row.reason)
        reason = reason or _held(row, live, facts, today) or (Reason.LATE if shut else None)
        if reason is not None:
            verdicts[row.pk] = Verdict(reason, shut or reason in FINAL, retry_at(reason, row, facts, now))
        elif timed := _not_yet(row, facts, now):
            verdicts[row.pk] = Verdict(timed[0], False, within(row.last_day, timed[1]))
    return verdicts


def past_term(age: int, topic: str) -> bool:
    """Whether a text about a pregnancy of `age` days without an outcome is held: from 42w0d all but the questions,
    from EDD + 21 days (43w0d) every one (design D12)."""
    return age >= MAX_GESTATION_DAYS or (age >= QUESTIONS_FROM and topic != QUESTIONS)


def retry_at(reason: Reason, row: ScheduledMessage, facts: Facts, now: datetime) -> datetime:
    """When a row that `reason` holds is asked again; never later than the moment after its window."""
    over = window_over(row.last_day)
    pause = facts.paused.get(row.pk) if reason == Reason.PAUSED else None
    if reason == Reason.REDATED and facts.days.get(row.pk):
        again = now + REDATED_AFTER
    elif reason in SOON:
        again = now + ASK_AGAIN_AFTER
    elif reason in ASLEEP and not (pause is not None and toldloss.is_told(pause)):
        again = over
    else:
        again = opening_after(local_day(now, settings.ZONE), row.campaign, facts)
    return max(now, min(again, over))


def window_over(last_day: date) -> datetime:
    """The moment after a window; what still waits then is told that it is too late."""
    return at(last_day + timedelta(days=1), time.min, settings.ZONE)


def within(last_day: date, again: datetime) -> datetime:
    """When to ask again, but not later than when the window is over: holidays may lie behind it."""
    return min(again, window_over(last_day))


def opening_after(day: date, campaign: Campaign, facts: Facts) -> datetime:
    """The first sending time of the campaign's class after the local day `day`."""
    hours = hours_of(campaign.message_class, facts.holidays)
    return next_opening(at(day + timedelta(days=1), time.min, settings.ZONE), hours)


def _ended(row: ScheduledMessage, live: dict[int, LiveCampaign], facts: Facts) -> Reason | None:
    if row.ends:  # type: ignore[attr-defined]
        return Reason(row.ends)  # type: ignore[attr-defined]
    occurrence = row.visit_occurrence  # type: ignore[attr-defined]
    if occurrence is not None and occurrence != row.occurrence:
        return Reason.RESCHEDULED
    if row.pk in facts.lost:
        return Reason.ENDED_LOSS
    if row.pk in facts.visited:
        return Reason.VISIT_DONE
    step = live_step(row, live)
    if row.mother_died_on and step and not step.without_mother:  # type: ignore[attr-defined]
        return Reason.ENDED_DEATH
    return None


def _redated(row: ScheduledMessage, facts: Facts) -> Reason | None:
    """The row's day must be the one that the facts give now: between a correction and the next pass of the planner
    the ledger may still hold the old one, and so may a row that was handed over before it."""
    return Reason.REDATED if facts.days.get(row.pk) != row.due_on else None


def _held(row: ScheduledMessage, live: dict[int, LiveCampaign], facts: Facts, today: date) -> Reason | None:
    person, step = facts.to[row.pk], live_step(row, live)
    since = row.pregnant_since  # type: ignore[attr-defined]
    age = (today - since).days if since and row.campaign.message_class != MessageClass.EMERGENCY else 0
    pause = facts.paused.get(row.pk)
    checks: Iterable[tuple[bool, Reason]] = (
        (past_term(age, row.topic), Reason.HOLD),
        (row.topic in facts.excluded[row.pk], Reason.TOPIC_EXCLUDED),
        (not person.phone and person.can_read, Reason.NO_PHONE),
        (row.pk not in facts.consented, Reason.NO_CONSENT),
        (row.pk not in facts.agreed, Reason.NOT_AGREED),
        (not person.can_read, Reason.CANNOT_READ),
        (person.phone in facts.closed, Reason.OPTED_OUT),
        (row.campaign_id not in live, Reason.PAUSED),
        (step is None, Reason.STEP_REMOVED),
        (row.pk in facts.unmeant, Reason.NOT_MEANT),
        (person.pk != row.person_id and step is not None and not step.without_mother, Reason.MOTHERS_OWN),
        (pause is not None and row.pk not in facts.substitutes, Reason.PAUSED),
    )
    return next((reason for stands, reason in checks if stands), None)


def _not_yet(row: ScheduledMessage, facts: Facts, now: datetime) -> tuple[Reason, datetime] | None:
    """The time of day: sending hours of the class, holidays, and when the person wants to be texted."""
    message_class = row.campaign.message_class
    hours = hours_of(message_class, facts.holidays)
    if not is_open(now, hours):
        holiday = is_holiday(now, hours.holidays, hours.zone)
        spread = minute_of(facts.to[row.pk].pk, settings.SPREAD_MINUTES)
        return Reason.HOLIDAY if holiday else Reason.QUIET_HOURS, next_opening(now, hours) + spread
    if message_class == "emergency":
        return None
    person, today = facts.to[row.pk], local_day(now, settings.ZONE)
    wanted = preferred_on(today, person.preferred_time, person.shift_times, person.shift_from)
    if wanted is None:
        return None
    welcome = at(today, wanted, settings.ZONE)
    if not is_open(welcome, hours) and hours.opens < hours.closes:  # as near to it as the sending hours allow
        welcome = at(today, hours.opens if wanted < hours.opens else hours.closes, settings.ZONE)
        welcome -= LAST_HALF_HOUR if wanted >= hours.closes else timedelta(0)
    welcome += minute_of(person.pk, settings.SPREAD_MINUTES)
    return (Reason.PREFERRED_TIME, welcome) if now < welcome else None
