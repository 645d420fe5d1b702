"""A loss told by SMS: everything routine is silent at once, and a person of the station calls within a day (D12)."""

from datetime import datetime, timedelta

from campaigns.replies import words
from campaigns.replies.heard import Heard
from messaging.hooks import Handled
from recipients import worklist
from recipients.events import LOSSES
from recipients.models import Person, Pregnancy, Task

KNOWN_FOR = timedelta(days=30)
"""So long after a recorded loss a text about it is no news."""


def told(heard: Heard, now: datetime) -> Handled | None:
    """Nothing is recorded by machine: it opens the task LOSS_TOLD, and while that is open nothing routine about the
    mother leaves to anybody, nor to her phone (`schedule.toldloss`).

    - Whose it is: the one mother of an ongoing pregnancy or a child under five, of the number's people or of those for
      whom they care. Where it may be several, all of them; where there is none, everybody on the number.
    - Where the loss is on record already and nobody else can be meant, nothing is held anew.
    - The answer names no loss, for another word may have been meant. None goes to a phone that others read too.
    - A person reads the text in any case.
    """
    concerned = [each for each in heard.mothers or list(heard.people) if not _known(each, heard, now)]
    for person in concerned:
        worklist.open_task(person, Task.Kind.LOSS_TOLD, now=now)
    answer = (
        words.say("with_you", heard.people, needed_at=heard.message.received_at)
        if concerned and heard.is_private
        else ""
    )
    return Handled(answer, for_staff=True)


def is_open(person: Person) -> bool:
    """Whether a told loss of this woman is still to be looked into."""
    return person.tasks.filter(kind=Task.Kind.LOSS_TOLD, done_at=None).exists()


def _known(person: Person, heard: Heard, now: datetime) -> bool:
    lost = Pregnancy.objects.filter(mother=person, outcome__in=LOSSES, outcome_recorded_at__gte=now - KNOWN_FOR)
    return all(each.mother_id != person.pk for each in heard.pregnancies) and lost.exists()
