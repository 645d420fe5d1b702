"""REST of reach: the figures of a period."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.reach import coverage, exports, metrics
from recipients import areas
from recipients.models import User


class ReachQuery(serializers.Serializer[Any]):
    """`from` and `to` are reserved words here, so the fields are made by name."""

    unit = serializers.CharField(required=False, default="", help_text="Code of a unit; default: your own area.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        days = {"from": serializers.DateField(help_text="First day."), "to": serializers.DateField(help_text="Last.")}
        return days | super().get_fields()


class ReachFigures(serializers.Serializer[Any]):
    """Figures as `campaigns.reach.metrics` defines them; `skipped` by reason."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        counts = {name: serializers.JSONField() for name in exports.COUNTS}
        rates = {name: serializers.FloatField(allow_null=True) for name in metrics.RATES}
        return {**counts, **rates, "skipped": serializers.DictField(child=serializers.IntegerField())}


class UnitFigures(ReachFigures):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"code": serializers.CharField(), "name": serializers.CharField(), **super().get_fields()}


class ReachAnswer(serializers.Serializer[Any]):
    unit = serializers.CharField(allow_null=True)
    made_at = serializers.DateTimeField()
    definitions = serializers.CharField()
    total = ReachFigures()
    units = UnitFigures(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}


class ReachView(APIView):
    @extend_schema(
        operation_id="reach",
        parameters=[
            OpenApiParameter("from", str, required=True, description="First day, like 2026-11-01."),
            OpenApiParameter("to", str, required=True, description="Last day, included."),
            OpenApiParameter("unit", str, description="Code of a unit; default: your own area."),
        ],
        responses=ReachAnswer,
    )
    def get(self, request: Request) -> Response:
        """Reach by unit and period: whom the due messages arrived at. Figures of 1 to 4 people are covered ("<5")
        for accounts that may not see names."""
        query = ReachQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        assert isinstance(request.user, User)
        unit = request.user.unit
        if asked["unit"]:
            unit = areas.units_visible_to(request.user).filter(code=asked["unit"], valid_to=None).first()
            if unit is None:
                raise NotFound(_("This unit is not in your area. Choose one of the list."))
        try:
            reach = coverage.reach(asked["from"], asked["to"], unit, timezone.now())
        except ValueError as error:
            raise ValidationError({"to": [str(error)]}) from error
        answer = reach.as_dict()
        if not areas.may_see_names(request.user):
            answer["total"] = _covered(exports.total(reach, False))
            answer["units"] = [
                {"code": row.unit.code, "name": row.unit.name, **_covered(cells)}
                for row, cells in zip(reach.rows, exports.shown(reach, False), strict=True)
            ]
        return Response(answer)


def _covered(cells: dict[str, exports.Cell]) -> dict[str, object]:
    """Cells of an export as an answer of the API: the reasons together, a covered reason left out."""
    plain: dict[str, object] = {name: cell for name, cell in cells.items() if not name.startswith("skipped:")}
    reasons = {name.removeprefix("skipped:"): cell for name, cell in cells.items() if name.startswith("skipped:")}
    plain["consent_rate"] = None
    return plain | {"skipped": {reason: cell for reason, cell in reasons.items() if isinstance(cell, int) and cell}}


urlpatterns = [path("reach", ReachView.as_view(), name="api-reach")]
