"""REST of the inbox: what people wrote, an answer by SMS, settling a text."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns import inbox
from campaigns.api.access import ERRORS, caller
from messaging.models import InboundMessage
from recipients.models.consent import Source

STATES = ("open", "settled", "all")


class TextOut(serializers.ModelSerializer[InboundMessage]):
    """A text from a number. `action` is what a keyword was understood as, or empty."""

    class Meta:
        model = InboundMessage
        fields = (
            "id", "number", "body", "received_at", "action", "for_staff", "settled_at", "settled_by", "note",
        )  # fmt: skip


class AnswerIn(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=inbox.LONGEST, help_text="Leaves at once.")
    number = serializers.IntegerField(
        required=False, min_value=1, max_value=10_000,
        help_text="Which answer to the text this is, from 1. Give it, and asking twice sends once.",
    )  # fmt: skip


class AnswerOut(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="The name of the text in the gateway.")
    status = serializers.CharField()
    body = serializers.CharField(help_text="As it leaves.")


class SettleIn(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)


@extend_schema_view(
    get=extend_schema(
        operation_id="inbox",
        parameters=[
            OpenApiParameter("state", str, enum=STATES, description="Default: open, what waits to be read."),
            OpenApiParameter("number", str, description="In international form: +84912345678."),
        ],
    )
)
class Inbox(ListAPIView[InboundMessage]):
    """The texts from numbers of people of your area, newest first."""

    serializer_class = TextOut
    queryset = InboundMessage.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[InboundMessage]:
        texts = _texts(self.request)
        if number := self.request.query_params.get("number"):
            texts = texts.filter(number=number.replace("\0", ""))
        state = self.request.query_params.get("state", "open")
        chosen = {"settled": inbox.settled, "all": lambda rows: rows}.get(state, inbox.waiting)(texts)
        return chosen.order_by("-received_at", "-pk")


class InboxAnswer(APIView):
    @extend_schema(operation_id="inbox_answer", request=AnswerIn, responses={201: AnswerOut, **ERRORS})
    def post(self, request: Request, pk: int) -> Response:
        """Answer a text by SMS; it counts as settled by you."""
        text = _text(request, pk)
        asked = AnswerIn(data=request.data)
        asked.is_valid(raise_exception=True)
        number = asked.validated_data.get("number") or inbox.next_answer(text)
        answer = inbox.answer(
            text, asked.validated_data["body"], number=number, by=caller(request), source=Source.API,
            now=timezone.now(),
        )  # fmt: skip
        return Response(AnswerOut(answer).data, status=201)


class InboxSettle(APIView):
    @extend_schema(operation_id="inbox_settle", request=SettleIn, responses={200: TextOut, **ERRORS})
    def post(self, request: Request, pk: int) -> Response:
        """Nobody has to read it any more. The first who settles it stays on record."""
        text = _text(request, pk)
        asked = SettleIn(data=request.data)
        asked.is_valid(raise_exception=True)
        inbox.settle(text, note=asked.validated_data["note"], by=caller(request), now=timezone.now())
        text.refresh_from_db()
        return Response(TextOut(text).data)


def _texts(request: Request) -> QuerySet[InboundMessage]:
    if not inbox.reads_inbox(request.user):
        raise PermissionDenied(_("Your role sees figures, not people. Ask an administrator if you need more."))
    return inbox.from_people(inbox.visible_to(request.user))


def _text(request: Request, pk: int) -> InboundMessage:
    text = _texts(request).filter(pk=pk).first()
    if text is None:
        raise NotFound(_("There is no such text in your area."))
    return text


urlpatterns = [
    path("inbox", Inbox.as_view(), name="api-inbox"),
    path("inbox/<int:pk>/answer", InboxAnswer.as_view(), name="api-inbox-answer"),
    path("inbox/<int:pk>/settle", InboxSettle.as_view(), name="api-inbox-settle"),
]
