"""Words that North and South say differently: {thìa} in a text becomes the word of its reader's province."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NORTH, SOUTH = "north", "south"
REGIONS = (NORTH, SOUTH)

_DATA = Path(__file__).resolve().parent.parent / "data"
_IN_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Pair:
    """One thing, two words. `fault`: which of them may not stand in a text without braces; `apart`: phrases in which
    it may, since there it means something else."""

    north: str
    south: str
    fault: str
    apart: tuple[str, ...]

    def loose(self) -> Iterator[str]:
        """The words that have to stand in braces."""
        yield from [self.north] * (self.fault in ("both", NORTH)) + [self.south] * (self.fault in ("both", SOUTH))


def _rows(name: str) -> list[dict[str, str]]:
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if line and not line.startswith("#")))


PAIRS = tuple(
    Pair(row["north"], row["south"], row["fault"], tuple(filter(None, row["except"].split(";"))))
    for row in _rows("regional_words.csv")
)
WORDS = frozenset(word for pair in PAIRS for word in (pair.north, pair.north.capitalize()))
"""What may stand in braces in a Vietnamese text beside the placeholders."""


@cache
def words(region: str) -> Mapping[str, str]:
    """The value of each of WORDS in a region; those of the North where the region is unknown."""
    said = [(pair.north, pair.south if region == SOUTH else pair.north) for pair in PAIRS]
    return {name: word for pair in said for name, word in (pair, (pair[0].capitalize(), pair[1].capitalize()))}


LONGEST = {name: max((words(region)[name] for region in REGIONS), key=len) for name in WORDS}
"""For measuring the worst case."""


@cache
def region_of(province: str) -> str:
    """The region of the code of a province; "" for one that the file does not know."""
    rows = _rows("regions.csv") if len(province) == len("01") else []
    return next((row["region"] for row in rows if row["first"] <= province <= row["last"]), "")


def forms(body: str) -> dict[str, str]:
    """The text in the words of each region, its other placeholders untouched; one form, "", of a text without any."""
    if not WORDS & set(_IN_BRACES.findall(body)):
        return {"": body}
    return {region: _said(body, words(region)) for region in REGIONS}


def _said(body: str, values: Mapping[str, str]) -> str:
    return _IN_BRACES.sub(lambda found: values.get(found[1], found[0]), body)


def loose_words(body: str) -> list[str]:
    """Words of one part of the country that stand in a text without braces, with the name to write instead."""
    text = _IN_BRACES.sub(" ", body).lower()
    found = []
    for pair in PAIRS:
        rest = text
        for phrase in pair.apart:
            rest = rest.replace(phrase, " ")
        found += [(word, pair.north) for word in pair.loose() if re.search(rf"(?<!\w){word}(?!\w)", rest)]
    return [f'says "{word}", which is not read everywhere. Write {{{name}}}.' for word, name in found]
