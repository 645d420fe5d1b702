"""Invented people of a province and what will happen to them: pure, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from campaigns.simulation import names

WAIT_FOR_TEXT = timedelta(days=10)
"""How long a happening that lies in wait for a text on its way waits at most."""


@dataclass(frozen=True)
class Shares:
    """How often things happen, as shares of the people concerned over the whole run, however long it is.

    Invented: STRESS makes even a small run meet everything, ORDINARY looks like a province.
    """

    loss: float
    child_death: float
    maternal_death: float
    stop_by_text: float
    stop_by_staff: float
    asked_again: float  # of those who stopped by text: agree again at the station, the number stays closed
    relative_on_closed_number: float  # of those who stopped by text: a relative registers with the same number
    redated: float
    new_number: float
    moved: float
    caregiver: float
    no_phone: float
    no_consent: float
    shared_phone: float
    in_wait: float  # of losses and stops: happen just while a text to her is on its way


STRESS: Final = Shares(
    loss=0.08, child_death=0.03, maternal_death=0.02, stop_by_text=0.07, stop_by_staff=0.04, asked_again=0.4,
    relative_on_closed_number=0.3, redated=0.12, new_number=0.07, moved=0.05, caregiver=0.12, no_phone=0.05,
    no_consent=0.05, shared_phone=0.15, in_wait=0.5,
)  # fmt: skip
ORDINARY: Final = Shares(
    loss=0.015, child_death=0.002, maternal_death=0.0, stop_by_text=0.012, stop_by_staff=0.008, asked_again=0.1,
    relative_on_closed_number=0.05, redated=0.06, new_number=0.03, moved=0.015, caregiver=0.1, no_phone=0.04,
    no_consent=0.06, shared_phone=0.15, in_wait=0.1,
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Happening:
    """One thing that happens to one person, when it becomes known."""

    at: datetime  # aware, local
    number: int  # of the person
    kind: str = field(compare=False)
    facts: dict[str, Any] = field(compare=False, default_factory=dict)
    in_wait: bool = field(compare=False, default=False)
    """From `at` on it waits, at most WAIT_FOR_TEXT, until a text to her is on its way."""


@dataclass(frozen=True)
class World:
    """The run: its days, its places (`communes` counts them; each has a people of its own), its zone."""

    seed: int
    people: int
    start: date
    days: int
    communes: tuple[str, ...]
    """For each commune: "kinh", "khmer" or "highland", how many of whom live there being a matter of chance."""
    zone: ZoneInfo
    shares: Shares

    @property
    def end(self) -> date:
        """The first day after the run."""
        return self.start + timedelta(days=self.days)


def happenings(world: World) -> list[Happening]:
    """Everything that happens to everybody, in order of time. What would happen after the run is left out."""
    latest = datetime.combine(world.end, time(), world.zone)
    return sorted(thing for number in range(world.people) for thing in life(world, number) if thing.at < latest)


def life(world: World, number: int) -> Iterator[Happening]:
    """What happens to one person, the registration first."""
    draw = Random(f"{world.seed}:{number}")
    shares = world.shares
    registered = _registration(world, draw)
    person = _person(world, draw, number)
    pregnant = draw.random() < 0.6
    if pregnant:
        age = draw.randint(6 * 7, 38 * 7)
        anchor = registered.date() - timedelta(days=age)
        yield Happening(registered, number, "register", person | _dating(draw, anchor, registered.date()))
        loss = _moment(world, draw, registered) if draw.random() < shares.loss else None
        yield from _pregnancy(world, draw, number, anchor, registered, loss)
    else:
        born = registered.date() - timedelta(days=int(draw.random() ** 1.5 * 700))
        child = {"born": born, "child": names.child(draw, person["name"]), "weight": _weight(draw, 278)}
        yield Happening(registered, number, "register", person | child)
        if draw.random() < shares.child_death:
            at = _moment(world, draw, registered)
            yield Happening(at, number, "child_death", {"on": at.date(), "order": 1}, draw.random() < shares.in_wait)
    yield from _about_the_phone(world, draw, number, registered, person)
    if draw.random() < shares.caregiver:
        at = registered + timedelta(minutes=3)
        shared = draw.random() < 0.2
        raw = None if shared else names.number(number + 3 * world.people, world.seed)
        yield Happening(at, number, "caregiver", {"name": names.man(draw), "phone": raw, "role": "husband"})
    if draw.random() < shares.moved:
        yield Happening(_moment(world, draw, registered), number, "move", {"commune": _commune(world, draw)})


def _person(world: World, draw: Random, number: int) -> dict[str, Any]:
    shares = world.shares
    commune = _commune(world, draw)
    people = world.communes[commune] if draw.random() < 0.5 else "kinh"
    phone = names.number(number, world.seed)
    if number and draw.random() < 0.02:
        phone = names.number(number - 1, world.seed)  # sisters, or two neighbours, with one phone
    holder = draw.choice(["husband", "shared"]) if draw.random() < shares.shared_phone else "own"
    has_phone = draw.random() >= shares.no_phone
    return {
        "name": names.woman(draw, people), "commune": commune, "year_of_birth": world.start.year - draw.randint(18, 42),
        "phone": names.as_written(draw, phone) if has_phone else None, "phone_holder": holder,
        "consent": draw.random() >= shares.no_consent, "script": "diacritics" if draw.random() < 0.1 else "plain",
        "language": "km" if people == "khmer" and draw.random() < 0.4 else "vi", "discreet": draw.random() < 0.03,
        "occupation": "công nhân" if draw.random() < 0.3 else "",
    }  # fmt: skip


def _dating(draw: Random, anchor: date, on: date) -> dict[str, Any]:
    """How her gestation was dated; by an early visit, it is a little wrong and may be corrected later."""
    way = draw.random()
    if way < 0.55:
        return {"lmp": anchor}
    if way < 0.85:
        return {"edd": anchor + timedelta(days=280)}
    weeks, days = divmod((on - anchor).days, 7)
    return {"visit": (weeks, days, on)}


def _pregnancy(
    world: World, draw: Random, number: int, anchor: date, registered: datetime, loss: datetime | None
) -> Iterator[Happening]:
    shares = world.shares
    gestation = draw.randint(224, 258) if draw.random() < 0.08 else round(min(294, max(259, draw.gauss(278, 8))))
    born = max(anchor + timedelta(days=gestation), registered.date() + timedelta(days=1))
    gestation = (born - anchor).days
    if loss and loss.date() < born:
        age = (loss.date() - anchor).days
        kind = "stillbirth" if age >= 22 * 7 else draw.choice(["miscarriage", "miscarriage", "termination"])
        yield Happening(loss, number, "loss", {"kind": kind, "on": loss.date()}, draw.random() < shares.in_wait)
        return
    if draw.random() < shares.redated:
        at = _moment(world, draw, registered)
        if at.date() < born - timedelta(days=15):
            shift = draw.choice([-12, -9, -7, -5, 5, 7, 9, 12])
            yield Happening(at, number, "redate", {"edd": anchor + timedelta(days=280 + shift)})
    if draw.random() < 0.3:
        at = _moment(world, draw, registered)
        if at.date() < born:
            yield Happening(at, number, "visit", {"type": f"anc{draw.randint(1, 4)}", "on": at.date()})
    late = draw.random()
    delay = draw.randint(0, 3) if late < 0.8 else draw.randint(7, 40)
    told = datetime.combine(born + timedelta(days=delay), _hour(draw), world.zone)
    twins = draw.random() < 0.03
    weights = [_weight(draw, gestation) for _ in range(2 if twins else 1)]
    if draw.random() < shares.maternal_death:
        yield Happening(told, number, "maternal_death", {"on": told.date()})
        return
    yield Happening(told, number, "birth", {"born": born, "gestation": gestation, "weights": weights})
    if draw.random() < shares.child_death * (3 if twins or gestation < 259 else 1):
        at = _moment(world, draw, told)
        facts = {"on": at.date(), "order": len(weights)}
        yield Happening(at, number, "child_death", facts, draw.random() < shares.in_wait)


def _about_the_phone(
    world: World, draw: Random, number: int, registered: datetime, person: dict[str, Any]
) -> Iterator[Happening]:
    shares = world.shares
    if not person["phone"]:
        if draw.random() < 0.3:
            raw = names.number(number + world.people, world.seed)
            yield Happening(_moment(world, draw, registered), number, "number", {"phone": raw})
        return
    chance = draw.random()
    at = _moment(world, draw, registered)
    in_wait = draw.random() < shares.in_wait
    if chance < shares.stop_by_text:
        words = draw.choice(["TC", "STOP", "tu choi", "Từ chối", "Huy", "dung nhan tin"])
        yield Happening(at, number, "stop_by_text", {"words": words}, in_wait)
        later = at + timedelta(days=draw.randint(1, 4), hours=1)
        if in_wait:
            later += WAIT_FOR_TEXT
        if draw.random() < shares.asked_again:
            yield Happening(later, number, "asked_again")
        if draw.random() < shares.relative_on_closed_number:
            facts = {"name": names.man(draw), "phone": None, "role": "husband"}
            yield Happening(later + timedelta(hours=1), number, "caregiver", facts)
    elif chance < shares.stop_by_text + shares.stop_by_staff:
        yield Happening(at, number, draw.choice(["stop_number", "stop_person"]), {}, in_wait)
    elif chance < shares.stop_by_text + shares.stop_by_staff + shares.new_number:
        raw = names.as_written(draw, names.number(number + world.people, world.seed))
        yield Happening(at, number, "number", {"phone": raw}, in_wait)


def _registration(world: World, draw: Random) -> datetime:
    """Half of the people in the first tenth of the run, as registers come in, the others as they come."""
    share = 0.1 if draw.random() < 0.5 else 0.9
    day = world.start + timedelta(days=int(draw.random() * share * world.days))
    return datetime.combine(day, _hour(draw), world.zone)


def _moment(world: World, draw: Random, after: datetime) -> datetime:
    """Some time between the day after `after` and the end of the run."""
    left = max(1, (world.end - after.date()).days - 1)
    return datetime.combine(after.date() + timedelta(days=1 + draw.randrange(left)), _hour(draw), world.zone)


def _hour(draw: Random) -> time:
    """Mostly in office hours; a few in the evening, when a station worker copies her paper register."""
    hour = draw.randint(7, 17) if draw.random() < 0.85 else draw.randint(18, 22)
    return time(hour, draw.randrange(60), draw.randrange(60))


def _commune(world: World, draw: Random) -> int:
    return draw.randrange(len(world.communes))


def _weight(draw: Random, gestation: int) -> int:
    """Grams; a rough line through term, about 3,200 g at 40 weeks and 25 g less for each day before."""
    return max(900, round(3200 - 25 * (280 - gestation) + draw.gauss(0, 350)))
