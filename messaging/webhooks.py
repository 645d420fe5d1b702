"""The addresses that providers call: verify, store as it came, answer. Nothing is understood here."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging.incoming import inbound, receipts
from messaging.models import Route
from messaging.providers import get_provider
from messaging.providers.base import Provider, read_uuid


@csrf_exempt
@require_POST
def status(request: HttpRequest, route_id: int) -> HttpResponse:
    """A delivery report. `?m=` is our id of the text."""
    route = get_object_or_404(Route, pk=route_id)
    payload = _payload(request)
    if payload is None:
        return HttpResponseBadRequest("The report cannot be read. Send a form or a JSON object.")
    if not _genuine(request, get_provider(route.provider, route.settings), payload):
        return HttpResponseForbidden("The signature is wrong. Check the secret and the public address of the route.")
    message_id: UUID | None = read_uuid(request.GET.get("m"))
    receipts.store(route, payload, message_id=message_id, now=timezone.now())
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def incoming(request: HttpRequest, route_id: int) -> HttpResponse:
    """A text from a phone."""
    route = get_object_or_404(Route, pk=route_id)
    provider = get_provider(route.provider, route.settings)
    payload = _payload(request)
    if payload is None:
        return HttpResponseBadRequest("The text cannot be read. Send a form or a JSON object.")
    if not _genuine(request, provider, payload):
        return HttpResponseForbidden("The signature is wrong. Check the secret and the public address of the route.")
    text = provider.read_inbound(payload)
    if text is not None:
        inbound.store(route, text, timezone.now())
    return HttpResponse(status=204)


def _genuine(request: HttpRequest, provider: Provider, payload: dict[str, Any]) -> bool:
    url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    return provider.verify(url, request.headers, request.body, payload)


def _payload(request: HttpRequest) -> dict[str, Any] | None:
    """What was posted, as one dictionary; None when it is none."""
    body = request.body  # before POST is read, or it is gone
    if request.content_type != "application/json":
        return dict(request.POST.items())
    try:
        payload = json.loads(body)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None
