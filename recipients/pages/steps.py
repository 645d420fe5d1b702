"""A page for one step: what will happen, at most a few fields, one button, the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from recipients.models import Person
from recipients.pages.access import attempt


def step(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], object],
    *,
    heading: str,
    words: Sequence[str],
    submit: str,
    saved: str | Callable[[], str],
    person: Person | None = None,
    back: str = "",
    back_word: str = "",
    danger: bool = False,
) -> HttpResponse:
    """Shows the page; sent with a valid form it calls the verb, says `saved` and goes back; 422 with words if refused.

    The way back is the page of `person`, else the address `back`, named by `back_word`.
    """
    to = back or reverse("person", args=[person.pk] if person else [])
    if request.method == "POST" and form.is_valid():
        attempt(form, act)
        if not form.errors:
            messages.success(request, saved() if callable(saved) else saved)
            return redirect(to)
    context = {
        "form": form,
        "heading": heading,
        "words": words,
        "submit": submit,
        "danger": danger,
        "back": to,
        "back_word": back_word or (person.name if person else ""),
    }
    return render(request, "recipients/step.html", context, status=422 if form.is_bound and form.errors else 200)
