"""What a station keeps up to date: its session days, and who gets notices about its people."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recipients import consent, workers
from recipients.areas import units_visible_to
from recipients.days import local_day
from recipients.forms.station import SessionsForm, WorkerForm
from recipients.models import Facility, Session, Worker
from recipients.models.consent import Source
from recipients.pages.access import attempt, registrars_only, user_of
from recipients.pages.steps import step
from recipients.registry import register_worker
from recipients.sessions import cancel_session, set_session

PAGE = 50


@registrars_only
def sessions(request: HttpRequest) -> HttpResponse:
    """The days to come at the stations of the user's area, and a form for more of them."""
    user, today = user_of(request), local_day(timezone.now())
    last = {key: request.GET[key] for key in ("facility", "service") if key in request.GET}
    form = SessionsForm(request.POST if request.method == "POST" else None, user=user, today=today, initial=last)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: _set_all(**form.cleaned_data))
        if done:
            count = len(done)
            words = ngettext("%(count)d day is on the calendar.", "%(count)d days are on the calendar.", count)
            messages.success(request, words % {"count": count})
            chosen = f"?facility={form.cleaned_data['facility'].pk}&service={form.cleaned_data['service']}"
            return redirect(reverse("sessions") + chosen)
    coming = _sessions_of(request).filter(day__gte=today).order_by("day", "service", "facility__name", "pk")
    page = Paginator(coming, PAGE).get_page(request.GET.get("page"))
    facility = form.fields["facility"]
    assert isinstance(facility, forms.ModelChoiceField)
    context = {"form": form, "page": page, "stations": facility.queryset}
    return render(request, "recipients/sessions.html", context, status=422 if form.is_bound and form.errors else 200)


@registrars_only
def session_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """A session does not take place."""
    session = get_object_or_404(_sessions_of(request), pk=pk)
    return step(
        request,
        forms.Form(request.POST if request.method == "POST" else None),
        lambda: cancel_session(session),
        back=reverse("sessions"),
        back_word=_("Sessions"),
        heading=_("Cancel the session: %(session)s") % {"session": session},
        words=[
            str(session.facility),
            _("Reminders that have not left yet count from the next session. Texts that have left are not taken back."),
        ],
        submit=_("Cancel the session"),
        saved=_("The session is canceled."),
        danger=True,
    )


@registrars_only
def staff(request: HttpRequest) -> HttpResponse:
    """Who gets notices about the people of the user's area."""
    rows = _workers_of(request).filter(ended_on=None).order_by("unit__search_name", "role", "person__search_name", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    states = consent.state_of(worker.person_id for worker in page)
    return render(
        request,
        "recipients/workers.html",
        {"page": page, "rows": [(worker, states[worker.person_id]) for worker in page]},
    )


@registrars_only
def worker_register(request: HttpRequest) -> HttpResponse:
    """A village health worker, or the station's own phone."""
    user = user_of(request)
    form = WorkerForm(request.POST if request.method == "POST" else None, user=user)
    return step(
        request,
        form,
        lambda: register_worker(**form.facts(), seek=True, now=timezone.now(), source=Source.PAGE, by=user),
        back=reverse("workers"),
        back_word=_("Workers"),
        heading=_("Add a worker"),
        words=[_("A village health worker or the station's phone gets short notices: who to look after, and when.")],
        submit=_("Add a worker"),
        saved=_("Saved. Notices follow if there is a mobile number and a consent."),
    )


@registrars_only
def worker_end(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer works there."""
    worker = get_object_or_404(_workers_of(request), pk=pk)
    user, names = user_of(request), {"name": worker.person.name, "unit": worker.unit.name}
    return step(
        request,
        forms.Form(request.POST if request.method == "POST" else None),
        lambda: workers.dismiss(worker, now=timezone.now(), source=Source.PAGE, by=user),
        back=reverse("workers"),
        back_word=_("Workers"),
        heading=_("%(name)s no longer works for %(unit)s") % names,
        words=[
            _("No more notices about the people there leave. Add the successor, so that nobody is forgotten."),
            _("Texts that %(name)s receives as a mother or caregiver go on.") % names,
        ],
        submit=_("End it"),
        saved=_("It is ended. %(name)s gets no more notices from %(unit)s.") % names,
        danger=True,
    )


@transaction.atomic
def _set_all(*, facility: Facility, service: str, days: list[date]) -> list[Session]:
    return [set_session(facility, service=service, day=day) for day in sorted(set(days))]


def _sessions_of(request: HttpRequest) -> QuerySet[Session]:
    units = units_visible_to(request.user)
    return Session.objects.filter(facility__unit__in=units).select_related("facility")


def _workers_of(request: HttpRequest) -> QuerySet[Worker]:
    units = units_visible_to(request.user)
    return Worker.objects.filter(unit__in=units).select_related("person", "unit")
