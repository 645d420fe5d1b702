"""Visits of a pregnancy or child: planned, put off, recorded, canceled, taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from recipients import events
from recipients.days import local_day
from recipients.forms.visits import ANTENATAL, DayForm, VisitForm
from recipients.models import Child, Pregnancy, Visit
from recipients.models.consent import Source
from recipients.pages.access import child_or_404, pregnancy_or_404, registrars_only, user_of, visit_or_404
from recipients.pages.steps import step


@registrars_only
def plan(request: HttpRequest, pregnancy: int | None = None, child: int | None = None) -> HttpResponse:
    """A day is agreed for a visit."""
    whose = _subject(request, pregnancy, child)
    form = _form(request, whose, planning=True)
    return step(
        request,
        form,
        lambda: events.plan_visit(**form.cleaned_data, **whose, **_told(request)),
        person=_one(whose).mother,
        heading=_("Plan a visit: %(name)s") % {"name": _name(whose)},
        words=[
            _("No text goes out; visit or call her.") if _mourned(_one(whose)) else _("Reminders come by this day."),
            _("A visit of the same kind that is planned already is put off to it."),
        ],
        submit=_("Save the day"),
        saved=_("The visit is planned."),
    )


@registrars_only
def attended(request: HttpRequest, pregnancy: int | None = None, child: int | None = None) -> HttpResponse:
    """A visit took place, planned or not."""
    whose = _subject(request, pregnancy, child)
    form = _form(request, whose, planning=False)
    return step(
        request,
        form,
        lambda: events.attend_visit(**form.cleaned_data, **whose, **_told(request)),
        person=_one(whose).mother,
        heading=_("Record a visit: %(name)s") % {"name": _name(whose)},
        words=[_("Reminders of this visit end. A planned one of the same kind is marked as attended.")],
        submit=_("Save the visit"),
        saved=_("The visit is saved."),
    )


@registrars_only
def attend(request: HttpRequest, pk: int) -> HttpResponse:
    """A planned visit took place."""
    visit = visit_or_404(request, pk)
    whose = _whose(visit)
    form = DayForm(_sent(request), initial={"on": local_day(timezone.now())})

    def saved() -> str:
        visit.refresh_from_db()
        if visit.attended_date is None:
            return _("The visit is saved beside the planned one, which lies too far ahead to be the same.")
        return _("The visit is saved.")

    return step(
        request,
        form,
        lambda: events.attend_visit(type=visit.type, **form.cleaned_data, **whose, **_told(request)),
        person=_one(whose).mother,
        heading=_("The visit took place: %(visit)s, %(name)s") % _words(visit),
        words=[_("Planned for %(day)s. Reminders of this visit end.") % {"day": _planned(visit)}],
        submit=_("Save the visit"),
        saved=saved,
    )


@registrars_only
def another_day(request: HttpRequest, pk: int) -> HttpResponse:
    """A planned visit is put off or brought forward."""
    visit = visit_or_404(request, pk)
    form = DayForm(_sent(request), initial={"on": visit.planned_date})
    silent = _mourned(_one(_whose(visit)))
    return step(
        request,
        form,
        lambda: events.reschedule_visit(visit, **form.cleaned_data, **_told(request)),
        person=_one(_whose(visit)).mother,
        heading=_("Another day: %(visit)s, %(name)s") % _words(visit),
        words=[
            _("Planned for %(day)s.") % {"day": _planned(visit)},
            _("No text goes out; visit or call her.") if silent else _("Reminders come by the new day."),
        ],
        submit=_("Save the day"),
        saved=_("The new day is saved."),
    )


@registrars_only
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """A planned visit will not take place."""
    visit = visit_or_404(request, pk)
    return step(
        request,
        forms.Form(_sent(request)),
        lambda: events.cancel_visit(visit, **_told(request)),
        person=_one(_whose(visit)).mother,
        heading=_("Cancel: %(visit)s, %(name)s") % _words(visit),
        words=[
            _("Planned for %(day)s. Nothing reminds of it any more, and nobody is told that it is canceled.")
            % {"day": _planned(visit)},
            _("If only the day changes, go back and choose another day instead."),
        ],
        submit=_("Cancel the visit"),
        saved=_("The visit is canceled."),
        danger=True,
    )


@registrars_only
def unattend(request: HttpRequest, pk: int) -> HttpResponse:
    """That a visit took place was recorded by mistake."""
    visit = visit_or_404(request, pk)
    consequence = _("It is planned again for %(day)s, and what was to remind of it may leave.")
    alone = _("It had not been planned, so it disappears from her page.")
    return step(
        request,
        forms.Form(_sent(request)),
        lambda: events.unattend_visit(visit, **_told(request)),
        person=_one(_whose(visit)).mother,
        heading=_("Recorded by mistake: %(visit)s, %(name)s") % _words(visit),
        words=[
            _("This takes back that the visit took place."),
            consequence % {"day": _planned(visit)} if visit.planned_date else alone,
        ],
        submit=_("Take it back"),
        saved=_("It is taken back."),
        danger=True,
    )


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _told(request: HttpRequest) -> dict[str, Any]:
    return {"now": timezone.now(), "source": Source.PAGE, "by": user_of(request)}


def _subject(request: HttpRequest, pregnancy: int | None, child: int | None) -> dict[str, Any]:
    """The pregnancy or the child, as the verbs take it."""
    if pregnancy is not None:
        return {"pregnancy": pregnancy_or_404(request, pregnancy)}
    assert child is not None
    return {"child": child_or_404(request, child)}


def _whose(visit: Visit) -> dict[str, Any]:
    return {"pregnancy": visit.pregnancy} if visit.pregnancy else {"child": visit.child}


def _one(whose: dict[str, Any]) -> Pregnancy | Child:
    one: Pregnancy | Child = next(iter(whose.values()))
    return one


def _mourned(subject: Pregnancy | Child) -> bool:
    """After a loss, or when every child of the birth has died: no text about a visit leaves."""
    if isinstance(subject, Child):
        return subject.died_on is not None
    bereft = subject.children.exists() and not subject.children.filter(died_on=None).exists()
    return subject.outcome in events.LOSSES or bereft


def _form(request: HttpRequest, whose: dict[str, Any], *, planning: bool) -> VisitForm:
    user = user_of(request)
    initial: dict[str, Any] = {"facility": user.facility, "type": _next_type(whose, planning=planning)}
    if not planning:
        initial["on"] = local_day(timezone.now())
    return VisitForm(_sent(request), user=user, subject=_one(whose), planning=planning, initial=initial)


def _next_type(whose: dict[str, Any], *, planning: bool) -> str | None:
    """The first antenatal visit that is not yet recorded, or planned where another is to be planned; None: any."""
    if not isinstance(_one(whose), Pregnancy):
        return None
    visits = Visit.objects.filter(**whose, canceled_on=None)
    taken = set((visits if planning else visits.exclude(attended_date=None)).values_list("type", flat=True))
    return next((type.value for type in ANTENATAL if type not in taken), None)


def _name(whose: dict[str, Any]) -> str:
    one = _one(whose)
    return str(one) if isinstance(one, Child) else one.mother.name


def _words(visit: Visit) -> dict[str, str]:
    return {"visit": str(visit.get_type_display()), "name": _name(_whose(visit))}


def _planned(visit: Visit) -> str:
    return f"{visit.planned_date:%d/%m/%Y}" if visit.planned_date else ""
