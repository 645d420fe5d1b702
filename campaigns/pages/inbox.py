"""The inbox: what people wrote and a person has to read, the conversation with a number, an answer, and settling it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns import inbox as desk
from campaigns.pages.access import names_needed
from campaigns.pages.asking import attempt, user_of
from messaging import optouts
from messaging.models import InboundMessage
from recipients.models.consent import Source
from recipients.phones import to_e164

PAGE = 30
OPEN, SETTLED, ALL = "open", "settled", "all"


class AnswerForm(forms.Form):
    """An answer by SMS. `number` says which answer to the text it is, so that a double click sends once."""

    body = forms.CharField(
        label=gettext_lazy("Answer by SMS"),
        max_length=desk.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text=gettext_lazy(
            "It leaves at once and others may read it on a shared phone. Ask her to call rather than writing about an "
            "illness."
        ),
    )
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=10_000)


class SettleForm(forms.Form):
    """What came of it, for colleagues."""

    note = forms.CharField(
        label=gettext_lazy("What came of it?"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@names_needed
def inbox(request: HttpRequest) -> HttpResponse:
    """The texts of the user's area: those that wait, those that were settled, or all; of one number if asked."""
    user = user_of(request)
    texts = desk.from_people(desk.visible_to(user))
    words = request.GET.get("number", "").strip()
    number = _number(words)
    if words:
        texts = texts.filter(number=number)
    state = request.GET.get("state", OPEN)
    chosen = {SETTLED: desk.settled, ALL: lambda rows: rows}.get(state, desk.waiting)(texts)
    page = Paginator(chosen.order_by("-received_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    people = desk.people_of(user, {text.number for text in page})
    context = {
        "page": page,
        "lines": [(text, people.get(text.number, [])) for text in page],
        "state": state if state in (SETTLED, ALL) else OPEN,
        "number": words,
        "waiting": desk.waiting(texts).count(),
    }
    return render(request, "campaigns/inbox.html", context)


@names_needed
def inbox_text(request: HttpRequest, pk: int) -> HttpResponse:
    """One text with the conversation around it, an answer by SMS, and settling it."""
    text = _text(request, pk)
    form = AnswerForm(request.POST if request.method == "POST" else None, initial={"number": desk.next_answer(text)})
    if form.is_valid():
        typed = form.cleaned_data
        sent = attempt(
            form,
            lambda: desk.answer(
                text, typed["body"], number=typed["number"], by=user_of(request), source=Source.PAGE, now=timezone.now()
            ),
        )
        if sent:
            messages.success(request, _("The answer leaves now."))
            return redirect("inbox-text", pk)
    return _shown(request, text, form, SettleForm())


@require_POST
@names_needed
def inbox_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody has to read it any more."""
    text = _text(request, pk)
    form = SettleForm(request.POST)
    if form.is_valid():
        note, user = form.cleaned_data["note"], user_of(request)
        done = attempt(form, lambda: desk.settle(text, note=note, by=user, now=timezone.now()))
        if not form.errors:
            messages.success(request, _("Settled.") if done else _("A colleague has settled it already."))
            return redirect("inbox")
    return _shown(request, text, AnswerForm(initial={"number": desk.next_answer(text)}), form)


def _shown(request: HttpRequest, text: InboundMessage, answer: AnswerForm, settle: SettleForm) -> HttpResponse:
    user = user_of(request)
    context = {
        "text": text,
        "people": desk.people_of(user, {text.number}).get(text.number, []),
        "said": desk.conversation(text.number, user, timezone.now()),
        "closed": bool(optouts.closed([text.number])),
        "form": answer,
        "settle": settle,
    }
    wrong = bool(answer.errors or settle.errors)
    return render(request, "campaigns/inbox_text.html", context, status=422 if wrong else 200)


def _text(request: HttpRequest, pk: int) -> InboundMessage:
    return get_object_or_404(desk.from_people(desk.visible_to(user_of(request))), pk=pk)


def _number(words: str) -> str:
    """A number as people write it, in international form; what is none finds nothing."""
    try:
        return to_e164(words) if words else ""
    except ValueError:
        return words


urlpatterns = [
    path("inbox/", inbox, name="inbox"),
    path("inbox/<int:pk>/", inbox_text, name="inbox-text"),
    path("inbox/<int:pk>/settle/", inbox_settle, name="inbox-settle"),
]
