"""What another system sends to some of the phones, through the same gateway: a hospital's appointments. Pure.

Each draws by itself, so that nobody's life is another one than without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from campaigns.simulation.world import Happening, World, some_time


def appointments(world: World, number: int, registered: datetime) -> Iterator[Happening]:
    """Two to five texts within two days, twice the same words among them."""
    draw = Random(f"{world.seed}:{number}:elsewhere")
    if draw.random() >= world.shares.other_system:
        return
    at = some_time(world, draw, registered)
    for count in range(draw.randint(2, 5)):
        yield Happening(at, number, "other_system", {"count": count, "words": f"Benh vien: hen kham so {count // 2}."})
        at += timedelta(hours=draw.choice([0, 1, 6, 20]), minutes=1)
