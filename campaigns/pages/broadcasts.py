"""Broadcasts: the list, the form with a live count, and the way from a draft to its phones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.content import rendering, review
from campaigns.content.files import load_sample_values
from campaigns.content.library import FOLDER
from campaigns.models import Broadcast, Revision, StepText
from campaigns.pages.asking import attempt, user_of
from campaigns.pages.broadcast_form import GROUPS, PART_FIELDS, BroadcastForm, initial_of
from campaigns.schedule import audience, broadcast, estimate
from campaigns.schedule.sendtime import local_day
from campaigns.templatetags.wording import language_word
from messaging.models import MessageClass
from messaging.text.segments import measure
from recipients.errors import Refusal
from recipients.models import AdminUnit, Person, User

PAGE = 25
Verb = Callable[[Broadcast, User, datetime], Any]
State = Revision.State


@dataclass(frozen=True)
class OnPhone:
    """One text as a phone shows it, with its length as operators count it."""

    title: str
    body: str
    parts: int
    units: int


def _review(verb: Callable[[Revision, User, datetime], Any]) -> Verb:
    return lambda row, by, now: verb(broadcast.revision_of(row), by, now)


ACTIONS: dict[str, tuple[Verb, Promise]] = {
    "submit": (_review(review.submit), gettext_lazy("Review is asked for. A clinical reviewer approves it next.")),
    "return": (_review(review.return_), gettext_lazy("It is a draft again. Its author can change it.")),
    "approve": (_review(review.approve), gettext_lazy("Approved.")),
    "second": (_review(review.second), gettext_lazy("Approved by a second person. It can be published.")),
    "publish": (broadcast.publish, gettext_lazy("Published. It leaves on its day.")),
    "stop": (
        lambda row, by, now: broadcast.stop(row, now=now, by=by),
        gettext_lazy("Stopped. Nothing more of it leaves."),
    ),
}


@login_required
def broadcasts(request: HttpRequest) -> HttpResponse:
    """The broadcasts that reach into the user's area, the latest day first."""
    user = user_of(request)
    today = local_day(timezone.now(), settings.ZONE)
    rows = broadcast.visible_to(user).prefetch_related("campaign__revisions__steps").order_by("-send_on", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [(row, where_it_stands(row, today), audience_words(row.audience)) for row in page.object_list]
    context = {"page": page, "lines": lines, "may_write": broadcast.may_write(user)}
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
        "can": _can(row, revision, user),
    }  # fmt: skip
    return render(request, "campaigns/broadcast.html", context)


@require_POST
@login_required
def broadcast_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One step of the way; a refusal is said on the page."""
    row = get_object_or_404(broadcast.visible_to(user_of(request)), pk=pk)
    if action not in ACTIONS:
        raise Http404
    verb, done = ACTIONS[action]
    try:
        verb(row, user_of(request), timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, str(done))
    return redirect("broadcast", pk)


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
        second_missing = row.campaign.message_class == MessageClass.EMERGENCY and not revision.second_reviewer_id
        return (_("Approved once, needs a second person"), "warn") if second_missing else (_("Approved"), "info")
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
    values = load_sample_values(FOLDER).usual
    found: list[OnPhone] = []
    for text in texts:
        for words, kind in ((text.body, ""), (text.discreet_body, _("phones that others read"))):
            if not words:
                continue
            body = rendering.render(words, values)
            plain, marked = rendering.for_phone(body, Person.Script.PLAIN), rendering.for_phone(body, "diacritics")
            spellings = [("", plain)]
            if plain != marked:
                spellings = [(_("without diacritics"), plain), (_("with diacritics"), marked)]
            for spelling, shown in spellings:
                size = measure(shown)
                title = ", ".join(part for part in (str(language_word(text.language)), kind, spelling) if part)
                found.append(OnPhone(title, shown, size.segments, size.units))
    return found


def _estimated(who: dict[str, Any], texts: dict[str, StepText], on: Any) -> estimate.Estimate:
    try:
        return estimate.estimate(who, texts, on)
    except rendering.MissingValue:
        return estimate.estimate(who, {}, on)


def _can(row: Broadcast, revision: Revision, user: User) -> set[str]:
    """What this user may do next. The verbs decide again; this spares her buttons that would be refused."""
    can: set[str] = set()
    if row.stopped_at or not user.is_active:
        return can
    writes, clinical = broadcast.may_write(user), user.role == User.Role.CLINICAL
    emergency = row.campaign.message_class == MessageClass.EMERGENCY
    if revision.state == State.DRAFT and writes:
        can |= {"submit", "edit"} if revision.author_id == user.pk else {"submit"}
    if revision.state == State.IN_REVIEW and clinical:
        can |= {"return"} if revision.author_id == user.pk else {"return", "approve"}
    if revision.state == State.APPROVED:
        if clinical:
            can.add("return")
        waits = emergency and not revision.second_reviewer_id
        if waits and user.role in (User.Role.CLINICAL, User.Role.CDC):
            can |= {"second"} if user.pk not in (revision.author_id, revision.reviewer_id) else set()
        if writes and not waits:
            can.add("publish")
    if broadcast.may_stop(row, user) and revision.state != State.RETIRED:
        can.add("stop")
    return can


def _must_write(user: User) -> None:
    if not broadcast.may_write(user):
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
