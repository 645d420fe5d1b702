"""One revision: every step with its difference to the live one, its size and price, and what can be done next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from campaigns.content import checking, difference, editions, history, nextsteps
from campaigns.content.difference import FieldChange, StepChange, TextChange
from campaigns.content.lint.findings import Finding
from campaigns.content.prices import PartPrice, part_price
from campaigns.models import Campaign, Revision, Step
from campaigns.pages import stepwords
from campaigns.pages.asking import user_of
from campaigns.pages.moves import MOVES, buttons_of, perform
from campaigns.pages.wording import topic_word
from campaigns.templatetags.wording import campaign_name

State = Revision.State


@dataclass(frozen=True)
class TextView:
    """One wording, with what changed in it and how phones show it; `repeats`: the discreet words are the others, and
    were."""

    name: str
    change: TextChange
    shown: list[stepwords.Shown]
    repeats: bool


@dataclass(frozen=True)
class StepView:
    """One step as the page shows it."""

    change: StepChange
    when: str
    role: str
    topic: str
    fields: list[tuple[str, str, str]]
    """Name, before, now."""
    texts: list[TextView]
    faults: list[stepwords.Fault]


def revisions() -> QuerySet[Revision]:
    """Those that are written and reviewed here."""
    return Revision.objects.exclude(campaign__anchor=Campaign.Anchor.BROADCAST).select_related(
        "campaign", "author", "reviewer", "second_reviewer", "based_on"
    )


@login_required
def revision_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Changed steps first; the steps that are as in the live revision are folded away."""
    user = user_of(request)
    revision = get_object_or_404(revisions(), pk=pk)
    file = editions.file_of(revision)
    live = compared_with(revision)
    changes = difference.compare(editions.file_of(live) if live else file, file)
    steps = views_of(changes, file.anchor, checking.findings(file), part_price())
    can = nextsteps.possible(revision, user)
    counts = Counter(step.change.kind for step in steps)
    context = {
        "revision": revision, "campaign": revision.campaign, "live": live, "seen": editions.fingerprint(file),
        "changed": [step for step in steps if step.change.kind != difference.SAME] if live else steps,
        "same": [step for step in steps if step.change.kind == difference.SAME] if live else [],
        "counts": counts, "faulty": [step for step in steps if any(fault.blocks for fault in step.faults)],
        "buttons": buttons_of(MOVES, can, "revision-act", pk), "can": can,
        "returned": history.last_return(revision) if revision.state == State.DRAFT else None,
        "wrote": user.pk in history.writers(revision),
    }  # fmt: skip
    return render(request, "campaigns/revision.html", context)


@login_required
def revision_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One move; those that ask first have a page of their own, for those who may make the move."""
    revision = get_object_or_404(revisions(), pk=pk)
    if request.method != "POST" and action in MOVES and action not in nextsteps.possible(revision, user_of(request)):
        messages.error(request, _("This is not possible now, or not for your role. The buttons here say what is."))
        return redirect("revision", pk)
    heading = f"{campaign_name(revision.campaign)} #{revision.number}"
    return perform(request, MOVES, action, revision, heading, ("revision", pk))


def compared_with(revision: Revision) -> Revision | None:
    """The live revision, for one that is not yet or was never live; None where there is nothing to compare."""
    if revision.state in (State.LIVE, State.RETIRED):
        return None
    return Revision.objects.filter(campaign=revision.campaign_id, state=State.LIVE).first()


def views_of(
    changes: Iterable[StepChange], anchor: str, findings: list[Finding], price: PartPrice | None
) -> list[StepView]:
    """Steps with what differs in them, and what the rules say of each."""
    return [_view(change, anchor, findings, price) for change in changes]


def _view(change: StepChange, anchor: str, findings: list[Finding], price: PartPrice | None) -> StepView:
    step, gone = change.step, change.kind == difference.REMOVED
    return StepView(
        change, stepwords.when(step, anchor), str(Step.Role(step.role).label), str(topic_word(step.topic)),
        [_field(field) for field in change.fields if change.kind == difference.CHANGED],
        [_text(text, change, [] if gone else stepwords.shown(text.new, price)) for text in change.texts],
        [] if gone else stepwords.faults_of(step.key, findings),
    )  # fmt: skip


def _field(change: FieldChange) -> tuple[str, str, str]:
    old, new = (stepwords.value_word(change.name, value) for value in (change.old, change.new))
    return str(stepwords.field_word(change.name)), old, new


def _text(change: TextChange, step: StepChange, shown: list[stepwords.Shown]) -> TextView:
    other = next(text for text in step.texts if text.language == change.language)
    repeats = change.discreet and (change.old, change.new) == (other.old, other.new)
    return TextView(stepwords.wording_name(change.name), change, shown, repeats)


urlpatterns = [
    path("revisions/<int:pk>/", revision_page, name="revision"),
    path("revisions/<int:pk>/do/<slug:action>/", revision_act, name="revision-act"),
]
