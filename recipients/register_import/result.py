"""What became of a register, row by row, and the spreadsheet that gives the refused rows back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from recipients.register_import.verdicts import ParsedRow

LINE_TITLE, REASONS_TITLE = "Dòng trong tệp gốc", "Lý do chưa nhận"
SHEET = "Chưa nhận"
_MAX_WIDTH = 60


@dataclass(frozen=True)
class RowResult:
    """One row and what became of it: "accepted", "known" or "refused". `person_id` is whom it is about, None for a
    refused row and for somebody who is new in a dry run."""

    parsed: ParsedRow
    verdict: str
    person_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        return self.parsed.detail(self.verdict)


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
    def unknown_headings(self) -> tuple[str, ...]:
        """The headings that nobody recognised, of every sheet, each once; not those that write_refused adds."""
        headings = dict.fromkeys(self.unknown)
        for detail in self.details:
            headings |= dict.fromkeys(detail.parsed.heading.unknown)
        return tuple(title for title in headings if title not in (LINE_TITLE, REASONS_TITLE))

    def as_json(self) -> dict[str, Any]:
        """The answer of the command and of the API. "unknown_headings" and "left_out" only where there are some."""
        counts = {"rows": self.rows, "accepted": self.accepted, "known": self.known, "refused": self.refused}
        told = {"unknown_headings": list(self.unknown_headings), "left_out": list(self.left_out)}
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
    refused = [detail.parsed for detail in result.details if detail.verdict == "refused"]
    several = len({row.sheet for row in refused}) > 1
    sheets = [(titles, list(rows)) for titles, rows in groupby(refused, lambda row: row.heading.titles)]
    with xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target)) as book:
        for number, (titles, rows) in enumerate(sheets or [(result.titles, [])], start=1):
            _sheet(book, SHEET if number == 1 else f"{SHEET} {number}", titles, rows, several)
    return len(refused)


def _sheet(book: xlsxwriter.Workbook, name: str, titles: tuple[str, ...], rows: list[ParsedRow], several: bool) -> None:
    """One sheet of refused rows; `several` names the sheet that each line comes from."""
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    why = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FDECEA"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    width = max([len(titles), *(len(row.raw) for row in rows)])
    for column, title in enumerate((*titles, *[""] * (width - len(titles)))):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, min(max(len(title) + 2, 10), 24))
    sheet.write_string(0, width, LINE_TITLE, head)
    sheet.write_string(0, width + 1, REASONS_TITLE, head)
    sheet.set_column(width, width, 10)
    sheet.set_column(width + 1, width + 1, _MAX_WIDTH)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row.raw):
            _write(sheet, line, column, cell, day)
        _write(sheet, line, width, f"{row.sheet}: {row.line}" if several else row.line, day)
        sheet.write_string(line, width + 1, row.reasons_text(), why)


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
