"""Writes the ledger: one row for every due (enrollment, step, occurrence), by join (D2), never twice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from campaigns.local import rules
from campaigns.local.rules import Rules, is_round
from campaigns.models import PlannerState, Step
from campaigns.schedule.catchup import catch_up
from campaigns.schedule.dailyjoin import Join, joins_of_day, joins_of_sessions, must_go_before
from campaigns.schedule.duetime import Clock, clock_on
from campaigns.schedule.ledgerjoin import write
from campaigns.schedule.live import LiveCampaign, live_campaigns, timing
from campaigns.schedule.sendtime import local_day

LOOKAHEAD_DAYS = 1


@dataclass
class Counts:
    planned: int = 0
    caught_up: int = 0


def plan(now: datetime) -> Counts:
    """Brings the ledger to the end of tomorrow (local), and through the holidays that begin by the day after.

    - The daily join: for every local day not yet planned and every live step, the few anchor dates (or the range of
      birth dates) that make it due on that day, joined with the active enrollments that are caught up. What an
      outage left out is planned with its own day.
    - The sessions of the days ahead are joined on the first pass of a local day and whenever an edition, a session,
      a holiday or a rule of a place has come or gone, since a station may set one for a day that has been planned. So
      is what has to go before holidays, which may have been entered since, and the open rounds of vitamin A.
    - The catch-up: enrollments whose anchor or revision differs from what was planned are laid on the calendar one
      by one, each passed but open step by its policy.
    - Holds the planner's lease for one transaction; a second planner at the same time returns zeros.
    """
    today = local_day(now, settings.ZONE)
    PlannerState.objects.bulk_create([PlannerState()], ignore_conflicts=True)
    with transaction.atomic():
        state = PlannerState.objects.select_for_update(skip_locked=True).first()
        if state is None:
            return Counts()
        live, here = live_campaigns(), rules.load()
        ahead = clock_on(today, LOOKAHEAD_DAYS)
        planned = state.planned_through
        clock = replace(ahead, horizon=max(ahead.horizon, planned or ahead.horizon))
        counts = Counts()
        for day in _days(planned + timedelta(days=1) if planned else today, clock.horizon):
            counts.planned += sum(write(joins_of_day(day, each, here), each, clock) for each in live.values())
        sessions = joins_of_sessions(live.values(), today, clock.horizon, here)
        planned_for = _digest(today, live, sessions, clock, here)
        if state.planned_for != planned_for:
            counts.planned += sum(write(some, live[pk], clock, again=True) for pk, some in sorted(sessions.items()))
            counts.planned += _again_for_holidays(live, today, ahead.horizon, clock, here)
            counts.planned += _again_for_ages(live, today, clock, here)
        counts.caught_up = catch_up(live, today, clock, now, state.planned_on, edited=state.planned_for != planned_for)
        if state.planned_for != planned_for:
            state.planned_through, state.planned_on, state.planned_for = clock.horizon, today, planned_for
            state.save(update_fields=["planned_through", "planned_on", "planned_for"])
    return counts


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _digest(
    today: date, live: dict[int, LiveCampaign], sessions: dict[int, list[Join]], clock: Clock, here: Rules
) -> str:  # fmt: skip
    """What a pass does beside newcomers follows from this alone."""
    joins = [
        (join.step.pk, join.first, join.last, join.due_on, join.last_day, join.station)
        for _pk, some in sorted(sessions.items())
        for join in some
    ]
    editions = sorted(each.revision_id for each in live.values())
    ages = sorted(here.values.get(rules.VITAMIN_A, ()))
    return sha256(repr([today, editions, joins, sorted(clock.holidays), clock.horizon, ages]).encode()).hexdigest()


def _again_for_holidays(
    live: dict[int, LiveCampaign], today: date, horizon: date, clock: Clock, here: Rules
) -> int:  # fmt: skip
    """Moves rows of planned days whose holidays were entered or removed since: the windows that lie in holidays now,
    and those that lie in days that were planned ahead for the sake of holidays that are gone (`horizon` would not
    reach them)."""
    count = 0
    for day in _days(today, clock.horizon):
        if day in clock.holidays or day > horizon:
            for campaign in live.values():
                moved = [
                    join
                    for join in joins_of_day(day, campaign, here)
                    if must_go_before(join, clock) or horizon < day <= join.last_day <= clock.horizon
                ]
                count += write(moved, campaign, clock, again=True)
    return count


def _again_for_ages(live: dict[int, LiveCampaign], today: date, clock: Clock, here: Rules) -> int:
    """Writes the rounds of vitamin A whose window is open once more: the ages that get it may have changed since their
    day was planned. Where its policy makes up for a day that has passed."""
    count = 0
    for campaign in live.values():
        steps = [step for step in campaign.steps.values() if is_round(timing(step))]
        if not steps:
            continue
        longest = max(timing(step).until.days - timing(step).start.days for step in steps)
        for day in _days(today - timedelta(days=max(longest, 0)), clock.horizon):
            joins = [join for join in joins_of_day(day, campaign, here) if is_round(timing(join.step))]
            still = [j for j in joins if j.last_day >= today and (day >= today or j.step.catch_up != Step.CatchUp.SKIP)]
            count += write(still, campaign, clock, again=True)
    return count
