"""What stations and offices of the province do: staff with phones, session days, pauses, broadcasts. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from random import Random
from typing import Final

from campaigns.simulation import names
from campaigns.simulation.world import Happening, World

ROLES: Final = ("village_worker", "station")
PEOPLE_FOR_A_WORKER = 10
"""At most one worker for so many people, so that a small run is not made of staff."""
FIRST_SESSION, BETWEEN_SESSIONS, TOLD_BEFORE = 12, 30, 20
"""Days: of the first session of a station, from one to the next, and how long before it is set."""
MOST_PAUSES = 40
SCOPES: Final = ({"topic": "iron", "unit": True}, {"topic": "nutrition"}, {"unit": True}, {"campaign": "iron"})
"""What is paused by turns: a topic in one commune (no tablets), a topic, a commune, a campaign."""


def doings(world: World) -> Iterator[Happening]:
    """Everything that offices do in the run."""
    draw = Random(f"{world.seed}:offices")
    yield from _workers(world, draw)
    for commune in range(len(world.communes)):
        first = FIRST_SESSION + draw.randrange(BETWEEN_SESSIONS)
        for offset in range(first, world.days + TOLD_BEFORE, BETWEEN_SESSIONS):
            told = world.at(world.day(max(0, offset - TOLD_BEFORE)), time(8))
            yield Happening(told, -1 - commune, "session", {"day": world.day(offset)})
    for number in range(min(MOST_PAUSES, max(1, round(world.people * world.shares.paused)))):
        commune = draw.randrange(len(world.communes))
        paused = world.at(world.day(draw.randrange(world.days)), time(draw.randint(7, 20), draw.randrange(60)))
        scope = SCOPES[number % len(SCOPES)]
        yield Happening(paused, -1 - commune, "pause", {"pause": number, "scope": scope})
        yield Happening(paused + timedelta(days=draw.randint(2, 15)), -1 - commune, "resume", {"pause": number})
    send_on = world.day(world.days // 2)
    drafted = world.at(send_on - timedelta(days=1), time(9))
    yield Happening(drafted, -1 - draw.randrange(len(world.communes)), "broadcast", {"send_on": send_on})
    yield from _emergency(world, Random(f"{world.seed}:emergency"))


def _emergency(world: World, draw: Random) -> Iterator[Happening]:
    """A storm is announced, at any hour of the day or of the night."""
    if draw.random() >= world.shares.emergency:
        return
    day = world.day(world.days // 3 + draw.randrange(world.days // 3 + 1))
    told = world.at(day, time(draw.randint(6, 21), draw.randrange(60)))
    yield Happening(told, -1 - draw.randrange(len(world.communes)), "emergency", {"send_on": day, "at": told.time()})


def _workers(world: World, draw: Random) -> Iterator[Happening]:
    """A village health worker and the station's phone in every commune, as far as there are people enough."""
    morning = world.at(world.start, time(6))
    most = world.people // PEOPLE_FOR_A_WORKER
    for place in range(min(most, len(ROLES) * len(world.communes))):
        commune, role = place % len(world.communes), ROLES[place // len(world.communes)]
        raw = names.number(place + 5 * world.people, world.seed)
        yield Happening(morning, -1 - commune, "worker", {"name": names.man(draw), "phone": raw, "role": role})
