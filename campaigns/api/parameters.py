"""REST of parameters: which there are, what is set and in force, set one, end it, take it back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.api.access import ERRORS, caller
from campaigns.local import overview, setting
from campaigns.local.catalogue import known
from campaigns.models import Parameter
from campaigns.schedule.sendtime import local_day
from recipients import areas
from recipients.models import AdminUnit, User


class KnownOut(serializers.Serializer[Any]):
    """A parameter that there is. `label` and `meaning` by language."""

    name = serializers.CharField()
    use = serializers.CharField(help_text="`text`, `schedule` or `answers`.")
    kind = serializers.CharField(help_text="How a value is checked.")
    longest = serializers.IntegerField(help_text="Characters.")
    example = serializers.CharField()
    default = serializers.CharField(help_text="What counts where nobody has set it, or empty.")
    meaning = serializers.DictField(child=serializers.CharField())

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"label": serializers.DictField(child=serializers.CharField())}


class ParameterOut(serializers.ModelSerializer[Parameter]):
    """A value that is set. Without a unit it counts for everybody, without `valid_to` until another is set."""

    unit = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)

    class Meta:
        model = Parameter
        fields = ("id", "name", "unit", "value", "valid_from", "valid_to", "set_at")


class ParameterIn(serializers.Serializer[Any]):
    """A value for a unit and all below it."""

    name = serializers.CharField(max_length=30)
    unit = serializers.CharField(
        required=False, default="", max_length=12, allow_blank=True,
        help_text="Code. Default: your area; for administrators everywhere.",
    )  # fmt: skip
    value = serializers.CharField(max_length=200)
    valid_from = serializers.DateField(required=False, allow_null=True, default=None, help_text="Default: today.")
    valid_to = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="Last day; default: none."
    )


class EndIn(serializers.Serializer[Any]):
    valid_to = serializers.DateField(help_text="Last day, today or later.")


class ParameterQuery(serializers.Serializer[Any]):
    unit = serializers.CharField(required=False, default="", max_length=12)
    name = serializers.CharField(required=False, default="", max_length=30)
    on = serializers.DateField(required=False, default=None)


class Catalogue(APIView):
    @extend_schema(operation_id="parameter_catalogue", responses=KnownOut(many=True))
    def get(self, request: Request) -> Response:
        """Every parameter that may be set."""
        return Response(KnownOut(list(known().values()), many=True).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="parameters",
        parameters=[
            OpenApiParameter("unit", str, description="Code: only what is set at this unit itself."),
            OpenApiParameter("name", str),
            OpenApiParameter("on", str, description="Only what is in force on this day, like 2026-11-24."),
        ],
    )
)
class Parameters(ListAPIView[Parameter]):
    """What counts in your area: set at its units, at those above, or for everybody; of any day."""

    serializer_class = ParameterOut
    queryset = Parameter.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Parameter]:
        query = ParameterQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        asked, rows = query.validated_data, setting.visible_to(caller(self.request))
        if asked["unit"]:
            rows = rows.filter(unit__code=asked["unit"])
        if asked["name"]:
            rows = rows.filter(name=asked["name"])
        if asked["on"]:
            rows = rows.filter(Q(valid_to=None) | Q(valid_to__gte=asked["on"]), valid_from__lte=asked["on"])
        return rows.order_by("name", "unit__path", "valid_from", "pk")

    @extend_schema(operation_id="parameter_set", request=ParameterIn, responses={201: ParameterOut, **ERRORS})
    def post(self, request: Request) -> Response:
        """Set a value from a day on. The one in force until then ends on the eve; the same again changes nothing."""
        given = ParameterIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked, user = dict(given.validated_data), caller(request)
        unit = _unit(user, asked.pop("unit"))
        made = setting.set_value(asked.pop("name"), unit, asked.pop("value"), now=timezone.now(), by=user, **asked)
        return Response(ParameterOut(made).data, status=201)


class ParameterEnd(APIView):
    @extend_schema(operation_id="parameter_end", request=EndIn, responses={200: ParameterOut, **ERRORS})
    def post(self, request: Request, pk: int) -> Response:
        """Its last day. After it the value of the unit above counts."""
        given = EndIn(data=request.data)
        given.is_valid(raise_exception=True)
        last_day = given.validated_data["valid_to"]
        row = setting.end(_row(request, pk), last_day=last_day, now=timezone.now(), by=caller(request))
        return Response(ParameterOut(row).data)


class ParameterTakeBack(APIView):
    @extend_schema(operation_id="parameter_take_back", request=None, responses={204: None, **ERRORS})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a value that begins today or later; the one before it goes on."""
        setting.take_back(_row(request, pk), now=timezone.now(), by=caller(request))
        return Response(status=204)


class InForceOut(serializers.Serializer[Any]):
    """What counts at a unit on a day, and the unit that it comes from (null: set for everybody)."""

    name = serializers.CharField()
    value = serializers.CharField()
    unit = serializers.CharField(source="unit.code", default=None, allow_null=True)


class InForce(APIView):
    @extend_schema(
        operation_id="parameters_in_force",
        parameters=[
            OpenApiParameter("unit", str, description="Code; default: your own area."),
            OpenApiParameter("on", str, description="A day; default: today."),
        ],
        responses={200: InForceOut(many=True), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """The values that count at a unit, inherited ones too. Stations and phones on record go before them."""
        query = ParameterQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        unit = _unit(caller(request), query.validated_data["unit"])
        day = query.validated_data["on"] or local_day(timezone.now(), settings.ZONE)
        return Response(InForceOut(overview.in_force(unit, day), many=True).data)


def _unit(user: User, code: str) -> AdminUnit | None:
    if not code:
        return user.unit
    unit = areas.units_visible_to(user).filter(code=code, valid_to=None).first()
    if unit is None:
        raise ValidationError({"unit": [_("This unit is not in your area. Choose one of the list.")]})
    return unit


def _row(request: Request, pk: int) -> Parameter:
    row = setting.visible_to(caller(request)).filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is no such value in your area."))
    return row


urlpatterns = [
    path("parameters", Parameters.as_view(), name="api-parameters"),
    path("parameters/catalogue", Catalogue.as_view(), name="api-parameter-catalogue"),
    path("parameters/in-force", InForce.as_view(), name="api-parameters-in-force"),
    path("parameters/<int:pk>/end", ParameterEnd.as_view(), name="api-parameter-end"),
    path("parameters/<int:pk>", ParameterTakeBack.as_view(), name="api-parameter"),
]
