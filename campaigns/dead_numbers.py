"""Numbers at which texts no longer arrive become a task for the station, and the texts wait for what it finds out."""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from campaigns.models import Reason, ScheduledMessage
from campaigns.schedule.facts import addressee
from messaging import phones
from messaging.batches import batched
from messaging.models import Phone
from recipients import worklist
from recipients.errors import Refusal
from recipients.models import Person, Task, User

KIND = Task.Kind.DEAD_NUMBER


@transaction.atomic
def open_tasks(now: datetime) -> Counter[str]:
    """Opens the task for everybody living whose number is dead; closes it where that is over. Returns how many
    were `opened` and `closed`, and how many texts were `woken`. Set-based; safe again and side by side.

    - Over: the number works again (a delivery, a text from it, somebody's word), it was changed, or she died. Texts
      that waited for it are then decided anew by the next pass of release.
    - A task that somebody closed does not open again for the same death of the number.
    """
    died = Phone.objects.filter(number=OuterRef("phone"), dead_since__isnull=False)
    concerned = Person.objects.filter(died_on=None, phone__in=phones.dead_numbers())
    open_ones = Task.objects.filter(kind=KIND, done_at=None)
    gone = open_ones.exclude(person__in=concerned)
    over = list(gone.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    answered = Task.objects.filter(
        person=OuterRef("pk"), kind=KIND, done_by__isnull=False, done_at__gte=OuterRef("since")
    )
    fresh = concerned.exclude(pk__in=open_ones.values("person")).annotate(since=Subquery(died.values("dead_since")))
    new = sorted(fresh.filter(~Exists(answered)).values_list("pk", flat=True))
    counts = Counter(opened=len(new), closed=0, woken=_wake())
    for some in batched(over):
        counts["closed"] += Task.objects.filter(pk__in=some, done_at=None).update(done_at=now)
    due_at = now + worklist.DUE_WITHIN[KIND]
    Task.objects.bulk_create(
        (Task(person_id=pk, kind=KIND, opened_at=now, due_at=due_at) for pk in new),
        ignore_conflicts=True, batch_size=500,
    )  # fmt: skip
    return counts


@transaction.atomic
def works_again(person: Person, *, now: datetime, source: str, by: User | None = None) -> None:
    """Somebody has found out that a dead number works: texts to it go on, also those of the others on it.

    What failed before counts no more; three more days of failures would make it dead again.
    Refusals: number_works (it is not dead).
    """
    if not person.phone or not phones.works(person.phone, now):
        raise Refusal(
            "number_works", _("The number is not known as dead. If texts do not arrive, ask for another one."),
            conflict=True,
        )  # fmt: skip
    for task in Task.objects.filter(person__phone=person.phone, kind=KIND, done_at=None).order_by("person", "pk"):
        worklist.close_task(task, now=now, by=by, note=_("The number works again."), source=source)
    _wake()


def is_dead(person: Person) -> bool:
    """Whether texts no longer arrive at her number."""
    return bool(person.phone and phones.dead([person.phone]))


def _wake() -> int:
    """Rows that wait for a number which is not dead (any more) are decided anew."""
    reached = Person.objects.filter(pk=OuterRef("to"), phone__in=phones.dead_numbers())
    waiting: QuerySet[ScheduledMessage] = ScheduledMessage.objects.filter(
        state=ScheduledMessage.State.WAITING, reason=Reason.DEAD_NUMBER, not_before__isnull=False
    ).alias(to=addressee())
    free = waiting.filter(~Exists(reached)).select_for_update(skip_locked=True, of=("self",), no_key=True)
    keys = list(free.order_by("pk").values_list("pk", flat=True))
    return sum(ScheduledMessage.objects.filter(pk__in=some).update(not_before=None) for some in batched(keys))
