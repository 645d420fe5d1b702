"""A person's page: who she is, what was sent and what comes, why something did not go, and what is to be done."""

from datetime import date

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import record
from campaigns.pages.access import names_needed
from campaigns.schedule.explain import why
from campaigns.schedule.sendtime import local_day
from campaigns.schedule.upcoming import coming
from recipients.areas import people_visible_to, station_of
from recipients.errors import Refusal
from recipients.models import Person
from recipients.worklist import tasks_visible_to

PAGE = 20
AHEAD_DAYS = 120


@names_needed
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one person of the user's area; 404 for others.

    htmx asks for more of the past alone, or for the answer about one day (`?on=2026-11-21`).
    """
    visible = people_visible_to(request.user).select_related("unit", "unit__parent", "facility")
    woman = get_object_or_404(visible, pk=pk)
    htmx = getattr(request, "htmx", False)
    asked = _asked(request, woman)
    if htmx and asked:
        return render(request, "campaigns/_why.html", asked)
    now = timezone.now()
    past = Paginator(record.past(woman, now), PAGE).get_page(request.GET.get("page"))
    if htmx:
        return render(request, "campaigns/_past.html", {"person": woman, "page": past})
    pregnancies = list(woman.pregnancies.prefetch_related("caregivers__person", "visits__facility"))
    children = list(woman.children.prefetch_related("caregivers__person", "visits__facility"))
    today = local_day(now, settings.ZONE)
    return render(
        request,
        "campaigns/person.html",
        {
            "person": woman,
            "page": past,
            "today": today,
            "day": today.isoformat(),
            "door": record.door(woman),
            "station": station_of(woman),
            "pregnancies": pregnancies,
            "pregnant": any(not pregnancy.outcome for pregnancy in pregnancies),
            "children": children,
            "cares_for": woman.cares_for.filter(ended_on=None).select_related("pregnancy__mother", "child__mother"),
            "tasks": tasks_visible_to(request.user).filter(person=woman, done_at=None),
            "now": now,
            "pauses": woman.pauses.filter(ended_at=None),
            "works_as": woman.works_as.filter(ended_on=None).select_related("unit"),
            "to_tell": len(record.to_tell(woman, now)),
            "mourned": record.mourned(pregnancies, children, now),
            "waiting": record.waiting(woman, now),
            "coming": coming(woman, now, AHEAD_DAYS),
            "ahead_days": AHEAD_DAYS,
            "consents": woman.consents.select_related("by"),
            "changes": woman.changes.select_related("by", "child"),
            **asked,
        },
    )


def _asked(request: HttpRequest, woman: Person) -> dict[str, object]:
    """The answer about the day that was asked for, or the sentence that says what is wrong with it; {} without one."""
    words = request.GET.get("on")
    if words is None:
        return {}
    try:
        on = date.fromisoformat(words)
    except ValueError:
        return {"why_asked": True, "why_error": _("This is no day. Choose one of the calendar.")}
    try:
        return {"why_asked": True, "why_on": on, "day": on.isoformat(), "why": why(woman, on, timezone.now())}
    except Refusal as refusal:
        return {"why_asked": True, "why_error": refusal.sentence}
