"""One step of a draft: change it, add one, take one out, and see on the way how phones show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.content import checking, drafting, editions, review
from campaigns.content.difference import words
from campaigns.content.files import FLAGS, SAME, CampaignFile, StepFile
from campaigns.content.prices import part_price
from campaigns.content.rendering import one_line
from campaigns.content.spelled import TEXTS, spell_step, table_of
from campaigns.models import Revision
from campaigns.pages import stepwords
from campaigns.pages.asking import attempt, user_of
from campaigns.pages.revision import revisions
from campaigns.pages.stepform import StepForm
from recipients.errors import Refusal


@login_required
def step_edit(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The form of one step. When somebody else was faster, what she typed stays, beside what is stored now."""
    draft = _draft(request, pk)
    row = draft.steps.filter(key=key).prefetch_related("texts").first()
    if row is None and request.method == "POST":
        return _gone(request, draft, key)
    if row is None:
        raise Http404
    stored = editions.step_file(row)
    table = table_of(stored, draft.campaign.anchor)
    sent = request.POST if request.method == "POST" else None
    form = StepForm(sent, campaign=draft.campaign, initial=spell_step(stored, draft.campaign.anchor))
    stale: list[Any] = []
    if form.is_valid() and "look" not in request.POST:
        seen, by = request.POST.get("seen", ""), user_of(request)
        if attempt(
            form, lambda: drafting.change_step(draft, key, form.table(), seen=seen, by=by, now=timezone.now())
        ):  # fmt: skip
            messages.success(request, _("Saved in the draft. Nothing is sent before it was reviewed and published."))
            return redirect("revision", pk)
        if seen != editions.fingerprint_of(stored):
            stale = _differing(table, form.table())
    context = {"draft": draft, "form": form, "step": stored, "seen": editions.fingerprint_of(stored), "stale": stale}
    context |= _preview(draft, sent.dict() if sent is not None else table, key)
    return render(request, "campaigns/step_form.html", context, status=422 if form.errors else 200)


def _gone(request: HttpRequest, draft: Revision, key: str) -> HttpResponse:
    """Somebody took the step out while she typed: her words stay, and can be saved as a step of their own."""
    form = StepForm(request.POST.dict() | {"key": key}, campaign=draft.campaign, is_new=True)
    form.add_error(None, _("Somebody else has taken this step out of the draft. Save again to bring it back."))
    context = {"draft": draft, "form": form, "step": None} | _preview(draft, request.POST.dict(), key)
    return render(request, "campaigns/step_form.html", context, status=422)


@login_required
def step_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A step more; it takes its place by its day."""
    draft = _draft(request, pk)
    sent = request.POST if request.method == "POST" else None
    start = {"topic": draft.campaign.topic, "time": "11:45", "confidence": "GK"}
    form = StepForm(sent, campaign=draft.campaign, initial=start, is_new=True)
    if form.is_valid() and "look" not in request.POST:
        by = user_of(request)
        if attempt(form, lambda: drafting.add_step(draft, form.table(), by=by, now=timezone.now())):
            messages.success(request, _("The step is in the draft, at its place on the timeline."))
            return redirect("revision", pk)
    context = {"draft": draft, "form": form, "step": None}
    context |= _preview(draft, sent.dict() if sent is not None else {}, "")
    return render(request, "campaigns/step_form.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def step_look(request: HttpRequest, pk: int) -> HttpResponse:
    """How phones show what is typed, asked by htmx while somebody types; writes nothing."""
    draft = _draft(request, pk)
    context = _preview(draft, request.POST.dict(), request.POST.get("of", ""))
    return render(request, "campaigns/_step_look.html", context)


@login_required
def step_remove(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Asks, then takes the step out of the draft."""
    draft = _draft(request, pk)
    step = editions.step_file(get_object_or_404(draft.steps.prefetch_related("texts"), key=key))
    if request.method == "POST":
        try:
            drafting.remove_step(
                draft, key, seen=request.POST.get("seen", ""), by=user_of(request), now=timezone.now()
            )  # fmt: skip
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("The step is out of the draft. The history keeps its words."))
        return redirect("revision", pk)
    context = {"draft": draft, "step": step, "seen": editions.fingerprint_of(step), "text": step.text("vi")}
    return render(request, "campaigns/step_remove.html", context)


def _draft(request: HttpRequest, pk: int) -> Revision:
    """The revision, for those who write; the verbs ask whether it still is a draft."""
    if not review.writes(user_of(request)):
        raise PermissionDenied(
            _("Only a communication officer or a clinical reviewer changes texts. Ask one of them to.")
        )
    return get_object_or_404(revisions(), pk=pk)


def _preview(draft: Revision, typed: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Each wording as phones show it, and what the rules say of the step, as far as it can be read."""
    table = {name: value for name, value in typed.items() if name not in ("seen", "look", "of", "csrfmiddlewaretoken")}
    table = {name: value for name, value in table.items() if value not in ("", None) or name == "vi"}
    table |= {"key": key} if key else {}
    table |= {name: bool(table[name]) for name in FLAGS if name in table}
    faults, refused = [], ""
    try:
        step = drafting.read(draft.campaign, table)
    except Refusal as refusal:
        refused = refusal.sentence if table.get("vi") else ""
    else:
        faults = stepwords.faults_of(step.key, checking.findings(_alone(draft, step)))
    price = part_price()
    looks = []
    for name in TEXTS:
        body, plain = (one_line(str(table.get(each, ""))) for each in (name, name.partition("_")[0]))
        body = plain if body == SAME else body
        if body and (shown := stepwords.shown(body, price)):
            looks.append((stepwords.wording_name(name), shown))
    return {"looks": looks, "faults": faults, "refused": refused}


def _alone(draft: Revision, step: StepFile) -> CampaignFile:
    """A campaign of this step only: the rules of one step need no other."""
    return editions.campaign_file(draft.campaign, (step,))


def _differing(stored: Mapping[str, Any], typed: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What is stored now and what she typed, field by field where they differ, as one row of pieces."""
    rows = []
    for name in dict.fromkeys((*stored, *typed)):
        base = name.partition("_")[0]
        now = str(stored.get(name) or "")
        hers = str(typed.get(base if typed.get(name) == SAME else name) or "")
        if name != "key" and now != hers:
            rows.append((str(stepwords.field_word(name)), words(now, hers)))
    return rows


urlpatterns = [
    path("revisions/<int:pk>/look/", step_look, name="step-look"),
    path("revisions/<int:pk>/add/", step_new, name="step-new"),
    path("revisions/<int:pk>/steps/<slug:key>/", step_edit, name="step-edit"),
    path("revisions/<int:pk>/steps/<slug:key>/remove/", step_remove, name="step-remove"),
]
