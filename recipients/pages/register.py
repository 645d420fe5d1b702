"""Registering one by one: a pregnancy, a child already born, a caregiver."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from recipients.forms.people import CaregiverForm
from recipients.forms.pregnancies import ChildForm, NewbornFields, NewPregnancyForm, PregnancyForm
from recipients.models import Person
from recipients.models.consent import Source
from recipients.pages.access import attempt, person_or_404, registrars_only, user_of
from recipients.registry import register_caregiver, register_child, register_pregnancy


@registrars_only
def pregnancy(request: HttpRequest) -> HttpResponse:
    """A pregnant woman; with ?person= a further pregnancy of somebody on record."""
    user = user_of(request)
    if "person" in request.GET:
        return _further_pregnancy(request, person_or_404(request, request.GET["person"]))
    form = PregnancyForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: register_pregnancy(
                **form.facts("weeks", "days", "visit_date"),
                visit=form.visit(),
                seek=True,
                now=timezone.now(),
                source=Source.PAGE,
                by=user,
            ),
        )
        if done:
            return _welcome(request, done.mother)
    return _page(request, form, "recipients/register_pregnancy.html")


def _further_pregnancy(request: HttpRequest, woman: Person) -> HttpResponse:
    form = NewPregnancyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        done = attempt(
            form,
            lambda: register_pregnancy(
                person=woman,
                lmp=cleaned["lmp"],
                edd=cleaned["edd"],
                gravida=cleaned["gravida"],
                visit=form.visit(),
                now=timezone.now(),
                source=Source.PAGE,
                by=user_of(request),
            ),
        )
        if done:
            return _welcome(request, woman)
    return _page(request, form, "recipients/register_pregnancy.html", woman)


@registrars_only
def child(request: HttpRequest) -> HttpResponse:
    """A child already born; with ?person= of a mother on record."""
    user = user_of(request)
    mother = person_or_404(request, request.GET["person"]) if "person" in request.GET else None
    form: NewbornFields = NewbornFields(request.POST or None) if mother else ChildForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        own = NewbornFields.base_fields
        her = {name: value for name, value in form.cleaned_data.items() if name not in own}
        done = attempt(
            form,
            lambda: register_child(
                mother=mother,
                seek=True,
                now=timezone.now(),
                source=Source.PAGE,
                by=user,
                **form.newborn(),
                **her,
            ),
        )
        if done:
            return _welcome(request, done.mother)
        if form.refusal and form.refusal.code == "outcome_recorded":  # type: ignore[attr-defined]
            form.offer_beside_loss()
    return _page(request, form, "recipients/register_child.html", mother)


@registrars_only
def caregiver(request: HttpRequest) -> HttpResponse:
    """Somebody who cares beside the mother, who is ?person=."""
    user = user_of(request)
    mother = person_or_404(request, request.GET.get("person"))
    form = CaregiverForm(request.POST or None, user=user, mother=mother)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: register_caregiver(
                **form.facts("subject"), **form.care(), seek=True, now=timezone.now(), source=Source.PAGE, by=user
            ),
        )
        if done:
            return _welcome(request, mother)
    return _page(request, form, "recipients/register_caregiver.html", mother)


def _welcome(request: HttpRequest, person: Person) -> HttpResponse:
    messages.success(request, _("Saved. Messages follow if there is a mobile number and a consent."))
    return redirect("person", person.pk)


def _page(request: HttpRequest, form: forms.Form, template: str, person: Person | None = None) -> HttpResponse:
    refusal = getattr(form, "refusal", None)
    known = refusal.facts.get("person") if refusal and refusal.code == "known" else None
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, "person": person, "known": known}, status=status)
