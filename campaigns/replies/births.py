"""A birth told by SMS: recorded where it can only be one pregnancy's, and looked at by the station in any case."""

from datetime import date, datetime, timedelta

from campaigns.content.rendering import given_name
from campaigns.replies import losses, words
from campaigns.replies.heard import Heard
from campaigns.replies.reading import Unclear, folded, read_day, speaks_of_loss
from messaging.hooks import Handled
from messaging.incoming.inbound import REPLY
from messaging.models import InboundMessage, OutboundMessage
from messaging.text.tidy import tidy
from recipients import events, worklist
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import Person, Pregnancy, Task
from recipients.models.consent import Source

ASKED_WITHIN = timedelta(days=1)
"""So long a "1" or "2" answers the question whose it is."""


def told(heard: Heard, now: datetime) -> Handled | None:
    """One ongoing pregnancy and a plausible day (the rules of `events.birth`): the live birth of one child is recorded,
    and the station gets a task to ask for the rest. Else it is for a person, and the answer says that somebody calls.

    - A day that cannot be, lies ahead or is missing is asked back.
    - Several pregnancies: asked back by name where only these women read the phone, else never guessed.
    - A text that also speaks of a loss is a loss.
    - The number is not confirmed by it: whoever holds a phone can write.
    """
    body = heard.message.body
    if speaks_of_loss(body):
        return losses.told(heard, now)
    today = local_day(heard.message.received_at)
    try:
        day = read_day(body, today)
    except Unclear:
        day = None
    if day is None or day > today:
        return Handled(words.say("which_day", heard.people, example=f"{today:%d%m%Y}"))
    if len(heard.pregnancies) > 1 and _may_be_named(heard):
        return Handled(_question(heard))
    if len(heard.pregnancies) != 1:
        return _told_before(heard, day) or _by_a_person(heard)
    return _record(heard, heard.pregnancies[0], day, now)


def chosen(heard: Heard, now: datetime) -> Handled | None:
    """The answer to "whose is it": a number alone, within a day, to the question as it would be asked now."""
    said = folded(heard.message.body).strip(" .")
    if len(said) != 1 or said not in "123456789":
        return losses.told(heard, now) if speaks_of_loss(heard.message.body) else None
    asked = InboundMessage.objects.filter(
        number=heard.message.number, action="birth", received_at__gte=heard.message.received_at - ASKED_WITHIN,
        pk__lt=heard.message.pk,
    ).order_by("-pk").first()  # fmt: skip
    if asked is None or not 1 <= int(said) <= len(heard.pregnancies) or not _may_be_named(heard):
        return None
    question = OutboundMessage.objects.filter(key=f"{REPLY}{asked.pk}").first()
    if question is None or question.words != tidy(_question(heard)):
        return None
    day = read_day(asked.body, local_day(asked.received_at))
    return _record(heard, heard.pregnancies[int(said) - 1], day, now) if day else None


def _record(heard: Heard, pregnancy: Pregnancy, day: date, now: datetime) -> Handled:
    if losses.is_open(pregnancy.mother):
        return _by_a_person(heard)
    try:
        events.birth(pregnancy, born_on=day, now=now, source=Source.KEYWORD)
    except Refusal:
        return _by_a_person(heard)
    worklist.open_task(pregnancy.mother, Task.Kind.BIRTH_TOLD, now=now)
    return Handled(words.say("noted", heard.people, needed_at=heard.message.received_at, day=words.day_words(day)))


def _told_before(heard: Heard, day: date) -> Handled | None:
    """The birth of that day is on record: told twice is told once."""
    if any(child.date_of_birth == day for child in heard.children) and not heard.pregnancies:
        return Handled(words.say("noted", heard.people, needed_at=heard.message.received_at, day=words.day_words(day)))
    return None


def _by_a_person(heard: Heard) -> Handled:
    return Handled(words.say("will_call", heard.people, needed_at=heard.message.received_at), for_staff=True)


def _may_be_named(heard: Heard) -> bool:
    """Only the women themselves read the phone, and none of them wants discretion."""
    mothers = {each.mother_id for each in heard.pregnancies}
    own = all(person.phone_holder == Person.Holder.OWN and not person.discreet for person in heard.people)
    return own and {person.pk for person in heard.people} == mothers and len(mothers) == len(heard.pregnancies) <= 9


def _question(heard: Heard) -> str:
    """By given names where these tell the women apart, for short: operators limit what may stand in a place."""
    names = [given_name(each.mother.name) for each in heard.pregnancies]
    if len(set(names)) < len(names):
        names = [each.mother.name for each in heard.pregnancies]
    choices = ", ".join(f"{number} ({name})" for number, name in enumerate(names, start=1))
    return words.say("whose", heard.people, choices=choices)
