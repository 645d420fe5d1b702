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
from recipients.forms.outcomes import (
    BirthDayForm,
    BirthForm,
    DeathForm,
    LossForm,
    UndoBirthForm,
    UndoDeathForm,
    UndoLossForm,
)
from recipients.models import Child, Person, Pregnancy
from recipients.models.consent import Source
from recipients.pages.access import (
    attempt,
    child_or_404,
    person_or_404,
    pregnancy_or_404,
    registrars_only,
    user_of,
)
from recipients.pages.steps import step


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
def correct_birth(request: HttpRequest, pk: int) -> HttpResponse:
    """The day of birth was recorded wrongly."""
    user, child = user_of(request), child_or_404(request, pk)
    sent = request.POST if request.method == "POST" else None
    form = BirthDayForm(sent, initial={"born_on": child.date_of_birth})
    return step(
        request,
        form,
        lambda: events.correct_birth(child, **form.cleaned_data, now=timezone.now(), source=Source.PAGE, by=user),
        person=child.mother,
        heading=_("Correct the date of birth: %(name)s") % {"name": str(child)},
        words=[
            _("Coming texts move with the date. Children of the same birth move together."),
            _("Nobody is told by text that the date has changed."),
        ],
        submit=_("Save the date of birth"),
        saved=_("The date of birth is saved. Coming messages move with it."),
    )


@registrars_only
def undo_birth(request: HttpRequest, pk: int) -> HttpResponse:
    """The birth was recorded by mistake."""
    user, child = user_of(request), child_or_404(request, pk)
    return step(
        request,
        UndoBirthForm(request.POST if request.method == "POST" else None),
        lambda: events.undo_birth(child, now=timezone.now(), source=Source.PAGE, by=user),
        person=child.mother,
        heading=_("Undo a birth: %(name)s") % {"name": str(child)},
        words=[
            _("This is only for a birth that was recorded by mistake, for example for another woman."),
            _(
                "The children of this birth leave her page and no text about them goes out. The pregnancy goes on, "
                "and so do its texts."
            ),
            _("If a child has died, or was not born alive, leave this and record that instead."),
        ],
        submit=_("Undo the birth"),
        saved=_("The birth is undone. The pregnancy goes on, and so do its texts."),
        danger=True,
    )


@registrars_only
def loss(request: HttpRequest, pk: int) -> HttpResponse:
    """A miscarriage, stillbirth or termination."""
    user, pregnancy = user_of(request), pregnancy_or_404(request, pk)
    born = pregnancy.outcome == Pregnancy.Outcome.LIVE_BIRTH
    form = LossForm(request.POST or None, born=born, initial={"on": pregnancy.outcome_date} if born else None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: events.loss(pregnancy, **form.cleaned_data, now=timezone.now(), source=Source.PAGE, by=user),
        )
        if done:
            saved = _("It is saved. No more texts about this pregnancy leave, to her or to anybody else.")
            _say_and_offer_undo(request, saved, reverse("person-loss-undo", args=[pk]))
            return redirect("person", pregnancy.mother_id)
    return _page(request, "recipients/loss.html", form=form, person=pregnancy.mother, pregnancy=pregnancy)


@registrars_only
def undo_loss(request: HttpRequest, pk: int) -> HttpResponse:
    """The loss was recorded by mistake."""
    user, pregnancy = user_of(request), pregnancy_or_404(request, pk)
    born = pregnancy.children.exists()
    form = UndoLossForm(request.POST if request.method == "POST" else None, born=born)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: events.undo_loss(pregnancy, now=timezone.now(), source=Source.PAGE, by=user))
        if done:
            lives = _("The loss is undone. The birth is on record again, and the texts by the child's age go on.")
            goes_on = _("The loss is undone. The pregnancy goes on, and so do its texts.")
            messages.success(request, lives if born else goes_on)
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
            saved = _("It is saved. No more texts about this child leave, to anybody.")
            _say_and_offer_undo(request, saved, reverse("child-death-undo", args=[pk]))
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
            saved = _("It is saved. No more texts to her or about her leave.")
            _say_and_offer_undo(request, saved, reverse("person-death-undo", args=[pk]))
            return redirect("person", pk)
    return _page(request, "recipients/death.html", form=form, person=person)


@registrars_only
def undo_child_death(request: HttpRequest, pk: int) -> HttpResponse:
    """The child's death was recorded by mistake."""
    child = child_or_404(request, pk)
    words = _("All texts about this child begin again. If the child has died, leave it as it is.")
    return _undo_death(request, child, child.mother, str(child), words)


@registrars_only
def undo_death(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's death was recorded by mistake."""
    person = person_or_404(request, pk)
    words = _("The texts to and about this person begin again. If the person has died, leave it as it is.")
    return _undo_death(request, person, person, person.name, words)


def _undo_death(
    request: HttpRequest, subject: Person | Child, person: Person, name: str, consequence: str
) -> HttpResponse:
    user = user_of(request)
    return step(
        request,
        UndoDeathForm(request.POST if request.method == "POST" else None),
        lambda: events.undo_death(subject, now=timezone.now(), source=Source.PAGE, by=user),
        person=person,
        heading=_("Undo a death: %(name)s") % {"name": name},
        words=[
            _("This is only for a death that was recorded by mistake, for example for somebody of the same name."),
            consequence,
        ],
        submit=_("Undo the death"),
        saved=_("The death is undone. What is due goes on."),
    )


def _say_and_offer_undo(request: HttpRequest, saved: str, undo: str) -> None:
    messages.success(request, format_html('{} <a href="{}">{}</a>', saved, undo, _("It was a mistake: undo it")))


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    form = context["form"]
    return render(request, template, context, status=422 if getattr(form, "errors", None) else 200)
