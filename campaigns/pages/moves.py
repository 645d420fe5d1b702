"""The moves of a revision as buttons: what each says, what it asks first, and the verb behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.content import drafting, review
from campaigns.models import Revision
from campaigns.pages.asking import attempt, day_field, user_of
from recipients.errors import Refusal
from recipients.models import User

Verb = Callable[[Any, User, datetime, Mapping[str, Any]], Any]


class Comment(forms.Form):
    """Why it comes back."""

    comment = forms.CharField(
        label=_("What should change?"), max_length=review.LONGEST_COMMENT, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The writer reads it, and it stays in the history."),
    )  # fmt: skip


class Day(forms.Form):
    """When it goes live by itself."""

    publish_on = day_field(_("Day"))


@dataclass(frozen=True)
class Move:
    """A button. With a `question` or a `form` a page asks first; `main` is what usually comes next."""

    words: Promise
    done: Promise
    verb: Verb
    question: Promise | None = None
    form: type[forms.Form] = forms.Form
    main: bool = False
    danger: bool = False

    @property
    def asks(self) -> bool:
        return self.question is not None or self.form is not forms.Form


@dataclass(frozen=True)
class Button:
    """A move that somebody may make now, with the address that makes it or asks first."""

    name: str
    move: Move
    address: str


def _plain(verb: Callable[[Revision, User, datetime], Any]) -> Verb:
    return lambda revision, by, now, _asked: verb(revision, by, now)


MOVES: dict[str, Move] = {
    "submit": Move(
        _("Ask for review"), _("Review is asked for. A clinical reviewer approves it next."), _plain(review.submit),
        main=True,
    ),
    "approve": Move(
        _("Approve"), _("Approved. It can be published."),
        lambda revision, by, now, asked: review.approve(revision, by, now, asked.get("seen", "")), main=True,
    ),
    "second": Move(
        _("Approve as the second person"), _("Approved by a second person. It can be published."),
        _plain(review.second), main=True,
    ),
    "publish": Move(_("Publish now"), _("Published. It is sent from now on."), _plain(review.publish), main=True),
    "schedule": Move(
        _("Publish on a date"), _("The date is set. It goes live by itself on that day."),
        lambda revision, by, now, asked: review.schedule(revision, asked["publish_on"], by, now),
        _("It goes live at the beginning of that day and takes the place of the revision that is live then."), Day,
    ),
    "unschedule": Move(_("Take the date away"), _("The date is taken away. It stays approved."),
                       _plain(review.unschedule)),
    "return": Move(
        _("Return to draft"), _("It is a draft again, with your comment."),
        lambda revision, by, now, asked: review.return_(revision, by, now, asked["comment"]), form=Comment,
    ),
    "withdraw": Move(_("Take it back to change it"), _("It is a draft again. Change it, then ask for review."),
                     _plain(review.withdraw)),
    "retire": Move(
        _("Retire"), _("Retired. The campaign sends nothing until another revision is published."),
        _plain(review.retire),
        _("Nothing of this campaign leaves any more, until another revision of it is published. To hold it for some "
          "time only, pause it instead."), danger=True,
    ),
    "discard": Move(
        _("Discard the draft"), _("Discarded. It can still be read and copied."), _plain(drafting.discard),
        _("Nobody goes on with this draft. It stays in the list, to be read and copied."), danger=True,
    ),
}  # fmt: skip


def buttons_of(moves: Mapping[str, Move], can: Collection[str], page: str, pk: int) -> list[Button]:
    """The moves of `can` in the order of `moves`; `page` is the name of the address that makes them."""
    return [Button(name, move, reverse(page, args=[pk, name])) for name, move in moves.items() if name in can]


def perform(
    request: HttpRequest, moves: Mapping[str, Move], name: str, row: Any, heading: str, back: tuple[str, object]
) -> HttpResponse:
    """Asks first where a move does, else makes it; `row` is what the verb takes, `back` the page to come back to.

    A refusal is said beside its field, or on the page that is come back to.
    """
    if name not in moves:
        raise Http404
    move = moves[name]
    sent = request.POST if request.method == "POST" else None
    if sent is None and not move.asks:
        return redirect(*back)
    form = move.form(sent)
    if form.is_valid():
        asked = request.POST.dict() | form.cleaned_data
        if form.fields:
            if attempt(form, lambda: move.verb(row, user_of(request), timezone.now(), asked)) is not None:
                messages.success(request, str(move.done))
                return redirect(*back)
        else:
            try:
                move.verb(row, user_of(request), timezone.now(), asked)
            except Refusal as refusal:
                messages.error(request, refusal.sentence)
            else:
                messages.success(request, str(move.done))
            return redirect(*back)
    context = {"move": move, "form": form, "heading": heading, "back": back}
    return render(request, "campaigns/move.html", context, status=422 if form.errors else 200)
