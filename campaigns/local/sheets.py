"""Values as a table that offices exchange: out as XLSX or CSV, in again with a verdict for every row."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.local import kinds, setting
from campaigns.local.catalogue import known
from campaigns.models import Parameter
from campaigns.models.local import SINCE_EVER
from campaigns.schedule.sendtime import local_day
from recipients.areas import UnitIndex, units_visible_to
from recipients.errors import Refusal
from recipients.models import AdminUnit, User
from recipients.register_import.cells import CellError, folded, read_date
from recipients.register_import.reader import Sheet, cell_text, open_sheets

COLUMNS = {
    "unit": "Mã đơn vị", "unit_name": "Đơn vị", "name": "Tham số", "label": "Nghĩa", "value": "Giá trị",
    "valid_from": "Từ ngày", "valid_to": "Đến hết ngày",
}  # fmt: skip
"""Fields and their headings in a file. `unit_name` and `label` are for the reader and not read back; a row without a
unit is for everybody."""
NEEDED = {"unit", "name", "value"}
SEARCHED_ROWS = 20


@dataclass(frozen=True)
class RowVerdict:
    """What became of a line of the file: accepted, known (nothing changed) or refused, and then why."""

    line: int
    unit: str
    name: str
    value: str
    verdict: str
    reason: str = ""


@dataclass
class Outcome:
    """What became of a file."""

    rows: list[RowVerdict] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        return sum(1 for row in self.rows if row.verdict == verdict)

    @property
    def refused(self) -> list[RowVerdict]:
        return [row for row in self.rows if row.verdict == "refused"]

    def as_json(self) -> dict[str, Any]:
        counts = {name: self.count(name) for name in ("accepted", "known", "refused")}
        return {"rows": len(self.rows), **counts, "details": [asdict(row) for row in self.rows]}


def import_parameters(
    source: str | Path | bytes | BinaryIO, *, now: datetime, by: User | None = None, dry_run: bool = False
) -> Outcome:
    """Sets what a file says, row by row, as `set_value` does; a refused row is named and changes nothing.

    - The columns are found by their headings, Vietnamese or English, in any order; `unit` is the code.
    - A row that says what is set already is known, whenever it began; one with another last day only ends it then.
      Without a first day it counts from today. What has passed may stand in the file and is not touched.
    - `dry_run` judges every row and writes nothing.
    Raises RegisterError for a file that cannot be read, Refusal `no_heading` for one without these columns.
    """
    today = local_day(now, settings.ZONE)
    outcome = Outcome()
    with transaction.atomic():
        units = UnitIndex.load(today)
        mine = None if by is None else set(units_visible_to(by).values_list("pk", flat=True))
        for line, cells in _rows(open_sheets(source)):
            said = {name: cell_text(cells.get(name)) for name in ("unit", "name", "value")}
            try:
                with transaction.atomic():
                    verdict, reason = _row(cells, said, units, mine, today, now, by), ""
            except Refusal as refusal:
                verdict, reason = "refused", refusal.sentence
            outcome.rows.append(RowVerdict(line, **said, verdict=verdict, reason=reason))
        transaction.set_rollback(dry_run)
    return outcome


def exported(rows: Iterable[Parameter]) -> list[list[str]]:
    """The rows of a table, without its headings; what counts since ever has no first day."""
    return [
        [
            row.unit.code if row.unit else "", row.unit.name if row.unit else "", row.name,
            known()[row.name].label["vi"] if row.name in known() else "", row.value,
            "" if row.valid_from == SINCE_EVER else f"{row.valid_from:%d/%m/%Y}",
            f"{row.valid_to:%d/%m/%Y}" if row.valid_to else "",
        ]
        for row in rows
    ]  # fmt: skip


def to_csv(rows: Iterable[Parameter]) -> bytes:
    """For Excel: UTF-8 with its mark."""
    out = io.StringIO()
    csv.writer(out).writerows([list(COLUMNS.values()), *exported(rows)])
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Iterable[Parameter]) -> bytes:
    """One sheet of values, all of it text so that no zero is lost, and one that says which parameters there are."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        head, wrap = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        values = book.add_worksheet("Tham số")
        for column, (title, width) in enumerate(zip(COLUMNS.values(), (12, 28, 22, 28, 34, 12, 14), strict=True)):
            values.set_column(column, column, width)
            values.write_string(0, column, title, head)
        for line, cells in enumerate(exported(rows), start=1):
            for column, cell in enumerate(cells):
                values.write_string(line, column, cell)
        values.freeze_panes(1, 0)
        about = book.add_worksheet("Giải thích")
        for column, (title, width) in enumerate((("Tên", 22), ("Nghĩa", 28), ("Ví dụ", 30), ("Giải thích", 80))):
            about.set_column(column, column, width)
            about.write_string(0, column, title, head)
        for line, each in enumerate(known().values(), start=1):
            for column, cell in enumerate((each.name, each.label["vi"], each.example, each.meaning["vi"])):
                about.write_string(line, column, cell, wrap)
    return out.getvalue()


def _rows(sheets: Iterator[Sheet]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line and cells by field of every row that holds something, of the sheets with the headings."""
    found = False
    for sheet in sheets:
        start = next((at for at, row in enumerate(sheet.rows[:SEARCHED_ROWS]) if _headings(row).keys() >= NEEDED), None)
        if start is None:
            continue
        found = True
        columns = _headings(sheet.rows[start])
        for at, row in enumerate(sheet.rows[start + 1 :], start=start + 1):
            cells = {name: row[column] for name, column in columns.items() if column < len(row)}
            if any(cell_text(cell) for cell in cells.values()):
                yield sheet.first_line + at, cells
    if not found:
        sentence = _("The file has no columns for unit, parameter and value. Begin with a file fetched from this page.")
        raise Refusal("no_heading", sentence)


def _headings(row: Sequence[Any]) -> dict[str, int]:
    words = {folded(title): name for name, title in COLUMNS.items()} | {folded(name): name for name in COLUMNS}
    return {words[folded(cell)]: column for column, cell in enumerate(row) if folded(cell) in words}


def _row(
    cells: dict[str, Any], said: dict[str, str], units: UnitIndex, mine: set[int] | None, today: date, now: datetime,
    by: User | None,
) -> str:  # fmt: skip
    """The verdict of one row; raises Refusal."""
    unit = _unit(said["unit"], units, mine)
    first, last = _day(cells, "valid_from"), _day(cells, "valid_to")
    there = Parameter.objects.filter(name=said["name"], unit=unit)
    for row in there.filter(valid_from=first) if first else there.filter(valid_from__lte=today):
        if row.value != _written(said["name"], said["value"]):
            continue
        if row.valid_to == last:
            return "known"
        if last is not None and last >= today and (first is not None or row.counts_on(today)):
            setting.end(row, last_day=last, now=now, by=by)
            return "accepted"
    setting.set_value(said["name"], unit, said["value"], now=now, by=by, valid_from=first, valid_to=last)
    return "accepted"


def _unit(code: str, units: UnitIndex, mine: set[int] | None) -> AdminUnit | None:
    if not code:
        return None
    unit = units.find(code)
    if unit is None or (mine is not None and unit.pk not in mine):
        sentence = _("There is no unit with the code %(code)s in your area. Correct the code.") % {"code": code}
        raise Refusal("unit_unknown", sentence, field="unit")
    return unit


def _day(cells: dict[str, Any], name: str) -> date | None:
    try:
        return read_date(cells.get(name))
    except CellError:
        written = cell_text(cells.get(name))
        sentence = _("“%(written)s” is no date. Write it like 24/11/2026.") % {"written": written}
        raise Refusal("date", sentence, field=name) from None


def _written(name: str, value: str) -> str:
    """A value as it is stored, or as it stands where it is none."""
    about = known().get(name)
    try:
        return kinds.clean(about.kind, value, about.longest) if about else value
    except kinds.BadValue:
        return value
