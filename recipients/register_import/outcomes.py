"""What a row says of how the pregnancy ended: a live birth, or a loss; never guessed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from recipients.names import clean_text
from recipients.register_import import cells

BIRTH, MISCARRIAGE, STILLBIRTH, TERMINATION = "live_birth", "miscarriage", "stillbirth", "termination"
STILLBIRTH_FROM_DAYS = 22 * 7
"""From 22 weeks on a child that died in the womb is a stillbirth, before that it is a miscarriage (WHO, ICD-10)."""
LIGHTEST, HEAVIEST = 300, 7000
"""Grams; what lies outside is no weight of a newborn."""
MOST_CHILDREN = 5

_DIED_INSIDE = "died_inside"
_HOW = r"(?: (?:thuong|mo|non|rot|roi|song|du thang|tai (?:nha|tram|vien|benh vien)|giac hut|forcep?s?|chi huy))*"
_MORE = r"(?: (?:luc|khi)?(?: thai)? ?\d{2} ?(?:t|w|tuan|weeks)| \d{3,4} ?(?:g|gr|gram)?| \d kg)*"
_WORDS: dict[str, str] = {
    TERMINATION: r"(?:da )?(?:pha|bo|hut|nao(?: hut)?|dinh chi|cham dut) thai\b.*|(?:dinh chi|hut dieu hoa)|pha|bo"
    r"|(?:induced )?abortion|(?:termination|terminated)\b.*|mtp|top",
    _DIED_INSIDE: r"thai (?:chet|luu|ngung|hong)\b.*|(?:chet )?luu|iufd|fetal death|missed (?:abortion|miscarriage)",
    STILLBIRTH: r"(?:de|sinh)(?: ra)? (?:con |tre )?chet|still ?(?:birth|born)",
    MISCARRIAGE: r"(?:da )?(?:bi )?(?:say|xay|hu) thai\b.*|say|xay|(?:thai|chua) (?:trung|ngoai (?:tu cung|da con))\b.*"
    r"|geu|miscarriage|miscarried|spontaneous abortion|molar pregnancy|ectopic(?: pregnancy)?",
    BIRTH: rf"(?:(?:da )?(?:de|sinh|sanh)(?: (?:con|be|tre))?{_HOW}(?: (?:con|be|tre)(?: song)?)?"
    r"|mo(?: (?:de|lay thai|bat con))?|(?:con|tre|be)(?: sinh)? song|live ?birth|(?:born )?alive|delivered"
    r"|(?:normal |vaginal |preterm )?(?:delivery|birth)|nsvd|svd|vaginal"
    rf"|c ?s|c section|ca?esar(?:e|i)an(?: section| delivery)?){_MORE}",
    "": r"(?:dang |con |van )?(?:mang thai|co thai|thai|theo doi)(?: binh thuong)?|chua (?:de|sinh|sanh)|binh thuong"
    r"|ongoing|(?:still )?pregnant|not yet",
}  # fmt: skip
"""Folded words. A loss that names the pregnancy may say more behind it ("say thai luc 8 tuan"); a threatened one ("doa
say thai") is none. A word of a loss whose kind it leaves open counts as the kind after which nobody condoles."""
_COMPILED = {kind: re.compile(words) for kind, words in _WORDS.items()}


@dataclass(frozen=True)
class Ending:
    """How a pregnancy ended. `on` is None where a loss has no day: then it counts from the day on which it is told.
    `weights`: grams, one for each child of a birth, None where unknown. `gestation`: days at birth, where written."""

    kind: str
    on: date | None
    weights: tuple[int | None, ...] = ()
    gestation: int | None = None

    @property
    def is_birth(self) -> bool:
        return self.kind == BIRTH


Cell = Callable[[str], Any]


def read_ending(cell: Cell, warnings: set[str]) -> Ending | None:
    """The end of the pregnancy as the row says it, None where it says none; `cell` gives the raw cell of a field.

    - A loss needs its word. It is taken whatever else the row says: nothing about a child may go to her.
    - A live birth needs its day, and a word of birth or a column that can only be a child's day of birth.
    - Whatever cannot be read, or contradicts itself, records nothing and adds to `warnings`.
    """
    try:
        kind = read_outcome(cell("outcome"))
        born, ended = (cells.read_date(cell(name)) for name in ("born_on", "ended_on"))
    except cells.CellError:
        warnings.add("outcome_unread")
        return None
    on = born or ended
    if kind not in (None, BIRTH):
        return Ending(kind, on)
    if kind is None and not born:
        if ended:
            warnings.add("outcome_missing")
        return None
    if on is None:
        warnings.add("outcome_undated")
        return None
    if born and ended and born != ended:
        warnings.add("outcome_unread")
        return None
    try:
        weights, count = read_weights(cell("birth_weight")), cells.read_count(cell("children"))
        gestation = cells.read_gestation(cell("birth_gestation"))
    except cells.CellError:
        warnings.add("newborn_unread")
        return Ending(BIRTH, on, (None,))
    if count == 0:
        warnings.add("outcome_unread")
        return None
    children = max(count or 1, len(weights))
    if children > MOST_CHILDREN or (count and len(weights) > count):
        warnings.add("newborn_unread")
        return Ending(BIRTH, on, (None,))
    known = weights if len(weights) == children else ()
    days = None if gestation is None else gestation.total_days
    return Ending(BIRTH, on, known or (None,) * children, days)


def dated(ending: Ending, anchor: date, today: date) -> Ending:
    """The same with its day, and with the kind of loss that a child dead in the womb is at that age."""
    on = ending.on or today
    if ending.kind == _DIED_INSIDE:
        late = (on - anchor).days >= STILLBIRTH_FROM_DAYS
        return replace(ending, on=on, kind=STILLBIRTH if late else MISCARRIAGE)
    return replace(ending, on=on)


def read_outcome(raw: Any) -> str | None:
    """The kind of end that a cell names, None for a blank or a pregnancy that goes on; CellError for anything else."""
    word = cells.folded(raw)
    if not word or cells.is_unknown(raw):
        return None
    for kind, words in _COMPILED.items():
        if words.fullmatch(word):
            return kind or None
    raise cells.CellError("outcome")


def read_weights(raw: Any) -> tuple[int, ...]:
    """Weights of newborns in grams, several parted by "/", ";" or "+": 3200, "3,2 kg", "2500/2300"; () for a blank.
    CellError for what is no weight."""
    if isinstance(raw, bool):
        raise cells.CellError("weight")
    if isinstance(raw, (int, float)):
        return (_grams(str(raw)),)
    if cells.is_unknown(raw):
        return ()
    return tuple(_grams(part) for part in re.split(r"\s*[/;+&]\s*|\s+va\s+|\n", clean_text(raw).casefold()) if part)


def _grams(text: str) -> int:
    number = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(kg|kgs|g|gr|gram|grams)?\.?", text.strip())
    if not number:
        raise cells.CellError("weight")
    digits = number[1]
    if re.fullmatch(r"\d[.,]\d{3}", digits) and number[2] != "kg":  # 3.200 g
        digits = digits.replace(".", "").replace(",", "")
    weight = float(digits.replace(",", "."))
    grams = round(weight * 1000 if weight < 10 else weight)
    if not LIGHTEST <= grams <= HEAVIEST:
        raise cells.CellError("weight")
    return grams
