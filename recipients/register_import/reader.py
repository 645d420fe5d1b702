"""Opens a register, XLSX or CSV, and hands out its data rows as raw cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import python_calamine as calamine

from recipients.names import clean_text
from recipients.register_import.headings import (
    SEARCHED_ROWS,
    Heading,
    find_heading,
    is_blank,
    is_column_numbers,
    is_footer,
    repeats,
)
from recipients.sentences import _

MAX_BYTES = 50 * 1024 * 1024
_DELIMITERS = (";", ",", "\t", "|")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The name of the stream that an XLSX with a password consists of."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


SENTENCES = {
    "file_missing": _("The file cannot be opened. Check its name and place and try again."),
    "file_empty": _("The file is empty. Choose the register and try again."),
    "file_too_large": _("The file is larger than 50 MB. Split the register into several files and import each."),
    "file_type": _("This is not a spreadsheet we can read. Save the register as XLSX or CSV and try again."),
    "file_password": _("The file is protected by a password. Save it without a password and try again."),
    "file_damaged": _("The file is damaged. Open it in the spreadsheet program, save it again and try again."),
    "no_heading": _(
        "No heading was found in the first 20 rows. Name the columns, at least the full name and two more, "
        "for example phone and last period, and try again."
    ),
}


class RegisterError(ValueError):
    """A file that is no register: `str()` is the sentence for people, `code` the stable name of the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its rows, and the spreadsheet's number of the first of them."""

    name: str
    rows: Sequence[Sequence[Any]]
    first_line: int = 1


@dataclass(frozen=True)
class DataRow:
    """One data row: `number` runs from 1 over the rows of all sheets that hold something, `line` is the
    spreadsheet's own. `heading` and `sheet` are those that it stands under."""

    number: int
    line: int
    cells: tuple[Any, ...]
    heading: Heading | None = None
    sheet: str = ""


@dataclass(frozen=True)
class Register:
    """A register opened: the first sheet with a heading, that heading, and the data rows of all sheets.

    Another sheet may have another heading: a row's own is `DataRow.heading`. `left_out` names the visible sheets
    that hold something and have no heading.
    """

    sheet: str
    heading: Heading
    rows: tuple[DataRow, ...]
    left_out: tuple[str, ...] = ()


def read_register(source: str | Path | bytes | BinaryIO) -> Register:
    """Opens a file, its bytes or an open binary file. The content decides what it is, not the name.

    - XLSX, XLS, XLSB, ODS; or text with ; , tab or | between the cells in UTF-8, UTF-16 or Windows-1258.
    - Every visible sheet that has a heading, in their order; rows are numbered on over the sheets.
    - Rows without anything but a serial number, column numbers under the heading, a heading printed again, and
      sums and signatures below the table are no data rows and are not counted.
    - A quotation mark that is never closed swallows no rows: its line is read as it stands.
    Raises RegisterError.
    """
    sheets = open_sheets(source)
    rows: list[DataRow] = []
    found: list[tuple[str, Heading]] = []
    left_out: list[str] = []
    for sheet in sheets:
        heading = find_heading(sheet.rows[:SEARCHED_ROWS])
        if heading:
            found.append((sheet.name, heading))
            rows.extend(_data_rows(sheet, heading, len(rows)))
        elif any(not is_blank(cell) for row in sheet.rows for cell in row):
            left_out.append(sheet.name)
    if not found:
        raise RegisterError("no_heading" if left_out else "file_empty")
    return Register(*found[0], tuple(rows), tuple(left_out))


def open_sheets(source: str | Path | bytes | BinaryIO) -> Iterator[Sheet]:
    """The visible sheets of a spreadsheet, or the one table of a text, whatever it is about. Raises RegisterError."""
    content = _bytes(source)
    if not content.strip(b"\x00\r\n\t ") or content in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        raise RegisterError("file_empty")
    if content.startswith((_ZIP, _OLE)):
        return _workbook(content)
    return iter([_text(content)])


def _bytes(source: str | Path | bytes | BinaryIO) -> bytes:
    if isinstance(source, (str, Path)):
        try:
            if Path(source).stat().st_size > MAX_BYTES:
                raise RegisterError("file_too_large")
            return Path(source).read_bytes()
        except OSError:
            raise RegisterError("file_missing") from None
    content = source if isinstance(source, bytes) else source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise RegisterError("file_too_large")
    return content


def _data_rows(sheet: Sheet, heading: Heading, number: int) -> Iterator[DataRow]:
    """The data rows of a sheet, `number` rows having come before."""
    serial = set(heading.columns.get("serial", ()))
    for index in range(heading.last + 1, len(sheet.rows)):
        cells = sheet.rows[index]
        if all(is_blank(cell) or column in serial for column, cell in enumerate(cells)):
            continue
        if (index == heading.last + 1 and is_column_numbers(cells)) or repeats(heading, cells):
            continue
        if is_footer(heading, cells):
            continue
        number += 1
        yield DataRow(number, sheet.first_line + index, tuple(cells), heading, sheet.name)


def _workbook(content: bytes) -> Iterator[Sheet]:
    """The visible sheets, one at a time."""
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise RegisterError("file_password")
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            for meta in book.sheets_metadata:
                if meta.typ != calamine.SheetTypeEnum.WorkSheet or meta.visible != calamine.SheetVisibleEnum.Visible:
                    continue
                sheet = book.get_sheet_by_name(meta.name)
                first = sheet.start[0] + 1 if sheet.start else 1
                yield Sheet(meta.name, sheet.to_python(skip_empty_area=True), first)
    except calamine.PasswordError:
        raise RegisterError("file_password") from None
    except calamine.CalamineError:
        zipped = content.startswith(_ZIP) and b"xl/" not in content
        raise RegisterError("file_type" if zipped else "file_damaged") from None


def _text(content: bytes) -> Sheet:
    text = _decoded(content)
    if re.match(r"\s*(<!doctype|<html|<\?xml|%pdf|\{\\rtf)", text[:200], re.IGNORECASE):
        raise RegisterError("file_type")
    hint = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    skipped = 1 if hint else 0
    if hint:
        text = text[hint.end() :]
    delimiter = hint[1] if hint else _delimiter(text)
    csv.field_size_limit(MAX_BYTES)
    try:
        rows = _csv_rows(text, delimiter)
    except csv.Error:
        raise RegisterError("file_damaged") from None
    return Sheet("", rows, 1 + skipped)


def _csv_rows(text: str, delimiter: str) -> list[list[str]]:
    """The rows of a text. Where quotation marks seem to have swallowed rows, the reading with more rows as wide as
    its heading is taken: the whole text with its quotation marks, or each line by itself."""
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not any("\n" in cell and cell.count(delimiter) > 1 for row in rows for cell in row):
        return rows
    lines = [_csv_line(line, delimiter) for line in re.split(r"\r\n|\r|\n", text)]
    return lines if _full_rows(lines) > _full_rows(rows) else rows


def _full_rows(rows: list[list[str]]) -> int:
    heading = find_heading(rows[:SEARCHED_ROWS])
    return sum(1 for row in rows if len(row) == len(heading.titles)) if heading else 0


def _csv_line(line: str, delimiter: str) -> list[str]:
    """One line; with a quotation mark that is not closed, without regard to quotation marks."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return [cell.strip().strip('"') for cell in line.split(delimiter)]


def _delimiter(text: str) -> str:
    """The sign that makes a heading with the most fields of the first rows, else the one seen most often."""
    sample = "".join(io.StringIO(text[:65536], newline="").readlines()[: SEARCHED_ROWS * 2])

    def merit(delimiter: str) -> tuple[int, int]:
        try:
            rows = _csv_rows(sample, delimiter)[:SEARCHED_ROWS]
        except csv.Error:
            return (0, 0)
        heading = find_heading(rows)
        return (len(heading.columns) if heading else 0, sum(len(row) - 1 for row in rows))

    return max(_DELIMITERS, key=merit)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(content, "utf-16")
    sample = content[:2000]
    if sample.count(0) > len(sample) // 4:
        return _strictly(content, "utf-16-le" if sample[1::2].count(0) >= sample[0::2].count(0) else "utf-16-be")
    if b"\x00" in content:
        raise RegisterError("file_type")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1258", errors="replace")
    control = sum(1 for char in text[:2000] if ord(char) < 32 and char not in "\r\n\t")
    if control > 2 or text.count("\ufffd") * 50 > len(text):
        raise RegisterError("file_type")
    return text


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise RegisterError("file_type") from None


def cell_text(cell: Any) -> str:
    """A raw cell as people see it in the sheet, for giving refused rows back: 1986.0 is "1986"."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return clean_text(cell)
