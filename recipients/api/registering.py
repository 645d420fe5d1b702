"""Registering and recording: pregnancies, children, caregivers, and what happens to them."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from recipients import events, registry
from recipients.api.access import WorksWithNames, caller
from recipients.api.errors import ERRORS
from recipients.api.serializers import (
    AgreesIn,
    BirthDayIn,
    BirthIn,
    CaregiverIn,
    CaregiverOut,
    ChildIn,
    ChildOut,
    DayIn,
    LossIn,
    MainIn,
    PregnancyIn,
    PregnancyOut,
    RedateIn,
    VisitIn,
    VisitOut,
)  # fmt: skip
from recipients.areas import people_visible_to
from recipients.errors import Refusal
from recipients.models import Caregiver, Child, Person, Pregnancy
from recipients.models.consent import Source

Row = TypeVar("Row", bound=Model)


class Registering(mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """What the three have in common: the area, the clock and the source."""

    permission_classes = (IsAuthenticated, WorksWithNames)
    filter_backends: Any = ()
    pagination_class: Any = None
    lookup_value_converter = "int"

    def mothers(self) -> QuerySet[Person]:
        return people_visible_to(caller(self.request))

    def read(self, serializer: type[Any]) -> dict[str, Any]:
        given = serializer(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        checked: dict[str, Any] = given.validated_data
        return checked

    def told(self) -> dict[str, Any]:
        """Who tells, when, by which door."""
        return {"now": timezone.now(), "source": Source.API, "by": caller(self.request)}

    def newcomer_or(self, facts: dict[str, Any], field: str) -> dict[str, Any]:
        """The facts with the id of a person on record replaced by the person."""
        if field in facts:
            facts[field] = self.of_area(self.mothers(), facts[field], field)
        elif "name" not in facts or ("unit" not in facts and field != "person"):
            missing = "unit" if "name" in facts else "name"
            raise Refusal("invalid", _("Give a person on record, or the name and the commune."), field=missing)
        return facts

    def of_area(self, rows: QuerySet[Row], pk: int, field: str) -> Row:
        found = rows.filter(pk=pk).first()
        if found is None:
            raise NotFound({field: _("Not there, or outside your area. Check the id.")})
        return found


class PregnancyViewSet(Registering):
    """Pregnancies, and what happens in them."""

    queryset = Pregnancy.objects.none()
    serializer_class = PregnancyOut

    def get_queryset(self) -> QuerySet[Pregnancy]:
        return Pregnancy.objects.filter(mother__in=self.mothers()).select_related("mother__unit")

    @extend_schema(request=PregnancyIn, responses={201: PregnancyOut, **ERRORS})
    def create(self, request: Request) -> Response:
        """Registers a pregnancy. A woman who is on record with it already: 409 `known`."""
        facts = self.newcomer_or(self.read(PregnancyIn), "person")
        if "person" not in facts and "unit" not in facts:
            raise Refusal("unit_unknown", _("The commune is missing. Give its code."), field="unit")
        pregnancy = registry.register_pregnancy(**facts, **self.told(), seek=True)
        return Response(PregnancyOut(pregnancy).data, status=201)

    @extend_schema(request=RedateIn, responses={200: PregnancyOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def redate(self, request: Request, pk: int) -> Response:
        """Gestation counted from another day."""
        return Response(PregnancyOut(events.redate(self.get_object(), **self.read(RedateIn), **self.told())).data)

    @extend_schema(request=BirthIn, responses={200: ChildOut(many=True), **ERRORS})
    @action(detail=True, methods=["post"])
    def birth(self, request: Request, pk: int) -> Response:
        """A live birth. Told again it answers the same children."""
        facts = self.read(BirthIn)
        newborns = [events.Newborn(**each) for each in facts.get("children") or [{}]]
        children = events.birth(self.get_object(), born_on=facts["born_on"], children=newborns, **self.told())
        return Response(ChildOut(children, many=True).data)

    @extend_schema(request=LossIn, responses={200: PregnancyOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def loss(self, request: Request, pk: int) -> Response:
        """A miscarriage, stillbirth or termination: nothing routine about it leaves any more.

        A stillbirth also corrects a live birth, within 24 hours of its record.
        """
        return Response(PregnancyOut(events.loss(self.get_object(), **self.read(LossIn), **self.told())).data)

    @extend_schema(request=None, responses={200: PregnancyOut, **ERRORS})
    @action(detail=True, methods=["post"], url_path="undo-loss")
    def undo_loss(self, request: Request, pk: int) -> Response:
        """The loss was recorded by mistake: the pregnancy goes on. Within 24 hours; then 409 `too_late`."""
        return Response(PregnancyOut(events.undo_loss(self.get_object(), **self.told())).data)

    @extend_schema(request=VisitIn, responses={200: VisitOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def visit(self, request: Request, pk: int) -> Response:
        """An antenatal visit took place."""
        visit = events.attend_visit(pregnancy=self.get_object(), **self.read(VisitIn), **self.told())
        return Response(VisitOut(visit).data)


class ChildViewSet(Registering):
    """Children, and what happens to them."""

    queryset = Child.objects.none()
    serializer_class = ChildOut

    def get_queryset(self) -> QuerySet[Child]:
        return Child.objects.filter(mother__in=self.mothers()).select_related("mother__unit", "pregnancy")

    @extend_schema(request=ChildIn, responses={201: ChildOut, **ERRORS})
    def create(self, request: Request) -> Response:
        """Registers a child already born. The same child again is answered as it is."""
        facts = self.newcomer_or(self.read(ChildIn), "mother")
        return Response(ChildOut(registry.register_child(**facts, **self.told(), seek=True)).data, status=201)

    @extend_schema(request=BirthDayIn, responses={200: ChildOut(many=True), **ERRORS})
    @action(detail=True, methods=["post"], url_path="correct-birth")
    def correct_birth(self, request: Request, pk: int) -> Response:
        """The day of birth was recorded wrongly. Answers all children of that birth, who move together."""
        children = events.correct_birth(self.get_object(), **self.read(BirthDayIn), **self.told())
        return Response(ChildOut(children, many=True).data)

    @extend_schema(request=None, responses={204: None, **ERRORS})
    @action(detail=True, methods=["post"], url_path="undo-birth")
    def undo_birth(self, request: Request, pk: int) -> Response:
        """The birth was recorded by mistake: its children are taken back, the pregnancy goes on. Within 24 hours."""
        events.undo_birth(self.get_object(), **self.told())
        return Response(status=204)

    @extend_schema(request=DayIn, responses={200: ChildOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def death(self, request: Request, pk: int) -> Response:
        """The child has died. Nothing routine about this child leaves any more."""
        return Response(ChildOut(events.child_death(self.get_object(), **self.read(DayIn), **self.told())).data)

    @extend_schema(request=None, responses={200: ChildOut, **ERRORS})
    @action(detail=True, methods=["post"], url_path="undo-death")
    def undo_death(self, request: Request, pk: int) -> Response:
        """The death was recorded by mistake: the texts go on. Within 24 hours; then 409 `too_late`."""
        return Response(ChildOut(events.undo_death(self.get_object(), **self.told())).data)

    @extend_schema(request=VisitIn, responses={200: VisitOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def visit(self, request: Request, pk: int) -> Response:
        """A visit of the child took place."""
        visit = events.attend_visit(child=self.get_object(), **self.read(VisitIn), **self.told())
        return Response(VisitOut(visit).data)


class CaregiverViewSet(Registering):
    """Husbands, grandmothers and others who care."""

    queryset = Caregiver.objects.none()
    serializer_class = CaregiverOut

    def get_queryset(self) -> QuerySet[Caregiver]:
        mothers = self.mothers()
        return Caregiver.objects.filter(pregnancy__mother__in=mothers) | Caregiver.objects.filter(
            child__mother__in=mothers
        )

    @extend_schema(request=CaregiverIn, responses={201: CaregiverOut, **ERRORS})
    def create(self, request: Request) -> Response:
        """Registers somebody who cares beside the mother, by a consent of her or his own."""
        facts = self.newcomer_or(self.read(CaregiverIn), "person")
        for field, rows in (
            ("pregnancy", Pregnancy.objects.filter(mother__in=self.mothers())),
            ("child", Child.objects.filter(mother__in=self.mothers())),
        ):
            if facts.get(field) is not None:
                facts[field] = self.of_area(rows.select_related("mother__unit"), facts[field], field)
        caregiver = registry.register_caregiver(**facts, **self.told(), seek=True)
        return Response(CaregiverOut(caregiver).data, status=201)

    @extend_schema(request=None, responses={200: CaregiverOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """No longer cares: gets nothing more about the pregnancy or child, and is not told so."""
        return Response(CaregiverOut(events.end_care(self.get_object(), **self.told())).data)

    @extend_schema(request=AgreesIn, responses={200: CaregiverOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: int) -> Response:
        """The mother says whether this caregiver may receive texts."""
        return Response(
            CaregiverOut(events.agree_to_care(self.get_object(), **self.read(AgreesIn), **self.told())).data
        )

    @extend_schema(request=MainIn, responses={200: CaregiverOut, **ERRORS})
    @action(detail=True, methods=["post"])
    def main(self, request: Request, pk: int) -> Response:
        """Becomes, or no longer is, the main recipient of what goes to the mother about the child."""
        return Response(CaregiverOut(events.set_main(self.get_object(), **self.read(MainIn), **self.told())).data)
