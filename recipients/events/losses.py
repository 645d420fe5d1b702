"""A loss, and a loss that was recorded by mistake."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from recipients import worklist
from recipients.errors import Refusal
from recipients.events.rules import (
    UNDO_WITHIN,
    closed_as_unknown,
    died,
    end,
    end_as_before,
    lock_pregnancy,
    may_undo,
    outcome_recorded,
    refuse_future,
)
from recipients.history import record
from recipients.models import ChangeEvent, Child, Pregnancy, Task, User

Outcome = Pregnancy.Outcome
What = ChangeEvent.What

UNDO_LOSS_WITHIN = UNDO_WITHIN

LOSSES = (Outcome.MISCARRIAGE, Outcome.STILLBIRTH, Outcome.TERMINATION)


@transaction.atomic
def loss(pregnancy: Pregnancy, *, kind: str, on: date, now: datetime, source: str, by: User | None = None) -> Pregnancy:
    """A miscarriage, stillbirth or termination: from now on nothing routine about this pregnancy leaves (D12).

    Recording a loss is never made hard: any day from the anchor to today is taken, whatever the weeks. Told again
    it changes nothing; another kind or day of loss corrects the former one, which keeps the moment at which the
    loss was first recorded (undo_loss counts from it). The station gets a task: to visit her within 48 hours. Whatever
    was told by SMS is answered with it, so that task goes.
    A stillbirth also corrects a live birth within 24 hours of its record: its children count as dead from that day.
    Refusals: invalid, in_the_future, before_pregnancy, outcome_recorded (the mother's death, any other live birth).
    """
    if kind not in LOSSES:
        raise Refusal("invalid", _("This kind of loss is not known. Choose one of the list."), field="kind")
    mother = lock_pregnancy(pregnancy)
    refuse_future(on, now, "on")
    if on < pregnancy.anchor_date:
        raise Refusal(
            "before_pregnancy",
            _("This date lies before the pregnancy began. Correct the date, or give the day on which you were told."),
            field="on",
        )
    born = pregnancy.outcome == Outcome.LIVE_BIRTH
    if born:
        _refuse_old_birth(pregnancy, kind, now)
    if pregnancy.outcome == Outcome.MATERNAL_DEATH:
        raise outcome_recorded(pregnancy)
    worklist.drop_task(mother, Task.Kind.LOSS_TOLD, now=now)
    old: dict[str, Any] = {"outcome": pregnancy.outcome, "outcome_date": pregnancy.outcome_date}
    if old != {"outcome": kind, "outcome_date": on}:
        corrected = pregnancy.outcome in LOSSES
        new: dict[str, Any] = {"outcome": kind, "outcome_date": on}
        mourned = False
        if born:
            old["recorded_at"] = pregnancy.outcome_recorded_at
            mourned = pregnancy.children.filter(died_on__isnull=False).exists()
            new["children"] = _none_lives(pregnancy, on)
        end(pregnancy, kind, on, (pregnancy.outcome_recorded_at if corrected else None) or now)
        record(What.LOSS, mother, now=now, source=source, by=by, old=old, new=new, pregnancy=pregnancy)
        if not (corrected or mourned) and mother.died_on is None:
            worklist.open_task(mother, Task.Kind.LOSS, now=now)
    return pregnancy


def _refuse_old_birth(pregnancy: Pregnancy, kind: str, now: datetime) -> None:
    """A live birth on record stays, unless it was recorded today and the child was not born alive."""
    if kind != Outcome.STILLBIRTH:
        raise outcome_recorded(pregnancy)
    if not may_undo(pregnancy.outcome_recorded_at, now, None):
        raise Refusal(
            "outcome_recorded",
            _(
                "This birth was recorded more than 24 hours ago. Record the death of the child instead; no text "
                "about the child leaves then."
            ),
            conflict=True,
        )


def _none_lives(pregnancy: Pregnancy, on: date) -> list[int]:
    """The children of a birth that was a stillbirth count as dead. Returns those who did not until now."""
    living = list(pregnancy.children.select_for_update(no_key=True).filter(died_on=None).order_by("pk"))
    for child in living:
        child.died_on = max(on, child.date_of_birth)
        child.save(update_fields=["died_on"])
    return [child.pk for child in living]


@transaction.atomic
def undo_loss(pregnancy: Pregnancy, *, now: datetime, source: str, by: User | None = None) -> Pregnancy:
    """The loss was recorded by mistake: the pregnancy is ongoing again, its texts go on, the task goes.

    - Within 24 hours of the moment at which the loss was first recorded; an administrator also later.
    - Where a live birth had been recorded before the loss, it is in force again and its children live; a pregnancy that
      had been closed without a known outcome is that again.
    - Else not beside what was recorded since: a later or open pregnancy, a child of this one.
    Refusals: not_a_loss, too_late, overlaps, died.
    """
    mother = lock_pregnancy(pregnancy)
    if pregnancy.outcome not in LOSSES:
        raise Refusal("not_a_loss", _("No loss is recorded for this pregnancy. Open her page."), conflict=True)
    if mother.died_on:
        raise died()
    others = Pregnancy.objects.filter(mother=mother).exclude(pk=pregnancy.pk)
    later = others.filter(Q(outcome="") | Q(anchor_date__gt=pregnancy.anchor_date)).exists()
    birth = _birth_before(pregnancy)
    others_born = Child.objects.filter(mother=mother, date_of_birth__gte=pregnancy.anchor_date)
    if birth is not None:
        others_born = others_born.exclude(pregnancy=pregnancy)
    closed = closed_as_unknown(pregnancy)
    if closed is None and (later or others_born.exists()):
        raise Refusal(
            "overlaps",
            _("Another pregnancy or a child was recorded since. Open her page and check which of them is right."),
            conflict=True,
        )
    if not may_undo(pregnancy.outcome_recorded_at, now, by):
        raise Refusal(
            "too_late",
            _("This loss was recorded more than 24 hours ago. If it is a mistake, ask an administrator to undo it."),
            conflict=True,
        )
    old = {"outcome": pregnancy.outcome, "outcome_date": pregnancy.outcome_date}
    if birth is None:
        end_as_before(pregnancy, closed)
    else:
        recorded = birth.old["recorded_at"]
        born_on = date.fromisoformat(birth.old["outcome_date"])
        end(pregnancy, Outcome.LIVE_BIRTH, born_on, datetime.fromisoformat(recorded) if recorded else None)
        pregnancy.children.filter(pk__in=birth.new["children"]).update(died_on=None)
    new = {"outcome": pregnancy.outcome, "outcome_date": pregnancy.outcome_date}
    record(What.UNDONE, mother, now=now, source=source, by=by, old=old, new=new, pregnancy=pregnancy)
    worklist.drop_loss_task(mother, now=now)
    return pregnancy


def _birth_before(pregnancy: Pregnancy) -> ChangeEvent | None:
    """The event by which the loss in force took the place of a live birth; None: there was none."""
    events = ChangeEvent.objects.filter(pregnancy=pregnancy, what__in=[What.LOSS, What.UNDONE]).order_by("-id")
    for event in events:
        if event.what == What.UNDONE and event.old.get("outcome") in LOSSES:
            return None
        if event.old.get("outcome") == Outcome.LIVE_BIRTH and "children" in event.new:
            return event
    return None
