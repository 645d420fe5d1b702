"""What people wrote and a person has to read: who sees it, what was said to and fro, and what is done about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.content.rendering import PLAIN, for_phone
from campaigns.models import ScheduledMessage
from messaging.incoming import desk, machines
from messaging.models import InboundMessage, OutboundMessage
from messaging.outgoing import gateway
from recipients import history
from recipients.areas import may_see_names, people_visible_to
from recipients.errors import Refusal
from recipients.models import ChangeEvent, Person, User

LOOK_BACK = timedelta(days=180)
"""Numbers pass on to other people: a conversation goes no farther back."""
LONGEST = 600
"""Characters of an answer: more than a person reads on a phone."""
MOST_SHOWN = 100


@dataclass(frozen=True)
class Said:
    """One text of a conversation. `text` of hers or of ours; `writer` is the user who wrote an answer, if one did."""

    at: datetime
    hers: InboundMessage | None = None
    ours: OutboundMessage | None = None
    writer: User | None = None


def reads_inbox(user: User | AnonymousUser) -> bool:
    """Who works with people by name reads what they write; who works with figures or words does not."""
    return may_see_names(user)


def visible_to(user: User | AnonymousUser) -> QuerySet[InboundMessage]:
    """The texts from numbers of people whom the user sees by name.

    Those from numbers of nobody go to officers and administrators: whoever wrote is in nobody's area.
    """
    if not reads_inbox(user):
        return InboundMessage.objects.none()
    assert isinstance(user, User)
    living = Person.objects.filter(phone=OuterRef("number"), died_on=None)
    wanted = Q(Exists(people_visible_to(user).filter(phone=OuterRef("number"), died_on=None)))
    if user.is_superuser or user.role in (User.Role.OFFICER, User.Role.ADMIN):
        wanted |= ~Q(Exists(living))
    return InboundMessage.objects.filter(wanted)


def waiting(texts: QuerySet[InboundMessage]) -> QuerySet[InboundMessage]:
    """Of these, those that a person still has to read."""
    return texts.filter(for_staff=True, settled_at=None)


def settled(texts: QuerySet[InboundMessage]) -> QuerySet[InboundMessage]:
    """Of these, those that a person has read and settled."""
    return texts.filter(for_staff=True, settled_at__isnull=False)


def from_people(texts: QuerySet[InboundMessage]) -> QuerySet[InboundMessage]:
    """Of these, those that no machine sent."""
    return texts.exclude(action=machines.MACHINE)


def people_of(user: User, numbers: set[str]) -> dict[str, list[Person]]:
    """By number the living people on it whom the user sees."""
    found: dict[str, list[Person]] = {}
    people = people_visible_to(user).filter(phone__in=numbers, died_on=None).select_related("unit")
    for person in people.order_by("name_key", "pk"):
        found.setdefault(str(person.phone), []).append(person)
    return found


def conversation(number: str, user: User, now: datetime) -> list[Said]:
    """What came from a number and went to it in the last half year, the newest first; at most a hundred of each.

    Without the texts for people on the number whom the user does not see.
    """
    hers = visible_to(user).filter(number=number, received_at__gte=now - LOOK_BACK)
    not_mine = ScheduledMessage.objects.filter(sms=OuterRef("pk")).exclude(
        person__in=people_visible_to(user).values("pk")
    )
    ours = desk.said_to(number).filter(~Exists(not_mine), queued_at__gte=now - LOOK_BACK)
    said = [Said(text.received_at, hers=text) for text in hers.order_by("-received_at", "-pk")[:MOST_SHOWN]]
    sent = list(ours[:MOST_SHOWN])
    keys = {key for text in sent if (key := desk.writer_of(text)).isdecimal()}
    writers = {str(each.pk): each for each in User.objects.filter(pk__in=keys)}
    said += [Said(text.queued_at, ours=text, writer=writers.get(desk.writer_of(text))) for text in sent]
    return sorted(said, key=lambda each: each.at, reverse=True)


def next_answer(message: InboundMessage) -> int:
    """Which answer to a text the next one is, counted from 1: a form carries it, so a double click sends once."""
    return desk.answers_to(message).count() + 1


@transaction.atomic
def answer(message: InboundMessage, body: str, *, number: int, by: User, source: str, now: datetime) -> OutboundMessage:
    """A person answers by SMS, and the text counts as settled by her.

    - It leaves at once, also outside the sending hours, since she wrote first; never to a closed number.
    - Without diacritics where somebody on the number has a phone that shows none.
    - It is kept with the changes of the people on the number.
    Refusals: empty, too_long, answered_meanwhile, opted_out, no_route, bad_number.
    """
    words = body.strip()
    if not words:
        raise Refusal("empty", _("The answer is empty. Write a few words."), field="body")
    if len(words) > LONGEST:
        sentence = _("The answer has more than %(most)s characters. Write less, or call.")
        raise Refusal("too_long", sentence % {"most": LONGEST}, field="body")
    people = list(Person.objects.filter(phone=message.number, died_on=None).order_by("pk"))
    plain = any(person.script == PLAIN for person in people) or not people
    try:
        text, is_new = desk.answer(
            message, for_phone(words, PLAIN if plain else ""), number=number, by=by.username, writer=str(by.pk), now=now
        )
    except gateway.Refused as refused:
        raise Refusal(refused.code, refused.sentence, conflict=True) from None
    if is_new:
        for person in people:
            history.record(ChangeEvent.What.ANSWERED, person, now=now, source=source, by=by, new={"text": text.key})
    return text


def settle(message: InboundMessage, *, note: str, by: User, now: datetime) -> bool:
    """Nobody has to read a text any more; `note` says what came of it. False when a colleague was faster."""
    note = " ".join(note.split())
    if len(note) > 300:
        raise Refusal("too_long", _("The note has more than 300 characters. Write less."), field="note")
    return desk.settle(message, by=by.username, note=note, now=now)
