"""What staff did for a person instead of a text: told face to face, offered a condolence, finished a task."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import condolence, record, telling
from campaigns.pages.access import names_needed
from recipients.areas import people_visible_to
from recipients.errors import Refusal
from recipients.models import Child, Pregnancy, User
from recipients.models.consent import Source


class TellForm(forms.Form):
    """Confirms the texts that were shown; `rows` are their ids, so that none is confirmed unseen."""

    rows = forms.CharField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(
        label=gettext_lazy("What came of it"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("For colleagues, for example when she will come. It is kept with the changes."),
    )

    def clean_rows(self) -> list[int]:
        return [int(each) for each in self.cleaned_data["rows"].split(",") if each.isdecimal()]


class CondolenceForm(forms.Form):
    """Only by her consent, asked by a person."""

    agreed = forms.BooleanField(
        label=gettext_lazy("I have asked her, and she has agreed to receive one text of condolence."),
        error_messages={
            "required": gettext_lazy(
                "A condolence goes only to a mother who has agreed. Ask her first, then tick this."
            )
        },
    )


@names_needed
def tell(request: HttpRequest, pk: int) -> HttpResponse:
    """The texts to tell a person, in words, and one confirmation that it was done."""
    person = get_object_or_404(people_visible_to(request.user), pk=pk)
    shown = record.to_tell(person, timezone.now())
    initial = {"rows": ",".join(str(message.row.pk) for message in shown)}
    form = TellForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            count = telling.tell(
                person, now=timezone.now(), source=Source.PAGE, by=_user(request), note=form.cleaned_data["note"],
                only=form.cleaned_data["rows"],
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            saved = ngettext(
                "It is saved: %(count)d text was told face to face.",
                "It is saved: %(count)d texts were told face to face.",
                count,
            )
            messages.success(request, saved % {"count": count})
            return redirect("person", pk)
    return render(
        request, "campaigns/tell.html", {"person": person, "form": form, "to_tell": shown}, status=_status(form)
    )


@names_needed
def pregnancy_condolence(request: HttpRequest, pk: int) -> HttpResponse:
    """After a miscarriage or a stillbirth."""
    mothers = people_visible_to(request.user)
    return _condolence(
        request, get_object_or_404(Pregnancy.objects.select_related("mother"), pk=pk, mother__in=mothers)
    )


@names_needed
def child_condolence(request: HttpRequest, pk: int) -> HttpResponse:
    """After the death of a child."""
    mothers = people_visible_to(request.user)
    return _condolence(request, get_object_or_404(Child.objects.select_related("mother"), pk=pk, mother__in=mothers))


def _condolence(request: HttpRequest, subject: Pregnancy | Child) -> HttpResponse:
    mother, now = subject.mother, timezone.now()
    form = CondolenceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = condolence.offer(subject, agreed=True, now=now, source=Source.PAGE, by=_user(request))
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            door = record.door(mother)
            if door.is_open and condolence.words(mother, now):
                messages.success(
                    request, _("It is saved. The condolence leaves with the next pass in the sending hours.")
                )
            else:
                messages.warning(request, " ".join((_waits(row.last_day), *door.obstacles)))
            return redirect("person", mother.pk)
    against = condolence.refusal(subject, now)
    context = {
        "person": mother,
        "form": form,
        "door": record.door(mother),
        "against": against.sentence if against else "",
        "text": "" if against else condolence.words(mother, now),
    }
    return render(request, "campaigns/condolence.html", context, status=_status(form))


def _waits(last_day: date) -> str:
    sentence = _("It is saved, but nothing leaves as things stand. It waits until %(last)s, and then it is dropped.")
    return sentence % {"last": f"{last_day:%d/%m/%Y}"}


def _status(form: forms.Form) -> int:
    """422 for a form that comes back with errors."""
    return 422 if form.errors else 200


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns = [
    path("people/<int:pk>/tell/", tell, name="person-tell"),
    path("pregnancies/<int:pk>/condolence/", pregnancy_condolence, name="pregnancy-condolence"),
    path("children/<int:pk>/condolence/", child_condolence, name="child-condolence"),
]
