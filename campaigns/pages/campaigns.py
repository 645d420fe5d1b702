"""The list of campaigns: what waits for whom, what is live, what is paused, and the way to pause one."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import Promise

from campaigns.content import nextsteps, review
from campaigns.models import Campaign, Pause, Revision
from campaigns.pages.asking import user_of
from campaigns.pages.campaign import written
from campaigns.pages.wording import topic_word
from campaigns.schedule import pauses


@dataclass(frozen=True)
class Line:
    """A campaign of the list. `whole`: the pauses of all of it that this user may end; `parts`: how many others."""

    campaign: Campaign
    topic: Promise | str
    live: Revision | None
    newest: Revision | None
    whole: list[Pause]
    parts: int


@login_required
def campaigns(request: HttpRequest) -> HttpResponse:
    """Every campaign but broadcasts, which have a page of their own."""
    user = user_of(request)
    revisions = Revision.objects.annotate(step_count=Count("steps")).order_by("-number")
    listed = written().prefetch_related(Prefetch("revisions", queryset=revisions))
    open_ones = list(pauses.visible_to(user).filter(ended_at=None, campaign__isnull=False))
    lines = []
    for campaign in listed:
        editions = list(campaign.revisions.all())
        mine = [pause for pause in open_ones if pause.campaign_id == campaign.pk]
        whole = [pause for pause in mine if pauses.is_whole(pause) and pauses.may_change(pause, user)]
        live = next((edition for edition in editions if edition.state == Revision.State.LIVE), None)
        newest = next((edition for edition in editions if edition.state != Revision.State.DISCARDED), None)
        lines.append(Line(campaign, topic_word(campaign.topic), live, newest, whole, len(mine) - len(whole)))
    hers = [(revision, _address(revision)) for revision in nextsteps.waiting_for(user)]
    context = {
        "lines": lines, "may_pause": pauses.may_pause(user), "may_write": review.writes(user),
        "waiting": [line for line in hers if not _is_unread(line[0])],
        "unread": [line for line in hers if _is_unread(line[0])],
    }  # fmt: skip
    return render(request, "campaigns/campaigns.html", context)


def _address(revision: Revision) -> str:
    """Its page; a broadcast's own where it is one."""
    if revision.campaign.anchor == Campaign.Anchor.BROADCAST:
        return reverse("broadcast", args=[revision.campaign.broadcast.pk])
    return reverse("revision", args=[revision.pk])


def _is_unread(revision: Revision) -> bool:
    """Loaded from a file, and nobody has taken it up yet; a new deployment has one for each campaign."""
    return revision.state == Revision.State.DRAFT and revision.author_id is None


urlpatterns = [
    path("campaigns/", campaigns, name="campaigns"),
]
