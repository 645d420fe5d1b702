"""The routes: how each is doing, what waits for it, and the hand that stops it and lets it go on."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from messaging.models import Route
from messaging.outgoing import byhand
from messaging.outgoing.standing import standings
from messaging.pages.access import administrators_only

STATES = {
    "sends": (gettext_lazy("sends"), "ok"),
    "probing": (gettext_lazy("tries whether it works again"), "warn"),
    "resting": (gettext_lazy("rests after failures"), "warn"),
    "draining": (gettext_lazy("takes no new text"), "warn"),
    "paused": (gettext_lazy("paused"), "bad"),
    "off": (gettext_lazy("switched off"), ""),
    "not_live": (gettext_lazy("does not send in this deployment"), ""),
}
"""What is said of a route's state, and the colour of its badge."""


@administrators_only
def routes(request: HttpRequest) -> HttpResponse:
    """Every route in its order."""
    lines = [(line, *STATES[line.state]) for line in standings(Route.objects.all(), timezone.now())]
    sending = any(line.state in ("sends", "probing", "draining") for line, _words, _colour in lines)
    return render(request, "messaging/routes.html", {"lines": lines, "sending": sending})


@administrators_only
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """What a pause means, then it is made."""
    route = get_object_or_404(Route, pk=pk)
    if request.method == "POST":
        if byhand.pause(route):
            _noted(request, route, "paused by hand")
        messages.success(request, _("Paused. Nothing leaves by this route until somebody resumes it."))
        return redirect("routes")
    (line,) = standings([route], timezone.now())
    return render(request, "messaging/route_pause.html", {"route": route, "line": line})


@administrators_only
@require_POST
def drain(request: HttpRequest, pk: int) -> HttpResponse:
    route = get_object_or_404(Route, pk=pk)
    if byhand.drain(route):
        _noted(request, route, "drained by hand")
    messages.success(request, _("The route takes no new text and sends what it has. Then it can be switched off."))
    return redirect("routes")


@administrators_only
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    route = get_object_or_404(Route, pk=pk)
    if byhand.resume(route):
        _noted(request, route, "resumed by hand")
    messages.success(request, _("The route takes and sends texts again."))
    return redirect("routes")


def _noted(request: HttpRequest, route: Route, what: str) -> None:
    """Who did it stands in the route's history in the administration."""
    assert request.user.pk is not None
    LogEntry.objects.log_actions(request.user.pk, [route], CHANGE, change_message=what, single_object=True)


urlpatterns = [
    path("routes/", routes, name="routes"),
    path("routes/<int:pk>/pause/", pause, name="route-pause"),
    path("routes/<int:pk>/drain/", drain, name="route-drain"),
    path("routes/<int:pk>/resume/", resume, name="route-resume"),
]
