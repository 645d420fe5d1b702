"""Changing what is on record: details, number, dates of the pregnancy."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from recipients.events import change_number, confirm_number, redate
from recipients.forms.people import EditForm, NumberForm
from recipients.forms.pregnancies import RedateForm
from recipients.models import Person, User
from recipients.models.consent import Source
from recipients.pages.access import attempt, person_or_404, pregnancy_or_404, registrars_only, user_of
from recipients.pages.steps import step
from recipients.phones import as_written
from recipients.registry import update_details


@registrars_only
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Details and commune."""
    user, person = user_of(request), person_or_404(request, pk)
    form = EditForm(request.POST or None, user=user, person=person)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: update_details(person, changes=form.facts(), now=timezone.now(), source=Source.PAGE, by=user),
        )
        if done:
            messages.success(request, _("The details are saved."))
            return redirect("person", pk)
    return _page(request, form, person, "recipients/edit.html")


@registrars_only
def number(request: HttpRequest, pk: int) -> HttpResponse:
    """Another number, or none."""
    user, person = user_of(request), person_or_404(request, pk)
    form = NumberForm(request.POST or None, initial={"phone_holder": person.phone_holder})
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: _write_down(person, user, **form.cleaned_data))
        if done:
            messages.success(request, _("The number is saved. Texts that have not left yet go to it."))
            return redirect("person", pk)
    return _page(request, form, person, "recipients/number.html")


@registrars_only
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The number on record is the person's: said or answered from."""
    user, person = user_of(request), person_or_404(request, pk)
    return step(
        request,
        forms.Form(request.POST if request.method == "POST" else None),
        lambda: confirm_number(person, now=timezone.now(), source=Source.PAGE, by=user),
        person=person,
        heading=_("Confirm the number of %(name)s") % {"name": person.name},
        words=[
            _("Call %(number)s, or ask the person. Confirm it when you have reached the right person on it.")
            % {"number": as_written(person.phone) or _("the number")},
            _("Until then the texts to it name neither pregnancy nor child."),
        ],
        submit=_("The number is right"),
        saved=_("The number is confirmed."),
    )


@registrars_only
def dates(request: HttpRequest, pk: int) -> HttpResponse:
    """Gestation counted from another day."""
    user, pregnancy = user_of(request), pregnancy_or_404(request, pk)
    form = RedateForm(request.POST or None, initial={"lmp": pregnancy.lmp, "edd": pregnancy.edd})
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        done = attempt(
            form,
            lambda: redate(
                pregnancy,
                lmp=cleaned["lmp"],
                edd=cleaned["edd"],
                dating=cleaned["dating"] or None,
                now=timezone.now(),
                source=Source.PAGE,
                by=user,
            ),
        )
        if done:
            messages.success(request, _("The dates are saved. Coming messages move with them."))
            return redirect("person", pregnancy.mother_id)
    return _page(request, form, pregnancy.mother, "recipients/redate.html", pregnancy)


@transaction.atomic
def _write_down(person: Person, user: User, *, phone: str, phone_holder: str, confirmed: bool) -> Person:
    """The number, and the word that it is hers also where it is the one on record already."""
    now = timezone.now()
    change_number(person, phone, phone_holder=phone_holder, now=now, source=Source.PAGE, by=user)
    if confirmed and person.phone:
        confirm_number(person, now=now, source=Source.PAGE, by=user)
    return person


def _page(request: HttpRequest, form: object, person: object, template: str, pregnancy: object = None) -> HttpResponse:
    status = 422 if getattr(form, "errors", None) else 200
    return render(request, template, {"form": form, "person": person, "pregnancy": pregnancy}, status=status)
