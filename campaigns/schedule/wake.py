"""Lets rows that sleep be asked again as soon as what held them has changed; set-based, a few statements a pass."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Reason, ScheduledMessage
from campaigns.schedule.facts import MOTHERS, addressee
from messaging import optouts
from messaging.batches import batched
from recipients.consent import consented
from recipients.models import ChangeEvent, Person

BY_PERSON = [
    Reason.NOT_AGREED, Reason.UNCONFIRMED, Reason.TOPIC_EXCLUDED, Reason.CANNOT_READ, Reason.MOTHERS_OWN, Reason.PAUSED,
    Reason.HOLD,
]  # fmt: skip
"""What something recorded about a person may have removed."""


def wake(now: datetime) -> int:
    """Rows asleep for want of a number, a consent or an open number that is there now, and those of whom something
    was recorded since; returns how many.

    Paused rows are woken by the verb that ends the pause too, rows on hold by derive and planner.
    """
    asleep = ScheduledMessage.objects.filter(state=ScheduledMessage.State.WAITING, not_before__gt=now)
    asleep = asleep.alias(to=addressee())
    phones = Person.objects.filter(pk=OuterRef("to"), phone__isnull=False)
    shut = phones.filter(phone__in=optouts.closed_numbers())
    return (
        _wake(asleep.filter(Exists(phones), reason=Reason.NO_PHONE))
        + _wake(asleep.filter(consented("to"), reason=Reason.NO_CONSENT))
        + _wake(asleep.filter(~Exists(shut), reason=Reason.OPTED_OUT))
        + _wake(asleep.filter(_recorded_since(), reason__in=BY_PERSON))
    )


def _recorded_since() -> Q:
    """Something was recorded about the person, or the mother whom the row is about, after it was decided."""
    since = ChangeEvent.objects.filter(at__gt=OuterRef("decided_at"))
    about = Q(Exists(since.filter(person=OuterRef("person"))))
    for mother in MOTHERS:
        about |= Q(Exists(since.filter(person=OuterRef(mother))))
    return about


@transaction.atomic
def _wake(rows: QuerySet[ScheduledMessage]) -> int:
    keys = list(rows.select_for_update(skip_locked=True, of=("self",)).order_by("pk").values_list("pk", flat=True))
    return sum(ScheduledMessage.objects.filter(pk__in=some).update(not_before=None) for some in batched(keys))
