"""Changing what is on record: details, number, dates of the pregnancy."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from recipients.events import redate
from recipients.forms import EditForm, NumberForm, RedateForm
from recipients.models.consent import Source
from recipients.pages.access import attempt, person_or_404, pregnancy_or_404, registrars_only, user_of
from recipients.registry import change_number, update_details


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
        cleaned = form.cleaned_data
        done = attempt(
            form,
            lambda: change_number(
                person,
                cleaned["phone"],
                phone_holder=cleaned["phone_holder"],
                now=timezone.now(),
                source=Source.PAGE,
                by=user,
            ),
        )
        if done:
            messages.success(request, _("The number is saved. Texts that have not left yet go to it."))
            return redirect("person", pk)
    return _page(request, form, person, "recipients/number.html")


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


def _page(request: HttpRequest, form: object, person: object, template: str, pregnancy: object = None) -> HttpResponse:
    status = 422 if getattr(form, "errors", None) else 200
    return render(request, template, {"form": form, "person": person, "pregnancy": pregnancy}, status=status)
