"""Who cares beside the mother: her word, the main recipient, the end of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from recipients import events
from recipients.models import Caregiver, Person
from recipients.models.consent import Source
from recipients.pages.access import caregiver_or_404, registrars_only, user_of
from recipients.pages.steps import step


@registrars_only
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Silently: a husband may be the reason why she asks."""
    caregiver = caregiver_or_404(request, pk)
    names, mother = _names(caregiver), _mother(caregiver)
    if caregiver.is_main and not mother.died_on:
        others = _("As the main recipient ends, the texts about this child go to %(mother)s again.") % names
    elif caregiver.is_main:
        others = (
            _("%(mother)s has died, so what was meant for her reaches nobody until somebody else is chosen.") % names
        )
    elif mother.died_on:
        others = _("Other caregivers go on receiving texts.")
    else:
        others = _("The texts to %(mother)s stay as they are.") % names
    return step(
        request,
        forms.Form(_sent(request)),
        lambda: events.end_care(caregiver, **_told(request)),
        person=mother,
        heading=_("No more texts to %(caregiver)s beside %(mother)s") % names,
        words=[
            _("%(caregiver)s gets nothing more about this pregnancy or child. Nobody is told, by text or otherwise.")
            % names,
            others,
        ],
        submit=_("End it"),
        saved=_("It is ended. %(caregiver)s gets nothing more about this pregnancy or child.") % names,
        danger=True,
    )


@registrars_only
def agrees(request: HttpRequest, pk: int) -> HttpResponse:
    """The mother wants him or her to receive texts."""
    caregiver = caregiver_or_404(request, pk)
    names = _names(caregiver)
    return step(
        request,
        forms.Form(_sent(request)),
        lambda: events.agree_to_care(caregiver, agrees=True, **_told(request)),
        person=_mother(caregiver),
        heading=_("%(mother)s agrees to texts for %(caregiver)s") % names,
        words=[
            _("Ask %(mother)s herself, when she is alone. Without her word a husband receives nothing.") % names,
            _("He also has to agree himself; that is recorded on his own page."),
        ],
        submit=_("She agrees"),
        saved=_("Her word is recorded."),
    )


@registrars_only
def agrees_no_more(request: HttpRequest, pk: int) -> HttpResponse:
    """The mother takes her word back."""
    caregiver = caregiver_or_404(request, pk)
    names = _names(caregiver)
    return step(
        request,
        forms.Form(_sent(request)),
        lambda: events.agree_to_care(caregiver, agrees=False, **_told(request)),
        person=_mother(caregiver),
        heading=_("%(mother)s no longer agrees to texts for %(caregiver)s") % names,
        words=[
            _("%(caregiver)s receives nothing until %(mother)s agrees again. Nobody is told.") % names,
            _("Who cares for the pregnancy or child stays on record."),
        ],
        submit=_("She no longer agrees"),
        saved=_("It is recorded. Nothing more leaves without her word."),
        danger=True,
    )


@registrars_only
def main(request: HttpRequest, pk: int) -> HttpResponse:
    """He or she becomes the main recipient of the texts about a child."""
    caregiver = caregiver_or_404(request, pk)
    names = _names(caregiver)
    return step(
        request,
        forms.Form(_sent(request)),
        lambda: events.set_main(caregiver, main=True, **_told(request)),
        person=_mother(caregiver),
        heading=_("Main recipient for %(child)s: %(caregiver)s") % names,
        words=[
            _("What goes to the mother about this child goes to %(caregiver)s from now on, by her or his own consent.")
            % names,
            _("For a mother who works away, or who has died. Any other main recipient of this child steps back."),
        ],
        submit=_("Make the main recipient"),
        saved=_("%(caregiver)s is the main recipient now.") % names,
    )


@registrars_only
def main_no_more(request: HttpRequest, pk: int) -> HttpResponse:
    """The texts about the child go to the mother again."""
    caregiver = caregiver_or_404(request, pk)
    names, mother = _names(caregiver), _mother(caregiver)
    to_her = _("The texts about this child go to %(mother)s again.") % names
    to_nobody = (
        _("%(mother)s has died, so what was meant for her reaches nobody until somebody else is chosen.") % names
    )
    return step(
        request,
        forms.Form(_sent(request)),
        lambda: events.set_main(caregiver, main=False, **_told(request)),
        person=mother,
        heading=_("%(caregiver)s is no longer the main recipient for %(child)s") % names,
        words=[to_nobody if mother.died_on else to_her],
        submit=_("No longer the main recipient"),
        saved=_("It is recorded."),
        danger=mother.died_on is not None,
    )


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _told(request: HttpRequest) -> dict[str, Any]:
    return {"now": timezone.now(), "source": Source.PAGE, "by": user_of(request)}


def _mother(caregiver: Caregiver) -> Person:
    subject = caregiver.pregnancy or caregiver.child
    assert subject is not None
    return subject.mother


def _names(caregiver: Caregiver) -> dict[str, str]:
    child = str(caregiver.child or "")
    return {"caregiver": caregiver.person.name, "mother": _mother(caregiver).name, "child": child}
