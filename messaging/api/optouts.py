"""The closed numbers by REST: read them, close one. Nobody reopens a number from outside."""

from __future__ import annotations

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from messaging import optouts
from messaging.api.access import OPT_OUTS, may
from messaging.api.errors import ERRORS
from messaging.api.messages import OfSystems
from messaging.api.paging import Newest
from messaging.models import OptOut
from messaging.numbers import is_e164, to_e164


class OptOutOut(serializers.ModelSerializer[OptOut]):
    """A closed number: whoever asks, nothing goes to it."""

    class Meta:
        model = OptOut
        fields = ("number", "source", "started_at")
        read_only_fields = fields


class OptOutIn(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=40, help_text="As people write it.")


class OptOutFilter(django_filters.FilterSet):
    """What the list can be narrowed by."""

    number = django_filters.CharFilter(method="by_number", label="A number as people write it.")
    since = django_filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="gte", label="Closed since then.")

    class Meta:
        model = OptOut
        fields: tuple[str, ...] = ()

    def by_number(self, rows: QuerySet[OptOut], name: str, value: str) -> QuerySet[OptOut]:
        return rows.filter(number=to_e164(value, settings.PHONE_REGION))


class LatestClosed(Newest):
    moment = "started_at"


class OptOuts(OfSystems, ListAPIView[OptOut]):
    """The numbers that are closed now."""

    permission_classes = (may(OPT_OUTS),)
    serializer_class = OptOutOut
    queryset = OptOut.objects.filter(ended_at=None)
    pagination_class = LatestClosed
    filterset_class = OptOutFilter

    @extend_schema(operation_id="sms_opt_outs", responses={200: OptOutOut(many=True), **ERRORS})
    def get(self, request: Request, *args: Any, **more: Any) -> Response:
        """The numbers that are closed now, the latest first."""
        return super().get(request, *args, **more)

    @extend_schema(operation_id="sms_opt_out", request=OptOutIn, responses={201: OptOutOut, 200: OptOutOut, **ERRORS})
    def post(self, request: Request) -> Response:
        """Close a number: 201, or 200 where it was closed already. Only a person here opens it again."""
        asked = OptOutIn(data=request.data)
        asked.is_valid(raise_exception=True)
        number = to_e164(asked.validated_data["number"], settings.PHONE_REGION)
        if not is_e164(number):
            raise ValidationError({"number": [_("This is not a telephone number. Write it like 0912 345 678.")]})
        made = optouts.close(number, source="api", now=timezone.now())
        row = OptOut.objects.filter(number=number, ended_at=None).first()
        return Response(OptOutOut(row).data, status=201 if made else 200)


urlpatterns = [path("sms/opt-outs", OptOuts.as_view(), name="api-sms-opt-outs")]
