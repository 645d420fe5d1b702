"""REST of broadcasts: draft, review, publish, stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.api.access import ERRORS, caller
from campaigns.api.workflow_shapes import CommentIn
from campaigns.content import review
from campaigns.models import Broadcast
from campaigns.schedule import audience, broadcast, estimate
from campaigns.templatetags.wording import few
from messaging.models import MessageClass
from recipients import areas
from recipients.models import Person


class AudienceField(serializers.Serializer[Any]):
    """The structured filter: every part that is given must match."""

    who = serializers.ChoiceField(audience.KINDS)
    units = serializers.ListField(
        child=serializers.CharField(max_length=12), required=False, max_length=200, help_text="Codes; each and below."
    )
    weeks = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        min_length=2,
        max_length=2,
        help_text="Completed, from and to.",
    )
    months = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        min_length=2,
        max_length=2,
        help_text="Completed, from and to.",
    )
    languages = serializers.ListField(child=serializers.ChoiceField(Person.Language.choices), required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=60), required=False, max_length=200)
    occupation = serializers.CharField(required=False, max_length=60)


class BroadcastIn(serializers.Serializer[Any]):
    """One text to an audience on one day."""

    name = serializers.CharField(max_length=80)
    texts = serializers.DictField(
        child=serializers.CharField(max_length=1000), help_text='By language; "vi" is needed.'
    )
    discreet = serializers.DictField(
        child=serializers.CharField(max_length=1000), required=False, default=dict, help_text="For shared phones."
    )
    audience = AudienceField()
    send_on = serializers.DateField()
    until_days = serializers.IntegerField(min_value=0, max_value=broadcast.LONGEST_WINDOW, required=False, default=2)
    send_time = serializers.TimeField()
    message_class = serializers.ChoiceField(
        [(each.value, each.label) for each in broadcast.CLASSES], required=False, default=MessageClass.SERVICE.value
    )
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)


class BroadcastOut(serializers.ModelSerializer[Broadcast]):
    """A broadcast and where it stands."""

    name = serializers.SerializerMethodField()
    message_class = serializers.CharField(source="campaign.message_class")
    state = serializers.SerializerMethodField()
    texts = serializers.SerializerMethodField()

    class Meta:
        model = Broadcast
        fields = ("id", "name", "send_on", "message_class", "state", "audience", "reason", "texts", "stopped_at")

    def get_name(self, row: Broadcast) -> str:
        return str(row.campaign)

    def get_state(self, row: Broadcast) -> str:
        return str(broadcast.revision_of(row).state)

    def get_texts(self, row: Broadcast) -> dict[str, str]:
        return {text.language: text.body for text in broadcast.texts_of(row)}


class BroadcastEstimate(BroadcastOut):
    """The same with its audience counted as the facts stand now: "<5" for 1 to 4 where names may not be seen."""

    people = serializers.SerializerMethodField()
    reachable = serializers.SerializerMethodField()
    parts = serializers.SerializerMethodField()

    class Meta(BroadcastOut.Meta):
        fields = (*BroadcastOut.Meta.fields, "people", "reachable", "parts")  # type: ignore[assignment]

    def get_people(self, row: Broadcast) -> str:
        """Distinct people in the audience."""
        return self._few(row, self._estimate(row).people)

    def get_reachable(self, row: Broadcast) -> str:
        """Of them, with an open number and consent."""
        return self._few(row, self._estimate(row).reachable)

    def get_parts(self, row: Broadcast) -> str:
        """SMS parts, about."""
        return self._few(row, self._estimate(row).parts)

    def _estimate(self, row: Broadcast) -> estimate.Estimate:
        if not hasattr(self, "_counted"):
            words = {text.language: text for text in broadcast.texts_of(row)}
            self._counted = estimate.estimate(row.audience, words, row.send_on)
        return self._counted

    def _few(self, row: Broadcast, count: int) -> str:
        return few(count, areas.may_see_names(self.context["request"].user))


@extend_schema_view(get=extend_schema(operation_id="broadcasts"))
class Broadcasts(ListAPIView[Broadcast]):
    """The broadcasts that reach into your area, the latest day first."""

    serializer_class = BroadcastOut
    queryset = Broadcast.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Broadcast]:
        rows = broadcast.visible_to(caller(self.request)).prefetch_related("campaign__revisions__steps__texts")
        return rows.order_by("-send_on", "-pk")

    @extend_schema(operation_id="broadcast_draft", request=BroadcastIn, responses={201: BroadcastOut, **ERRORS})
    def post(self, request: Request) -> Response:
        """A draft. Nothing leaves before it was reviewed and published."""
        asked = BroadcastIn(data=request.data)
        asked.is_valid(raise_exception=True)
        made = broadcast.draft(**asked.validated_data, by=caller(request), now=timezone.now())
        return Response(BroadcastOut(made).data, status=201)


class BroadcastView(APIView):
    @extend_schema(operation_id="broadcast", responses={200: BroadcastEstimate, **ERRORS})
    def get(self, request: Request, pk: int) -> Response:
        """One broadcast, its audience counted now. Counts only, no names."""
        return Response(BroadcastEstimate(_broadcast(request, pk), context={"request": request}).data)


def _review(verb: Callable[..., Any]) -> Callable[..., Any]:
    return lambda row, by, now, **asked: verb(broadcast.revision_of(row), by, now, **asked)


ACTIONS: dict[str, Callable[..., Any]] = {
    "submit": _review(review.submit),
    "return": _review(review.return_),
    "approve": _review(review.approve),
    "second": _review(review.second),
    "publish": broadcast.publish,
    "stop": lambda row, by, now: broadcast.stop(row, now=now, by=by),
}


class BroadcastAction(APIView):
    """One step of the way: ask for review, return to draft, approve, approve as the second, publish, stop."""

    action = ""

    def post(self, request: Request, pk: int) -> Response:
        row = _broadcast(request, pk)
        asked = CommentIn(data=request.data) if self.action == "return" else None
        if asked is not None:
            asked.is_valid(raise_exception=True)
        ACTIONS[self.action](row, caller(request), timezone.now(), **(asked.validated_data if asked else {}))
        row.refresh_from_db()
        return Response(BroadcastOut(row).data)


def _action(name: str) -> Any:
    view = type(f"Broadcast{name.title()}", (BroadcastAction,), {"action": name, "__doc__": BroadcastAction.__doc__})
    body = CommentIn if name == "return" else None
    described = extend_schema(operation_id=f"broadcast_{name}", request=body, responses={200: BroadcastOut, **ERRORS})
    return extend_schema_view(post=described)(view)


def _broadcast(request: Request, pk: int) -> Broadcast:
    row = broadcast.visible_to(caller(request)).filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is no such broadcast in your area."))
    return row


urlpatterns = [
    path("broadcasts", Broadcasts.as_view(), name="api-broadcasts"),
    path("broadcasts/<int:pk>", BroadcastView.as_view(), name="api-broadcast"),
    *(path(f"broadcasts/<int:pk>/{name}", _action(name).as_view(), name=f"api-broadcast-{name}") for name in ACTIONS),
]
