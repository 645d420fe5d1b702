"""The session days of stations, by REST."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from recipients import sessions
from recipients.api.access import WorksWithNames, caller
from recipients.api.errors import ERRORS
from recipients.api.filters import IdFilter
from recipients.api.serializers import FacilityField
from recipients.areas import units_visible_to
from recipients.models import Session


class SessionOut(serializers.ModelSerializer[Session]):
    """A day on which a station offers a service."""

    class Meta:
        model = Session
        fields = ("id", "facility", "service", "day")
        read_only_fields = fields


class SessionIn(serializers.Serializer[Any]):
    facility = FacilityField()
    service = serializers.ChoiceField(choices=Session.Service.choices)
    day = serializers.DateField()


class SessionFilter(django_filters.FilterSet):
    """What the list can be narrowed by."""

    facility = IdFilter("facility_id")
    service = django_filters.ChoiceFilter(choices=Session.Service.choices)
    day_from = django_filters.DateFilter(field_name="day", lookup_expr="gte")
    day_to = django_filters.DateFilter(field_name="day", lookup_expr="lte")

    class Meta:
        model = Session
        fields: tuple[str, ...] = ()


class SessionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Session]):
    """The sessions of the stations of the account's area."""

    queryset = Session.objects.none()
    serializer_class = SessionOut
    permission_classes = (IsAuthenticated, WorksWithNames)
    filterset_class = SessionFilter
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Session]:
        units = units_visible_to(caller(self.request))
        return Session.objects.filter(facility__unit__in=units).order_by("day", "id")

    @extend_schema(request=SessionIn, responses={201: SessionOut, **ERRORS})
    def create(self, request: Request) -> Response:
        """Sets a session. The same again is answered as it is."""
        given = SessionIn(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return Response(SessionOut(sessions.set_session(**given.validated_data)).data, status=201)

    @extend_schema(responses={204: None, 403: ERRORS[403], 404: ERRORS[404]})
    def destroy(self, request: Request, pk: int) -> Response:
        """The session does not take place."""
        sessions.cancel_session(self.get_object())
        return Response(status=204)
