"""One person's messages, past, waiting and coming, and whether texts reach her now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from campaigns import condolence, telling
from campaigns.content import parameters, rendering
from campaigns.models import Campaign, ScheduledMessage, Step, StepText
from campaigns.schedule.because import ENDS_THE_TEXT
from campaigns.schedule.facts import gather, with_facts
from campaigns.schedule.gates import judge
from campaigns.schedule.live import live_campaigns, wording
from campaigns.schedule.sendtime import local_day
from messaging import optouts
from recipients import consent
from recipients.mains import main_caregivers
from recipients.models import Caregiver, ChangeEvent, Child, Consent, Person, Pregnancy


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
    if not person.can_read:
        obstacles.append(
            _("The person cannot read texts. Tell what is due face to face, or add a caregiver who reads.")
        )
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


def of(person: Person) -> QuerySet[ScheduledMessage]:
    """The rows of the ledger that belong on a person's page.

    Her own, what she received in a mother's place, and of the children whose main caregiver she is those for the
    mother that wait, or were decided since she receives them. A broadcast and what is sent by hand stay the mother's.
    """
    hers = Q(person=person) | Q(reader=person)
    to_mother = Q(enrollment__role=Step.Role.MOTHER)
    to_mother &= ~Q(enrollment__anchor__in=[Campaign.Anchor.BROADCAST, Campaign.Anchor.HAND])
    for care in main_cares(person):
        about = Q(enrollment__child=care.child_id) | Q(enrollment__visit__child=care.child_id)
        since = Q(state=ScheduledMessage.State.WAITING) | Q(decided_at__gte=_main_since(care))
        hers |= to_mother & about & since
    return ScheduledMessage.objects.filter(hers)


def main_cares(person: Person) -> list[Caregiver]:
    """The children in whose texts a person takes the mother's place."""
    cares = main_caregivers().filter(person=person)
    return list(cares.select_related("child__mother", "person"))


def _main_since(care: Caregiver) -> datetime:
    told = ChangeEvent.objects.filter(
        what=ChangeEvent.What.MAIN, child=care.child_id, new__main=care.person_id
    ).order_by("-id")  # fmt: skip
    return told.values_list("at", flat=True).first() or care.registered_at


def past(person: Person, now: datetime) -> QuerySet[ScheduledMessage]:
    """What was handed over to the gateway or ended without a text, newest first."""
    rows = of(person).exclude(state=ScheduledMessage.State.WAITING)
    return rows.select_related("sms", "campaign", "enrollment__child").order_by("-due_at", "-pk")


@dataclass(frozen=True)
class Waiting:
    """A due message that has not left, who would receive it, and the words it would go with now ("" when there are
    none for her)."""

    row: ScheduledMessage
    reader: Person
    text: str


def waiting(person: Person, now: datetime) -> list[Waiting]:
    """What is due by `now` and has not left, oldest first; a placeholder without a value is shown as it is.

    What the facts of now have ended is not waiting any more, also before the next pass writes that down.
    """
    due = of(person).filter(state=ScheduledMessage.State.WAITING, due_at__lte=now)
    rows = list(with_facts(due, now).select_related("enrollment__child").order_by("due_at", "pk"))
    live = live_campaigns()
    facts = gather(rows, live, now)
    verdicts = judge(rows, live, facts, now)
    over = {pk for pk, verdict in verdicts.items() if verdict.reason in ENDS_THE_TEXT}
    return with_words([row for row in rows if row.pk not in over], facts.to, now, private=False)


def to_tell(person: Person, now: datetime) -> list[Waiting]:
    """What staff tell the person face to face: the full words, since nobody else hears them.

    In the person's language where there are words in it, else in Vietnamese, for the teller to put across.
    """
    rows = telling.waiting_to_be_told(person, now)
    return with_words(rows, {row.pk: person for row in rows}, now, private=True)


def mourned(pregnancies: Iterable[Pregnancy], children: Iterable[Child], now: datetime) -> list[Pregnancy | Child]:
    """The losses after which staff may still offer a condolence."""
    subjects: list[Pregnancy | Child] = [*pregnancies, *children]
    return [subject for subject in subjects if condolence.may_be_offered(subject, now)]


def with_words(
    rows: list[ScheduledMessage], to: Mapping[int, Person], now: datetime, *, private: bool
) -> list[Waiting]:
    """Rows, each with the words that its reader `to[row.pk]` would see at `now`, or hear where `private`."""
    prefetch_related_objects(rows, "step__texts")
    readers = {person.pk: person for person in to.values()}
    values = parameters.values_for(readers.values(), local_day(now, settings.ZONE))
    about = parameters.subject_values(rows)
    return [
        Waiting(row, to[row.pk], _words(row, to[row.pk], values[to[row.pk].pk] | about.get(row.pk, {}), private))
        for row in rows
    ]


def _words(row: ScheduledMessage, person: Person, values: dict[str, str], private: bool) -> str:
    texts: dict[str, StepText] = {text.language: text for text in row.step.texts.all()}
    chosen = rendering.choose(texts, person.language, discreet=False) if private else wording(row.step, person)
    if chosen is None:
        return ""
    try:
        body = rendering.render(chosen[0], values)
    except rendering.MissingValue:
        body = chosen[0]
    return body if private else rendering.for_phone(body, person.script)
