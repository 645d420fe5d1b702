"""Which field of a campaign stands in which sheet and column of its workbook."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.content.spelled import HEAD, RULES, TEXTS

CAMPAIGN, WORDS, STEPS = "Campaign", "Texts", "Steps"
"""The sheets. Their names and the names of the fields stay as they are in every language: they are read back."""
REVISION = "revision"
"""The number of the revision that was exported, in the first sheet; a help to the reader, never written back."""
EXPLAINING = ("when", "reader", "parts", "parts_discreet")
"""Columns of the texts that help a translator and are not read: they have no name in the line of names."""
TITLES, NAMES, FIRST = 1, 2, 3
"""Rows, as a spreadsheet counts them: headings for people, names of the fields, the first step."""
NAME_COLUMN, VALUE_COLUMN = 1, 2
"""Of the first sheet, counted from 0; before them stands the heading for people."""
LEFT = ("key", *EXPLAINING, *TEXTS)
RIGHT = ("key", *RULES)
HEAD_ROWS = (*HEAD, REVISION)


@dataclass(frozen=True)
class Fault:
    """One thing that cannot be read: where it stands, then what is wrong and what to do.

    `row` counts from 1, 0 for a whole sheet or file; `column` is a letter, "" for a whole row. `field`: the name of
    what stands there, as the files call it. The sentence is `template` with `values`, so that an edge translates it.
    """

    sheet: str
    row: int
    column: str
    field: str
    template: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self.template % self.values


class SpreadsheetError(ValueError):
    """A workbook is no campaign; every fault that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(place_of(fault) + fault.sentence for fault in faults))
        self.faults = faults


def place_of(fault: Fault) -> str:
    """Like `Texts, row 7, column F (vi): `."""
    parts = [fault.sheet, f"row {fault.row}" if fault.row else "", f"column {fault.column}" if fault.column else ""]
    place = ", ".join(part for part in parts if part) + (f" ({fault.field})" if fault.field else "")
    return f"{place}: " if place else ""


def letter(column: int) -> str:
    """The letter of a column that is counted from 0: A, B, ... Z, AA."""
    high, low = divmod(column, 26)
    return (letter(high - 1) if high else "") + chr(ord("A") + low)
