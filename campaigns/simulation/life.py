"""Lets things happen to people through the same verbs that pages, imports and phones use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from campaigns import stopping
from campaigns.simulation.log import FarEnd
from campaigns.simulation.world import Happening
from messaging import callers, submissions
from messaging.incoming import inbound
from messaging.models import ApiToken, OptOut, Route
from messaging.providers.base import Inbound
from recipients import consent, events, registry
from recipients.errors import Refusal
from recipients.models import AdminUnit, Caregiver, Child, Person, Pregnancy, Task, Visit
from recipients.models.consent import Source

NEWCOMERS = ("register", "caregiver", "worker")
"""The happenings that make a new person."""


@dataclass
class Known:
    """The ids of a person of the province, once she is registered."""

    person: int
    pregnancy: int | None = None
    children: list[int] = field(default_factory=list)
    main: int | None = None
    """The grandmother who receives the mother's texts: a Caregiver."""

    def her_pregnancy(self) -> Pregnancy:
        """Raises Pregnancy.DoesNotExist for a woman registered with a child."""
        return Pregnancy.objects.get(mother=self.person, pk=self.pregnancy or 0)

    def subjects(self) -> list[str]:
        """The subjects of messages, as the log names them."""
        own = [f"pregnancy:{self.pregnancy}"] if self.pregnancy else []
        return own + self.born()

    def born(self) -> list[str]:
        """Those of them that are children."""
        return [f"child:{child}" for child in self.children]

    def child(self, order: int) -> Child | None:
        """The child of this birth order, or the last one there is."""
        return Child.objects.get(pk=self.children[min(order, len(self.children)) - 1]) if self.children else None


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
        self._hospital: ApiToken | None = None

    def act(self, thing: Happening, now: datetime) -> None:
        """Lets `thing` happen at `now` and writes the event down. A refusal is counted and changes nothing."""
        if thing.kind != "register" and thing.number not in self.known:
            return
        if thing.kind in NEWCOMERS and not self.has_room():
            return
        try:
            getattr(self, f"_{thing.kind}")(thing.number, thing.facts, now)
        except Refusal as refusal:
            self.refused[f"{thing.kind}:{refusal.code}"] += 1

    def has_room(self) -> bool:
        """Whether one more person may be registered."""
        return self._people != self._most

    def newcomer(self) -> None:
        """One more person is registered."""
        self._people += 1

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
        self.newcomer()
        more = {"unit": codes(mother.unit)} | (
            {} if "born" in facts or known.children else {"anchor": _anchor(pregnancy)}
        )
        self._note("register", now, known, known.subjects()[0], mother.phone, **more)

    def _caregiver(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        mother = Person.objects.select_related("unit__parent").get(pk=known.person)
        child = known.child(1)
        pregnancy = None if child else known.her_pregnancy()
        caregiver = registry.register_caregiver(
            role=facts["role"], name=facts["name"], phone=facts["phone"] or mother.phone, consent=True,
            phone_holder="own" if facts["phone"] else "shared", pregnancy=pregnancy, child=child, unit=mother.unit,
            agreed_by_mother=facts["agreed"], now=now, source=Source.PAGE,
        )  # fmt: skip
        self.newcomer()
        carer, subject = caregiver.person, known.subjects()[-1]
        self._far_end.event("register", now, person=carer.pk, subject=subject, to=carer.phone, unit=codes(mother.unit))
        if facts["main"]:
            events.set_main(caregiver, main=True, now=now, source=Source.PAGE)
            known.main = caregiver.pk

    def _end_care(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        caregiver = Caregiver.objects.filter(pk=self.known[number].main or 0, ended_on=None).first()
        if caregiver is not None:
            events.end_care(caregiver, now=now, source=Source.PAGE)

    def _language(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        person = Person.objects.get(pk=self.known[number].person)
        events.change_language(person, facts["language"], now=now, source=Source.PAGE)

    def _redate(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        pregnancy = known.her_pregnancy()
        events.redate(pregnancy, edd=facts["edd"], dating="ultrasound", now=now, source=Source.PAGE)
        self._note("redate", now, known, known.subjects()[0], anchor=_anchor(pregnancy))

    def _plan_visit(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        events.plan_visit(
            type=facts["type"], on=facts["on"], now=now, source=Source.PAGE, **self._subject(number, facts)
        )

    def _reschedule_visit(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        if visit := self._planned(number, facts):
            events.reschedule_visit(visit, on=facts["on"], now=now, source=Source.PAGE)

    def _cancel_visit(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        if visit := self._planned(number, facts):
            events.cancel_visit(visit, now=now, source=Source.PAGE)

    def _visit(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        events.attend_visit(
            type=facts["type"], on=facts["on"], now=now, source=Source.PAGE, **self._subject(number, facts)
        )

    def _subject(self, number: int, facts: dict[str, Any]) -> dict[str, Any]:
        """Whom a visit of this type is about: antenatal ones the pregnancy, the others the first child."""
        known = self.known[number]
        return {"pregnancy": known.her_pregnancy()} if facts["type"].startswith("anc") else {"child": known.child(1)}

    def _planned(self, number: int, facts: dict[str, Any]) -> Visit | None:
        visits = Visit.objects.filter(type=facts["type"], attended_date=None, canceled_on=None)
        return visits.filter(**self._subject(number, facts)).first()

    def _birth(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        if known.children:
            return
        newborns = [events.Newborn("", weight, facts["gestation"]) for weight in facts["weights"]]
        pregnancy = known.her_pregnancy()
        children = events.birth(pregnancy, born_on=facts["born"], children=newborns, now=now, source=Source.PAGE)
        self._is_born(known, now, children)

    def _undo_birth(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        child = known.child(1)
        if child is None or known.pregnancy is None:
            return
        events.undo_birth(child, now=now, source=Source.PAGE)
        subject, anchor = f"pregnancy:{known.pregnancy}", _anchor(known.her_pregnancy())
        self._note("birth_undone", now, known, subject, anchor=anchor, children=known.born())
        known.children = []

    def _correct_birth(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        if child := self.known[number].child(1):
            events.correct_birth(child, born_on=facts["born"], now=now, source=Source.PAGE)

    def _is_born(self, known: Known, now: datetime, children: Sequence[Child]) -> None:
        if not children:
            return
        known.children = [child.pk for child in children]
        self._far_end.event(
            "birth", now, person=known.person, subject=f"pregnancy:{known.pregnancy}", to=None,
            children=known.born(),
        )  # fmt: skip

    def _loss(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        pregnancy = known.her_pregnancy()
        events.loss(pregnancy, kind=facts["kind"], on=facts["on"], now=now, source=Source.PAGE)
        self._note("loss", now, known, f"pregnancy:{known.pregnancy}")

    def _undo_loss(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        pregnancy = known.her_pregnancy()
        events.undo_loss(pregnancy, now=now, source=Source.PAGE)
        self._note("undo", now, known, f"pregnancy:{known.pregnancy}", anchor=_anchor(pregnancy))

    def _child_death(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        if child := known.child(facts["order"]):
            events.child_death(child, on=facts["on"], now=now, source=Source.PAGE)
            self._note("loss", now, known, f"child:{child.pk}")

    def _undo_child_death(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        if child := known.child(facts["order"]):
            events.undo_death(child, now=now, source=Source.PAGE)
            self._note("undo", now, known, f"child:{child.pk}")

    def _maternal_death(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        person = Person.objects.get(pk=known.person)
        events.maternal_death(person, on=facts["on"], now=now, source=Source.PAGE)
        self._note("maternal_death", now, known, children=known.born())
        if known.pregnancy and not known.children:
            self._note("loss", now, known, f"pregnancy:{known.pregnancy}")

    def _number(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        person = Person.objects.get(pk=known.person)
        registry.change_number(person, facts["phone"], now=now, source=Source.PAGE)
        self._note("number", now, known, None, person.phone)

    def _move(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        person = Person.objects.get(pk=known.person)
        unit = self._communes[facts["commune"]]
        registry.move(person, unit, now=now, source=Source.PAGE)
        self._note("move", now, known, unit=codes(unit))

    def _stop_by_text(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        known = self.known[number]
        phone = Person.objects.get(pk=known.person).phone
        if phone is None or _is_closed(phone):
            return
        self._writes(phone, facts["words"], now)
        if _is_closed(phone):
            self._note("opt_out", now, known, None, phone)

    _wrong_number = _stop_by_text
    """To the number it is the same; the people on it lose it besides."""

    def _start_by_text(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        phone = Person.objects.get(pk=self.known[number].person).phone
        if phone is None or not _is_closed(phone):
            return
        self._writes(phone, facts["words"], now)
        if not _is_closed(phone):
            self._note("opt_in", now, self.known[number], None, phone)

    def _birth_by_text(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        """What the machine leaves to a person, the station records later."""
        known = self.known[number]
        mother = Person.objects.get(pk=known.person)
        if mother.phone is None or known.pregnancy is None or known.children:
            return
        self._writes(mother.phone, facts["words"], now)
        self._is_born(known, now, list(Child.objects.filter(pregnancy=known.pregnancy).order_by("birth_order", "pk")))

    def _loss_by_text(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        """From the text on nothing routine about her may leave, as after a loss that is recorded."""
        known = self.known[number]
        phone = Person.objects.get(pk=known.person).phone
        if phone is None or known.children:
            return
        self._writes(phone, facts["words"], now)
        if Task.objects.filter(person=known.person, kind=Task.Kind.LOSS_TOLD, done_at=None).exists():
            self._note("loss", now, known, f"pregnancy:{known.pregnancy}", told=True)

    def _writes(self, phone: str, words: str, now: datetime) -> None:
        self._texts += 1
        inbound.store(self._route, Inbound(phone, "", words, f"in-{self._texts}"), now)
        inbound.handle(now)

    def _other_system(self, number: int, facts: dict[str, Any], now: datetime) -> None:
        phone = Person.objects.get(pk=self.known[number].person).phone
        if phone is None:
            return
        self._hospital = self._hospital or callers.make_token("Bệnh viện", [ApiToken.Scope.SEND], now=now)[0]
        wish = submissions.Wanted(f"{number}:{facts['count']}", phone, facts["words"])
        for answer in submissions.submit(self._hospital, [wish], now):
            if answer.result == "refused":
                self.refused[f"other_system:{answer.code}"] += 1

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

    def _note(
        self, event: str, at: datetime, known: Known, subject: str | None = None, to: str | None = None, **more: Any
    ) -> None:
        self._far_end.event(event, at, person=known.person, subject=subject, to=to, **more)


def codes(unit: AdminUnit) -> list[str]:
    """The codes of a commune and of its province, as the log names units."""
    return [each.code for each in (unit.parent, unit) if each is not None]


def _anchor(pregnancy: Pregnancy) -> str:
    return pregnancy.anchor_date.isoformat()


def _is_closed(number: str) -> bool:
    return OptOut.objects.filter(number=number, ended_at=None).exists()
