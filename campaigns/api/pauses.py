"""REST of pauses: what is held, hold something, let it go on."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.api.access import ERRORS, caller
from campaigns.models import Campaign, Pause
from campaigns.schedule import pauses
from recipients import areas


class PauseOut(serializers.ModelSerializer[Pause]):
    """A pause. `person` is shown to accounts that see that person; the others do not get the row."""

    campaign = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    unit = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)

    class Meta:
        model = Pause
        fields = (
            "id", "campaign", "step_key", "topic", "unit", "person", "substitute", "why", "started_at", "ended_at",
        )  # fmt: skip


class PauseIn(serializers.Serializer[Any]):
    """Every scope that is given must match; at least one."""

    why = serializers.CharField(max_length=200, help_text="In a few words; others read it.")
    campaign = serializers.CharField(required=False, default="", max_length=40, help_text="Code of a campaign.")
    step_key = serializers.CharField(required=False, default="", max_length=60, help_text="A step of the campaign.")
    topic = serializers.CharField(required=False, default="", max_length=20, allow_blank=True)
    unit = serializers.CharField(
        required=False, default="", max_length=12, help_text="Code; it and all below. Default: your area."
    )
    person = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**53)
    substitute = serializers.CharField(
        required=False, default="", max_length=60, help_text="Key of a live text that goes out instead, once."
    )


@extend_schema_view(get=extend_schema(operation_id="pauses"))
class Pauses(ListAPIView[Pause]):
    """The pauses that matter to your area, newest first."""

    serializer_class = PauseOut
    queryset = Pause.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Pause]:
        return pauses.visible_to(caller(self.request)).order_by("-started_at", "-pk")

    @extend_schema(operation_id="pause", request=PauseIn, responses={201: PauseOut, **ERRORS})
    def post(self, request: Request) -> Response:
        """Hold everything that matches, from now on."""
        asked = PauseIn(data=request.data)
        asked.is_valid(raise_exception=True)
        made = pauses.pause(now=timezone.now(), by=caller(request), **_scopes(request, dict(asked.validated_data)))
        return Response(PauseOut(made).data, status=201)


class PauseResume(APIView):
    @extend_schema(operation_id="pause_resume", request=None, responses={200: PauseOut, **ERRORS})
    def post(self, request: Request, pk: int) -> Response:
        """Let it go on. Doing it twice changes nothing."""
        pause = pauses.visible_to(caller(request)).filter(pk=pk).first()
        if pause is None:
            raise NotFound(_("There is no such pause in your area."))
        return Response(PauseOut(pauses.resume(pause, now=timezone.now(), by=caller(request))).data)


def _scopes(request: Request, asked: dict[str, Any]) -> dict[str, Any]:
    """Codes and ids as the rows they stand for."""
    campaign, unit, person = asked.pop("campaign"), asked.pop("unit"), asked.pop("person")
    found: dict[str, Any] = {"campaign": None, "unit": None, "person": None}
    if campaign:
        found["campaign"] = Campaign.objects.filter(code=campaign).first()
        if found["campaign"] is None:
            raise ValidationError({"campaign": [_("There is no campaign with this code. Correct it.")]})
    if unit:
        found["unit"] = areas.units_visible_to(request.user).filter(code=unit, valid_to=None).first()
        if found["unit"] is None:
            raise ValidationError({"unit": [_("This unit is not in your area. Choose one of the list.")]})
    if person:
        found["person"] = areas.people_visible_to(request.user).filter(pk=person).first()
        if found["person"] is None:
            raise ValidationError({"person": [_("There is no such person in your area.")]})
    return asked | found


urlpatterns = [
    path("pauses", Pauses.as_view(), name="api-pauses"),
    path("pauses/<int:pk>/resume", PauseResume.as_view(), name="api-pause-resume"),
]
