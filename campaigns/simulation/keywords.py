"""What people write by themselves, beside a STOP: that messages may begin again, a wrong number, a birth, a loss. Pure.

Each draws by itself, so that nobody's life is another one than without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from campaigns.simulation.world import WAIT_FOR_TEXT, Happening, World, some_time

BIRTH, LOSS = 0.3, 0.7
"""Shares of births and losses that are written before the station records them."""
WRONG_FOR_A_STOP: Final = 1 / 3
"""So many write that the number is wrong for each who stops by text."""


def begins_again(world: World, number: int, stopped: datetime) -> Iterator[Happening]:
    """Some days after a STOP; whoever is asked at the station meanwhile receives texts again."""
    draw = _draw(world, number, "start")
    if draw.random() < world.shares.asked_again:
        at = stopped + WAIT_FOR_TEXT + timedelta(days=draw.randint(2, 6), hours=2)
        yield Happening(at, number, "start_by_text", {"words": draw.choice(["BAT", "DK", "Start", "đăng ký"])})


def wrong_number(world: World, number: int, registered: datetime) -> Iterator[Happening]:
    """The phone is somebody else's now."""
    draw = _draw(world, number, "wrong")
    if draw.random() < world.shares.stop_by_text * WRONG_FOR_A_STOP:
        words = draw.choice(["SAI SO", "Sai số rồi", "nham so", "wrong number"])
        yield Happening(some_time(world, draw, registered), number, "wrong_number", {"words": words})


def birth(world: World, number: int, born: date, recorded: datetime) -> Iterator[Happening]:
    """An hour before the station records it."""
    draw = _draw(world, number, "birth")
    if draw.random() < BIRTH:
        words = draw.choice([f"SINH {born:%d%m%y}", f"da sinh {born:%d/%m/%Y}", f"Sinh {born:%d%m%Y}"])
        yield Happening(recorded - timedelta(hours=1), number, "birth_by_text", {"words": words})


def loss(world: World, number: int, recorded: datetime) -> Iterator[Happening]:
    """Some hours before somebody records it."""
    draw = _draw(world, number, "loss")
    if draw.random() < LOSS:
        at = recorded - timedelta(hours=draw.randint(1, 6))
        yield Happening(at, number, "loss_by_text", {"words": draw.choice(["MAT", "say thai", "Em bị sảy thai"])})


def _draw(world: World, number: int, what: str) -> Random:
    return Random(f"{world.seed}:{number}:{what}")
