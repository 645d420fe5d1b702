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
    repeats,
)

MAX_BYTES = 50 * 1024 * 1024
_DELIMITERS = (";", ",", "\t", "|")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The name of the stream that an XLSX with a password consists of."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def _(sentence: str) -> str:
    """Marks a sentence for translation; the edge translates."""
    return sentence


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
    """One data row: `number` runs from 1 over the rows that hold something, `line` is the spreadsheet's own."""

    number: int
    line: int
    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Register:
    """A register opened: the sheet's name, its heading, and its data rows."""

    sheet: str
    heading: Heading
    rows: tuple[DataRow, ...]


def read_register(source: str | Path | bytes | BinaryIO) -> Register:
    """Opens a file, its bytes or an open binary file. The content decides what it is, not the name.

    - XLSX, XLS, XLSB, ODS; or text with ; , tab or | between the cells in UTF-8, UTF-16 or Windows-1258.
    - Of several visible sheets the first that has a heading.
    - Rows without anything but a serial number, column numbers under the heading, and a heading printed again
      are no data rows and are not counted.
    Raises RegisterError.
    """
    content = _bytes(source)
    if not content.strip(b"\x00\r\n\t ") or content in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        raise RegisterError("file_empty")
    if content.startswith((_ZIP, _OLE)):
        sheets = _workbook(content)
    else:
        sheets = iter([_text(content)])
    filled = False
    for sheet in sheets:
        filled = filled or any(not is_blank(cell) for row in sheet.rows for cell in row)
        heading = find_heading(sheet.rows[:SEARCHED_ROWS])
        if heading:
            return Register(sheet.name, heading, tuple(_data_rows(sheet, heading)))
    raise RegisterError("no_heading" if filled else "file_empty")


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


def _data_rows(sheet: Sheet, heading: Heading) -> Iterator[DataRow]:
    serial = set(heading.columns.get("serial", ()))
    number = 0
    for index in range(heading.last + 1, len(sheet.rows)):
        cells = sheet.rows[index]
        if all(is_blank(cell) or column in serial for column, cell in enumerate(cells)):
            continue
        if (index == heading.last + 1 and is_column_numbers(cells)) or repeats(heading, cells):
            continue
        number += 1
        yield DataRow(number, sheet.first_line + index, tuple(cells))


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
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
    except csv.Error:
        raise RegisterError("file_damaged") from None
    return Sheet("", rows, 1 + skipped)


def _delimiter(text: str) -> str:
    """The sign that makes a heading with the most fields of the first rows, else the one seen most often."""
    sample = io.StringIO(text[:65536], newline="").readlines()[: SEARCHED_ROWS * 2]

    def merit(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(sample, delimiter=delimiter))[:SEARCHED_ROWS]
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
