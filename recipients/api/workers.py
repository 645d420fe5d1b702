"""Staff who get notices about the people of a unit, by REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from recipients import registry, workers
from recipients.api.access import caller
from recipients.api.errors import ERRORS
from recipients.api.registering import Registering
from recipients.api.serializers import UnitField
from recipients.areas import units_visible_to
from recipients.models import AdminUnit, Person, Worker


class WorkerOut(serializers.ModelSerializer[Worker]):
    """`village` empty: hears of the whole unit."""

    works_as = serializers.ChoiceField(choices=Worker.Role.choices, source="role", read_only=True)
    unit = serializers.SlugRelatedField[AdminUnit](slug_field="code", read_only=True)

    class Meta:
        model = Worker
        fields = ("id", "person", "works_as", "unit", "village", "ended_on", "registered_at")
        read_only_fields = fields


class WorkerIn(serializers.Serializer[Any]):
    """A `person` on record, or name and phone of somebody new."""

    person = serializers.IntegerField(required=False, help_text="Id of a person on record.")
    name = serializers.CharField(required=False, max_length=120, help_text="Needed without `person`.")
    phone = serializers.CharField(required=False, allow_blank=True, max_length=60)
    consent = serializers.BooleanField(required=False, default=False)
    language = serializers.ChoiceField(choices=Person.Language.choices, required=False)
    works_as = serializers.ChoiceField(choices=Worker.Role.choices, source="role")
    unit = UnitField()
    village = serializers.CharField(required=False, allow_blank=True, max_length=120, default="")


class WorkerViewSet(mixins.ListModelMixin, Registering):
    """Village health workers and station phones of the account's area."""

    queryset = Worker.objects.none()
    serializer_class = WorkerOut
    pagination_class = PageNumberPagination

    def get_queryset(self) -> QuerySet[Worker]:
        rows = Worker.objects.filter(unit__in=units_visible_to(caller(self.request))).select_related("unit", "person")
        return (rows.filter(ended_on=None) if self.action == "list" else rows).order_by("id")

    @extend_schema(request=WorkerIn, responses={201: WorkerOut, **ERRORS})
    def create(self, request: Request) -> Response:
        """Appoints somebody. The same again is answered as it is."""
        facts = self.newcomer_or(self.read(WorkerIn), "person")
        if "person" in facts:
            place = {field: facts[field] for field in ("role", "unit", "village")}
            worker = workers.appoint(facts["person"], **place, **self.told())
        else:
            worker = registry.register_worker(**{"phone": None} | facts, **self.told(), seek=True)
        return Response(WorkerOut(worker).data, status=201)

    @extend_schema(request=None, responses={200: WorkerOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: int) -> Response:
        """No longer works there."""
        return Response(WorkerOut(workers.dismiss(self.get_object(), **self.told())).data)
