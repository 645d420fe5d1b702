"""REST of campaigns and their revisions: read, compare, draft, change a step, and every move up to live and retired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.api.access import ERRORS, caller
from campaigns.api.workflow_shapes import (
    ApproveIn,
    CampaignOut,
    CommentIn,
    DraftIn,
    EventOut,
    RevisionOut,
    RevisionWords,
    ScheduleIn,
    StepChangeIn,
    StepDifference,
    StepIn,
    StepOut,
    words_of,
)
from campaigns.content import difference, drafting, editions, history, review
from campaigns.models import Campaign, ReviewEvent, Revision


@extend_schema_view(get=extend_schema(operation_id="campaigns"))
class Campaigns(ListAPIView[Campaign]):
    """Every campaign with its revisions, those of broadcasts apart."""

    serializer_class = CampaignOut
    queryset = Campaign.objects.exclude(anchor=Campaign.Anchor.BROADCAST)
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Campaign]:
        return super().get_queryset().prefetch_related("revisions__author", "revisions__reviewer")


class CampaignView(APIView):
    @extend_schema(operation_id="campaign", responses={200: CampaignOut, **ERRORS})
    def get(self, request: Request, code: str) -> Response:
        """One campaign with its revisions, the newest first."""
        return Response(CampaignOut(_campaign(code)).data)


@extend_schema_view(get=extend_schema(operation_id="campaign_history"))
class CampaignHistory(ListAPIView[ReviewEvent]):
    """What was ever done to the revisions of a campaign, the latest first."""

    serializer_class = EventOut
    queryset = ReviewEvent.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[ReviewEvent]:
        return history.of_campaign(_campaign(self.kwargs["code"]))


class CampaignDraft(APIView):
    @extend_schema(operation_id="campaign_draft", request=DraftIn, responses={201: RevisionOut, **ERRORS})
    def post(self, request: Request, code: str) -> Response:
        """A new draft, copied from a revision of the campaign with every step key kept."""
        campaign = _campaign(code)
        asked = _asked(DraftIn, request)
        source = _revision(asked["revision"]) if asked["revision"] else None
        made = drafting.new_draft(campaign, source, caller(request), timezone.now())
        return Response(RevisionOut(made).data, status=201)


class RevisionView(APIView):
    @extend_schema(operation_id="revision", responses={200: RevisionWords, **ERRORS})
    def get(self, request: Request, pk: int) -> Response:
        """One revision with its steps and words, what the rules say of them, and what your account may do next."""
        return Response(words_of(_revision(pk), caller(request)))


class RevisionDifference(APIView):
    @extend_schema(operation_id="revision_difference", responses={200: StepDifference(many=True), **ERRORS})
    def get(self, request: Request, pk: int) -> Response:
        """What differs from the live revision of the campaign; steps that are the same are left out. Without a live
        revision every step is `added`."""
        revision = _revision(pk)
        live = Revision.objects.filter(campaign=revision.campaign, state=Revision.State.LIVE).first()
        changes = difference.compare(editions.file_of(live) if live else None, editions.file_of(revision))
        shown = [
            {
                "key": change.step.key, "kind": change.kind, "plain": [asdict(field) for field in change.fields],
                "texts": [asdict(text) for text in change.texts if text.kind != difference.SAME],
            }
            for change in changes if change.kind != difference.SAME
        ]  # fmt: skip
        return Response(shown)


class RevisionSteps(APIView):
    @extend_schema(operation_id="revision_step_add", request=StepIn, responses={201: StepOut, **ERRORS})
    def post(self, request: Request, pk: int) -> Response:
        """A step more in a draft, placed by its day."""
        revision = _revision(pk)
        row = drafting.add_step(revision, _asked(StepIn, request), by=caller(request), now=timezone.now())
        return Response(StepOut.of(editions.step_file(row), revision.campaign.anchor), status=201)


class RevisionStep(APIView):
    @extend_schema(operation_id="revision_step_change", request=StepChangeIn, responses={200: StepOut, **ERRORS})
    def put(self, request: Request, pk: int, key: str) -> Response:
        """The step as the request says it, whole; its key stays. Refused with 409 when somebody has changed it since
        `seen`."""
        revision = _revision(pk)
        table = _asked(StepChangeIn, request)
        seen = table.pop("seen")
        row = drafting.change_step(revision, key, table, seen=seen, by=caller(request), now=timezone.now())
        return Response(StepOut.of(editions.step_file(row), revision.campaign.anchor))

    @extend_schema(
        operation_id="revision_step_remove",
        parameters=[OpenApiParameter("seen", str, required=True, description="The fingerprint of the step.")],
        responses={204: None, **ERRORS},
    )
    def delete(self, request: Request, pk: int, key: str) -> Response:
        """One step less in a draft. Refused with 409 when somebody has changed it since `seen`."""
        seen = request.query_params.get("seen", "")
        drafting.remove_step(_revision(pk), key, seen=seen, by=caller(request), now=timezone.now())
        return Response(status=204)


Move = tuple[Callable[..., Any], type[serializers.Serializer[Any]] | None]
MOVES: dict[str, Move] = {
    "submit": (review.submit, None),
    "withdraw": (review.withdraw, None),
    "return": (review.return_, CommentIn),
    "approve": (review.approve, ApproveIn),
    "second": (review.second, None),
    "publish": (review.publish, None),
    "schedule": (lambda revision, by, now, publish_on: review.schedule(revision, publish_on, by, now), ScheduleIn),
    "unschedule": (review.unschedule, None),
    "retire": (review.retire, None),
    "discard": (drafting.discard, None),
}


class RevisionMove(APIView):
    """One step of the way; each is refused in words to whom it is not given."""

    move = ""

    def post(self, request: Request, pk: int) -> Response:
        verb, shape = MOVES[self.move]
        asked = _asked(shape, request) if shape else {}
        verb(_revision(pk), caller(request), timezone.now(), **asked)
        return Response(RevisionOut(_revision(pk)).data)


def _move(name: str) -> Any:
    verb, shape = MOVES[name]
    said = verb.__doc__ or review.schedule.__doc__
    view = type(f"Revision{name.title()}", (RevisionMove,), {"move": name, "__doc__": said})
    described = extend_schema(operation_id=f"revision_{name}", request=shape, responses={200: RevisionOut, **ERRORS})
    return extend_schema_view(post=described)(view)


def _asked(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    asked = shape(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _campaign(code: str) -> Campaign:
    found = Campaigns.queryset.filter(code=code).first()
    if found is None:
        raise NotFound(_("There is no campaign with this code."))
    return found


def _revision(pk: int) -> Revision:
    found = Revision.objects.exclude(campaign__anchor=Campaign.Anchor.BROADCAST).select_related("campaign")
    revision = found.filter(pk=pk).first()
    if revision is None:
        raise NotFound(_("There is no such revision. Broadcasts have an address of their own."))
    return revision


urlpatterns = [
    path("campaigns", Campaigns.as_view(), name="api-campaigns"),
    path("campaigns/<slug:code>", CampaignView.as_view(), name="api-campaign"),
    path("campaigns/<slug:code>/history", CampaignHistory.as_view(), name="api-campaign-history"),
    path("campaigns/<slug:code>/drafts", CampaignDraft.as_view(), name="api-campaign-draft"),
    path("revisions/<int:pk>", RevisionView.as_view(), name="api-revision"),
    path("revisions/<int:pk>/difference", RevisionDifference.as_view(), name="api-revision-difference"),
    path("revisions/<int:pk>/steps", RevisionSteps.as_view(), name="api-revision-steps"),
    path("revisions/<int:pk>/steps/<slug:key>", RevisionStep.as_view(), name="api-revision-step"),
    *(path(f"revisions/<int:pk>/{name}", _move(name).as_view(), name=f"api-revision-{name}") for name in MOVES),
]
