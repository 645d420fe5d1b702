"""Lets things happen to people through the same verbs that pages, imports and phones use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns import stopping
from campaigns.simulation.log import FarEnd
from campaigns.simulation.province import Happening
from messaging.incoming import inbound
from messaging.models import OptOut, Route
from messaging.providers.base import Inbound
from recipients import consent, events, registry
from recipients.errors import Refusal
from recipients.models import AdminUnit, Child, Person, Pregnancy
from recipients.models.consent import Source

NEWCOMERS = ("register", "caregiver")
"""The happenings that make a new person."""


@dataclass
class Known:
    """The ids of a person of the province, once she is registered."""

    person: int
    pregnancy: int | None = None
    children: list[int] = field(default_factory=list)

    def her_pregnancy(self) -> Pregnancy:
        """Raises Pregnancy.DoesNotExist for a woman registered with a child."""
        return Pregnancy.objects.get(mother=self.person, pk=self.pregnancy or 0)

    def subjects(self) -> list[str]:
        """The subjects of messages, as the log names them."""
        own = [f"pregnancy:{self.pregnancy}"] if self.pregnancy else []
        return own + [f"child:{child}" for child in self.children]


class Lives:
    """Everybody who is registered so far. `act` does one happening at a moment."""

    def __init__(self, communes: Sequence[AdminUnit], route: Route, far_end: FarEnd, most: int | None = None) -> None:
        """`most`: how many people there may be in all; whoever comes later is turned away. None: no limit."""
        self.known: dict[int, Known] = {}
        self.refused: Counter[str] = Counter()
        """Verbs may refuse: a redating after the birth was told, for instance. By kind and code."""
        self._communes = communes
        self._route = route
        self._far_end = far_end
        self._texts = 0
        self._most = most
        self._people = 0

    def act(self, thing: Happening, now: datetime) -> None:
        """Lets `thing` happen at `now` and writes the event down. A refusal is counted and changes nothing."""
        if thing.kind != "register" and thing.number not in self.known:
            return
        if thing.kind in NEWCOMERS and self._people == self._most:
            return
        try:
            getattr(self, f"_{thing.kind}")(thing.number, thing.facts, now)
        except Refusal as refusal:
            self.refused[f"{thing.kind}:{refusal.code}"] += 1

    def _register(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        facts = dict(facts)
        unit = self._communes[facts.pop("commune")]
        if "born" in facts:
            child = registry.register_child(
                date_of_birth=facts.pop("born"), child_name=facts.pop("child"), birth_weight=facts.pop("weight"),
                unit=unit, now=now, source=Source.PAGE, **facts,
            )  # fmt: skip
            known, mother = Known(child.mother.pk, children=[child.pk]), child.mother
        else:
            pregnancy = registry.register_pregnancy(unit=unit, now=now, source=Source.PAGE, **facts)
            known, mother = Known(pregnancy.mother.pk, pregnancy.pk), pregnancy.mother
        self.known[number] = known
        self._people += 1
        self._note("register", now, known, known.subjects()[0], mother.phone)

    def _caregiver(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        mother = Person.objects.get(pk=known.person)
        child = Child.objects.get(pk=known.children[0]) if known.children else None
        pregnancy = None if child else known.her_pregnancy()
        carer = registry.register_caregiver(
            role=facts["role"], name=facts["name"], phone=facts["phone"] or mother.phone, consent=True,
            phone_holder="own" if facts["phone"] else "shared", pregnancy=pregnancy, child=child, now=now,
            source=Source.PAGE,
        ).person  # fmt: skip
        self._people += 1
        self._far_end.event("register", now, person=carer.pk, subject=known.subjects()[-1], to=carer.phone)

    def _redate(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        pregnancy = known.her_pregnancy()
        events.redate(pregnancy, edd=facts["edd"], dating="ultrasound", now=now, source=Source.PAGE)
        self._note("redate", now, known, known.subjects()[0])

    def _visit(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        pregnancy = self.known[number].her_pregnancy()
        events.attend_visit(type=facts["type"], on=facts["on"], pregnancy=pregnancy, now=now, source=Source.PAGE)

    def _birth(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        newborns = [events.Newborn("", weight, facts["gestation"]) for weight in facts["weights"]]
        pregnancy = known.her_pregnancy()
        children = events.birth(pregnancy, born_on=facts["born"], children=newborns, now=now, source=Source.PAGE)
        known.children = [child.pk for child in children]
        self._far_end.event(
            "birth", now, person=known.person, subject=f"pregnancy:{known.pregnancy}", to=None,
            children=[f"child:{child}" for child in known.children],
        )  # fmt: skip

    def _loss(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        pregnancy = known.her_pregnancy()
        events.loss(pregnancy, kind=facts["kind"], on=facts["on"], now=now, source=Source.PAGE)
        self._note("loss", now, known, f"pregnancy:{known.pregnancy}")

    def _child_death(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        if not known.children:
            return
        child = Child.objects.get(pk=known.children[min(facts["order"], len(known.children)) - 1])
        events.child_death(child, on=facts["on"], now=now, source=Source.PAGE)
        self._note("loss", now, known, f"child:{child.pk}")

    def _maternal_death(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        person = Person.objects.get(pk=known.person)
        events.maternal_death(person, on=facts["on"], now=now, source=Source.PAGE)
        for subject in known.subjects():
            self._note("loss", now, known, subject)

    def _number(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        person = Person.objects.get(pk=known.person)
        registry.change_number(person, facts["phone"], now=now, source=Source.PAGE)
        self._note("number", now, known, None, person.phone)

    def _move(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        person = Person.objects.get(pk=self.known[number].person)
        registry.move(person, self._communes[facts["commune"]], now=now, source=Source.PAGE)

    def _stop_by_text(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        phone = Person.objects.get(pk=known.person).phone
        if phone is None or _is_closed(phone):
            return
        self._texts += 1
        inbound.store(self._route, Inbound(phone, "", facts["words"], f"in-{self._texts}"), now)
        inbound.handle(now)
        if _is_closed(phone):
            self._note("opt_out", now, known, None, phone)

    def _stop_number(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        phone = Person.objects.get(pk=known.person).phone
        if phone is not None and not _is_closed(phone):
            stopping.stop_number(phone, now=now, source=Source.PAGE)
            self._note("opt_out", now, known, None, phone)

    def _stop_person(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        stopping.stop_person(Person.objects.get(pk=known.person), now=now, source=Source.PAGE)
        self._note("opt_out", now, known, None)

    def _asked_again(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        consent.give(Person.objects.get(pk=self.known[number].person), now=now, source=Source.PAGE)

    def _note(self, event: str, at: datetime, known: Known, subject: str | None = None, to: str | None = None) -> None:
        self._far_end.event(event, at, person=known.person, subject=subject, to=to)


def _is_closed(number: str) -> bool:
    return OptOut.objects.filter(number=number, ended_at=None).exists()
