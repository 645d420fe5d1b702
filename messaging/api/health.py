"""How the routes are, for another system's monitoring and for administrators. No settings."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.access import HEALTH, BearerToken, may
from messaging.api.errors import ERRORS
from messaging.api.messages import OfSystems
from messaging.models import OperatorOutage, Route
from messaging.outgoing.standing import standings
from messaging.pages.routes import STATES


class RouteOut(serializers.Serializer[Any]):
    """A route now; its counts are of texts that left since local midnight."""

    name = serializers.CharField()
    state = serializers.ChoiceField(list(STATES))
    words = serializers.CharField(help_text="The state for people, in the language that was asked for.")
    waiting = serializers.IntegerField(help_text="Texts in its queue.")
    oldest = serializers.DateTimeField(allow_null=True, help_text="Since when the first of them could have left.")
    resting_until = serializers.DateTimeField(allow_null=True)
    last_success_at = serializers.DateTimeField(allow_null=True)
    sent = serializers.IntegerField()
    delivered = serializers.IntegerField()
    lost = serializers.IntegerField()


class OutageOut(serializers.ModelSerializer[OperatorOutage]):
    """Nearly everything to this operator fails; nothing is held against its numbers."""

    class Meta:
        model = OperatorOutage
        fields = ("operator", "started_at", "tried", "failed")
        read_only_fields = fields


class HealthOut(serializers.Serializer[Any]):
    routes = RouteOut(many=True)
    outages = OutageOut(many=True)


class Health(OfSystems):
    authentication_classes = (BearerToken, TokenAuthentication, SessionAuthentication)  # type: ignore[assignment]
    permission_classes = (may(HEALTH, people=True),)

    @extend_schema(operation_id="sms_health", responses={200: HealthOut, **ERRORS})
    def get(self, request: Request) -> Response:
        """Every route, and the operators to whom nearly everything fails now."""
        routes = [
            {
                "name": line.route.name, "state": line.state, "words": str(STATES[line.state][0]),
                "waiting": line.waiting, "oldest": line.oldest, "resting_until": line.health.resting_until,
                "last_success_at": line.health.last_success_at, "sent": line.sent, "delivered": line.delivered,
                "lost": line.lost,
            }
            for line in standings(Route.objects.all(), timezone.now())
        ]  # fmt: skip
        outages = OperatorOutage.objects.filter(ended_at=None).order_by("started_at")
        return Response(HealthOut({"routes": routes, "outages": outages}).data)


urlpatterns = [path("sms/routes", Health.as_view(), name="api-sms-routes")]
