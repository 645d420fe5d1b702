"""The local day on which the facts put rows of the ledger now, whatever day the planner once gave them."""

from collections.abc import Sequence
from datetime import date

from campaigns.models import Campaign, ScheduledMessage
from campaigns.schedule.live import LiveCampaign, timing
from campaigns.schedule.locally import Local, local
from campaigns.schedule.stations import Sessions, sessions_for
from campaigns.schedule.timeline import Timing, due_date, first_session, is_of_age, occasion_of
from recipients.models import Visit


def right_days(rows: Sequence[ScheduledMessage], live: dict[int, LiveCampaign]) -> dict[int, date | None]:
    """By row id the day on which the row's step falls for her, or None: this occasion does not exist (any more).

    - The rows come with enrollment, person and step, and with `anchor` (endings.anchor_in_facts).
    - A step counts as the live revision has it; one that is no longer in it, as the row was planned.
    - None: another day was agreed for the visit since; the child is not of the age on the day of the year, or has no
      session any more; or the step is not for the place where she lives.
    - What is sent by hand is right on its day. At most one query for visits, four for sessions and two for the rules
      of places.
    """
    timings = {row.pk: _timing(row, live) for row in rows}
    visits = {row.enrollment.visit_id for row in rows if row.enrollment.visit_id is not None}
    agreed = dict(Visit.objects.filter(pk__in=visits).values_list("pk", "rescheduled")) if visits else {}
    children = {row.enrollment.child_id for row in rows if timings[row.pk].service and row.enrollment.child_id}
    sessions = sessions_for(children) if children else {}
    by_year = {row.enrollment.child_id for row in rows if timings[row.pk].month_day and row.enrollment.child_id}
    here = local(children | by_year)
    return {row.pk: _right_day(row, timings[row.pk], agreed, sessions, here) for row in rows}


def _timing(row: ScheduledMessage, live: dict[int, LiveCampaign]) -> Timing:
    campaign = live.get(row.campaign_id)
    step = campaign.steps.get(row.step_key) if campaign else None
    return timing(step if step is not None and step.role == row.enrollment.role else row.step)


def _right_day(
    row: ScheduledMessage, meant: Timing, agreed: dict[int, int], sessions: dict[int, Sessions], here: Local
) -> date | None:
    enrollment, anchor = row.enrollment, row.anchor  # type: ignore[attr-defined]
    if enrollment.anchor == Campaign.Anchor.HAND:
        return row.due_on
    step = here.timing(meant, enrollment.child_id, row.due_on)
    if step is None:
        return None
    if step.month_day:
        occasion = occasion_of(row.occurrence, step.month_day)
        return due_date(occasion, step.start) if occasion and is_of_age(step, anchor, occasion) else None
    if step.service:
        day = first_session(step, anchor, sessions.get(enrollment.child_id or 0, {}).get(step.service, ()))
        return due_date(day, step.start) if day else None
    if enrollment.visit_id is not None and agreed.get(enrollment.visit_id) != row.occurrence:
        return None
    return due_date(anchor, step.start)
