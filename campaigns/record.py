"""One person's messages, past, waiting and coming, and whether texts reach her now."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.content import parameters, rendering
from campaigns.models import ScheduledMessage
from campaigns.schedule.live import wording
from messaging import optouts
from recipients import consent
from recipients.models import Consent, Person


@dataclass(frozen=True)
class Door:
    """Both locks and the phone (D9). `obstacles` says in words what keeps texts from her; empty means open."""

    consent: str
    number_closed: bool
    obstacles: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return not self.obstacles

    @property
    def can_stop(self) -> bool:
        """There is a lock left that a stop would close."""
        return self.consent == Consent.State.GIVEN or not self.number_closed


def door(person: Person) -> Door:
    """Whether routine texts may go to a person now, and what stands in the way, most final first."""
    state = consent.state_of([person.pk]).get(person.pk, "")
    closed = bool(person.phone and optouts.closed([person.phone]))
    obstacles = []
    if person.died_on:
        obstacles.append(_("A death is recorded. Nothing is sent any more."))
    if not person.phone:
        obstacles.append(_("There is no mobile number. Add one when it is known."))
    if closed:
        obstacles.append(
            _("The number was closed by STOP or by staff. Record that the person agrees again to open it.")
        )
    if state == Consent.State.WITHDRAWN:
        obstacles.append(_("Consent was withdrawn. Messages begin again only when the person agrees again."))
    elif state == Consent.State.ASK_AGAIN:
        obstacles.append(_("STOP came from this number. Ask whether the person still wants messages."))
    elif state != Consent.State.GIVEN:
        obstacles.append(_("The person has not yet agreed to receive messages. Ask at the next visit."))
    return Door(state, closed, tuple(obstacles))


def past(person: Person, now: datetime) -> QuerySet[ScheduledMessage]:
    """What was handed over to the gateway or ended without a text, newest first."""
    rows = ScheduledMessage.objects.filter(person=person).exclude(state=ScheduledMessage.State.WAITING)
    return rows.select_related("sms", "campaign", "enrollment__child").order_by("-due_at", "-pk")


@dataclass(frozen=True)
class Waiting:
    """A due message that has not left, and the words it would go with now ("" when there are none for her)."""

    row: ScheduledMessage
    text: str


def waiting(person: Person, now: datetime) -> list[Waiting]:
    """What is due by `now` and has not left, oldest first; a placeholder without a value is shown as it is."""
    due = ScheduledMessage.objects.filter(person=person, state=ScheduledMessage.State.WAITING, due_at__lte=now)
    rows = due.select_related("campaign", "step", "enrollment__child").prefetch_related("step__texts")
    values = parameters.values_for([person])[person.pk]
    return [Waiting(row, _words(row, person, values)) for row in rows.order_by("due_at", "pk")]


def _words(row: ScheduledMessage, person: Person, values: dict[str, str]) -> str:
    chosen = wording(row.step, person)
    if chosen is None:
        return ""
    try:
        body = rendering.render(chosen[0], values)
    except rendering.MissingValue:
        body = chosen[0]
    return rendering.for_phone(body, person.script)
