"""What became of a register, row by row, and the spreadsheet that gives the refused rows back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from recipients.register_import.verdicts import ParsedRow

LINE_TITLE, REASONS_TITLE = "Dòng trong tệp gốc", "Lý do chưa nhận"
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
    """What became of a register. `titles` are its headings as written, `unknown` those nobody recognised."""

    titles: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    details: list[RowResult] = field(default_factory=list)

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

    def as_json(self) -> dict[str, Any]:
        """The answer of the command and of the API."""
        counts = {"rows": self.rows, "accepted": self.accepted, "known": self.known, "refused": self.refused}
        return {**counts, "details": [detail.as_json() for detail in self.details]}


def write_refused(result: ImportResult, target: str | Path | BinaryIO) -> int:
    """An XLSX of the refused rows: their headings and cells as they came, then the line in the file and all reasons.

    Corrected in place it can be imported as it is. Text stays text, so that nothing becomes a formula and no zero
    is lost. Returns how many rows it holds.
    """
    refused = [detail.parsed for detail in result.details if detail.verdict == "refused"]
    width = max([len(result.titles), *(len(row.raw) for row in refused)])
    with xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target)) as book:
        sheet = book.add_worksheet("Chưa nhận")
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        why = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FDECEA"})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for column, title in enumerate((*result.titles, *[""] * (width - len(result.titles)))):
            sheet.write_string(0, column, title, head)
            sheet.set_column(column, column, min(max(len(title) + 2, 10), 24))
        sheet.write_string(0, width, LINE_TITLE, head)
        sheet.write_string(0, width + 1, REASONS_TITLE, head)
        sheet.set_column(width, width, 10)
        sheet.set_column(width + 1, width + 1, _MAX_WIDTH)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(refused, start=1):
            for column, cell in enumerate(row.raw):
                _write(sheet, line, column, cell, day)
            sheet.write_number(line, width, row.line)
            sheet.write_string(line, width + 1, row.reasons_text(), why)
    return len(refused)


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
