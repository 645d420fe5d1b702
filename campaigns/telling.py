"""Texts that no phone can carry: for who cannot read, or has no words in her language, staff tell them by mouth."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.models import Reason, ScheduledMessage
from campaigns.schedule.endings import ended
from campaigns.schedule.facts import addressee, gather, with_facts
from campaigns.schedule.gates import judge
from campaigns.schedule.live import live_campaigns
from campaigns.schedule.numbers import lock_all_about
from campaigns.schedule.sendtime import at, local_day
from recipients import history, worklist
from recipients.errors import Refusal
from recipients.mains import main_caregivers
from recipients.models import ChangeEvent, Person, Task, User

BY_MOUTH = (Reason.CANNOT_READ, Reason.NO_TEXT)
"""What keeps a text from a phone and not from a conversation."""
TIME_OF_DAY = (Reason.QUIET_HOURS, Reason.HOLIDAY, Reason.PREFERRED_TIME)
"""What holds a text at this hour; a conversation has its own hour."""

State = ScheduledMessage.State


def waiting_to_be_told(person: Person, now: datetime) -> list[ScheduledMessage]:
    """The rows that wait to be told to a person face to face, in order of their days.

    Hers are those that would ring on her phone: a child's main caregiver is told in the mother's place. The gates are
    asked again: what a loss, a pause or an attended visit has ended since the last pass is not told.
    """
    mothers = main_caregivers().filter(person=person).values_list("child__mother")
    near = Q(person=person) | Q(person__in=[mother for (mother,) in mothers])
    hers = _waiting(local_day(now, settings.ZONE)).filter(near, Q(hears=person.pk))
    rows = list(with_facts(hers, now).order_by("due_at", "pk"))
    live = live_campaigns()
    verdicts = judge(rows, live, gather(rows, live, now), now)
    passing = {row.pk for row in rows if row.pk not in verdicts or verdicts[row.pk].reason in TIME_OF_DAY + BY_MOUTH}
    return [row for row in rows if row.pk in passing]


@transaction.atomic
def tell(
    person: Person, *, now: datetime, source: str, by: User | None = None, note: str = "",
    only: Collection[int] | None = None,
) -> int:  # fmt: skip
    """Records that a person was told face to face what waited; returns how many texts that was.

    - The rows end as State.TOLD, an outcome of its own: neither sent nor skipped. `only` limits them to the rows that
      were read out, so that what came in between is not taken as told.
    - Everybody concerned is locked first: a loss that is being written is waited for, and then nothing is told.
    - The task TELL is done when nothing is left to tell.
    Refusals: nothing_to_tell.
    """
    lock_all_about([row.pk for row in waiting_to_be_told(person, now)])
    rows = waiting_to_be_told(person, now)
    chosen = [row for row in rows if only is None or row.pk in only]
    mine = ScheduledMessage.objects.filter(pk__in=[row.pk for row in chosen], state=State.WAITING)
    keys = list(mine.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    if not keys:
        raise Refusal(
            "nothing_to_tell",
            _("Nothing waits to be told any more. Open the person's page to see what has become of it."),
            conflict=True,
        )
    ScheduledMessage.objects.filter(pk__in=keys).update(state=State.TOLD, reason="", not_before=None, decided_at=now)
    new = {"messages": keys, "steps": [row.step_key for row in chosen if row.pk in keys], "note": note}
    history.record(ChangeEvent.What.TOLD, person, now=now, source=source, by=by, new=new)
    if len(keys) == len(rows):
        for task in Task.objects.filter(person=person, kind=Task.Kind.TELL, done_at=None):
            worklist.close_task(task, now=now, by=by, note=note, source=source)
    return len(keys)


@transaction.atomic
def open_tasks(now: datetime) -> int:
    """Opens a task TELL for everybody to whom something waits to be told; returns how many.

    The task is that of the person whose phone would ring, also after the mother's death.

    To be done until the earliest last day, to its end. A task whose texts are gone (told, ended, sent after all) is
    closed without a note. Set-based; the unique constraint decides between two workers.
    """
    today = local_day(now, settings.ZONE)
    waiting = _waiting(today).alias(over=ended(today, "enrollment__")).filter(over="")
    open_ones = Task.objects.filter(kind=Task.Kind.TELL, done_at=None)
    open_ones.exclude(person__in=waiting.values("hears")).update(done_at=now)
    wanted = waiting.exclude(Q(hears__in=open_ones.values("person")))
    firsts = wanted.order_by().values("hears").annotate(first=Min("last_day")).values_list("hears", "first")
    tasks = [
        Task(person_id=person, kind=Task.Kind.TELL, opened_at=now, due_at=_end_of(first))
        for person, first in sorted(firsts)
    ]
    before = open_ones.count()
    Task.objects.bulk_create(tasks, batch_size=500, ignore_conflicts=True)
    return open_ones.count() - before


def _waiting(today: date) -> QuerySet[ScheduledMessage]:
    """Rows that release found impossible to send as texts, while their windows last, each with who `hears` it (an id).

    Who took the mother's place since and can read gets them as texts.
    """
    hearer = Person.objects.filter(pk=OuterRef("hears"), died_on=None)
    rows = ScheduledMessage.objects.filter(state=State.WAITING, reason__in=BY_MOUTH, last_day__gte=today)
    by_mouth = Q(reason=Reason.NO_TEXT) & Exists(hearer) | Exists(hearer.filter(can_read=False))
    return rows.annotate(hears=addressee()).filter(by_mouth)


def _end_of(day: date) -> datetime:
    return at(day + timedelta(days=1), time.min, settings.ZONE) - timedelta(minutes=1)
