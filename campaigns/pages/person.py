"""A person's page: who she is, what was sent to her and what comes, and why something did not go."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from campaigns import record
from campaigns.pages.access import names_needed
from campaigns.schedule.sendtime import local_day
from campaigns.schedule.upcoming import coming
from recipients.areas import people_visible_to, station_of

PAGE = 20
AHEAD_DAYS = 120


@names_needed
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one person of the user's area; 404 for others. htmx asks for more of the past alone."""
    visible = people_visible_to(request.user).select_related("unit", "unit__parent", "facility")
    woman = get_object_or_404(visible, pk=pk)
    now = timezone.now()
    past = Paginator(record.past(woman, now), PAGE).get_page(request.GET.get("page"))
    if getattr(request, "htmx", False):
        return render(request, "campaigns/_past.html", {"person": woman, "page": past})
    pregnancies = list(woman.pregnancies.prefetch_related("caregivers__person", "visits"))
    return render(
        request,
        "campaigns/person.html",
        {
            "person": woman,
            "page": past,
            "today": local_day(now, settings.ZONE),
            "door": record.door(woman),
            "station": station_of(woman),
            "pregnancies": pregnancies,
            "pregnant": any(not pregnancy.outcome for pregnancy in pregnancies),
            "children": woman.children.prefetch_related("caregivers__person", "visits"),
            "cares_for": woman.cares_for.filter(ended_on=None).select_related("pregnancy__mother", "child__mother"),
            "waiting": record.waiting(woman, now),
            "coming": coming(woman, now, AHEAD_DAYS),
            "ahead_days": AHEAD_DAYS,
            "consents": woman.consents.select_related("by"),
            "changes": woman.changes.select_related("by", "child"),
        },
    )
