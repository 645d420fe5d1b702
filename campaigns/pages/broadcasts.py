"""Broadcasts: the list, the form with a live count, and the way from a draft to its phones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.content import checking, editions, history, nextsteps, onphone, rendering, review
from campaigns.models import Broadcast, Revision, StepText
from campaigns.pages.asking import attempt, user_of
from campaigns.pages.broadcast_form import GROUPS, PART_FIELDS, BroadcastForm, initial_of
from campaigns.pages.moves import MOVES, Button, Move, buttons_of, perform
from campaigns.pages.wording import spelling_word
from campaigns.schedule import audience, broadcast, estimate
from campaigns.schedule.sendtime import local_day
from campaigns.templatetags.wording import language_word
from messaging.models import MessageClass
from recipients.errors import Refusal
from recipients.models import AdminUnit, Person, User

PAGE = 25
State = Revision.State


@dataclass(frozen=True)
class OnPhone:
    """One text as a phone shows it, with its length as operators count it."""

    title: str
    body: str
    parts: int
    units: int


def _review(move: Move) -> Move:
    return replace(move, verb=lambda row, by, now, asked: move.verb(broadcast.revision_of(row), by, now, asked))


ACTIONS: dict[str, Move] = {name: _review(MOVES[name]) for name in ("submit", "approve", "second", "return")} | {
    "publish": Move(
        gettext_lazy("Publish"), gettext_lazy("Published. It leaves on its day."),
        lambda row, by, now, _asked: broadcast.publish(row, by, now), main=True,
    ),
    "stop": Move(
        gettext_lazy("Stop it for good"), gettext_lazy("Stopped. Nothing more of it leaves."),
        lambda row, by, now, _asked: broadcast.stop(row, now=now, by=by), danger=True,
    ),
}  # fmt: skip


@login_required
def broadcasts(request: HttpRequest) -> HttpResponse:
    """The broadcasts that reach into the user's area, the latest day first."""
    user = user_of(request)
    today = local_day(timezone.now(), settings.ZONE)
    rows = broadcast.visible_to(user).prefetch_related("campaign__revisions__steps").order_by("-send_on", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [(row, where_it_stands(row, today), audience_words(row.audience)) for row in page.object_list]
    context = {"page": page, "lines": lines, "may_write": review.writes(user)}
    return render(request, "campaigns/broadcasts.html", context)


@login_required
def broadcast_new(request: HttpRequest) -> HttpResponse:
    """A new draft."""
    return _form(request, None)


@login_required
def broadcast_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft once more, by its author."""
    return _form(request, get_object_or_404(broadcast.visible_to(user_of(request)), pk=pk))


@require_POST
@login_required
def broadcast_count(request: HttpRequest) -> HttpResponse:
    """How many people the form as it is now is for: asked by htmx while somebody types."""
    user = user_of(request)
    _must_write(user)
    form = BroadcastForm(request.POST, user=user)
    form.is_valid()
    try:
        asked = broadcast.in_area(audience.validate(form.audience()), user)
    except Refusal as refusal:
        return render(request, "campaigns/_broadcast_count.html", {"refusal": refusal.sentence})
    typed = form.cleaned_data
    texts = {
        language: StepText(language=language, body=body, discreet_body=typed.get(f"discreet_{language}", ""))
        for language in Person.Language.values
        if (body := typed.get(language, ""))
    }
    on = typed.get("send_on") or local_day(timezone.now(), settings.ZONE)
    counted = _estimated(asked, texts, on)
    if not texts:
        counted = replace(counted, wordless=0)
    return render(request, "campaigns/_broadcast_count.html", {"estimate": counted})


@login_required
def broadcast_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One broadcast: its words as on the phone, for how many, where it stands, and what this user can do next."""
    user = user_of(request)
    row = get_object_or_404(broadcast.visible_to(user), pk=pk)
    revision = broadcast.revision_of(row)
    texts = broadcast.texts_of(row)
    context = {
        "broadcast": row, "revision": revision, "step": revision.steps.get(),
        "standing": where_it_stands(row, local_day(timezone.now(), settings.ZONE)),
        "phones": on_phones(texts), "audience": audience_words(row.audience),
        "estimate": _estimated(row.audience, {text.language: text for text in texts}, row.send_on),
        "emergency": row.campaign.message_class == MessageClass.EMERGENCY,
        "buttons": _buttons(row, revision, user), "seen": editions.fingerprint(editions.file_of(revision)),
        "returned": history.last_return(revision) if revision.state == State.DRAFT else None,
        "may_edit": revision.state == State.DRAFT and revision.author_id == user.pk and not row.stopped_at,
    }  # fmt: skip
    return render(request, "campaigns/broadcast.html", context)


@login_required
def broadcast_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One step of the way; a refusal is said on the page."""
    row = get_object_or_404(broadcast.visible_to(user_of(request)), pk=pk)
    return perform(request, ACTIONS, action, row, str(row.campaign), ("broadcast", pk))


def where_it_stands(row: Broadcast, today: Any) -> tuple[str, str]:
    """Its state in words, and the class of the badge."""
    revision = broadcast.revision_of(row)
    if row.stopped_at:
        return _("Stopped"), "bad"
    if revision.state == State.LIVE:
        if today < row.send_on:
            return _("Published, leaves on its day"), "ok"
        return (_("Leaving"), "info") if today <= broadcast.last_day(row) else (_("Over"), "")
    if revision.state == State.APPROVED:
        waits = review.waits_for_second(revision)
        return (_("Approved once, needs a second person"), "warn") if waits else (_("Approved"), "info")
    return str(revision.get_state_display()), "warn" if revision.state == State.IN_REVIEW else ""


def audience_words(who: dict[str, Any]) -> list[str]:
    """The filter in words, part by part."""
    said = [str(dict(GROUPS)[who["who"]])]
    if "weeks" in who:
        said.append(_("week %(first)d to %(last)d") % {"first": who["weeks"][0], "last": who["weeks"][1]})
    if "months" in who:
        said.append(_("%(first)d to %(last)d months old") % {"first": who["months"][0], "last": who["months"][1]})
    names = AdminUnit.objects.filter(code__in=audience.codes(who), valid_to=None).values_list("name", flat=True)
    said.append(", ".join(names) or (_("everywhere") if not audience.codes(who) else ", ".join(audience.codes(who))))
    if "languages" in who:
        said.append(
            _("reads %(languages)s") % {"languages": ", ".join(str(language_word(code)) for code in who["languages"])}
        )
    return [*said, *([who["occupation"]] if "occupation" in who else []), *who.get("tags", [])]


def on_phones(texts: list[StepText]) -> list[OnPhone]:
    """Every text with invented values: in both spellings where they differ, and for phones that others read."""
    found: list[OnPhone] = []
    for text in texts:
        for words, kind in ((text.body, ""), (text.discreet_body, _("phones that others read"))):
            for spelling in onphone.spellings(words, checking.samples()) if words else ():
                parts = (str(language_word(text.language)), kind, str(spelling_word(spelling.script)))
                title = ", ".join(part for part in parts if part)
                found.append(OnPhone(title, spelling.body, spelling.parts, spelling.units))
    return found


def _estimated(who: dict[str, Any], texts: dict[str, StepText], on: Any) -> estimate.Estimate:
    try:
        return estimate.estimate(who, texts, on)
    except rendering.MissingValue:
        return estimate.estimate(who, {}, on)


def _buttons(row: Broadcast, revision: Revision, user: User) -> list[Button]:
    """What this user may do next. The verbs decide again; this spares her buttons that would be refused."""
    can = set() if row.stopped_at else nextsteps.possible(revision, user) & ACTIONS.keys()
    if not row.stopped_at and broadcast.may_stop(row, user) and revision.state != State.RETIRED:
        can.add("stop")
    return buttons_of(ACTIONS, can, "broadcast-act", row.pk)


def _must_write(user: User) -> None:
    if not review.writes(user):
        raise PermissionDenied(
            _("Only a communication officer or a clinical reviewer writes broadcasts. Ask one of them to.")
        )


def _form(request: HttpRequest, row: Broadcast | None) -> HttpResponse:
    user = user_of(request)
    _must_write(user)
    sent = request.POST if request.method == "POST" else None
    form = BroadcastForm(sent, user=user, initial=initial_of(row) if row else None)
    if form.is_valid():
        facts = form.facts() | {"by": user, "now": timezone.now()}
        saved = attempt(form, lambda: broadcast.redraft(row, **facts) if row else broadcast.draft(**facts), PART_FIELDS)
        if saved:
            messages.success(request, _("Saved as a draft. Look at it as the phone shows it, then ask for review."))
            return redirect("broadcast", saved.pk)
    context = {"form": form, "broadcast": row}
    return render(request, "campaigns/broadcast_form.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("broadcasts/", broadcasts, name="broadcasts"),
    path("broadcasts/new/", broadcast_new, name="broadcast-new"),
    path("broadcasts/count/", broadcast_count, name="broadcast-count"),
    path("broadcasts/<int:pk>/", broadcast_page, name="broadcast"),
    path("broadcasts/<int:pk>/edit/", broadcast_edit, name="broadcast-edit"),
    path("broadcasts/<int:pk>/<slug:action>/", broadcast_act, name="broadcast-act"),
]
