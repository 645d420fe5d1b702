"""What staff record wrongly about births, and put right: another woman's birth, a wrong day. Pure.

Each draws by itself, so that nobody's life is another one than without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from campaigns.simulation.world import Happening, World


def another_womans_birth(
    world: World, number: int, anchor: date, born: date, registered: datetime
) -> Iterator[Happening]:
    """Some days before her own child is born, a birth is recorded for her, and taken back on the same day."""
    draw = _draw(world, number, "another")
    on = born - timedelta(days=draw.randint(3, 9))
    if draw.random() >= world.shares.birth_undone or on <= registered.date():
        return
    told = world.at(on, time(draw.randint(7, 10), draw.randrange(60)))
    facts = {"born": on, "gestation": (on - anchor).days, "weights": [draw.randint(2600, 3600)]}
    yield Happening(told, number, "birth", facts)
    yield Happening(told + timedelta(hours=draw.randint(1, 10)), number, "undo_birth")


def wrong_day(world: World, number: int, born: date, told: datetime) -> Iterator[Happening]:
    """Some days after a birth was recorded its day is corrected."""
    draw = _draw(world, number, "day")
    if draw.random() < world.shares.birth_corrected:
        right = born - timedelta(days=draw.randint(1, 4))
        yield Happening(told + timedelta(days=draw.randint(1, 6), minutes=9), number, "correct_birth", {"born": right})


def _draw(world: World, number: int, what: str) -> Random:
    return Random(f"{world.seed}:{number}:mistake:{what}")
