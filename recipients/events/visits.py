"""Visits: planned, put off, canceled, attended, and attended by mistake."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from recipients.days import local_day
from recipients.errors import Refusal
from recipients.events.rules import outcome_recorded, refuse_before, refuse_future
from recipients.history import record
from recipients.locks import lock
from recipients.models import ChangeEvent, Child, Facility, Pregnancy, User, Visit

What = ChangeEvent.What

RECURRING = (Visit.Type.ANC_MORE, Visit.Type.POSTNATAL, Visit.Type.IMMUNISATION, Visit.Type.GROWTH)
"""Types of which a woman or a child has several, weeks apart."""

EARLY_BY = timedelta(days=27)
"""How early a visit of a recurring type may come and still be the planned one: doses lie at least 28 days apart."""

FARTHEST = timedelta(days=366)
"""A visit more than a year ahead is a wrong year."""


@transaction.atomic
def plan_visit(
    *, type: str, on: date, now: datetime, source: str, by: User | None = None, pregnancy: Pregnancy | None = None,
    child: Child | None = None, facility: Facility | None = None,
) -> Visit:  # fmt: skip
    """A visit is agreed for a day, from today to a year ahead.

    Exactly one of `pregnancy` and `child`, which is still followed: ongoing (a postnatal visit also after its end,
    a loss included) or alive. The same type open and planned already: that visit is put off to the day
    (reschedule_visit).
    Refusals: invalid, in_the_past, date_out_of_range, outcome_recorded, died.
    """
    subject = _subject(type, pregnancy, child)
    lock(subject.mother)
    lock(subject)
    _refuse_odd_day(on, now)
    _refuse_ended(subject, type)
    planned = _open(pregnancy, child, type).first()
    if planned is not None:
        return reschedule_visit(planned, on=on, now=now, source=source, by=by)
    visit = Visit(pregnancy=pregnancy, child=child, type=type, planned_date=on, facility=facility)
    visit.save(force_insert=True)
    _record(What.PLANNED, visit, now=now, source=source, by=by, new={"type": type, "planned_date": on})
    return visit


@transaction.atomic
def reschedule_visit(visit: Visit, *, on: date, now: datetime, source: str, by: User | None = None) -> Visit:
    """Another day is agreed, from today to a year ahead: the reminders of the new day are an occasion of their own.

    The same day changes nothing. Refusals: visit_done, visit_canceled, in_the_past, date_out_of_range.
    """
    _lock(visit)
    _refuse_closed(visit)
    if visit.planned_date != on:
        _refuse_odd_day(on, now)
        old, visit.planned_date = {"type": visit.type, "planned_date": visit.planned_date}, on
        visit.rescheduled += 1
        visit.save(update_fields=["planned_date", "rescheduled"])
        new = {"type": visit.type, "planned_date": on, "rescheduled": visit.rescheduled}
        _record(What.PLANNED, visit, now=now, source=source, by=by, old=old, new=new)
    return visit


@transaction.atomic
def cancel_visit(visit: Visit, *, now: datetime, source: str, by: User | None = None) -> Visit:
    """The visit will not take place; nothing reminds of it. Canceled already: nothing. Refusal visit_done."""
    _lock(visit)
    if visit.canceled_on is None:
        _refuse_closed(visit)
        visit.canceled_on = local_day(now)
        visit.save(update_fields=["canceled_on"])
        old = {"type": visit.type, "planned_date": visit.planned_date}
        _record(What.CANCELED, visit, now=now, source=source, by=by, old=old, new={"canceled_on": visit.canceled_on})
    return visit


@transaction.atomic
def attend_visit(
    *, type: str, on: date, now: datetime, source: str, by: User | None = None, pregnancy: Pregnancy | None = None,
    child: Child | None = None, facility: Facility | None = None,
) -> Visit:  # fmt: skip
    """A visit took place; a planned one of the type is marked, else one is added. The same again changes nothing.

    A visit of a recurring type (immunisation, growth...) that took place more than 27 days before the planned one
    is another visit, told late: the planned one stays open.
    Exactly one of `pregnancy` and `child`. Refusals: invalid, in_the_future, before_pregnancy, before_birth.
    """
    subject = _subject(type, pregnancy, child)
    lock(subject.mother)
    refuse_future(on, now, "on")
    refuse_before(on, subject, "on")
    if done := Visit.objects.filter(pregnancy=pregnancy, child=child, type=type, attended_date=on).first():
        return done
    planned = _open(pregnancy, child, type)
    if type in RECURRING:
        planned = planned.filter(planned_date__lte=on + EARLY_BY)
    visit = planned.first() or Visit(pregnancy=pregnancy, child=child, type=type)
    visit.attended_date, visit.facility = on, facility or visit.facility
    visit.save()
    _record(What.VISIT, visit, now=now, source=source, by=by, new={"type": type, "attended_date": on})
    return visit


@transaction.atomic
def unattend_visit(visit: Visit, *, now: datetime, source: str, by: User | None = None) -> Visit | None:
    """It was recorded by mistake that the visit took place.

    A visit that had been planned is open again; one that was only recorded goes (None). Refusals: visit_open, and
    overlaps where the same type has been planned again since.
    """
    _lock(visit)
    if visit.attended_date is None:
        raise Refusal("visit_open", _("This visit is not recorded as attended. Open her page."), conflict=True)
    old = {"type": visit.type, "attended_date": visit.attended_date}
    if visit.planned_date is not None and _open(visit.pregnancy, visit.child, visit.type).exists():
        raise Refusal(
            "overlaps",
            _("A visit of this kind has been planned since. Cancel it first, or put it off to the right day."),
            conflict=True,
        )
    _record(What.UNDONE, visit, now=now, source=source, by=by, old=old, new={"attended_date": None})
    if visit.planned_date is None:
        visit.delete()
        return None
    visit.attended_date = None
    visit.save(update_fields=["attended_date"])
    return visit


def _open(pregnancy: Pregnancy | None, child: Child | None, type: str) -> QuerySet[Visit]:
    return Visit.objects.filter(
        planned_date__isnull=False, pregnancy=pregnancy, child=child, type=type, attended_date=None,
        canceled_on=None,
    )  # fmt: skip


def _subject(type: str, pregnancy: Pregnancy | None, child: Child | None) -> Pregnancy | Child:
    subject = pregnancy or child
    if subject is None or (pregnancy and child) or type not in Visit.Type:
        raise Refusal("invalid", _("A visit has a type and belongs to one pregnancy or one child."), field="type")
    return subject


def _lock(visit: Visit) -> None:
    subject = visit.pregnancy or visit.child
    assert subject is not None
    lock(subject.mother)
    lock(visit)


def _refuse_odd_day(on: date, now: datetime) -> None:
    today = local_day(now)
    if on < today:
        raise Refusal(
            "in_the_past", _("This day has passed. Choose a day from today on, or record the visit."), field="on"
        )
    if on > today + FARTHEST:
        raise Refusal("date_out_of_range", _("This day is more than a year ahead. Correct the date."), field="on")


def _refuse_ended(subject: Pregnancy | Child, type: str) -> None:
    if isinstance(subject, Pregnancy):
        after_it = type == Visit.Type.POSTNATAL and subject.outcome != Pregnancy.Outcome.MATERNAL_DEATH
        if subject.outcome and not after_it:
            raise outcome_recorded(subject)
    elif subject.died_on is not None:
        raise Refusal(
            "died", _("A death is recorded for this child, so no visit can be planned. Open the page."), conflict=True
        )


def _refuse_closed(visit: Visit) -> None:
    if visit.attended_date is not None:
        raise Refusal("visit_done", _("This visit has taken place. Plan a new one."), conflict=True)
    if visit.canceled_on is not None:
        raise Refusal("visit_canceled", _("This visit was canceled. Plan a new one."), conflict=True)


def _record(
    what: str, visit: Visit, *, now: datetime, source: str, by: User | None, new: dict[str, Any],
    old: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    subject = visit.pregnancy or visit.child
    assert subject is not None
    record(
        what, subject.mother, now=now, source=source, by=by, old=old, new=new, pregnancy=visit.pregnancy,
        child=visit.child,
    )  # fmt: skip
