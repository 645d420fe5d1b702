"""One campaign: what is live, what is being written, what comes, and everything that was ever done to it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.content import drafting, history, review
from campaigns.models import Campaign, ReviewEvent, Revision
from campaigns.pages.asking import user_of
from campaigns.pages.stepwords import field_word
from campaigns.pages.wording import topic_word
from campaigns.schedule import pauses
from recipients.errors import Refusal

EVENTS_SHOWN = 30
CLOSED = (Revision.State.RETIRED, Revision.State.DISCARDED)
HELD: dict[str, Promise] = {
    "older_than_live": gettext_lazy("A later revision is live. Make a new draft from this one."),
    "superseded": gettext_lazy("Another revision went live after this one was approved. Compare and review it again."),
    "one_reviewer": gettext_lazy("An emergency needs a second approval. Ask for it, then publish."),
}
"""Why a revision did not go live on its date."""


def written() -> QuerySet[Campaign]:
    """The campaigns that are written and reviewed here; broadcasts have pages of their own."""
    return Campaign.objects.exclude(anchor=Campaign.Anchor.BROADCAST)


@login_required
def campaign_page(request: HttpRequest, code: str) -> HttpResponse:
    """What is live, the drafts, the coming publication, pauses and the history."""
    user = user_of(request)
    campaign = get_object_or_404(written(), code=code)
    revisions = list(
        campaign.revisions.annotate(step_count=Count("steps"))
        .select_related("author", "reviewer", "based_on")
        .order_by("-number")
    )
    events = history.of_campaign(campaign)
    everything = "all" in request.GET
    open_pauses = pauses.visible_to(user).filter(ended_at=None, campaign=campaign)
    context = {
        "campaign": campaign, "topic": topic_word(campaign.topic),
        "live": next((each for each in revisions if each.state == Revision.State.LIVE), None),
        "open": [each for each in revisions if each.state not in (*CLOSED, Revision.State.LIVE)],
        "closed": [each for each in revisions if each.state in CLOSED],
        "dated": [each for each in revisions if each.publish_on],
        "may_write": review.writes(user),
        "pauses": [(pause, pauses.may_change(pause, user)) for pause in open_pauses if pauses.is_whole(pause)],
        "may_pause": pauses.may_pause(user),
        "events": [(event, event_words(event)) for event in (events if everything else events[:EVENTS_SHOWN])],
        "more": 0 if everything else max(events.count() - EVENTS_SHOWN, 0),
    }  # fmt: skip
    return render(request, "campaigns/campaign.html", context)


@require_POST
@login_required
def draft_new(request: HttpRequest, code: str) -> HttpResponse:
    """A draft copied from the revision `from`, or from the live one; its page opens."""
    campaign = get_object_or_404(written(), code=code)
    asked = request.POST.get("from", "")
    source = get_object_or_404(campaign.revisions, pk=asked if asked.isdecimal() else None) if asked else None
    try:
        draft = drafting.new_draft(campaign, source, user_of(request), timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("campaign", code)
    messages.success(request, _("Here is your draft. Change what you need, then ask for review."))
    return redirect("revision", draft.pk)


def event_words(event: ReviewEvent) -> str:
    """What one line of the history says beside its kind: the step, the fields, the comment, the date."""
    said = []
    if event.step_key and event.what == ReviewEvent.What.CHANGED:
        fields = ", ".join(str(field_word(name)) for name in event.new.keys() | event.old.keys())
        said.append(f"{event.step_key}: {fields}" if fields else event.step_key)
    elif event.step_key:
        said.append(event.step_key)
    if "from" in event.new and event.what == ReviewEvent.What.DRAFTED:
        said.append(_("copied from revision %(number)s") % {"number": event.new["from"]})
    if "replaced_by" in event.new:
        said.append(_("replaced by revision %(number)s") % {"number": event.new["replaced_by"]})
    if event.what == ReviewEvent.What.SCHEDULED:
        said.append(_iso_day(event.new["publish_on"]))
    if event.what == ReviewEvent.What.HELD:
        said.append(str(HELD.get(event.new.get("code", ""), "")))
    return " · ".join([*said, *([event.comment] if event.comment else [])])


def _iso_day(written_day: str) -> str:
    year, month, number = written_day.split("-")
    return f"{number}/{month}/{year}"


urlpatterns = [
    path("campaigns/<slug:code>/", campaign_page, name="campaign"),
    path("campaigns/<slug:code>/draft/", draft_new, name="draft-new"),
]
