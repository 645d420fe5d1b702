"""Invented people of a province and what will happen to them: pure, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from campaigns.simulation import elsewhere, keywords, mistakes, names, offices
from campaigns.simulation.world import WAIT_FOR_TEXT, Happening, World, hour, some_time


def happenings(world: World) -> list[Happening]:
    """Everything that happens to everybody, in order of time. What would happen after the run is left out."""
    latest = world.at(world.end, time())
    people = (thing for number in range(world.people) for thing in life(world, number) if thing.at < latest)
    return sorted([*people, *(thing for thing in offices.doings(world) if thing.at < latest)])


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
        loss = some_time(world, draw, registered) if draw.random() < shares.loss else None
        yield from _pregnancy(world, draw, number, anchor, registered, loss)
    else:
        born = registered.date() - timedelta(days=int(draw.random() ** 1.5 * 700))
        child = {"born": born, "child": names.child(draw, person["name"]), "weight": _weight(draw, 278)}
        yield Happening(registered, number, "register", person | child)
        yield from _child(world, draw, number, registered, shares.child_death, order=1)
        if draw.random() < shares.grandmother:
            at = registered + timedelta(minutes=4)
            phone = names.number(number + 4 * world.people, world.seed)
            facts: dict[str, Any] = {"name": names.woman(draw, "kinh"), "phone": phone, "role": "grandmother"}
            yield Happening(at, number, "caregiver", facts | {"main": True, "agreed": False})
            if draw.random() < 0.3:
                yield Happening(some_time(world, draw, at), number, "end_care")
    yield from _about_the_phone(world, draw, number, registered, person)
    if draw.random() < shares.caregiver:
        at = registered + timedelta(minutes=3)
        shared = draw.random() < 0.2
        raw = None if shared else names.number(number + 3 * world.people, world.seed)
        facts = {"name": names.man(draw), "phone": raw, "role": "husband"}
        yield Happening(at, number, "caregiver", facts | {"agreed": draw.random() < 0.8, "main": False})
    if draw.random() < shares.moved:
        yield Happening(some_time(world, draw, registered), number, "move", {"commune": _commune(world, draw)})
    if draw.random() < shares.new_language:
        yield Happening(some_time(world, draw, registered), number, "language", {"language": "km"})


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
        "can_read": draw.random() >= shares.cannot_read,
    } | _work(world, draw)  # fmt: skip


def _work(world: World, draw: Random) -> dict[str, Any]:
    """Three in ten work in industry, some of them in shifts that change by week."""
    if draw.random() >= 0.3:
        return {"occupation": ""}
    if draw.random() >= world.shares.shifts:
        return {"occupation": "công nhân"}
    times = draw.choice([["11:30", "18:00", "09:00"], ["18:30", "08:00"]])
    return {"occupation": "công nhân", "shift_times": times, "shift_from": world.start}


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
        undone = draw.random() < shares.undone
        in_wait = not undone and draw.random() < shares.in_wait
        yield Happening(loss, number, "loss", {"kind": kind, "on": loss.date()}, in_wait)
        if not undone:
            if not in_wait:
                yield from keywords.loss(world, number, loss)
            return
        yield Happening(loss + timedelta(hours=draw.randint(1, 20)), number, "undo_loss")
    if draw.random() < shares.redated:
        at = some_time(world, draw, registered)
        if at.date() < born - timedelta(days=15):
            shift = draw.choice([-12, -9, -7, -5, 5, 7, 9, 12])
            yield Happening(at, number, "redate", {"edd": anchor + timedelta(days=280 + shift)})
    if draw.random() < 0.2:
        at = some_time(world, draw, registered)
        if at.date() < born:
            yield Happening(at, number, "visit", {"type": f"anc{draw.randint(1, 4)}", "on": at.date()})
    if draw.random() < shares.planned_visit:
        told, kind = registered + timedelta(minutes=5), draw.choice(["anc2", "anc3", "anc4", "anc_more"])
        yield from (thing for thing in _visit(world, draw, number, kind, told) if thing.at.date() < born)
    late = draw.random()
    delay = draw.randint(0, 3) if late < 0.8 else draw.randint(7, 40)
    told = world.at(born + timedelta(days=delay), hour(draw))
    twins = draw.random() < 0.03
    weights = [_weight(draw, gestation) for _ in range(2 if twins else 1)]
    if draw.random() < shares.maternal_death:
        yield Happening(told, number, "maternal_death", {"on": told.date()})
        return
    yield from keywords.birth(world, number, born, told)
    yield from mistakes.another_womans_birth(world, number, anchor, born, registered)
    yield Happening(told, number, "birth", {"born": born, "gestation": gestation, "weights": weights})
    yield from mistakes.wrong_day(world, number, born, told)
    share = shares.child_death * (3 if twins or gestation < 259 else 1)
    yield from _child(world, draw, number, told, share, order=len(weights))


def _child(world: World, draw: Random, number: int, known: datetime, death: float, order: int) -> Iterator[Happening]:
    """A planned visit of the child, and whether one of them dies, the last born of twins."""
    shares = world.shares
    if draw.random() < shares.planned_visit:
        told = known + timedelta(minutes=6)
        yield from _visit(world, draw, number, draw.choice(["immunisation", "growth", "postnatal"]), told)
    if draw.random() >= death:
        return
    at = some_time(world, draw, known)
    undone = draw.random() < shares.undone
    in_wait = not undone and draw.random() < shares.in_wait
    yield Happening(at, number, "child_death", {"on": at.date(), "order": order}, in_wait)
    if undone:
        yield Happening(at + timedelta(hours=draw.randint(1, 20)), number, "undo_child_death", {"order": order})


def _visit(world: World, draw: Random, number: int, kind: str, told: datetime) -> Iterator[Happening]:
    """A visit is planned; another day may be agreed; then it takes place, is canceled, or she does not come."""
    shares = world.shares
    on = told.date() + timedelta(days=draw.randint(4, 35))
    yield Happening(told, number, "plan_visit", {"type": kind, "on": on})
    if draw.random() < shares.other_day:
        first, at = on, world.at(on - timedelta(days=draw.randint(1, 3)), hour(draw))
        on += timedelta(days=draw.randint(3, 14))
        yield Happening(at, number, "reschedule_visit", {"type": kind, "on": on})
        back = Random(f"{world.seed}:{number}:{kind}:back")
        if back.random() < shares.put_back:
            on = first
            again = at + timedelta(minutes=back.randint(5, 600))
            yield Happening(again, number, "reschedule_visit", {"type": kind, "on": on})
    if draw.random() >= shares.not_coming:
        at = world.at(on + timedelta(days=draw.choice([0, 0, 0, 1, 2, 9])), hour(draw))
        yield Happening(at, number, "visit", {"type": kind, "on": on})
    elif draw.random() < 0.3:
        at = world.at(on - timedelta(days=draw.randint(0, 3)), hour(draw))
        yield Happening(at, number, "cancel_visit", {"type": kind})


def _about_the_phone(
    world: World, draw: Random, number: int, registered: datetime, person: dict[str, Any]
) -> Iterator[Happening]:
    shares = world.shares
    if not person["phone"]:
        if draw.random() < 0.3:
            raw = names.number(number + world.people, world.seed)
            yield Happening(some_time(world, draw, registered), number, "number", {"phone": raw})
        return
    yield from keywords.wrong_number(world, number, registered)
    yield from elsewhere.appointments(world, number, registered)
    chance = draw.random()
    at = some_time(world, draw, registered)
    in_wait = draw.random() < shares.in_wait
    if chance < shares.stop_by_text:
        words = draw.choice(["TC", "STOP", "tu choi", "Từ chối", "Huy", "dung nhan tin"])
        yield Happening(at, number, "stop_by_text", {"words": words}, in_wait)
        yield from keywords.begins_again(world, number, at)
        later = at + timedelta(days=draw.randint(1, 4), hours=1)
        if in_wait:
            later += WAIT_FOR_TEXT
        if draw.random() < shares.asked_again:
            yield Happening(later, number, "asked_again")
        if draw.random() < shares.relative_on_closed_number:
            facts = {"name": names.man(draw), "phone": None, "role": "husband", "agreed": True, "main": False}
            yield Happening(later + timedelta(hours=1), number, "caregiver", facts)
    elif chance < shares.stop_by_text + shares.stop_by_staff:
        yield Happening(at, number, draw.choice(["stop_number", "stop_person"]), {}, in_wait)
    elif chance < shares.stop_by_text + shares.stop_by_staff + shares.new_number:
        raw = names.as_written(draw, names.number(number + world.people, world.seed))
        yield Happening(at, number, "number", {"phone": raw}, in_wait)


def _registration(world: World, draw: Random) -> datetime:
    """Half of the people in the first tenth of the run, as registers come in, the others as they come."""
    share = 0.1 if draw.random() < 0.5 else 0.9
    return world.at(world.day(int(draw.random() * share * world.days)), hour(draw))


def _commune(world: World, draw: Random) -> int:
    return draw.randrange(len(world.communes))


def _weight(draw: Random, gestation: int) -> int:
    """Grams; a rough line through term, about 3,200 g at 40 weeks and 25 g less for each day before."""
    return max(900, round(3200 - 25 * (280 - gestation) + draw.gauss(0, 350)))
