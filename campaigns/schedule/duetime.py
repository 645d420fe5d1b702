"""At which moment a step goes that falls on a day: holidays and preferred times, for one row and for many."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q

from campaigns.models import Holiday, Step
from campaigns.schedule.sendtime import at
from campaigns.schedule.timeline import brought_forward
from messaging.models import MessageClass
from recipients.models import Person

LONGEST_RUN = 60
"""Days before and after today in which holidays are read."""
PREFERRING = Q(person__preferred_time__isnull=False) | ~Q(person__shift_times=[])
"""The enrollments of those who have a preferred time of day, fixed or by shifts (`prefers` for one)."""


@dataclass(frozen=True)
class Clock:
    """The holidays around today and how far ahead is planned."""

    holidays: frozenset[date]
    horizon: date

    def moment(self, due_on: date, last_day: date, step: Step, message_class: str, *, preferred: bool) -> datetime:
        """When a step goes that is due on a day and open through another.

        - Where every day of it is a holiday, on the last open day before.
        - At the step's time of day. Who prefers a time of day gets it from the opening on: release waits for the
          time. An emergency knows neither holiday nor preference.
        """
        if message_class == MessageClass.EMERGENCY:
            return at(due_on, step.send_time, settings.ZONE)
        day = brought_forward(due_on, last_day, self.holidays)
        return at(day, settings.SEND_FROM if preferred else step.send_time, settings.ZONE)


def prefers(person: Person) -> bool:
    """Whether a person has a preferred time of day, fixed or by shifts."""
    return person.preferred_time is not None or bool(person.shift_times)


def clock_on(today: date, ahead: int, look: int = 0) -> Clock:
    """Plans `ahead` days from today, and through the holidays that begin there or on the day after: what falls
    among them may have to go before. The holidays of `look` further days are read."""
    span = timedelta(days=LONGEST_RUN)
    known = Holiday.objects.filter(day__range=(today - span, today + span + timedelta(days=look)))
    days = known.values_list("day", flat=True)
    holidays = frozenset(days)
    horizon = today + timedelta(days=ahead)
    while horizon + timedelta(days=1) in holidays:
        horizon += timedelta(days=1)
    return Clock(holidays, horizon)
