"""What a station has to do for people: tasks opened by what happened, closed by hand or when their reason is gone."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext as _

from recipients.areas import people_visible_to
from recipients.days import local_day
from recipients.errors import Refusal, clean_or_refuse
from recipients.gestation import LAST_MONTH_OF_AGE, MAX_GESTATION_DAYS, add_months
from recipients.history import record
from recipients.locks import lock
from recipients.mains import main_caregivers
from recipients.models import ChangeEvent, Child, Consent, Person, Pregnancy, Task, User, Visit
from recipients.names import clean_text

Kind = Task.Kind
Concerned: TypeAlias = QuerySet[Any]

DUE_WITHIN = {
    Kind.LOSS_TOLD: timedelta(hours=24),
    Kind.CALL_BACK: timedelta(hours=24),
    Kind.BIRTH_TOLD: timedelta(days=3),
    Kind.WRONG_NUMBER: timedelta(days=7),
    Kind.DEAD_NUMBER: timedelta(days=7),
    Kind.LOSS: timedelta(hours=48),
    Kind.OVERDUE: timedelta(days=2),
    Kind.ASK_AGAIN: timedelta(days=14),
    Kind.TELL: timedelta(days=7),
    Kind.MISSED_VISIT: timedelta(days=7),
    Kind.CONFIRM: timedelta(days=7),
}
"""How long a station has. After a loss 48 hours (issue 3, item 4); what a woman wrote herself waits no longer than a
day."""

MISSED_AFTER = timedelta(days=14)
"""A planned visit counts as missed two weeks after its day: people come late, and books are written up late."""

ASK_ANEW = timedelta(days=14)
"""A pregnancy past its date that somebody closed without an outcome is asked about again after this time."""

_DERIVED = (Kind.OVERDUE, Kind.ASK_AGAIN, Kind.MISSED_VISIT, Kind.CONFIRM)
_OVER = ("miscarriage", "stillbirth", "termination")


@transaction.atomic
def open_task(person: Person, kind: str, *, now: datetime, due_at: datetime | None = None) -> Task:
    """Something is to be done for the person until `due_at` (by its kind where not given: DUE_WITHIN).

    A task of the kind that is open already comes back unchanged.
    """
    lock(person)
    task, _new = Task.objects.get_or_create(
        person=person, kind=kind, done_at=None,
        defaults={"opened_at": now, "due_at": due_at or now + DUE_WITHIN[Kind(kind)]},
    )  # fmt: skip
    return task


@transaction.atomic
def close_task(task: Task, *, now: datetime, by: User | None = None, note: str = "", source: str) -> Task:
    """It is done. `note` says what came of it, at most 300 characters. Done already: nothing.

    A loss told by SMS is not simply done: recording it closes the task, or `not_lost`.
    Refusals: invalid, record_or_mistake.
    """
    if task.kind == Kind.LOSS_TOLD and task.done_at is None:
        raise Refusal(
            "record_or_mistake",
            _("Record the loss on her page, or say that it was a mistake. Until then her texts are held."),
            conflict=True,
        )
    return _close(task, now, by, note, source)


@transaction.atomic
def not_lost(task: Task, *, now: datetime, by: User | None = None, note: str = "", source: str) -> Task:
    """A loss told by SMS was none (another word, another person): the task is done and her texts go on.

    Done already: nothing. Refusals: invalid, not_a_loss (a task of another kind).
    """
    if task.kind != Kind.LOSS_TOLD:
        raise Refusal("not_a_loss", _("This task is about something else. Close it as done."), conflict=True)
    return _close(task, now, by, note, source)


def _close(task: Task, now: datetime, by: User | None, note: str, source: str) -> Task:
    person = lock(task.person)
    lock(task)
    if task.done_at is None:
        task.done_at, task.done_by, task.note = now, by, clean_text(note)
        clean_or_refuse(task, ["note"])
        task.save(update_fields=["done_at", "done_by", "note"])
        facts = {"kind": task.kind, "opened_at": task.opened_at}
        record(ChangeEvent.What.TASK, person, now=now, source=source, by=by, new=facts)
    return task


@transaction.atomic
def drop_task(person: Person, kind: str, *, now: datetime) -> None:
    """What a task asked for has been recorded: it goes."""
    Task.objects.filter(person=person, kind=kind, done_at=None).update(done_at=now)


@transaction.atomic
def drop_loss_task(mother: Person, *, now: datetime) -> None:
    """A loss or a child's death was taken back: the task goes, unless another one was recorded since it opened."""
    task = Task.objects.select_for_update(no_key=True).filter(person=mother, kind=Kind.LOSS, done_at=None).first()
    if task is None:
        return
    lost = Pregnancy.objects.filter(mother=mother, outcome__in=_OVER, outcome_recorded_at__gte=task.opened_at)
    died = ChangeEvent.objects.filter(what=ChangeEvent.What.DEATH, child=OuterRef("pk"), at__gte=task.opened_at)
    bereaved = Child.objects.filter(mother=mother, died_on__isnull=False).filter(Exists(died))
    if not lost.exists() and not bereaved.exists():
        task.done_at = now
        task.save(update_fields=["done_at"])


def tasks_visible_to(user: User | AnonymousUser) -> QuerySet[Task]:
    """The tasks, open and done, for the people whom the user may see by name. Nobody visits those who have died."""
    people = people_visible_to(user).filter(died_on=None)
    return Task.objects.filter(person__in=people).select_related("person__unit")


@transaction.atomic
def refresh(now: datetime) -> Counter[str]:
    """Opens what follows from the facts and closes what no longer does. Set-based; safe again and side by side.

    - overdue: from EDD + 21 days on no outcome is recorded.
    - ask_again: her newest statement says that she is to be asked again whether messages are wanted.
    - confirm: another number was recorded and nobody has confirmed it; texts wait for that.
    - missed_visit: neither attended nor canceled 14 days after the planned day, and still due: the pregnancy goes
      on, or the child lives and is not yet five. A postnatal visit: a child of the birth lives, or the visit was
      agreed after the loss or death; nobody is asked about a visit that was planned before it. The task is the
      mother's, or the main caregiver's of a child whose mother has died.
    - A task that somebody closed does not open again for the same reason; an overdue pregnancy is asked about anew
      after 14 days, since it must have an outcome.
    Returns how many were opened ("opened overdue"...) and closed ("closed overdue"...).
    """
    today = local_day(now)
    count: Counter[str] = Counter()
    for kind in _DERIVED:
        concerned = _concerned(kind, today)
        open_now = Task.objects.filter(kind=kind, done_at=None)
        gone = open_now.exclude(person_id__in=concerned.values("person_id"))
        closing = list(gone.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
        count[f"closed {kind}"] = Task.objects.filter(pk__in=closing, done_at=None).update(done_at=now)
        fresh = sorted(_not_yet_done(kind, concerned.exclude(person_id__in=open_now.values("person_id")), now))
        due_at = now + DUE_WITHIN[kind]
        Task.objects.bulk_create(
            (Task(person_id=pk, kind=kind, opened_at=now, due_at=due_at) for pk in fresh), ignore_conflicts=True
        )
        count[f"opened {kind}"] = len(fresh)
    return count


def _concerned(kind: str, today: date) -> Concerned:
    """Rows with `person_id` and `since`, what the reason dates from: a day, or for ask_again a moment."""
    if kind == Kind.OVERDUE:
        longest = today - timedelta(days=MAX_GESTATION_DAYS)
        overdue = Pregnancy.objects.filter(outcome="", anchor_date__lte=longest, mother__died_on=None)
        return overdue.annotate(person_id=F("mother_id"), since=F("anchor_date")).order_by()
    if kind == Kind.ASK_AGAIN:
        of_messages = Consent.objects.filter(purpose=Consent.Purpose.MESSAGES)
        since_then = of_messages.filter(person=OuterRef("person"), id__gt=OuterRef("id"))
        doubted = of_messages.filter(~Exists(since_then), state=Consent.State.ASK_AGAIN, person__died_on=None)
        return doubted.annotate(since=F("at")).order_by()
    if kind == Kind.CONFIRM:
        changed = ChangeEvent.objects.filter(person=OuterRef("pk"), what=ChangeEvent.What.NUMBER).order_by("-id")
        unsure = Person.objects.filter(phone__isnull=False, phone_confirmed_at=None, died_on=None)
        unsure = unsure.filter(Exists(changed)).annotate(since=Subquery(changed.values("at")[:1]))
        return unsure.annotate(person_id=F("pk")).order_by()
    main = main_caregivers().filter(child=OuterRef("child"))
    for_whom = Case(
        When(pregnancy__mother__died_on=None, pregnancy__isnull=False, then=F("pregnancy__mother_id")),
        When(child__mother__died_on=None, child__isnull=False, then=F("child__mother_id")),
        default=Subquery(main.values("person_id")[:1]),
        output_field=BigIntegerField(),
    )
    return _missed(today).annotate(person_id=for_whom, since=F("planned_date")).exclude(person_id=None).order_by()


def _missed(today: date) -> QuerySet[Visit]:
    late = Visit.objects.filter(attended_date=None, canceled_on=None, planned_date__lte=today - MISSED_AFTER)
    living = Child.objects.filter(pregnancy=OuterRef("pregnancy"), died_on=None)
    died_later = ChangeEvent.objects.filter(
        pregnancy=OuterRef("pregnancy"), what=ChangeEvent.What.DEATH, at__gt=OuterRef("at")
    )
    agreed_since = ChangeEvent.objects.filter(
        ~Exists(died_later), pregnancy=OuterRef("pregnancy"), what=ChangeEvent.What.PLANNED,
        new__type=Visit.Type.POSTNATAL, at__gte=OuterRef("pregnancy__outcome_recorded_at"),
    )  # fmt: skip
    after_birth = Q(pregnancy__outcome=Pregnancy.Outcome.LIVE_BIRTH) & Exists(living)
    return late.filter(
        Q(child__died_on=None, child__date_of_birth__gt=add_months(today, -LAST_MONTH_OF_AGE))
        | Q(pregnancy__outcome="")
        | Q(pregnancy__isnull=False, type=Visit.Type.POSTNATAL) & (after_birth | Exists(agreed_since))
    )


def _not_yet_done(kind: str, concerned: Concerned, now: datetime) -> set[int]:
    """Those of whom nobody has closed a task of the kind since the reason began."""
    by_hand = Task.objects.filter(kind=kind, done_by__isnull=False, person_id__in=concerned.values("person_id"))
    done: dict[int, Any] = dict(by_hand.order_by("done_at").values_list("person_id", "done_at"))
    return {
        person
        for person, since in concerned.values_list("person_id", "since")
        if person not in done or done[person] < _began(kind, since, now)
    }


def _began(kind: str, since: date | datetime, now: datetime) -> datetime:
    """The moment after which a task closed by hand answers the reason."""
    if kind == Kind.OVERDUE:
        return now - ASK_ANEW
    if isinstance(since, datetime):
        return since
    return datetime.combine(since + MISSED_AFTER, time.min, timezone.get_default_timezone())
