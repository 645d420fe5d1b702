"""What a person will get if nothing changes: derived from the dates (D1), never stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from campaigns.content import parameters, rendering
from campaigns.models import Campaign, Enrollment, ScheduledMessage, Step
from campaigns.schedule.catchup import SUBJECTS
from campaigns.schedule.conditions import applies
from campaigns.schedule.duetime import Clock, clock_on
from campaigns.schedule.endings import ended
from campaigns.schedule.gates import past_term
from campaigns.schedule.live import live_campaigns, timing, wording
from campaigns.schedule.sendtime import at, local_day
from campaigns.schedule.stations import sessions_for
from campaigns.schedule.timeline import Fate, brought_forward, place
from messaging.models import MessageClass
from recipients.models import Person
from recipients.shifts import preferred_on


@dataclass(frozen=True)
class Coming:
    """One message ahead: not in the ledger yet."""

    campaign: Campaign
    step_key: str
    due_at: datetime
    text: str


def coming(person: Person, now: datetime, days: int = 120) -> list[Coming]:
    """The messages that fall due for `person` in the next `days` local days and are not in the ledger, in order.

    - `due_at` is the time of day that suits her; a day whose window lies in holidays only is brought forward.
    - A text whose placeholder has no value is shown with the placeholder.
    """
    today = local_day(now, settings.ZONE)
    clock = clock_on(today, 0, days)
    values = parameters.values_for([person])[person.pk]
    rows = list(_rows(person, today, today + timedelta(days=days)))
    for number, row in enumerate(rows):
        row.pk = number
    of_subject = parameters.subject_values(rows)
    ahead = []
    for row in rows:
        chosen = wording(row.step, person)
        if chosen is None or _past_term(row):
            continue
        try:
            body = rendering.render(chosen[0], values | of_subject[row.pk])
        except rendering.MissingValue:
            body = chosen[0]
        text = rendering.for_phone(body, person.script)
        ahead.append(Coming(row.campaign, row.step_key, _moment(row, person, clock), text))
    return sorted(ahead, key=lambda item: (item.due_at, item.campaign.priority))


def _past_term(row: ScheduledMessage) -> bool:
    """Whether release would hold it, the pregnancy going on past 41w6d (gates)."""
    about = row.enrollment.visit or row.enrollment
    open_ = about.pregnancy if about.pregnancy and not about.pregnancy.outcome else None
    return open_ is not None and past_term((row.due_on - open_.anchor_date).days, row.topic)


def _rows(person: Person, today: date, horizon: date) -> Iterator[ScheduledMessage]:
    """The ledger rows that would be, unsaved."""
    live = live_campaigns()
    followed = Enrollment.objects.filter(person=person, active=True).alias(ends=ended(today)).filter(ends="")
    enrollments = followed.select_related(*SUBJECTS)
    mine = [each for each in enrollments if each.campaign_id in live and each.anchor != Campaign.Anchor.HAND]
    sessions = sessions_for({each.child_id for each in mine if each.child_id})
    known = set(
        ScheduledMessage.objects.filter(enrollment__in=mine).values_list("enrollment", "step_key", "occurrence")
    )
    for enrollment in mine:
        campaign = live[enrollment.campaign_id]
        steps: dict[str, Step] = {key: step for key, step in campaign.steps.items() if applies(step, enrollment)}
        for placed in place(
            [timing(step) for step in steps.values()], enrollment.anchor_date, today, horizon,
            occurrence=enrollment.occurrence, sessions=sessions.get(enrollment.child_id or 0, {}),
        ):  # fmt: skip
            if placed.fate == Fate.DUE and (enrollment.pk, placed.key, placed.occurrence) not in known:
                yield ScheduledMessage(
                    enrollment=enrollment, step_key=placed.key, occurrence=placed.occurrence, step=steps[placed.key],
                    campaign=campaign.campaign, person=person, due_on=placed.due_on, last_day=placed.last_day,
                )  # fmt: skip


def _moment(row: ScheduledMessage, person: Person, clock: Clock) -> datetime:
    if row.campaign.message_class == MessageClass.EMERGENCY:
        return at(row.due_on, row.step.send_time, settings.ZONE)
    day = brought_forward(row.due_on, row.last_day, clock.holidays)
    suits = preferred_on(day, person.preferred_time, person.shift_times, person.shift_from)
    return at(day, suits or row.step.send_time, settings.ZONE)
