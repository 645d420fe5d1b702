"""Birth, loss, death: each on a page of its own, in gentle words, that says what will stop or begin."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from recipients import events
from recipients.forms import BirthForm, DeathForm, LossForm, UndoLossForm
from recipients.models.consent import Source
from recipients.pages.access import (
    attempt,
    child_or_404,
    person_or_404,
    pregnancy_or_404,
    registrars_only,
    user_of,
)


@registrars_only
def birth(request: HttpRequest, pk: int) -> HttpResponse:
    """A live birth."""
    user, pregnancy = user_of(request), pregnancy_or_404(request, pk)
    form = BirthForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        first = events.Newborn(cleaned["child_name"], cleaned["birth_weight"])
        children = [first, *(events.Newborn() for _other in range(cleaned["number"] - 1))]
        done = attempt(
            form,
            lambda: events.birth(
                pregnancy,
                born_on=cleaned["born_on"],
                children=children,
                now=timezone.now(),
                source=Source.PAGE,
                by=user,
            ),
        )
        if done:
            messages.success(request, _("The birth is saved. Texts by the child's age begin."))
            return redirect("person", pregnancy.mother_id)
    return _page(request, "recipients/birth.html", form=form, person=pregnancy.mother, pregnancy=pregnancy)


@registrars_only
def loss(request: HttpRequest, pk: int) -> HttpResponse:
    """A miscarriage, stillbirth or termination."""
    user, pregnancy = user_of(request), pregnancy_or_404(request, pk)
    form = LossForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: events.loss(pregnancy, **form.cleaned_data, now=timezone.now(), source=Source.PAGE, by=user),
        )
        if done:
            saved = _("It is saved. No more texts about this pregnancy leave, to her or to anybody else.")
            undo = reverse("person-loss-undo", args=[pk])
            messages.success(
                request, format_html('{} <a href="{}">{}</a>', saved, undo, _("It was a mistake: undo it"))
            )
            return redirect("person", pregnancy.mother_id)
    return _page(request, "recipients/loss.html", form=form, person=pregnancy.mother, pregnancy=pregnancy)


@registrars_only
def undo_loss(request: HttpRequest, pk: int) -> HttpResponse:
    """The loss was recorded by mistake."""
    user, pregnancy = user_of(request), pregnancy_or_404(request, pk)
    form = UndoLossForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: events.undo_loss(pregnancy, now=timezone.now(), source=Source.PAGE, by=user))
        if done:
            messages.success(request, _("The loss is undone. The pregnancy goes on, and so do its texts."))
            return redirect("person", pregnancy.mother_id)
    return _page(request, "recipients/undo_loss.html", form=form, person=pregnancy.mother, pregnancy=pregnancy)


@registrars_only
def child_death(request: HttpRequest, pk: int) -> HttpResponse:
    """A child has died."""
    user, child = user_of(request), child_or_404(request, pk)
    form = DeathForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["on"]
        done = attempt(form, lambda: events.child_death(child, on=day, now=timezone.now(), source=Source.PAGE, by=user))
        if done:
            messages.success(request, _("It is saved. No more texts about this child leave, to anybody."))
            return redirect("person", child.mother_id)
    return _page(request, "recipients/child_death.html", form=form, person=child.mother, child=child)


@registrars_only
def death(request: HttpRequest, pk: int) -> HttpResponse:
    """A person on record has died."""
    user, person = user_of(request), person_or_404(request, pk)
    form = DeathForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["on"]
        done = attempt(
            form, lambda: events.maternal_death(person, on=day, now=timezone.now(), source=Source.PAGE, by=user)
        )
        if done:
            messages.success(request, _("It is saved. No more texts to her or about her leave."))
            return redirect("person", pk)
    return _page(request, "recipients/death.html", form=form, person=person)


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    form = context["form"]
    return render(request, template, context, status=422 if getattr(form, "errors", None) else 200)
