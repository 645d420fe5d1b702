"""Who opens which page of recipients, whom she finds there, and what a refusal of a verb looks like in a form."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from recipients.areas import may_register, people_visible_to
from recipients.errors import Refusal
from recipients.models import Caregiver, Child, Person, Pregnancy, User, Visit

Answer = TypeVar("Answer")


def registrars_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For pages with names on which people are registered or changed: sign-in first, else 403 in words."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not may_register(request.user):
            raise PermissionDenied(
                _(
                    "Your role works with figures and texts, so the pages with people's names are closed to you. "
                    "Open the reach page, or ask the health station if you need to know about one person."
                )
            )
        return view(request, *args, **kwargs)

    return guarded


def user_of(request: HttpRequest) -> User:
    """The signed-in user, of our own class."""
    assert isinstance(request.user, User)
    return request.user


def person_or_404(request: HttpRequest, pk: int | str | None) -> Person:
    """A person of the user's area."""
    visible = people_visible_to(request.user).select_related("unit", "facility")
    return get_object_or_404(visible, pk=pk if re.fullmatch(r"[0-9]{1,18}", str(pk)) else None)


def pregnancy_or_404(request: HttpRequest, pk: int) -> Pregnancy:
    """A pregnancy of somebody of the user's area."""
    mothers = people_visible_to(request.user)
    return get_object_or_404(Pregnancy.objects.select_related("mother__unit"), pk=pk, mother__in=mothers)


def child_or_404(request: HttpRequest, pk: int) -> Child:
    """A child of somebody of the user's area."""
    mothers = people_visible_to(request.user)
    return get_object_or_404(Child.objects.select_related("mother__unit", "pregnancy"), pk=pk, mother__in=mothers)


def visit_or_404(request: HttpRequest, pk: int) -> Visit:
    """A visit of a pregnancy or child of somebody of the user's area."""
    mothers = people_visible_to(request.user)
    of_area = Visit.objects.filter(Q(pregnancy__mother__in=mothers) | Q(child__mother__in=mothers))
    return get_object_or_404(of_area.select_related("pregnancy__mother", "child__mother"), pk=pk)


def caregiver_or_404(request: HttpRequest, pk: int) -> Caregiver:
    """Somebody who cares for a pregnancy or child of the user's area, wherever he or she lives."""
    mothers = people_visible_to(request.user)
    of_area = Caregiver.objects.filter(Q(pregnancy__mother__in=mothers) | Q(child__mother__in=mothers))
    return get_object_or_404(of_area.select_related("person", "pregnancy__mother", "child__mother"), pk=pk)


def attempt(form: forms.Form, verb: Callable[[], Answer]) -> Answer | None:
    """Calls the verb; a refusal becomes an error beside its field, or above the form. None when refused."""
    try:
        return verb()
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        form.refusal = refusal  # type: ignore[attr-defined]
        return None
