"""The death of a child or of a person on record, and a death that was recorded by mistake."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from recipients import worklist
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.events.losses import LOSSES
from recipients.events.rules import UNDO_WITHIN, end, lock_child, may_undo, refuse_before, refuse_future
from recipients.history import record
from recipients.locks import lock
from recipients.models import ChangeEvent, Child, Person, Pregnancy, Task, User
from recipients.newcomers import AGES

Outcome = Pregnancy.Outcome
What = ChangeEvent.What

UNDO_DEATH_WITHIN = UNDO_WITHIN

Subject = TypeVar("Subject", bound=Person | Child)


@transaction.atomic
def child_death(child: Child, *, on: date, now: datetime, source: str, by: User | None = None) -> Child:
    """A child has died: nothing routine about this child leaves any more. Twins are each on their own.

    The station gets a task: to visit the mother, if she lives, within 48 hours; what was told of it by SMS is answered
    with it. Another day corrects the former one. Refusals: in_the_future, before_birth.
    """
    mother = lock_child(child)
    refuse_future(on, now, "on")
    refuse_before(on, child, "on")
    worklist.drop_task(mother, Task.Kind.LOSS_TOLD, now=now)
    if child.died_on != on:
        old, child.died_on = {"died_on": child.died_on}, on
        child.save(update_fields=["died_on"])
        record(
            What.DEATH, mother, now=now, source=source, by=by, old=old, new={"died_on": on}, child=child,
            pregnancy=child.pregnancy,
        )  # fmt: skip
        if old["died_on"] is None and mother.died_on is None:
            worklist.open_task(mother, Task.Kind.LOSS, now=now)
    return child


@transaction.atomic
def maternal_death(person: Person, *, on: date, now: datetime, source: str, by: User | None = None) -> Person:
    """A person on record has died. An ongoing pregnancy ends with it, for its caregivers too.

    Who cares for her living children goes on caring. No task: the station knows, and nobody is to be visited by
    her name. Another day corrects the former one.
    Refusals: in_the_future, date_out_of_range, before_pregnancy.
    """
    lock(person)
    refuse_future(on, now, "on")
    if on.year < (person.year_of_birth or local_day(now).year - AGES.stop):
        raise Refusal("date_out_of_range", _("This date lies before her birth. Correct the date."), field="on")
    ongoing = Pregnancy.objects.select_for_update(no_key=True).filter(mother=person, outcome="").first()
    if ongoing is not None and on < ongoing.anchor_date:
        raise Refusal(
            "before_pregnancy", _("This date lies before the present pregnancy began. Correct the date."), field="on"
        )
    if person.died_on != on:
        old, person.died_on = {"died_on": person.died_on}, on
        person.save(update_fields=["died_on"])
        if ongoing is not None:
            end(ongoing, Outcome.MATERNAL_DEATH, on, now)
        else:
            Pregnancy.objects.filter(mother=person, outcome=Outcome.MATERNAL_DEATH, anchor_date__lte=on).update(
                outcome_date=on
            )
        record(What.DEATH, person, now=now, source=source, by=by, old=old, new={"died_on": on}, pregnancy=ongoing)
    return person


@transaction.atomic
def undo_death(subject: Subject, *, now: datetime, source: str, by: User | None = None) -> Subject:
    """The death was recorded by mistake: what is due goes on.

    - Within 24 hours of the moment at which the death was first recorded; an administrator also later.
    - The pregnancy that ended with a mother's death is ongoing again, or ended by the birth of the child that was
      recorded of it. The task of a child's death goes.
    - A child that counts as dead because its birth was a stillbirth lives again by undo_loss only.
    Refusals: not_dead, too_late, stillborn.
    """
    child = subject if isinstance(subject, Child) else None
    if child is not None:
        person = lock_child(child)
    else:
        assert isinstance(subject, Person)
        person = lock(subject)
    if subject.died_on is None:
        raise Refusal("not_dead", _("No death is recorded here. Open her page."), conflict=True)
    first = _first_recorded(person, child)
    if child is not None and first is None and child.pregnancy and child.pregnancy.outcome in LOSSES:
        raise Refusal(
            "stillborn",
            _("A stillbirth is recorded for this child. If that is a mistake, undo the loss on her page."),
            conflict=True,
        )
    if not may_undo(first, now, by):
        raise Refusal(
            "too_late",
            _("This death was recorded more than 24 hours ago. If it is a mistake, ask an administrator to undo it."),
            conflict=True,
        )
    old, subject.died_on = {"died_on": subject.died_on}, None
    subject.save(update_fields=["died_on"])
    pregnancy = _go_on(person) if child is None else child.pregnancy
    new = {"died_on": None}
    record(
        What.UNDONE, person, now=now, source=source, by=by, old=old, new=new, child=child, pregnancy=pregnancy
    )  # fmt: skip
    if child is not None:
        worklist.drop_loss_task(person, now=now)
    return subject


def _first_recorded(person: Person, child: Child | None) -> datetime | None:
    """When the death in force was first recorded: a correction of its day does not open the 24 hours anew."""
    first = None
    for event in ChangeEvent.objects.filter(person=person, child=child, what__in=[What.DEATH, What.UNDONE]):
        if "died_on" not in event.new:
            continue
        if event.what == What.UNDONE:
            break
        first = event.at
    return first


def _go_on(mother: Person) -> Pregnancy | None:
    """The pregnancy that had ended with her death goes on, or has ended with the birth recorded of it."""
    pregnancy = Pregnancy.objects.select_for_update(no_key=True).filter(
        mother=mother, outcome=Outcome.MATERNAL_DEATH
    ).first()  # fmt: skip
    if pregnancy is not None:
        born = pregnancy.children.values_list("date_of_birth", flat=True).first()
        if born is None:
            end(pregnancy, Outcome.ONGOING, None, None)
        else:
            end(pregnancy, Outcome.LIVE_BIRTH, born, pregnancy.outcome_recorded_at)
    return pregnancy
