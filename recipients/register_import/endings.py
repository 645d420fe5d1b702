"""Reads what a row of a register says about how the pregnancy ended: never a guess, a loss before everything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from recipients.gestation import (
    EARLIEST_BIRTH_DAYS,
    LAST_MONTH_OF_AGE,
    LATEST_BIRTH_DAYS,
    GestationalAge,
    add_months,
    is_plausible_anchor,
    may_be_born,
)
from recipients.names import clean_text, strip_marks
from recipients.register_import import cells
from recipients.register_import.headings import OUTCOME_FIELDS, Heading
from recipients.register_import.outcome_words import BARE, WELL, Words, tells_of_a_loss
from recipients.sentences import _

BIRTH = "live_birth"

WARNINGS = {
    "birth_gestation_unread": _(
        "The weeks at birth cannot be right and were left out. Write weeks and days, like 36+4."
    ),
    "children_unread": _("The number of children born cannot be read and was left out. Write a whole number."),
    "loss_day_missing": _(
        "The day of the loss is missing or cannot be read, so the day of the import counts. Correct it on her page."
    ),
    "outcome_contradictory": _(
        "The row contradicts itself about how the pregnancy ended, so nothing of it was recorded. Correct the row and "
        "load it again, or record the outcome on her page."
    ),
    "outcome_day_missing": _(
        "A birth is told without a day that can be read, so it was not recorded. Write the day of birth and load the "
        "row again, or record the birth on her page."
    ),
    "outcome_day_odd": _(
        "The day on which the pregnancy ended lies in the future or does not fit its dates, so nothing of it was "
        "recorded. Correct the dates and load the row again, or record the outcome on her page."
    ),
    "outcome_missing": _(
        "It is not said whether a child was born alive, so nothing was recorded. Write the outcome (live birth, "
        "miscarriage, stillbirth, termination) and load the row again, or record it on her page."
    ),
    "outcome_unread": _(
        "How the pregnancy ended cannot be read, so nothing was recorded. Write live birth, miscarriage, stillbirth "
        "or termination and load the row again, or record it on her page."
    ),
    "weight_unread": _("The weight at birth cannot be read and was left out. Write grams, with / between twins."),
}
"""What a row says of the end of a pregnancy with doubt, and what to do."""

_WEIGHTS = range(200, 8001)
"""Grams, as the form of a birth takes them."""


@dataclass(frozen=True)
class Ending:
    """How a pregnancy ended, as a register says it.

    - `kind`: a live birth, miscarriage, stillbirth or termination, in the words of Pregnancy.Outcome.
    - `day`: the local day; None only for a loss whose day nobody wrote.
    - `weights`: one for each child born, in grams or None. `gestation` at birth in days, None when not written.
    """

    kind: str
    day: date | None
    weights: tuple[int | None, ...] = ()
    gestation: int | None = None

    @property
    def is_birth(self) -> bool:
        return self.kind == BIRTH

    @property
    def age(self) -> tuple[GestationalAge, date] | None:
        """The gestational age at birth and its day: dates a pregnancy where nothing better does."""
        if self.gestation is None or self.day is None:
            return None
        return GestationalAge.from_days(self.gestation), self.day

    def fits(self, anchor: date, today: date) -> bool:
        """Whether a pregnancy with this anchor can have ended so, not in the future and within the five years in which
        a child is followed. A loss without a day is judged today."""
        day = self.day or today
        if day > today or add_months(day, LAST_MONTH_OF_AGE) <= today:
            return False
        return may_be_born(anchor, day) if self.is_birth else is_plausible_anchor(anchor, day)


def read_ending(heading: Heading, row: Sequence[Any], today: date) -> tuple[Ending | None, set[str]]:
    """What the row says, and the codes of what could not be read (WARNINGS). None: nothing, or nothing certain.

    - A live birth only where one is said: by a word in the column of the outcome or of the child's state, or by a day
      in a column that can only be a child's birth ("ngày sinh con"). A day of delivery ("ngày đẻ") and a way of
      delivery say neither: a stillborn child is delivered too.
    - A loss word, wherever it stands among these columns, makes it no birth. Two kinds of loss, a loss beside words,
      weights or a number of children (one stillborn child may have been delivered and weighed), a death beside a
      birth, two days, a remark of a loss beside a birth: contradictory.
    - A word of doubt (threatened, suspected, not, planned, before) makes a cell unread.
    """
    given = {name: heading.values(row, name) for name in OUTCOME_FIELDS}
    warnings: set[str] = set()
    born_on, unread_born = _days(given["born_on"])
    ended_on, unread_ended = _days(given["ended_on"])
    unread_day = unread_born or unread_ended
    words = Words()
    for cell in given["outcome"]:
        words.take(cell, bare=BARE)
    for cell in given["child_state"]:
        words.take(cell, bare=WELL)
    for cell in given["delivery_mode"]:
        words.take(cell, says_life=False)
    weights, weight_odd = _weights(given["weight"])
    number = _number(given["children"], warnings)
    count = max(number or 0, words.count, len(weights), 1)
    days = {*born_on, *ended_on}
    told_birth = words.alive or bool(born_on)
    if weight_odd:
        warnings.add("weight_unread")
    if words.unread:
        return None, {"outcome_unread"}
    if words.ongoing and (words.losses or told_birth or days or unread_day):
        return None, {"outcome_contradictory"}
    if words.losses:
        weighed = bool(weights) or weight_odd
        if words.losses == {"stillbirth"}:
            odd = words.lives or count > 1
        else:
            odd = len(words.losses) > 1 or told_birth or weighed or bool(number)
        if odd or len(days) > 1:
            return None, {"outcome_contradictory"}
        day = next(iter(days), None)
        return Ending(next(iter(words.losses)), day), set() if day else {"loss_day_missing"}
    if words.dead:
        return None, {"outcome_contradictory"}
    if not told_birth:
        said = days or unread_day or weights or weight_odd or number or words.delivered
        return None, {"outcome_missing"} if said else set()
    told = [each for each in (number, words.count) if each]
    odd_count = number == 0 or len(set(told)) > 1 or (bool(told) and len(weights) > told[0])
    if len(days) > 1 or odd_count or any(tells_of_a_loss(note) for note in heading.values(row, "note")):
        return None, {"outcome_contradictory"}
    if not days:
        return None, {"outcome_day_missing"}
    gestation = _gestation(given["birth_gestation"], warnings)
    padded = (*weights, *[None] * (count - len(weights)))
    return Ending(BIRTH, next(iter(days)), padded, gestation), warnings


def _days(found: list[Any]) -> tuple[set[date], bool]:
    """The days in these cells, and whether one of them cannot be read."""
    days, unread = set(), False
    for cell in found:
        try:
            day = cells.read_date(cell)
        except cells.CellError:
            unread = True
        else:
            days |= {day} if day else set()
    return days, unread


def _number(found: list[Any], warnings: set[str]) -> int | None:
    try:
        numbers = [number for cell in found if (number := cells.read_count(cell)) is not None]
    except cells.CellError:
        numbers = []
        warnings.add("children_unread")
    if any(number > 4 for number in numbers) or len(set(numbers)) > 1:
        warnings.add("children_unread")
        return None
    return numbers[0] if numbers else None


def _gestation(found: list[Any], warnings: set[str]) -> int | None:
    """Days; what no living child is born at is left out with a warning."""
    for cell in found:
        try:
            age = cells.read_gestation(cell)
        except cells.CellError:
            age = None
            warnings.add("birth_gestation_unread")
        if age is not None:
            if EARLIEST_BIRTH_DAYS <= age.total_days <= LATEST_BIRTH_DAYS:
                return age.total_days
            warnings.add("birth_gestation_unread")
    return None


def _weights(found: list[Any]) -> tuple[tuple[int, ...], bool]:
    """The weights in these cells in grams, from left to right, and whether one of them cannot be read.

    3200, "3200g", "3.2", "3,2 kg", "3kg2", "3.200" (a Vietnamese thousand, or kilograms: the same); of twins
    "2400/2300", "2,4 - 2,3 kg", "2400 và 2300". Under 10 is kilograms.
    """
    weights: list[int] = []
    unread = False
    for cell in found:
        if cells.is_unknown(cell):
            continue
        text = f"{cell:g}" if isinstance(cell, (int, float)) and not isinstance(cell, bool) else clean_text(cell)
        text = strip_marks(text).casefold()
        parts = re.split(r"\s*(?:[/;+&|]|,\s+|\bva\b|\band\b|-|(?<=\d{4}),(?=\d{4})|(?<=\dg)\s+(?=\d))\s*", text)
        for part in parts:
            grams = _grams(part)
            unread = unread or grams is None
            weights += [grams] if grams is not None else []
    return tuple(weights), unread


def _grams(text: str) -> int | None:
    text = re.sub(r"^(?:(?:be|con|tre)\s*[1-4]?|[1-4ab])\s*:\s*", "", text.strip(" ."))
    if kilos := re.fullmatch(r"(\d)\s*kg\s*(\d{1,3})\s*(?:g|gr|gam|gram)?", text):
        grams = int(kilos[1]) * 1000 + int(kilos[2].ljust(3, "0"))
    elif number := re.fullmatch(r"(\d{1,4}(?:[.,]\d{1,3})?)\s*(kg|kilos?|ky|g|gr|gam|grams?)?\.?", text):
        value = float(number[1].replace(",", "."))
        grams = round(value * 1000) if value < 10 else round(value)
    else:
        return None
    return grams if grams in _WEIGHTS else None
