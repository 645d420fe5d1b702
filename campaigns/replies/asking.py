"""STOP, a wrong number, a question for help, a wish to be called: what does not depend on a pregnancy or a child."""

from datetime import datetime

from campaigns import stopping
from campaigns.replies import losses, words
from campaigns.replies.heard import Heard
from campaigns.replies.reading import folded, speaks_of_loss
from messaging.hooks import Handled
from recipients import events, worklist
from recipients.models import Task
from recipients.models.consent import Source


def stopped(heard: Heard, now: datetime) -> Handled:
    """Messaging has closed the number; the consent of the people on it becomes "ask again" (D9), and with it their
    stations have a task (`worklist.refresh`). The confirmation is messaging's own."""
    stopping.stop_number(heard.message.number, now=now, source=Source.KEYWORD)
    return _read_on(heard, now)


def started(heard: Heard, now: datetime) -> Handled:
    """Messaging has opened the number. Consent does not change: who took up a shared phone is not known, so the
    station asks."""
    return _read_on(heard, now)


def wrong_number(heard: Heard, now: datetime) -> Handled:
    """Messaging has closed the number and said so. Everybody on it loses it, with their history, and their stations
    are to ask for the right one; what waits in the gateway is caught by the last check."""
    handled = _read_on(heard, now)
    for person in heard.people:
        events.change_number(person, "", now=now, source=Source.KEYWORD)
        worklist.open_task(person, Task.Kind.WRONG_NUMBER, now=now)
    return handled


def help_wanted(heard: Heard, now: datetime) -> Handled | None:
    """Whom to call and when. Where nobody has set that, a person answers; and where more than the word was written."""
    if speaks_of_loss(heard.message.body):
        return losses.told(heard, now)
    phone = words.call(heard.people, heard.message.received_at)
    if not phone:
        return None
    hours = words.hours(heard.people, heard.message.received_at)
    answer = words.say("help_in_hours" if hours else "help", heard.people, phone=phone, hours=hours)
    return Handled(answer, for_staff=_says_more(heard))


def call_me(heard: Heard, now: datetime) -> Handled | None:
    """A task for the station within a day: for the mother of whom texts go to the number, else for everybody on it.
    A number of nobody is for the staff who read what nobody else does."""
    if speaks_of_loss(heard.message.body):
        return losses.told(heard, now)
    wanted = heard.mothers if len(heard.mothers) == 1 else list(heard.people)
    for person in wanted:
        worklist.open_task(person, Task.Kind.CALL_BACK, now=now)
    answer = words.say("will_call_within_a_day", heard.people, needed_at=heard.message.received_at)
    return Handled(answer, for_staff=not wanted or _says_more(heard))


def _read_on(heard: Heard, now: datetime) -> Handled:
    """What stands behind a word that messaging has obeyed and answered itself: a loss that is told there silences
    everything about her, and a question is read by a person. Nothing more is answered."""
    if speaks_of_loss(heard.message.body):
        losses.told(heard, now)
        return Handled(for_staff=True)
    return Handled(for_staff=_says_more(heard))


def _says_more(heard: Heard) -> bool:
    """More than a short request: there is a question in it."""
    return len(folded(heard.message.body).split()) > 4
