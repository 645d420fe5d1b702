"""The spreadsheet that goes to an operator and comes back with its answers. Vietnamese, like the operators."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import xlsxwriter
from django.utils.translation import gettext as _
from python_calamine import CalamineError, load_workbook

from messaging.models import MessageClass, Route, RouteTemplate
from messaging.text.pattern import filled, slots
from messaging.text.plain import to_plain
from messaging.text.segments import measure

HEADINGS = {
    "number": "STT",
    "name": "Tên mẫu",
    "body": "Nội dung mẫu",
    "values": "Tham số",
    "example": "Ví dụ",
    "segments": "Số tin",
    "sender": "Brandname",
    "class": "Loại tin",
    "state": "Kết quả",
    "code": "Mã mẫu",
    "valid_to": "Hiệu lực đến",
    "note": "Ghi chú",
}
"""Columns of the file; the last four are for the operator to fill in."""
ALSO = {
    "name": ("ten", "ma tin", "name", "template", "template name"),
    "body": ("noi dung", "noi dung tin", "mau tin", "text", "content", "body"),
    "state": ("trang thai", "tinh trang", "state", "status", "result"),
    "code": ("ma", "ma template", "code", "template id", "id"),
    "valid_to": ("het han", "ngay het han", "valid to", "valid until", "expires"),
    "note": ("ly do", "note", "reason", "remark"),
}
"""Other headings that operators use, in small letters without diacritics."""
CLASSES = {
    MessageClass.SERVICE: "CSKH",
    MessageClass.SOCIAL: "CSKH (chính sách xã hội)",
    MessageClass.PROMOTIONAL: "QC",
    MessageClass.EMERGENCY: "CSKH (khẩn cấp)",
}
MOST_ROWS = 20_000
_FORMULA = ("=", "+", "-", "@")


class Answer(NamedTuple):
    """One line of an operator's answer, as written; `line` counts from 1 with the heading."""

    line: int
    name: str
    body: str
    state: str
    code: str
    note: str
    valid_to: date | str | None


class Unreadable(Exception):
    """A file that is no answer. `str()` is the sentence for people."""


def to_xlsx(route: Route, templates: Iterable[RouteTemplate]) -> bytes:
    """The registration file of a route as a workbook."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Mẫu tin")
        for place, line in enumerate(_lines(route, templates)):
            for column, cell in enumerate(line):
                if isinstance(cell, int):
                    sheet.write_number(place, column, cell, wrapped)
                elif isinstance(cell, date):
                    sheet.write_string(place, column, f"{cell:%d/%m/%Y}", wrapped)
                else:
                    sheet.write_string(place, column, cell, bold if place == 0 else wrapped)
        for column, width in enumerate((6, 30, 60, 34, 60, 8, 14, 14, 14, 14, 14, 30)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 2)
    return out.getvalue()


def to_csv(route: Route, templates: Iterable[RouteTemplate]) -> bytes:
    """The same as UTF-8 with BOM and semicolons, as Excel with Vietnamese settings opens it right. A cell that a
    spreadsheet would take for a formula begins with an apostrophe, which reading takes away again."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for line in _lines(route, templates):
        cells = [f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell for cell in line]
        writer.writerow([f"'{c}" if isinstance(c, str) and c.startswith(_FORMULA) else c for c in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def read(data: bytes) -> list[Answer]:
    """The lines of an operator's answer: XLSX, XLS, ODS or CSV with the columns of our own file in any order, names
    and headings with or without diacritics, Vietnamese or English. Raises `Unreadable`."""
    rows = _cells(data)
    for place, row in enumerate(rows[:20]):
        columns = {_column(str(cell)): index for index, cell in reversed(list(enumerate(row)))}
        if "state" in columns and ("body" in columns or "name" in columns):
            return [answer for answer in _answers(rows[place + 1 :], columns, place + 2) if answer.name or answer.body]
    raise Unreadable(
        _("No line is a heading with the name or text and the result. Use the columns of the file fetched here.")
    )


def _lines(route: Route, templates: Iterable[RouteTemplate]) -> Iterator[list[str | int | date]]:
    yield list(HEADINGS.values())
    for number, row in enumerate(templates, start=1):
        example = filled(row.body, row.samples)
        values = [f"{{{n}}}: {row.samples[n - 1] if n <= len(row.samples) else ''}" for n in slots(row.body)]
        yield [
            number, row.name, row.body, "; ".join(values), example, measure(example).segments, route.sender,
            CLASSES[MessageClass(row.message_class)], "", row.code, row.valid_to or "", row.note,
        ]  # fmt: skip


def _cells(data: bytes) -> Sequence[Sequence[object]]:
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        try:
            book = load_workbook(io.BytesIO(data))
            return book.get_sheet_by_index(0).to_python(skip_empty_area=False)[:MOST_ROWS]
        except (CalamineError, OSError, ValueError) as error:
            raise Unreadable(_("The file is no workbook that can be opened. Save it as XLSX or CSV.")) from error
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(_("The letters of the file cannot be read. Save it as XLSX, or as CSV in UTF-8.")) from error
    first = text.partition("\n")[0]
    delimiter = max(";\t,", key=first.count)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)][:MOST_ROWS]
    except csv.Error as error:
        raise Unreadable(_("The file is no table. Save it as XLSX or CSV.")) from error


def _column(heading: str) -> str:
    key = to_plain(heading).strip().casefold()
    for name, title in HEADINGS.items():
        if key == to_plain(title).casefold() or key in ALSO.get(name, ()):
            return name
    return ""


def _answers(rows: Iterable[Sequence[object]], columns: Mapping[str, int], first: int) -> Iterator[Answer]:
    for line, row in enumerate(rows, start=first):
        cells = {name: row[place] if place < len(row) else "" for name, place in columns.items()}
        words = {name: _text(cells.get(name, "")) for name in ("name", "body", "state", "code", "note")}
        yield Answer(line, valid_to=_day(cells.get("valid_to", "")), **words)


def _text(cell: object) -> str:
    text = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _day(cell: object) -> date | str | None:
    """A day; what is written there if it is none; None for nothing."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _text(cell)
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return text or None
