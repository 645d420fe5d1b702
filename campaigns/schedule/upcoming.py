"""What a person will get if nothing changes: derived from the dates (D1), never stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from campaigns.content import parameters, rendering
from campaigns.models import Campaign, Enrollment, ScheduledMessage
from campaigns.schedule.live import live_campaigns, timing, wording
from campaigns.schedule.planner import applies
from campaigns.schedule.sendtime import at, local_day
from campaigns.schedule.timeline import due_date
from recipients.models import Person


@dataclass(frozen=True)
class Coming:
    """One message ahead: not in the ledger yet."""

    campaign: Campaign
    step_key: str
    due_at: datetime
    text: str


def coming(person: Person, now: datetime, days: int = 120) -> list[Coming]:
    """The messages that fall due for `person` in the next `days` local days and are not in the ledger, in order.

    A text whose placeholder has no value is shown with the placeholder.
    """
    today = local_day(now, settings.ZONE)
    live = live_campaigns()
    values = parameters.values_for([person])[person.pk]
    enrollments = Enrollment.objects.filter(person=person, active=True).select_related("child")
    known = set(ScheduledMessage.objects.filter(person=person).values_list("enrollment", "step_key"))
    ahead = []
    for enrollment in enrollments:
        campaign = live.get(enrollment.campaign_id)
        for step in campaign.for_role(enrollment.role) if campaign else []:
            day = due_date(enrollment.anchor_date, timing(step).start)
            wanted = today <= day <= today + timedelta(days=days) and applies(step, enrollment)
            chosen = wording(step, person)
            if campaign is None or not wanted or chosen is None or (enrollment.pk, step.key) in known:
                continue
            try:
                body = rendering.render(chosen[0], values)
            except rendering.MissingValue:
                body = chosen[0]
            text = rendering.for_phone(body, person.script)
            ahead.append(Coming(campaign.campaign, step.key, at(day, step.send_time, settings.ZONE), text))
    return sorted(ahead, key=lambda item: (item.due_at, item.campaign.priority))
