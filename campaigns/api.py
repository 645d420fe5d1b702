"""REST of campaigns: reach of a period, the messages of one person, and their stop."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns import stopping
from campaigns.models import ScheduledMessage
from campaigns.reach import coverage, exports, metrics
from campaigns.schedule.upcoming import coming
from recipients import areas
from recipients.models import Person, User
from recipients.models.consent import Source
from recipients.phones import to_e164


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


class PersonMessage(serializers.ModelSerializer[ScheduledMessage]):
    """A due message and what became of it. `status` is empty until it was handed over."""

    campaign = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    subject = serializers.SerializerMethodField()
    status = serializers.CharField(source="sms.status", default="")
    text = serializers.CharField(source="sms.body", default="")
    sent_at = serializers.DateTimeField(source="sms.sent_at", default=None)

    class Meta:
        model = ScheduledMessage
        fields = (
            "id", "campaign", "step_key", "occurrence", "subject", "due_at", "state", "reason", "not_before", "status",
            "sent_at", "text",
        )  # fmt: skip

    def get_subject(self, row: ScheduledMessage) -> str:
        """`pregnancy:<id>` or `child:<id>`."""
        enrollment = row.enrollment
        return f"pregnancy:{enrollment.pregnancy_id}" if enrollment.pregnancy_id else f"child:{enrollment.child_id}"


class PersonMessages(ListAPIView[ScheduledMessage]):
    """The ledger of one person, newest first."""

    serializer_class = PersonMessage
    queryset = ScheduledMessage.objects.none()
    filter_backends = ()

    def get_queryset(self) -> Any:
        person = _person(self.request, self.kwargs["pk"])
        rows = ScheduledMessage.objects.filter(person=person).select_related("campaign", "enrollment", "sms")
        return rows.order_by("-due_at", "-id")


class ComingMessage(serializers.Serializer[Any]):
    campaign = serializers.CharField()
    step_key = serializers.CharField()
    due_at = serializers.DateTimeField()
    text = serializers.CharField(allow_null=True)


class PersonComing(APIView):
    @extend_schema(
        operation_id="person_coming",
        parameters=[OpenApiParameter("days", int, description="How far ahead, 1 to 400. Default 120.")],
        responses=ComingMessage(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """What a person will be sent, computed from the facts of now; nothing of it is stored."""
        asked = request.query_params.get("days", 120)
        days = serializers.IntegerField(min_value=1, max_value=400).run_validation(asked)
        person = _person(request, pk)
        return Response(ComingMessage(coming(person, timezone.now(), days), many=True).data)


class StopIn(serializers.Serializer[Any]):
    number_too = serializers.BooleanField(default=False, help_text="Close her number as well, for everybody on it.")


class NumberIn(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=40, help_text="As people write it; it need not be registered.")


class StopOut(serializers.Serializer[Any]):
    number_closed = serializers.BooleanField(help_text="The number was open before.")
    to_ask_again = serializers.ListField(
        child=serializers.IntegerField(), help_text="Ids of the people of your area who must now be asked again."
    )


class PersonStop(APIView):
    @extend_schema(operation_id="person_stop", request=StopIn, responses=StopOut)
    def post(self, request: Request, pk: int) -> Response:
        """A person wants no more messages: in force for the next call to a provider."""
        asked = StopIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return _stopped(request, stopping.stop_person(_person(request, pk), **asked.validated_data, **_told(request)))


class PersonResume(APIView):
    @extend_schema(operation_id="person_resume", request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """She was asked and agrees again; her number is opened."""
        stopping.resume_person(_person(request, pk), **_told(request))
        return Response(status=204)


class NumberStop(APIView):
    @extend_schema(operation_id="number_stop", request=NumberIn, responses=StopOut)
    def post(self, request: Request) -> Response:
        """Somebody at a number wants no more messages: nothing goes to it, those on it are to be asked again."""
        if not areas.may_register(request.user):
            raise PermissionDenied()
        asked = NumberIn(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            number = to_e164(asked.validated_data["number"])
        except ValueError as error:
            raise ValidationError({"number": [_(str(error))]}) from error
        return _stopped(request, stopping.stop_number(number, **_told(request)))


def _told(request: Request) -> dict[str, Any]:
    return {"now": timezone.now(), "source": Source.API, "by": request.user}


def _stopped(request: Request, stopped: stopping.Stopped) -> Response:
    keys = [person.pk for person in stopped.to_ask_again]
    mine = areas.people_visible_to(request.user).filter(pk__in=keys).order_by("pk")
    return Response({"number_closed": stopped.number_closed, "to_ask_again": list(mine.values_list("pk", flat=True))})


def _person(request: Request, pk: int) -> Person:
    if not areas.may_see_names(request.user):
        raise PermissionDenied(_("Your role sees figures, not people. Ask an administrator if you need more."))
    person = areas.people_visible_to(request.user).filter(pk=pk).first()
    if person is None:
        raise NotFound(_("There is no such person in your area."))
    return person


urlpatterns = [
    path("reach", ReachView.as_view(), name="api-reach"),
    path("people/<int:pk>/messages", PersonMessages.as_view(), name="api-person-messages"),
    path("people/<int:pk>/coming", PersonComing.as_view(), name="api-person-coming"),
    path("people/<int:pk>/stop", PersonStop.as_view(), name="api-person-stop"),
    path("people/<int:pk>/resume", PersonResume.as_view(), name="api-person-resume"),
    path("numbers/stop", NumberStop.as_view(), name="api-number-stop"),
]
