"""What became of a register, row by row, and the spreadsheet that gives the refused rows back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from recipients.register_import.endings import BIRTH
from recipients.register_import.endings import WARNINGS as ENDINGS
from recipients.register_import.verdicts import WARNINGS, ParsedRow

LINE_TITLE, REASONS_TITLE = "Dòng trong tệp gốc", "Lý do chưa nhận"
SHEET = "Chưa nhận"
_MAX_WIDTH = 60


@dataclass(frozen=True)
class Doubt:
    """What was found beside the facts on record: a stable code and the sentence in the language of the moment."""

    code: str
    sentence: str


@dataclass(frozen=True)
class RowResult:
    """One row and what became of it: "accepted", "known" or "refused".

    - `person_id` is whom it is about, None for a refused row, for somebody `elsewhere` (on record outside the area of
      who imports), and for somebody who is new in a dry run.
    - `recorded` is the outcome of her pregnancy that this row brought, "" for none; in a dry run, would bring.
    - `doubts` come from comparing the row with what is on record.
    """

    parsed: ParsedRow
    verdict: str
    person_id: int | None = None
    elsewhere: bool = False
    recorded: str = ""
    doubts: tuple[Doubt, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """The codes of everything in doubt."""
        return [*self.parsed.warnings, *(doubt.code for doubt in self.doubts)]

    @property
    def sentences(self) -> list[str]:
        """The same as sentences: what happened, then what to do."""
        return [*(_(WARNINGS[code]) for code in self.parsed.warnings), *(doubt.sentence for doubt in self.doubts)]

    def as_json(self) -> dict[str, Any]:
        """Its line in the answer of the command and of the API. "recorded", "warnings" and "sentences" only where
        there are some."""
        told = {"recorded": self.recorded, "warnings": self.warnings, "sentences": self.sentences}
        return self.parsed.detail(self.verdict) | {name: value for name, value in told.items() if value}


@dataclass
class ImportResult:
    """What became of a register.

    `titles` are the headings of its first sheet as written, `unknown` those nobody recognised. `left_out` names the
    sheets that hold something and have no heading.
    """

    titles: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    details: list[RowResult] = field(default_factory=list)
    left_out: tuple[str, ...] = ()

    def count(self, verdict: str) -> int:
        return sum(1 for detail in self.details if detail.verdict == verdict)

    @property
    def rows(self) -> int:
        return len(self.details)

    @property
    def accepted(self) -> int:
        return self.count("accepted")

    @property
    def known(self) -> int:
        return self.count("known")

    @property
    def refused(self) -> int:
        return self.count("refused")

    @property
    def births(self) -> int:
        """Rows whose live birth was recorded."""
        return sum(1 for detail in self.details if detail.recorded == BIRTH)

    @property
    def losses(self) -> int:
        """Rows whose loss was recorded."""
        return sum(1 for detail in self.details if detail.recorded not in ("", BIRTH))

    @property
    def unknown_headings(self) -> tuple[str, ...]:
        """The headings that nobody recognised, of every sheet, each once; not those that write_refused adds."""
        headings = dict.fromkeys(self.unknown)
        for detail in self.details:
            headings |= dict.fromkeys(detail.parsed.heading.unknown)
        return tuple(title for title in headings if title not in (LINE_TITLE, REASONS_TITLE))

    def as_json(self) -> dict[str, Any]:
        """The answer of the command and of the API. "births", "losses", "unknown_headings" and "left_out" only where
        there are some."""
        counts = {"rows": self.rows, "accepted": self.accepted, "known": self.known, "refused": self.refused}
        ended = {"births": self.births, "losses": self.losses}
        told = ended | {"unknown_headings": list(self.unknown_headings), "left_out": list(self.left_out)}
        return {
            **counts,
            **{name: value for name, value in told.items() if value},
            "details": [detail.as_json() for detail in self.details],
        }


def write_refused(result: ImportResult, target: str | Path | BinaryIO) -> int:
    """An XLSX of the refused rows: their headings and cells as they came, then the line in the file and all reasons.

    Corrected in place it can be imported as it is. Text stays text, so that nothing becomes a formula and no zero
    is lost. Rows of a sheet with another heading stand on a sheet of their own. Returns how many rows it holds.
    """
    refused = [detail for detail in result.details if detail.verdict == "refused"]
    several = len({row.parsed.sheet for row in refused}) > 1
    sheets = [(titles, list(rows)) for titles, rows in groupby(refused, lambda row: row.parsed.heading.titles)]
    with xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target)) as book:
        for number, (titles, rows) in enumerate(sheets or [(result.titles, [])], start=1):
            _sheet(book, SHEET if number == 1 else f"{SHEET} {number}", titles, rows, several)
    return len(refused)


def _sheet(book: xlsxwriter.Workbook, name: str, titles: tuple[str, ...], rows: list[RowResult], several: bool) -> None:
    """One sheet of refused rows; `several` names the sheet that each line comes from."""
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    why = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FDECEA"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    width = max([len(titles), *(len(row.parsed.raw) for row in rows)])
    for column, title in enumerate((*titles, *[""] * (width - len(titles)))):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, min(max(len(title) + 2, 10), 24))
    sheet.write_string(0, width, LINE_TITLE, head)
    sheet.write_string(0, width + 1, REASONS_TITLE, head)
    sheet.set_column(width, width, 10)
    sheet.set_column(width + 1, width + 1, _MAX_WIDTH)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, start=1):
        parsed = row.parsed
        for column, cell in enumerate(parsed.raw):
            _write(sheet, line, column, cell, day)
        _write(sheet, line, width, f"{parsed.sheet}: {parsed.line}" if several else parsed.line, day)
        sheet.write_string(line, width + 1, _why(row), why)


def _why(row: RowResult) -> str:
    """The reasons, then what the row says in vain of the end of the pregnancy; in Vietnamese, as a register is."""
    with override("vi"):
        vain = [_(ENDINGS[code]) for code in row.parsed.warnings if code in ENDINGS]
    return " ".join([row.parsed.reasons_text(), *vain])


def _write(sheet: Worksheet, line: int, column: int, cell: Any, day: Format) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(line, column, cell)
    elif isinstance(cell, (int, float)):
        sheet.write_number(line, column, cell)
    elif isinstance(cell, datetime) and cell.time() == time():
        sheet.write_datetime(line, column, cell, day)
    elif isinstance(cell, date) and not isinstance(cell, datetime):
        sheet.write_datetime(line, column, datetime.combine(cell, time()), day)
    else:
        sheet.write_string(line, column, str(cell))
