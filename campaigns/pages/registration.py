"""Submitting the words of the live campaigns to the operators of a route. The route's own page belongs to messaging."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns.content import registration
from messaging.models import Route

SHOWN = 5


@login_required
@permission_required("messaging.change_route", raise_exception=True)
@require_POST
def submit_words(request: HttpRequest, pk: int) -> HttpResponse:
    """Every text that is live goes on the route's list; what cannot be registered is said by name."""
    route = get_object_or_404(Route, pk=pk)
    made = registration.submit_live_words(route, timezone.now())
    count = made.new + made.again
    if count:
        words = ngettext(
            "%(count)s text waits for the operator now. Fetch the file and send it to the operator.",
            "%(count)s texts wait for the operator now. Fetch the file and send it to the operator.",
            count,
        )
        messages.success(request, words % {"count": count})
    else:
        messages.info(request, _("Every live text was submitted before. Nothing is new."))
    for name, sentence in list(made.refused.items())[:SHOWN]:
        messages.warning(request, f"{name}: {sentence}")
    if len(made.refused) > SHOWN:
        more = len(made.refused) - SHOWN
        messages.warning(
            request,
            ngettext(
                "%(count)s more text cannot be registered. Correct those above and submit again.",
                "%(count)s more texts cannot be registered. Correct those above and submit again.",
                more,
            )
            % {"count": more},
        )
    return redirect("route", pk=route.pk)


urlpatterns = [
    path("routes/<int:pk>/submit-words/", submit_words, name="route-submit-words"),
]
