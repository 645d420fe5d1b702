"""Visits by REST: planned, put off, canceled, attended."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from recipients import events
from recipients.api.errors import ERRORS
from recipients.api.filters import IdFilter
from recipients.api.registering import Registering
from recipients.api.serializers import DayIn, VisitIn, VisitOut
from recipients.models import Child, Pregnancy, Visit


class PlannedVisitIn(VisitIn):
    """Exactly one of `pregnancy` and `child`. The same type planned already is put off to the day."""

    pregnancy = serializers.IntegerField(required=False, allow_null=True)
    child = serializers.IntegerField(required=False, allow_null=True)


class VisitFilter(django_filters.FilterSet):
    """What the list can be narrowed by."""

    open = django_filters.BooleanFilter(method="still_open", label="Planned, neither attended nor canceled.")
    planned_from = django_filters.DateFilter(field_name="planned_date", lookup_expr="gte")
    planned_to = django_filters.DateFilter(field_name="planned_date", lookup_expr="lte")
    pregnancy = IdFilter("pregnancy_id")
    child = IdFilter("child_id")

    class Meta:
        model = Visit
        fields: tuple[str, ...] = ()

    def still_open(self, visits: QuerySet[Visit], _name: str, wanted: bool) -> QuerySet[Visit]:
        is_open = Q(attended_date=None, canceled_on=None)
        return visits.filter(is_open if wanted else ~is_open)


class VisitViewSet(mixins.ListModelMixin, Registering):
    """The visits of the people of the account's area."""

    queryset = Visit.objects.none()
    serializer_class = VisitOut
    filter_backends = (django_filters.rest_framework.DjangoFilterBackend,)
    filterset_class = VisitFilter
    pagination_class = PageNumberPagination

    def get_queryset(self) -> QuerySet[Visit]:
        mothers = self.mothers()
        visits = Visit.objects.filter(Q(pregnancy__mother__in=mothers) | Q(child__mother__in=mothers))
        return visits.select_related("pregnancy__mother", "child__mother").order_by("id")

    @extend_schema(request=PlannedVisitIn, responses={201: VisitOut, **ERRORS})
    def create(self, request: Request) -> Response:
        """Plans a visit."""
        facts = self.read(PlannedVisitIn)
        rows: tuple[tuple[str, QuerySet[Any]], ...] = (
            ("pregnancy", Pregnancy.objects.filter(mother__in=self.mothers())),
            ("child", Child.objects.filter(mother__in=self.mothers())),
        )
        for field, of_area in rows:
            if facts.get(field) is not None:
                facts[field] = self.of_area(of_area.select_related("mother"), facts[field], field)
        return Response(VisitOut(events.plan_visit(**facts, **self.told())).data, status=201)

    @extend_schema(request=DayIn, responses={200: VisitOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def reschedule(self, request: Request, pk: int) -> Response:
        """Another day is agreed."""
        return Response(VisitOut(events.reschedule_visit(self.get_object(), **self.read(DayIn), **self.told())).data)

    @extend_schema(request=None, responses={200: VisitOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """The visit will not take place."""
        return Response(VisitOut(events.cancel_visit(self.get_object(), **self.told())).data)

    @extend_schema(request=DayIn, responses={200: VisitOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def attend(self, request: Request, pk: int) -> Response:
        """The visit took place on this day."""
        visit = self.get_object()
        done = events.attend_visit(
            type=visit.type, pregnancy=visit.pregnancy, child=visit.child, **self.read(DayIn), **self.told()
        )
        return Response(VisitOut(done).data)

    @extend_schema(request=None, responses={200: VisitOut, 204: None, **ERRORS})
    @action(detail=True, methods=["post"])
    def unattend(self, request: Request, pk: int) -> Response:
        """It was recorded by mistake that it took place. One that had never been planned goes (204)."""
        visit = events.unattend_visit(self.get_object(), **self.told())
        return Response(status=204) if visit is None else Response(VisitOut(visit).data)
