"""Sending texts by REST, and asking what became of them."""

from __future__ import annotations

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging import submissions
from messaging.api import serializers as shapes
from messaging.api.access import READ, SEND, Allowance, BearerToken, may, token_of
from messaging.api.errors import ERRORS, Conflict, NotTaken, SmsError
from messaging.api.paging import Newest
from messaging.models import ApiToken, MessageClass, OutboundMessage
from messaging.models.texts import STATUS_NAMES
from messaging.numbers import to_e164
from messaging.statuses import Status

FORM, SHAPE = shapes.TextIn(), shapes.MessageOut()
"""One form and one shape for all texts: to make them anew for each costs more than to read and write it."""
CODES = {"queued": 201, "known": 200, "conflict": 409, "refused": 422}
REFUSALS = {
    409: OpenApiResponse(SmsError, "`key_used`: the key stands for another text or number already."),
    422: OpenApiResponse(SmsError, "Not taken: `opted_out`, `dead_number`, `bad_number`, `no_route`, `empty`..."),
}


class MessageFilter(django_filters.FilterSet):
    """What the list of your texts can be narrowed by."""

    key = django_filters.CharFilter(method="by_key", label="Your key of one text.")
    to = django_filters.CharFilter(method="by_number", label="A number as people write it.")
    status = django_filters.MultipleChoiceFilter(choices=STATUS_NAMES)
    message_class = django_filters.ChoiceFilter(choices=MessageClass.choices)
    queued_from = django_filters.IsoDateTimeFilter(field_name="queued_at", lookup_expr="gte")
    queued_until = django_filters.IsoDateTimeFilter(field_name="queued_at", lookup_expr="lt")

    class Meta:
        model = OutboundMessage
        fields: tuple[str, ...] = ()

    def by_key(self, rows: QuerySet[OutboundMessage], name: str, value: str) -> QuerySet[OutboundMessage]:
        return rows.filter(pk__in=submissions.by_keys(token_of(self.request), [value]).values("pk"))

    def by_number(self, rows: QuerySet[OutboundMessage], name: str, value: str) -> QuerySet[OutboundMessage]:
        return rows.filter(to=to_e164(value, settings.PHONE_REGION))


class OfSystems(APIView):
    """For other systems only: by token, each within its allowance."""

    authentication_classes = (BearerToken,)
    permission_classes: tuple[type[BasePermission], ...] = (may(READ),)
    throttle_classes = (Allowance,)


class Messages(OfSystems, ListAPIView[OutboundMessage]):
    """Your texts."""

    serializer_class = shapes.MessageOut
    queryset = OutboundMessage.objects.none()
    pagination_class = Newest
    filterset_class = MessageFilter

    def get_permissions(self) -> list[BasePermission]:
        return [may(SEND if self.request.method == "POST" else READ)()]

    def get_queryset(self) -> QuerySet[OutboundMessage]:
        if not isinstance(self.request.auth, ApiToken):
            return OutboundMessage.objects.none()
        return submissions.texts_of(self.request.auth)

    @extend_schema(operation_id="sms_list", responses={200: shapes.MessageOut(many=True), **ERRORS})
    def get(self, request: Request, *args: Any, **more: Any) -> Response:
        """Your texts, the newest first."""
        return super().get(request, *args, **more)

    @extend_schema(
        operation_id="sms_send",
        request=shapes.TextIn,
        responses={201: shapes.MessageOut, 200: shapes.MessageOut, **ERRORS, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Send one text: 201 queued, 200 where its key is known."""
        wish = submissions.Wanted(**FORM.run_validation(request.data))
        (done,) = submissions.submit(token_of(request), [wish], timezone.now())
        if done.result == "conflict":
            raise Conflict(done.sentence, done.code)
        if done.result == "refused":
            raise NotTaken(done.sentence, done.code)
        assert done.message is not None  # queued or known
        return Response(SHAPE.to_representation(done.message), status=CODES[done.result])


class Batch(OfSystems):
    permission_classes = (may(SEND),)

    @extend_schema(operation_id="sms_send_many", request=shapes.BatchIn, responses={200: shapes.BatchOut, **ERRORS})
    def post(self, request: Request) -> Response:
        """Send up to 1,000 texts. Each is answered for itself, in the order given; what cannot be taken holds up no
        other."""
        given = request.data.get("messages") if isinstance(request.data, dict) else None
        if not isinstance(given, list) or not 0 < len(given) <= shapes.MOST:
            raise ValidationError({"messages": [_("Give a list of 1 to 1,000 texts.")]})
        read = [_read(one) for one in given]
        wishes = [one for one in read if isinstance(one, submissions.Wanted)]
        answers = iter(submissions.submit(token_of(request), wishes, timezone.now()) if wishes else [])
        results = [one if isinstance(one, dict) else _answered(next(answers)) for one in read]
        return Response({"results": results})


class States(OfSystems):
    @extend_schema(
        operation_id="sms_status_of_many", request=shapes.WhichIn, responses={200: shapes.FoundOut, **ERRORS}
    )
    def post(self, request: Request) -> Response:
        """What became of up to 1,000 texts, by your keys or by our ids."""
        return Response(_found(*_which(request)))


class CancelMany(OfSystems):
    permission_classes = (may(SEND),)

    @extend_schema(operation_id="sms_cancel_many", request=shapes.WhichIn, responses={200: shapes.FoundOut, **ERRORS})
    def post(self, request: Request) -> Response:
        """Cancel up to 1,000 texts that have not left. Look at each `status` afterwards: what has left stays."""
        rows, ids, keys = _which(request)
        after = submissions.cancel(token_of(request), rows, timezone.now())
        return Response(_found([after[row.id] for row in rows], ids, keys))


class OneMessage(OfSystems):
    @extend_schema(operation_id="sms_status", responses={200: shapes.MessageOut, **ERRORS})
    def get(self, request: Request, pk: Any) -> Response:
        """What became of a text, by the id that we gave it."""
        return Response(shapes.MessageOut(_own(request, pk)).data)


class Cancel(OfSystems):
    permission_classes = (may(SEND),)

    @extend_schema(
        operation_id="sms_cancel",
        request=None,
        responses={200: shapes.MessageOut, **ERRORS, 409: OpenApiResponse(SmsError, "`too_late`: it has left.")},
    )
    def post(self, request: Request, pk: Any) -> Response:
        """Cancel a text that has not left. Doing it twice changes nothing."""
        row = _own(request, pk)
        row = submissions.cancel(token_of(request), [row], timezone.now())[row.id]
        if row.status != Status.CANCELED:
            raise Conflict(_("The text has left or has ended already. Look at its state."), "too_late")
        return Response(shapes.MessageOut(row).data)


def _own(request: Request, pk: Any) -> OutboundMessage:
    row = submissions.by_ids(token_of(request), [pk]).first()
    if row is None:
        raise NotFound(_("There is no such text of yours."))
    return row


def _which(request: Request) -> tuple[list[OutboundMessage], list[Any], list[str]]:
    asked = shapes.WhichIn(data=request.data)
    asked.is_valid(raise_exception=True)
    ids, keys = asked.validated_data["ids"], asked.validated_data["keys"]
    token = token_of(request)
    rows = {
        row.id: row for found in (submissions.by_ids(token, ids), submissions.by_keys(token, keys)) for row in found
    }
    return list(rows.values()), ids, keys


def _found(rows: list[OutboundMessage], ids: list[Any], keys: list[str]) -> dict[str, Any]:
    there, named = {row.id for row in rows}, {submissions.own_key(row) for row in rows}
    return {
        "messages": shapes.MessageOut(rows, many=True).data,
        "missing_ids": [pk for pk in ids if pk not in there],
        "missing_keys": [key for key in keys if key not in named],
    }


def _read(given: object) -> submissions.Wanted | dict[str, Any]:
    """One text of a batch: what is wanted, or the answer to something that cannot be right."""
    try:
        return submissions.Wanted(**FORM.run_validation(given))
    except ValidationError as error:
        detail: Any = error.detail
        field, found = next(iter(detail.items())) if isinstance(detail, dict) else ("non_field_errors", detail)
        key = given.get("key") if isinstance(given, dict) else None
        said = {"code": "invalid", "sentence": str(found[0]), "field": None if field == "non_field_errors" else field}
        return {"key": key if isinstance(key, str) else None, "status_code": 400, "message": None} | said


def _answered(done: submissions.Submitted) -> dict[str, Any]:
    message = SHAPE.to_representation(done.message) if done.message and done.result != "conflict" else None
    said = {"code": done.code, "sentence": done.sentence, "field": None}
    return {"key": done.key, "status_code": CODES[done.result], "message": message} | said


urlpatterns = [
    path("sms/messages", Messages.as_view(), name="api-sms-messages"),
    path("sms/messages/batch", Batch.as_view(), name="api-sms-batch"),
    path("sms/messages/status", States.as_view(), name="api-sms-states"),
    path("sms/messages/cancel", CancelMany.as_view(), name="api-sms-cancel-many"),
    path("sms/messages/<uuid:pk>", OneMessage.as_view(), name="api-sms-message"),
    path("sms/messages/<uuid:pk>/cancel", Cancel.as_view(), name="api-sms-cancel"),
]
