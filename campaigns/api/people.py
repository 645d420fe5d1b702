"""REST of one person's messages: past, coming, and their stop."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns import dead_numbers, stopping
from campaigns.api.access import ERRORS
from campaigns.models import ScheduledMessage
from campaigns.schedule.explain import why
from campaigns.schedule.sendtime import local_day
from campaigns.schedule.upcoming import coming
from recipients import areas
from recipients.models import Person
from recipients.models.consent import Source
from recipients.phones import to_e164


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
        """`pregnancy:<id>`, `child:<id>` or `visit:<id>`; empty for a broadcast that was for the person alone."""
        enrollment = row.enrollment
        for kind in ("pregnancy", "child", "visit"):
            if (pk := getattr(enrollment, f"{kind}_id")) is not None:
                return f"{kind}:{pk}"
        return ""


class PersonMessages(ListAPIView[ScheduledMessage]):
    """The ledger of one person, newest first."""

    serializer_class = PersonMessage
    queryset = ScheduledMessage.objects.none()
    filter_backends = ()

    def get_queryset(self) -> Any:
        person = person_of(self.request, self.kwargs["pk"])
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
        person = person_of(request, pk)
        return Response(ComingMessage(coming(person, timezone.now(), days), many=True).data)


class Answer(serializers.Serializer[Any]):
    campaign = serializers.CharField(source="campaign.code", default="", help_text="Empty: about the day itself.")
    step_key = serializers.CharField()
    kind = serializers.ChoiceField(["got", "told", "waiting", "will", "not"])
    when = serializers.DateTimeField(allow_null=True)
    sentence = serializers.CharField()
    text = serializers.CharField()


class PersonWhy(APIView):
    @extend_schema(
        operation_id="person_why",
        parameters=[OpenApiParameter("date", OpenApiTypes.DATE, description="A local day. Default: today.")],
        responses=Answer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """Why a person got, gets or does not get a text on a day, in words of the language asked for."""
        now = timezone.now()
        asked = request.query_params.get("date") or local_day(now, settings.ZONE)
        try:
            on = serializers.DateField().run_validation(asked)
        except ValidationError as error:
            raise ValidationError({"date": error.detail}) from error
        return Response(Answer(why(person_of(request, pk), on, now), many=True).data)


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
        return _stopped(request, stopping.stop_person(person_of(request, pk), **asked.validated_data, **_told(request)))


class PersonResume(APIView):
    @extend_schema(operation_id="person_resume", request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """She was asked and agrees again; her number is opened."""
        stopping.resume_person(person_of(request, pk), **_told(request))
        return Response(status=204)


class PersonNumberWorks(APIView):
    @extend_schema(operation_id="person_number_works", request=None, responses={204: None, **ERRORS})
    def post(self, request: Request, pk: int) -> Response:
        """Somebody was reached on a number at which texts no longer arrived: they go on. 409 where it is not dead."""
        dead_numbers.works_again(person_of(request, pk), **_told(request))
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


def person_of(request: Request, pk: int) -> Person:
    """A person of the caller's area, for accounts that see names."""
    if not areas.may_see_names(request.user):
        raise PermissionDenied(_("Your role sees figures, not people. Ask an administrator if you need more."))
    person = areas.people_visible_to(request.user).filter(pk=pk).first()
    if person is None:
        raise NotFound(_("There is no such person in your area."))
    return person


urlpatterns = [
    path("people/<int:pk>/messages", PersonMessages.as_view(), name="api-person-messages"),
    path("people/<int:pk>/coming", PersonComing.as_view(), name="api-person-coming"),
    path("people/<int:pk>/why", PersonWhy.as_view(), name="api-person-why"),
    path("people/<int:pk>/stop", PersonStop.as_view(), name="api-person-stop"),
    path("people/<int:pk>/resume", PersonResume.as_view(), name="api-person-resume"),
    path("people/<int:pk>/number-works", PersonNumberWorks.as_view(), name="api-person-number-works"),
    path("numbers/stop", NumberStop.as_view(), name="api-number-stop"),
]
