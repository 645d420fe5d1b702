"""What a station has to do, by REST."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from recipients import worklist
from recipients.api.access import WorksWithNames, caller
from recipients.api.errors import ERRORS
from recipients.api.filters import IdFilter
from recipients.errors import Refusal
from recipients.models import Task
from recipients.models.consent import Source


class TaskOut(serializers.ModelSerializer[Task]):
    """Something to do for a person until `due_at`."""

    class Meta:
        model = Task
        fields = ("id", "person", "kind", "opened_at", "due_at", "done_at", "note")
        read_only_fields = fields


class DoneIn(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, allow_blank=True, max_length=300, help_text="What came of it.")
    mistake = serializers.BooleanField(
        required=False, default=False, help_text="Of `loss_told` alone: there was no loss, and her texts go on."
    )


class TaskFilter(django_filters.FilterSet):
    """What the list can be narrowed by."""

    kind = django_filters.ChoiceFilter(choices=Task.Kind.choices)
    person = IdFilter("person_id")
    unit = django_filters.CharFilter(field_name="person__unit__code", label="Code of the commune.")

    class Meta:
        model = Task
        fields: tuple[str, ...] = ()


class TaskViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Task]):
    """The open tasks of the account's area, the most urgent first."""

    queryset = Task.objects.none()
    serializer_class = TaskOut
    permission_classes = (IsAuthenticated, WorksWithNames)
    filterset_class = TaskFilter
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Task]:
        tasks = worklist.tasks_visible_to(caller(self.request))
        return tasks.filter(done_at=None) if self.action == "list" else tasks

    @extend_schema(request=DoneIn, responses={200: TaskOut, **ERRORS})
    @action(detail=True, methods=["post"], filterset_class=None)
    def close(self, request: Request, pk: int) -> Response:
        """It is done. What waits to be told face to face is done on her page: 409 `tell_her`.

        A loss told by SMS is done when it is recorded; if it was none, say `mistake`: else 409 `record_or_mistake`.
        """
        task = self.get_object()
        if task.kind == Task.Kind.TELL and task.done_at is None:
            raise Refusal(
                "tell_her",
                _("This task ends when her texts are told. Open her page, tell her what waits, and record it there."),
                conflict=True,
            )
        given = DoneIn(data=request.data)
        given.is_valid(raise_exception=True)
        note = given.validated_data.get("note", "")
        verb = worklist.not_lost if given.validated_data["mistake"] else worklist.close_task
        task = verb(task, now=timezone.now(), by=caller(request), note=note, source=Source.API)
        return Response(TaskOut(task).data)
