"""The history of a campaign's revisions: written with every verb, read on pages, asked who wrote what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from campaigns.models import Campaign, ReviewEvent, Revision
from recipients.models import User

What = ReviewEvent.What
_WRITING = (What.CHANGED, What.ADDED, What.REMOVED)


def record(
    revision: Revision,
    what: What,
    by: User | None,
    now: datetime,
    *,
    step: str = "",
    comment: str = "",
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> None:
    """One more line, in the transaction of the verb. `by` is None for what a pass did by itself."""
    ReviewEvent.objects.create(
        revision=revision, what=what, by=by, at=now, step_key=step, comment=comment, old=dict(old or {}),
        new=dict(new or {}),
    )  # fmt: skip


def of_campaign(campaign: Campaign) -> QuerySet[ReviewEvent]:
    """What was ever done to its revisions, the latest first."""
    return ReviewEvent.objects.filter(revision__campaign=campaign).select_related("revision", "by").order_by("-pk")


def writers(revision: Revision) -> set[int]:
    """Ids of the people who wrote words of a revision, and so never approve it.

    Its author and whoever changed, added or removed a step; and the same of each draft that it was copied from, back
    to one that was live: those words were approved by somebody.
    """
    drafts: list[Revision] = [revision]
    while (source := drafts[-1].based_on) is not None and source.live_at is None:
        drafts.append(source)
    wrote = ReviewEvent.objects.filter(revision__in=drafts, what__in=_WRITING, by__isnull=False)
    return {draft.author_id for draft in drafts if draft.author_id} | set(wrote.values_list("by", flat=True))


def last_return(revision: Revision) -> ReviewEvent | None:
    """Why a draft came back, while nobody has asked for review again."""
    moves = revision.events.filter(what__in=[What.RETURNED, What.SUBMITTED]).select_related("by")
    latest = moves.order_by("-pk").first()
    return latest if latest is not None and latest.what == What.RETURNED else None
