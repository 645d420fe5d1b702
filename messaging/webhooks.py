"""The addresses that providers call: verify, store as it came, answer. Nothing is understood here."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from messaging.incoming import inbound, receipts
from messaging.models import Route
from messaging.providers import get_provider
from messaging.providers.base import Provider, read_uuid


@csrf_exempt
def status(request: HttpRequest, route_id: int, message_id: UUID | None = None, secret: str = "") -> HttpResponse:
    """A delivery report. `?m=`, or the address itself, is our id of the text; `secret` is read by the provider."""
    # To read the whole route costs more than to store the report.
    route = get_object_or_404(Route.objects.only("provider", "settings"), pk=route_id)
    provider = get_provider(route.provider, route.settings)
    payload = _genuine_payload(request, provider)
    if isinstance(payload, HttpResponse):
        return payload
    about = message_id or read_uuid(request.GET.get("m"))
    if not (provider.one_webhook and _keep_text(route, provider, payload)):
        receipts.store(route, payload, message_id=about, now=timezone.now())
    return _answer(provider)


@csrf_exempt
def incoming(request: HttpRequest, route_id: int, secret: str = "") -> HttpResponse:
    """A text from a phone."""
    route = get_object_or_404(Route, pk=route_id)
    provider = get_provider(route.provider, route.settings)
    payload = _genuine_payload(request, provider)
    if isinstance(payload, HttpResponse):
        return payload
    if not _keep_text(route, provider, payload) and provider.one_webhook:
        receipts.store(route, payload, message_id=None, now=timezone.now())
    return _answer(provider)


def _keep_text(route: Route, provider: Provider, payload: dict[str, Any]) -> bool:
    text = provider.read_inbound(payload)
    if text is not None:
        inbound.store(route, text, timezone.now())
    return text is not None


def _genuine_payload(request: HttpRequest, provider: Provider) -> dict[str, Any] | HttpResponse:
    """What the provider says, as one dictionary; or the answer to a call that is not the provider's."""
    if request.method not in provider.webhook_methods:
        return HttpResponseNotAllowed(sorted(provider.webhook_methods))
    body = request.body  # before POST is read, or it is gone
    payload = _payload(request, provider, body)
    if payload is None:
        return HttpResponseBadRequest("The call cannot be read. Send a form or a JSON object.")
    url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    if not provider.verify(url, request.headers, body, payload):
        return HttpResponseForbidden("The signature is wrong. Check the secret and the public address of the route.")
    return payload


def _payload(request: HttpRequest, provider: Provider, body: bytes) -> dict[str, Any] | None:
    """The parameters of a GET, the fields of a form, or a JSON object, however it is declared; None when it is none."""
    if request.method == "GET":
        return dict(provider.read_query(request.META.get("QUERY_STRING", "")))
    if request.content_type != "application/json" and not body.lstrip().startswith(b"{"):
        return dict(request.POST.items())
    try:
        payload = json.loads(body)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def _answer(provider: Provider) -> HttpResponse:
    wanted = provider.webhook_answer()
    return HttpResponse(wanted.body, status=wanted.status, content_type=wanted.content_type)
