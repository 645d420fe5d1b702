"""A workbook in, a campaign out: the habits of spreadsheets undone, every fault named by sheet, row and column."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

from campaigns.content.clocks import ANCHORS
from campaigns.content.fields import LANGUAGES, Fields, LibraryFileError
from campaigns.content.files import FLAGS, CampaignFile, StepFile, read_campaign, read_step
from campaigns.content.spelled import RULES, TEXTS, TRUE
from campaigns.content.spreadsheet.layout import (
    CAMPAIGN,
    EXPLAINING,
    FIRST,
    HEAD_ROWS,
    NAME_COLUMN,
    NAMES,
    REVISION,
    STEPS,
    VALUE_COLUMN,
    WORDS,
    Fault,
    SpreadsheetError,
    letter,
)
from messaging.text.tidy import tidy
from recipients.sentences import _

MOST_BYTES, MOST_UNPACKED, MOST_STEPS = 1_000_000, 30_000_000, 1_000
"""A campaign of the library takes 20 kB; packed zeros would fill the memory."""
_YES, _NO = {"true", "yes", "x", "1", "có", "đúng", "wahr"}, {"false", "no", "0", "không", "sai", "falsch"}
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d\d)(?::00)?")
_UNKNOWN = _('Nobody knows the name "%(name)s". Correct it; a column of your own stays without a name in this line.')
_DAY_MINUTES = 24 * 60


class _CellFault(ValueError):
    """A cell that a spreadsheet has changed beyond repair; the sentence for people as in a Fault."""

    def __init__(self, template: str, value: object) -> None:
        super().__init__(template)
        self.template, self.value = template, value


@dataclass
class _Sheet:
    """One sheet of steps: the column of each field and the cells of each step, by its key."""

    name: str
    columns: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, at: int, of: str, template: str, **values: object) -> None:
        column = letter(self.columns[of]) if of in self.columns else ""
        self.faults.append(Fault(self.name, at, column, of, template, values))


def read(data: bytes) -> tuple[CampaignFile, int | None]:
    """The campaign of a workbook and the number of the revision that it was exported from, if it still says so.

    - Steps are in the order of the sheet of steps; the texts find theirs by the key.
    - Texts are tidied as those of a phone are: composed (NFC), quotes, dashes, blanks. An empty language is none.
    - What spreadsheets do is undone: times that became fractions of a day, numbers and truth values that were texts.
      A day of the year that became a date is a fault, since nobody can tell month and day apart any more.
    - A column without a name in the line of names is a remark; a name that nobody knows is a fault.
    - Everything is checked as a campaign file is (fields, clocks, placeholders).
    Raises SpreadsheetError with all faults, one for each row at least.
    """
    book = _open(data)
    head, head_faults = _head(book)
    words, rules = _sheet(book, WORDS, TEXTS), _sheet(book, STEPS, RULES)
    faults = [*head_faults, *words.faults, *rules.faults]
    if {"code", "anchor"} & {fault.field for fault in head_faults} or not (words.columns and rules.columns):
        raise SpreadsheetError(faults)
    steps = list(_steps(head, words, rules, faults))
    campaign = None
    try:
        campaign = read_campaign(Fields(head, ""), steps)
    except LibraryFileError as error:
        faults.append(_of_head(error))
    if faults or campaign is None:
        raise SpreadsheetError(faults)
    said = str(head.get(REVISION, ""))
    return campaign, int(said) if said.isdecimal() else None


def unsaid(data: bytes) -> list[str]:
    """The marks of a step for which a workbook has no column, as one exported before they were known: it says nothing
    about them. Of one that `read` reads."""
    columns = _sheet(_open(data), STEPS, RULES).columns
    return [name for name in FLAGS if name not in columns]


def _open(data: bytes) -> dict[str, list[list[Any]]]:
    if len(data) > MOST_BYTES or _unpacked(data) > MOST_UNPACKED:
        raise SpreadsheetError(
            [Fault("", 0, "", "", _("The file is too large for one campaign. Send the exported one."))]
        )
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = [name for name in book.sheet_names if name in (CAMPAIGN, WORDS, STEPS)]
            found = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except (calamine.CalamineError, OSError, ValueError) as error:
        sentence = _("The file is no workbook that can be opened. Save it as XLSX.")
        raise SpreadsheetError([Fault("", 0, "", "", sentence)]) from error
    missing = [name for name in (CAMPAIGN, WORDS, STEPS) if name not in found]
    if missing:
        sentence = _("This sheet is missing. Work in the exported file and keep the names of its sheets.")
        raise SpreadsheetError([Fault(missing[0], 0, "", "", sentence)])
    return found


def _unpacked(data: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return 0


def _head(book: Mapping[str, list[list[Any]]]) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of a campaign as a file has them: names and descriptions are tables by language."""
    head: dict[str, Any] = {}
    faults = []
    for number, row in enumerate(book[CAMPAIGN], start=1):
        cells = [*row, "", "", ""][: VALUE_COLUMN + 1]
        name = _text(cells[NAME_COLUMN])
        if name not in HEAD_ROWS:
            if name and number > 1:
                faults.append(Fault(CAMPAIGN, number, letter(NAME_COLUMN), name, _UNKNOWN, {"name": name}))
            continue
        value = tidy(_text(cells[VALUE_COLUMN]))
        if "." in name and value:
            table, language = name.split(".")
            head.setdefault(table, {})[language] = value
        elif "." not in name:
            head[name] = int(value) if name == "priority" and value.isdecimal() else value
    try:
        Fields(head, "").slug("code")
        Fields(head, "").choice("anchor", ANCHORS)
    except LibraryFileError as error:
        faults.append(_of_head(error))
    return head, faults


def _of_head(error: LibraryFileError) -> Fault:
    name = error.field
    named = name if name in HEAD_ROWS else f"{name}.{LANGUAGES[0]}"
    row = HEAD_ROWS.index(named) + 2 if named in HEAD_ROWS else 0
    return Fault(CAMPAIGN, row, letter(VALUE_COLUMN) if row else "", named if row else "", error.sentence, error.values)


def _sheet(book: Mapping[str, list[list[Any]]], name: str, fields: Sequence[str]) -> _Sheet:
    sheet = _Sheet(name)
    rows = book[name]
    names = [_text(cell) for cell in rows[NAMES - 1]] if len(rows) >= NAMES else []
    if "key" not in names:
        sheet.fault(
            NAMES, "", _('There is no line of names with "key". Keep the first two lines of the exported file.')
        )
        return sheet
    for column, title in enumerate(names):
        if title in sheet.columns:
            sheet.fault(
                NAMES, title, _('The name "%(name)s" stands twice. Take one of the two columns away.'), name=title
            )
        elif title in ("key", *fields):
            sheet.columns[title] = column
        elif title and title not in EXPLAINING:
            sheet.columns[title] = column
            sheet.fault(NAMES, title, _UNKNOWN, name=title)
    for number, row in enumerate(rows[FIRST - 1 :], start=FIRST):
        _row(sheet, number, row, fields)
    if len(sheet.rows) > MOST_STEPS:
        sheet.fault(0, "", _("There are more than %(most)s steps. Make several campaigns of them."), most=MOST_STEPS)
    return sheet


def _row(sheet: _Sheet, number: int, row: Sequence[Any], fields: Sequence[str]) -> None:
    raw = {name: row[column] for name, column in sheet.columns.items() if column < len(row)}
    if all(_text(cell) == "" for cell in raw.values()):
        return
    said = {}
    for name, cell in raw.items():
        try:
            said[name] = _said(name, cell)
        except _CellFault as fault:
            sheet.fault(number, name, fault.template, value=fault.value)
    key = said.get("key", "")
    if not key:
        sheet.fault(number, "key", _("The key is missing. Write the key of the step, or empty the whole row."))
    elif key in sheet.rows:
        sheet.fault(
            number, "key", _('The key "%(key)s" stands in row %(row)s too. Give each step its own key.'),
            key=key, row=sheet.rows[key],
        )  # fmt: skip
    else:
        sheet.rows[key] = number
        sheet.cells[key] = {name: said[name] for name in fields if said.get(name)}


def _steps(head: Mapping[str, Any], words: _Sheet, rules: _Sheet, faults: list[Fault]) -> Iterator[StepFile]:
    for key in [*rules.rows, *(key for key in words.rows if key not in rules.rows)]:
        there, missing = (words, rules) if key not in rules.rows else (rules, words)
        if key not in missing.rows:
            column = letter(there.columns["key"])
            sentence = _('The step "%(key)s" has no row in the sheet "%(sheet)s". Add it there, or take it away here.')
            values = {"key": key, "sheet": missing.name}
            faults.append(Fault(there.name, there.rows[key], column, "key", sentence, values))
            continue
        raw: dict[str, Any] = {"key": key, **rules.cells[key], **words.cells[key]}
        raw |= {name: raw[name] == TRUE for name in FLAGS if name in raw}
        try:
            yield read_step(raw, {}, head["anchor"], "")
        except LibraryFileError as error:
            named = error.field or "key"
            sheet = words if named in TEXTS else rules
            place = letter(sheet.columns[named]) if named in sheet.columns else ""
            faults.append(Fault(sheet.name, sheet.rows[key], place, named, error.sentence, error.values))


def _said(name: str, cell: Any) -> str:
    """A cell as the file would say it."""
    if name in TEXTS:
        return tidy(_text(cell))
    if name == "time":
        return _clock(cell)
    if name in FLAGS:
        return _flag(cell)
    if isinstance(cell, date | time | timedelta):
        raise _CellFault(
            _("The spreadsheet has made a date or time of it (%(value)s). Format the cell as text and write it again."),
            cell,
        )
    return tidy(_text(cell))


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return TRUE if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _clock(cell: Any) -> str:
    """A time of day as "11:45", also from a fraction of a day, a time or a date with time."""
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, timedelta):
        cell = cell.total_seconds() / 86_400
    if isinstance(cell, float) and 0 <= cell < 1:
        minutes = round(cell * _DAY_MINUTES) % _DAY_MINUTES
        return f"{minutes // 60:02}:{minutes % 60:02}"
    written = tidy(_text(cell))
    found = _CLOCK.fullmatch(written)
    return f"{int(found[1]):02}:{found[2]}" if found else written


def _flag(cell: Any) -> str:
    word = tidy(_text(cell)).casefold()
    if word in _YES:
        return TRUE
    if not word or word in _NO:
        return ""
    raise _CellFault(_("“%(value)s” is neither yes nor no. Write true, or leave it empty."), word)
