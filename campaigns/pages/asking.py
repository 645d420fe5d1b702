"""What the forms of these pages share: who asks, how a refusal is shown, and how days and numbers are typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.http import HttpRequest

from recipients.errors import Refusal
from recipients.models import User

Answer = TypeVar("Answer")


def user_of(request: HttpRequest) -> User:
    """The signed-in user, of our own class."""
    assert isinstance(request.user, User)
    return request.user


def attempt(form: forms.Form, verb: Callable[[], Answer], fields: dict[str, str] | None = None) -> Answer | None:
    """Calls the verb; a refusal becomes an error beside its field (`fields`: where a part is shown that the form
    calls otherwise), or above the form. None when refused."""
    try:
        return verb()
    except Refusal as refusal:
        field = (fields or {}).get(refusal.field or "", refusal.field)
        form.add_error(field if field in form.fields else None, refusal.sentence)
        return None


def day_field(label: Any) -> forms.DateField:
    """A date by the browser's own picker; typed dates are read day first."""
    formats = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"]
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, input_formats=formats)


def number_field(label: Any, low: int, high: int) -> forms.IntegerField:
    """A whole number that may be left empty."""
    return forms.IntegerField(label=label, min_value=low, max_value=high, required=False)
