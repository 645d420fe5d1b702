"""People: list, search, one of them, details, number, death."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from recipients import events, registry, search
from recipients.api.access import WorksWithNames, caller
from recipients.api.errors import ERRORS
from recipients.api.serializers import DayIn, LanguageIn, NewNumberIn, PersonChange, PersonOut
from recipients.areas import people_visible_to
from recipients.consent import consent_state
from recipients.models import Person
from recipients.models.consent import Source


class PersonFilter(django_filters.FilterSet):
    """What the list can be narrowed by."""

    q = django_filters.CharFilter(method="search", label="Part of a name, with diacritics or without, or of a number.")
    unit = django_filters.CharFilter(field_name="unit__code", label="Code of the commune.")
    phone = django_filters.CharFilter(field_name="phone", label="A number in E.164.")

    class Meta:
        model = Person
        fields: tuple[str, ...] = ()

    def search(self, people: QuerySet[Person], _name: str, words: str) -> QuerySet[Person]:
        return search.people_like(people, words)


class PersonViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Person]):
    """The people of the account's area."""

    queryset = Person.objects.none()
    serializer_class = PersonOut
    permission_classes = (IsAuthenticated, WorksWithNames)
    filterset_class = PersonFilter
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Person]:
        people = people_visible_to(caller(self.request)).annotate(consent_state=consent_state())
        return people.select_related("unit").prefetch_related("pregnancies", "children").order_by("id")

    @extend_schema(request=PersonChange, responses={200: PersonOut, **ERRORS})
    def partial_update(self, request: Request, pk: int) -> Response:
        """Changes details; another `unit` is a move: village and facility go unless given, as the answer shows."""
        person = self.get_object()
        changes = self._read(PersonChange)
        registry.update_details(person, changes=changes, now=timezone.now(), source=Source.API, by=caller(request))
        return self._person(pk)

    @extend_schema(request=NewNumberIn, responses={200: PersonOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def number(self, request: Request, pk: int) -> Response:
        """Another number, or none."""
        asked = self._read(NewNumberIn)
        registry.change_number(
            self.get_object(),
            asked["phone"],
            phone_holder=asked.get("phone_holder"),
            now=timezone.now(),
            source=Source.API,
            by=caller(request),
        )
        return self._person(pk)

    @extend_schema(request=DayIn, responses={200: PersonOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def death(self, request: Request, pk: int) -> Response:
        """The person has died; an ongoing pregnancy ends with it."""
        day = self._read(DayIn)["on"]
        events.maternal_death(self.get_object(), on=day, now=timezone.now(), source=Source.API, by=caller(request))
        return self._person(pk)

    @extend_schema(request=None, responses={200: PersonOut, **ERRORS})
    @action(detail=True, methods=["post"], url_path="undo-death")
    def undo_death(self, request: Request, pk: int) -> Response:
        """The death was recorded by mistake. Within 24 hours; then 409 `too_late`."""
        events.undo_death(self.get_object(), now=timezone.now(), source=Source.API, by=caller(request))
        return self._person(pk)

    @extend_schema(request=None, responses={200: PersonOut, **ERRORS})
    @action(detail=True, methods=["post"], url_path="confirm-number")
    def confirm_number(self, request: Request, pk: int) -> Response:
        """Somebody has made sure that the number is hers."""
        events.confirm_number(self.get_object(), now=timezone.now(), source=Source.API, by=caller(request))
        return self._person(pk)

    @extend_schema(request=LanguageIn, responses={200: PersonOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def language(self, request: Request, pk: int) -> Response:
        """Texts come in another language."""
        chosen = self._read(LanguageIn)["language"]
        events.change_language(self.get_object(), chosen, now=timezone.now(), source=Source.API, by=caller(request))
        return self._person(pk)

    def _read(self, serializer: type[Any]) -> dict[str, Any]:
        given = serializer(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        checked: dict[str, Any] = given.validated_data
        return checked

    def _person(self, pk: int) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data)
