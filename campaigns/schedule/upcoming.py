"""What a person will get if nothing changes: derived from the dates (D1), never stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q

from campaigns import record
from campaigns.content import parameters, rendering
from campaigns.models import Campaign, Enrollment, ScheduledMessage, Step
from campaigns.schedule import irontime
from campaigns.schedule.catchup import SUBJECTS
from campaigns.schedule.conditions import applies
from campaigns.schedule.duetime import Clock, clock_on
from campaigns.schedule.endings import FIXED, ended
from campaigns.schedule.gates import past_term
from campaigns.schedule.live import LiveCampaign, live_campaigns, timing, wording
from campaigns.schedule.locally import local
from campaigns.schedule.sendtime import at, local_day
from campaigns.schedule.stations import sessions_for
from campaigns.schedule.timeline import Fate, brought_forward, place
from messaging.models import MessageClass
from recipients.mains import main_caregivers
from recipients.models import Person
from recipients.shifts import preferred_on


@dataclass(frozen=True)
class Coming:
    """One message ahead, not in the ledger yet: what it follows from, and whose phone rings."""

    enrollment: Enrollment
    reader: Person
    campaign: Campaign
    step: Step
    due_at: datetime
    text: str

    @property
    def step_key(self) -> str:
        return self.step.key

    @property
    def is_mothers_own(self) -> bool:
        """It is for the mother alone, and somebody else receives her texts: it goes to nobody."""
        return self.reader.pk != self.enrollment.person_id and not self.step.without_mother


def coming(person: Person, now: datetime, days: int = 120) -> list[Coming]:
    """The messages that fall due in the next `days` local days and ring on the person's phone, in order: her own, and
    as a child's main caregiver those about the child. See `ahead`."""
    found = ahead(followed(person, local_day(now, settings.ZONE)), now, days)
    return [item for item in found if item.reader.pk == person.pk and not item.is_mothers_own]


def followed(person: Person, today: date) -> list[Enrollment]:
    """What the person follows or followed, and for the mother of a child whose main caregiver she is; each with
    `ends`, the reason why it is over by the facts of the local day `today`."""
    mine = Q(person=person)
    for care in record.main_cares(person):
        about = Q(child=care.child_id) | Q(visit__child=care.child_id)
        mine |= about & Q(role=Step.Role.MOTHER) & ~Q(anchor__in=FIXED[1:])
    found = Enrollment.objects.filter(mine).select_related("campaign", *SUBJECTS)
    return list(found.annotate(ends=ended(today)).order_by("pk"))


def ahead(enrollments: Sequence[Enrollment], now: datetime, days: int) -> list[Coming]:
    """The messages of enrollments (from `followed`) that fall due in the next `days` local days and are not in the
    ledger, in order; without what has ended.

    - `due_at` is the time of day that suits the mother; a day whose window lies in holidays only is brought forward.
    - The words are those for the reader. A text whose placeholder has no value is shown with the placeholder.
    """
    today = local_day(now, settings.ZONE)
    clock = clock_on(today, 0, days)
    live = live_campaigns()
    goes_on = [
        each for each in enrollments
        if each.active and not each.ends and each.campaign_id in live  # type: ignore[attr-defined]
        and each.anchor != Campaign.Anchor.HAND
    ]  # fmt: skip
    readers = _readers(goes_on)
    values = parameters.Values.of_people({person.pk: person for person in readers.values()}.values())
    rows = list(_rows(goes_on, live, today, today + timedelta(days=days)))
    for number, row in enumerate(rows):
        row.pk = number
    of_subject = parameters.subject_values(rows)
    too_late = irontime.over(rows)
    found = []
    for row in rows:
        reader = readers[row.enrollment_id]
        chosen = wording(row.step, reader)
        if chosen is None or _past_term(row) or row.pk in too_late:
            continue
        try:
            body = rendering.render(chosen[0], values.of(reader, row.due_on) | of_subject[row.pk])
        except rendering.MissingValue:
            body = chosen[0]
        text = rendering.for_phone(body, reader.script)
        found.append(Coming(row.enrollment, reader, row.campaign, row.step, _moment(row, row.person, clock), text))
    return sorted(found, key=lambda item: (item.due_at, item.campaign.priority))


def _readers(enrollments: Sequence[Enrollment]) -> dict[int, Person]:
    """By enrollment whose phone rings: the main caregiver's where the child or the child's visit has one."""
    about = {
        each.pk: each.child_id or (each.visit.child_id if each.visit else None)
        for each in enrollments
        if each.role == Step.Role.MOTHER and each.anchor not in FIXED[1:]
    }
    cares = main_caregivers().filter(child__in={child for child in about.values() if child})
    mains = {care.child_id: care.person for care in cares.select_related("person")}
    return {each.pk: mains.get(about.get(each.pk), each.person) for each in enrollments}


def _past_term(row: ScheduledMessage) -> bool:
    """Whether release would hold it, the pregnancy going on past 41w6d (gates)."""
    about = row.enrollment.visit or row.enrollment
    open_ = about.pregnancy if about.pregnancy and not about.pregnancy.outcome else None
    return open_ is not None and past_term((row.due_on - open_.anchor_date).days, row.topic)


def _rows(
    enrollments: Sequence[Enrollment], live: dict[int, LiveCampaign], today: date, horizon: date
) -> Iterator[ScheduledMessage]:
    """The ledger rows that would be, unsaved."""
    children = {each.child_id for each in enrollments if each.child_id}
    sessions, here = sessions_for(children), local(children)
    there = ScheduledMessage.objects.filter(enrollment__in=enrollments)
    known = set(there.values_list("enrollment", "step_key", "occurrence"))
    for enrollment in enrollments:
        campaign = live[enrollment.campaign_id]
        steps: dict[str, Step] = {key: step for key, step in campaign.steps.items() if applies(step, enrollment)}
        timings = [here.timing(timing(step), enrollment.child_id, today) for step in steps.values()]
        for placed in place(
            [each for each in timings if each is not None], enrollment.anchor_date, today, horizon,
            occurrence=enrollment.occurrence, sessions=sessions.get(enrollment.child_id or 0, {}),
        ):  # fmt: skip
            if placed.fate == Fate.DUE and (enrollment.pk, placed.key, placed.occurrence) not in known:
                yield ScheduledMessage(
                    enrollment=enrollment, step_key=placed.key, occurrence=placed.occurrence, step=steps[placed.key],
                    campaign=campaign.campaign, person=enrollment.person, due_on=placed.due_on,
                    last_day=placed.last_day, topic=steps[placed.key].topic,
                )  # fmt: skip


def _moment(row: ScheduledMessage, person: Person, clock: Clock) -> datetime:
    if row.campaign.message_class == MessageClass.EMERGENCY:
        return at(row.due_on, row.step.send_time, settings.ZONE)
    day = brought_forward(row.due_on, row.last_day, clock.holidays)
    suits = preferred_on(day, person.preferred_time, person.shift_times, person.shift_from)
    return at(day, suits or row.step.send_time, settings.ZONE)
