"""Finds the heading of a register and says which column holds what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from recipients.names import clean_text, strip_marks

SEARCHED_ROWS = 20
"""The heading stands in one of the first rows; above it stand titles."""

ENOUGH_FIELDS = 3
"""A heading names the woman and at least two things more."""

# Folded headings (see `fold`), each a whole match. The first field that matches has the column.
_PATTERNS: dict[str, str] = {
    "serial": r"stt|tt|so tt|so thu tu|no|nr|serial( number| no)?|#",
    "name": r"(ho( va)?|ho,?) ?ten( day du)?( (cua )?(thai phu|me|ba me|phu nu( mang thai| co thai)?|san phu|ba bau"
    r"|chi|benh nhan|nguoi khai))?|ten( (thai phu|me|san phu|ba bau))|ho ten khai sinh|full ?name|name( of( the)?"
    r" (woman|mother|client))?|(mother|woman|patient|client)( s)? name|ho ten",
    "year_of_birth": r"nam sinh( (cua )?(thai phu|me|san phu))?|(ngay( thang)?( nam)? sinh)( (cua )?(thai phu|me"
    r"|san phu))?|nam sinh cua me|ns|year of birth|birth year|yob|(mother s )?date of birth|dob",
    "ethnicity": r"dan toc|ethnic(ity| group)?",
    "occupation": r"nghe( nghiep)?|cong viec|occupation|job",
    "village": r"(thon|ap|khom|to dan pho|ban|buon|xom|khu pho|khu|to|lang)( (thon|ap|khom|to( dan pho)?|ban|buon|xom"
    r"|khu( pho)?|lang|tdp))*|tdp|dia chi( thon ap)?|thon ap ban|village|hamlet|address",
    "unit_code": r"ma (xa|phuong|dvhc|don vi( hanh chinh)?|dia ban)( (phuong|xa|dac khu|thi tran))*|(commune|unit|ward)"
    r" code|code",
    "unit_name": r"(ten )?(xa|phuong)( (phuong|xa|dac khu|thi tran|tt))*|commune( name| ward)?|ward|unit( name)?",
    "phone": r"(so )?(dt|dtdd|sdt|dd|dien thoai|di dong|phone|mobile|tel|telephone|cell ?phone)( (dt|dien thoai|di dong"
    r"|lien he|lien lac|dd|me|cua me|thai phu|san phu|ca nhan|so|no|number|[123]))*|(phone|mobile|contact|telephone)"
    r"( phone)? (number|no)",
    "phone_holder": r"chu (may|so|thue bao|dien thoai|sdt)|(may|sdt|dien thoai|so dien thoai) cua ai|nguoi (dung|giu)"
    r" (may|dien thoai)|phone (holder|owner)|owner of (the )?phone|whose phone",
    "lmp": r"(ngay )?(dau |co )?((tien )?cua )?(ky |chu ky )?kinh (cuoi( cung)?|chot)|(ngay )?(dau )?(tien )?(cua )?"
    r"(kcc|kkc|kc|kkcc)|ngay dau( tien)?( cua)? (ky |chu ky )?kinh( nguyet)?( cuoi( cung)?)?|lmp( date)?|(first day"
    r" of( the)? )?last (menstrual )?period|(date of )?last menstrual period|last menstruation",
    "edd": r"(ngay )?(du kien|du) (ngay )?(sinh|de|sanh)( (theo )?(sieu am|sa|kcc|kinh cuoi))?"
    r"|ngay (sinh|de|sanh) du kien|(ngay )?dks( (theo )?(sieu am|sa|kcc))?|nds|(ngay )?dk sinh|edd|edc|due date"
    r"|(expected|estimated) (date of )?(delivery|birth|confinement|due)( date)?",
    "gestation": r"(so )?(tuoi|tuan) (tuoi )?thai( (khi|luc|tai|hien tai|ngay)( lan)?( (kham|vao so|dang ky))?)?"
    r"( tuan)?|thai tuan|thai may tuan|tuoi thai tuan|so tuan( tuoi)?( thai)?|gestation(al age)?( at visit)?( weeks"
    r"?| wks?)?|ga|weeks( of)? (pregnant|pregnancy|gestation)",
    "visit_date": r"(ngay( den)? kham|kham ngay)( thai)?( (lan dau|lan [1-9]|dau tien|gan nhat))?|lan kham"
    r" gan nhat|(date of )?(anc |antenatal |first |last )?visit( date)?|anc date|date of (anc|visit|examination)"
    r"|exam(ination)? date",
    "gravida": r"lan (co|mang) thai( thu)?( may)?|(co|mang) thai lan( thu( may)?)?|so lan (co|mang) thai|thai lan"
    r" thu|gravida|pregnancy (number|no|order)|g",
    "parity": r"para|parity|so con( hien co| hien tai| song)?|so lan (sinh|de)|tien (thai|san)( para)?|p|tien su san"
    r" khoa( para)?",
    "consent": r"(su )?(da )?dong y( (nhan|cho)( gui)?( (tin( nhan)?|sms))*)?|chap thuan( nhan tin( nhan)?)?|nhan tin"
    r"( nhan)?|dang ky nhan tin( nhan)?|consent( given| to sms| sms)?|(sms|message) consent|agree[sd]?( to sms)?",
    "language": r"ngon ngu( (nhan tin|tin nhan))?|tieng|language|lang",
    "note": r"ghi chu( khac)?|luu y|chu thich|gc|notes?|remarks?|comments?",
}
_SOMEBODY_ELSE = re.compile(
    r"\b(chong|bo|cha|con|tre|be|can bo|nguoi (nha|than|kham)|nhan vien|bac si|husband|father|child|baby|staff)\b"
)
_BETTER = {"edd": re.compile(r"\b(sieu am|sa|ultrasound)\b")}
"""Of several columns of a field, those whose title says this come first."""
_COMPILED = {field: re.compile(pattern) for field, pattern in _PATTERNS.items()}
FIELDS = tuple(_PATTERNS)


@dataclass(frozen=True)
class Heading:
    """Which columns hold which field.

    - `columns`: field to its columns, from left to right (a due date by ultrasound first). With several, a
      row's value is the first that is not blank, so nothing is lost.
    - `titles`: the heading of each column as written ("" where there is none).
    - `unknown`: titles nobody recognised; their cells stay in the raw row.
    - `duplicates`: fields that more than one column claims.
    - `first`, `last`: indexes of the heading's rows in the sheet; the data begins after `last`.
    """

    columns: dict[str, tuple[int, ...]]
    titles: tuple[str, ...]
    unknown: tuple[str, ...]
    duplicates: tuple[str, ...]
    first: int
    last: int

    def value(self, cells: Sequence[Any], field: str) -> Any:
        """The raw cell of a field: the first that is not blank of its columns, else None."""
        for column in self.columns.get(field, ()):
            if column < len(cells) and not is_blank(cells[column]):
                return cells[column]
        return None


def is_blank(cell: Any) -> bool:
    """None, "" and text of nothing but blanks and invisible characters."""
    if not isinstance(cell, str):
        return cell is None
    stripped = cell.strip()
    return not stripped or (not stripped[0].isalnum() and not clean_text(stripped))


def fold(text: object) -> str:
    """A heading in the form in which headings are compared: no diacritics, lower case, only letters and digits.

    "Ngày đầu kỳ\\nkinh cuối (KCC)" and "NGAY DAU KY KINH CUOI KCC" agree; composed and decomposed agree.
    """
    plain = strip_marks(clean_text(text)).casefold()
    return " ".join(re.sub(r"[^a-z0-9#]+", " ", plain).split())


def field_of(title: object) -> str | None:
    """The field that a heading names, or None. Tries it whole, without its brackets, then by its brackets alone.

    A heading about somebody else ("Họ tên (chồng)", "SĐT chồng") is no field of hers.
    """
    text = clean_text(title)
    whole = _match(fold(text))
    if whole or _SOMEBODY_ELSE.search(fold(text)):
        return whole
    outside = re.sub(r"[(\[{].*?[)\]}]", " ", text)
    inside = " ".join(re.findall(r"[(\[{](.*?)[)\]}]", text))
    return _match(fold(outside)) or _match(fold(inside))


def find_heading(rows: Sequence[Sequence[Any]]) -> Heading | None:
    """The heading among the first rows of a sheet, or None.

    - The first row that names enough fields: the name and at least two more.
    - A heading of two rows (a title over several columns, the columns' own titles below) is put together
      when that names more fields than either row alone. Only neighbours are compared, so a heading printed again
      further down never takes the place of the first.
    """
    head = rows[:SEARCHED_ROWS]
    singles = [_heading([row], index) for index, row in enumerate(head)]
    pairs = [*(_heading(list(pair), index) for index, pair in enumerate(pairwise(head))), None]
    for index in range(len(head)):
        if singles[index] or pairs[index]:
            near = (*singles[index : index + 2], *pairs[index : index + 2])
            return max((one for one in near if one), key=lambda one: len(one.columns))
    return None


def repeats(heading: Heading, cells: Sequence[Any]) -> bool:
    """True for a heading printed again further down, as on each page of a register."""
    name = heading.columns["name"][0]
    if name >= len(cells) or not _same_title(cells[name], heading.titles[name]):
        return False
    found = [column for column, cell in enumerate(cells) if not is_blank(cell)]
    same = [c for c in found if c < len(heading.titles) and _same_title(cells[c], heading.titles[c])]
    return len(same) >= ENOUGH_FIELDS and len(same) * 2 > len(found)


def is_column_numbers(cells: Sequence[Any]) -> bool:
    """True for the row "(1) (2) (3)" or "A B 1 2 3" that printed forms have under the heading."""
    marks = [fold(_whole(cell)) for cell in cells if not is_blank(cell)]
    digits = [int(mark) for mark in marks if mark.isdigit()]
    others = [mark for mark in marks if not mark.isdigit()]
    return (
        len(digits) >= ENOUGH_FIELDS
        and digits == list(range(digits[0], digits[0] + len(digits)))
        and others == ["a", "b", "c", "d"][: len(others)]
    )


@lru_cache(maxsize=4096)
def _match(form: str) -> str | None:
    if not form or len(form) > 80:
        return None
    return next((field for field, pattern in _COMPILED.items() if pattern.fullmatch(form)), None)


def _stacked_field(stacked: list[str], title: str) -> str | None:
    """The field of titles that stand above each other: all together, else the lowest that names one."""
    whole = field_of(title)
    if whole or _SOMEBODY_ELSE.search(fold(title)):
        return whole
    return next((field for part in reversed(stacked) if (field := field_of(part))), None)


def _whole(cell: Any) -> Any:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _same_title(cell: Any, title: str) -> bool:
    return isinstance(cell, str) and bool(title) and fold(cell) == fold(title)


def _heading(rows: list[Sequence[Any]], first: int) -> Heading | None:
    width = max(len(row) for row in rows)
    titles: list[str] = []
    columns: dict[str, list[int]] = {}
    unknown: list[str] = []
    for column in range(width):
        stacked = [
            row[column].strip() for row in rows if column < len(row) and isinstance(row[column], str)
            and not is_blank(row[column])
        ]  # fmt: skip
        title = clean_text(" ".join(stacked))
        titles.append(title)
        if not title:
            continue
        field = _stacked_field(stacked, title)
        if field is None:
            unknown.append(title)
        else:
            columns.setdefault(field, []).append(column)
    if "name" not in columns or len(columns) < ENOUGH_FIELDS:
        return None
    if len(rows) == 2 and not _is_second_row(rows, columns["name"][0]):
        return None
    duplicates = tuple(field for field, where in columns.items() if len(where) > 1)
    for field, better in _BETTER.items():
        columns.get(field, []).sort(key=lambda column: not better.search(fold(titles[column])))
    fields = {field: tuple(where) for field, where in columns.items()}
    return Heading(fields, tuple(titles), tuple(unknown), duplicates, first, first + len(rows) - 1)


def _is_second_row(rows: list[Sequence[Any]], name_column: int) -> bool:
    """A second heading row names fields itself and has no woman's name in it."""
    lower = rows[1]
    below_name = lower[name_column] if name_column < len(lower) else None
    named = [cell for cell in lower if isinstance(cell, str) and field_of(cell)]
    filled = [cell for cell in lower if not is_blank(cell)]
    return (is_blank(below_name) or field_of(below_name) == "name") and len(named) * 2 >= len(filled) > 0
