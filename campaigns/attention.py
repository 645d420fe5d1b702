"""Lists of people who need somebody's hand: to be asked again, past the due date, texts that cannot leave."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Reason, ScheduledMessage
from campaigns.schedule.sendtime import local_day
from recipients.consent import consent_state
from recipients.gestation import MAX_GESTATION_DAYS
from recipients.models import Consent, Person, Pregnancy

ASK = "ask"
OVERDUE = "overdue"
HELD = (Reason.NO_PARAMETER, Reason.NO_TEXT, Reason.NO_ROUTE, Reason.PAUSED)
"""Waiting texts that somebody can set free; the other reasons pass by themselves or are the person's own wish."""

KINDS = (ASK, OVERDUE, *(reason.value for reason in HELD))


def needing(kind: str, people: QuerySet[Person], now: datetime) -> QuerySet[Person]:
    """Of `people`, the living ones who need a hand of one of KINDS, ordered as people are.

    Raises ValueError for another kind.
    """
    day = local_day(now, settings.ZONE)
    living = people.filter(died_on=None)
    if kind == ASK:
        asked_again = Consent.objects.filter(state=Consent.State.ASK_AGAIN).values("person")
        return living.filter(pk__in=asked_again).alias(word=consent_state()).filter(word=Consent.State.ASK_AGAIN)
    if kind == OVERDUE:
        return living.filter(Exists(past_term(day).filter(mother=OuterRef("pk"))))
    if kind in HELD:
        return living.filter(pk__in=held(day).filter(reason=kind).values("person"))
    raise ValueError(f"There is no list called {kind}. Choose one of: {', '.join(KINDS)}.")


def past_term(day: date) -> QuerySet[Pregnancy]:
    """Open pregnancies of EDD + 21 days and more on a local day: on hold until somebody asks (D12)."""
    return Pregnancy.objects.filter(outcome="", anchor_date__lte=day - timedelta(days=MAX_GESTATION_DAYS))


def held(day: date) -> QuerySet[ScheduledMessage]:
    """Texts due by a local day that wait for a reason of HELD."""
    return ScheduledMessage.objects.filter(state=ScheduledMessage.State.WAITING, reason__in=HELD, due_on__lte=day)
