"""REST of the plans' targets: reference data, for reading."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from campaigns.models import Target


class TargetOut(serializers.ModelSerializer[Target]):
    """What a plan wants of an indicator in an area by the end of a year. `area` is the code at the plan's time."""

    class Meta:
        model = Target
        fields = (
            "indicator", "name_vi", "name_en", "plan", "area", "year", "comparator", "value", "unit", "better",
        )  # fmt: skip


class TargetQuery(serializers.Serializer[Any]):
    area = serializers.CharField(required=False, default="", max_length=12)
    indicator = serializers.CharField(required=False, default="", max_length=20)
    year = serializers.IntegerField(required=False, default=None, min_value=2000, max_value=2100)


@extend_schema_view(
    get=extend_schema(
        operation_id="targets",
        parameters=[
            OpenApiParameter("area", str, description="Code of a province at the time of its plan, or VN."),
            OpenApiParameter("indicator", str),
            OpenApiParameter("year", int),
        ],
    )
)
class Targets(ListAPIView[Target]):
    """The targets of the plans, each as its plan says it."""

    serializer_class = TargetOut
    queryset = Target.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Target]:
        query = TargetQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        asked = {name: value for name, value in query.validated_data.items() if value}
        return Target.objects.filter(**asked).order_by("area", "year", "pk")


urlpatterns = [path("targets", Targets.as_view(), name="api-targets")]
