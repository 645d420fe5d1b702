"""Texts with numbered places for values, as operators register them: "Chi {1} oi, moi chi den {2}"."""

import re
from collections.abc import Sequence
from functools import lru_cache

MOST_SLOTS = 3
"""Operators register a text with at most so many values."""
_SLOT = re.compile(r"\{([1-9])\}")
_BRACE = re.compile(r"[{}]")


def slots(body: str) -> list[int]:
    """The numbers of the places in `body`, each once, in the order of the text."""
    return list(dict.fromkeys(int(number) for number in _SLOT.findall(body)))


def is_whole(body: str) -> bool:
    """Whether every brace belongs to a place, the places are numbered 1, 2, 3 in their order, and words stand around
    them: a text of values alone would match anything."""
    rest = _SLOT.sub("", body)
    numbers = slots(body)
    return not _BRACE.search(rest) and numbers == [*range(1, len(numbers) + 1)] and any(map(str.isalpha, rest))


def fixed_length(body: str) -> int:
    """How many characters of `body` are given words."""
    return len(_SLOT.sub("", body))


def ends(body: str) -> tuple[str, str]:
    """The given words before the first place and after the last."""
    pieces = _SLOT.split(body)
    return pieces[0], pieces[-1]


def filled(body: str, values: Sequence[str]) -> str:
    """`body` with `values[0]` at {1} and so on; a place without a value stays as it is."""
    return _SLOT.sub(lambda m: values[int(m[1]) - 1] if int(m[1]) <= len(values) else m[0], body)


@lru_cache(maxsize=4096)
def compiled(body: str, longest: int) -> re.Pattern[str]:
    """What matches, by `fullmatch`, the texts that `body` stands for: the words exactly, diacritics and all; at each
    place a value of 1 to `longest` characters on one line, no blank at its ends; at the same number the same value."""
    value = rf"(?=\S)[^\n]{{1,{longest}}}?(?<=\S)"
    parts, seen = [], set()
    for place, piece in enumerate(_SLOT.split(body)):
        if place % 2 == 0:
            parts.append(re.escape(piece))
        elif piece in seen:
            parts.append(f"(?P=v{piece})")
        else:
            seen.add(piece)
            parts.append(f"(?P<v{piece}>{value})")
    return re.compile("".join(parts))
