"""Invented names and numbers, by combination of parts in data/invented_names.toml. Nobody is meant."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random

_PARTS = tomllib.loads((Path(__file__).parent.parent / "data" / "invented_names.toml").read_text(encoding="utf-8"))


def woman(draw: Random, people: str) -> str:
    """A woman's name; `people` is "kinh", "khmer" or "highland" (Tày and Nùng style)."""
    return _combined(draw, people)


def man(draw: Random) -> str:
    """A man's name."""
    return _combined(draw, "men")


def child(draw: Random, mother: str) -> str:
    """A child's name with the mother's family name: the father's is not known here."""
    return f"{mother.split()[0]} {draw.choice(_PARTS['children']['given'])}"


def number(index: int, offset: int) -> str:
    """A mobile number in national form, another for every index; spread over the operators.

    7,654,321 has no factor in common with ten million, so the last seven digits repeat only after ten million.
    """
    prefixes = _PARTS["numbers"]["prefixes"]
    return str(prefixes[index % len(prefixes)]) + f"{(index * 7_654_321 + offset) % 10_000_000:07}"


def as_written(draw: Random, national: str) -> str:
    """The same number as people write it."""
    pretty = f"{national[:4]} {national[4:7]} {national[7:]}"
    return draw.choice([national, pretty, pretty.replace(" ", "."), "+84" + national[1:], national[1:]])


def _combined(draw: Random, kind: str) -> str:
    parts = _PARTS[kind]
    return " ".join(draw.choice(parts[place]) for place in ("family", "middle", "given"))
