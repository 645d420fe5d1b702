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

_CHILD = r"(con|tre|be|em be|tre so sinh|so sinh|con so sinh|chau)"
_NUMBERED = r"( (g|gr|gam|gram|grams|kg))?( (con |be |tre |thu )*[1-4])?( (g|gr|gam|gram|grams|kg))?"

# Folded headings (see `fold`), each a whole match. The first field that matches has the column.
_PATTERNS: dict[str, str] = {
    "serial": r"stt|tt|so tt|so thu tu|no|nr|serial( number| no)?|#",
    "name": r"(ho( va)?|ho,?) ?ten( day du)?( (cua )?(thai phu|me|ba me|phu nu( mang thai| co thai)?|san phu|ba bau"
    r"|chi|vo|nguoi vo|benh nhan|nguoi khai))?|ten( (thai phu|me|san phu|ba bau))|ho ten khai sinh|full ?name"
    r"|name( of( the)? (woman|mother|client))?|(mother|woman|patient|client)( s)? name|ho ten",
    "surname": r"ho|ho( va)?( ten)? (dem|lot)|surname|family name|last name",
    "middle_name": r"(ten )?(dem|lot)|chu (dem|lot)|middle name",
    "given_name": r"ten( goi)?|given names?|first name|forename",
    "year_of_birth": r"nam sinh( (cua )?(thai phu|me|vo|san phu))?|(ngay( thang)?( nam)? sinh)( (cua )?(thai phu|me"
    r"|san phu))?|nam sinh cua me|ns|year of birth|birth year|yob|(mother s )?date of birth|dob",
    "ethnicity": r"dan toc|ethnic(ity| group)?",
    "occupation": r"nghe( nghiep)?|cong viec|occupation|job",
    "village": r"(thon|ap|khom|to dan pho|ban|buon|xom|khu pho|khu|to|lang)( (thon|ap|khom|to( dan pho)?|ban|buon|xom"
    r"|khu( pho)?|lang|tdp))*|tdp|dia chi( thon ap)?|thon ap ban|village|hamlet|address",
    "unit_code": r"ma (xa|phuong|dvhc|don vi( hanh chinh)?|dia ban)( (phuong|xa|dac khu|thi tran))*|(commune"
    r"|unit|ward)"
    r" code|code",
    "unit_name": r"(ten )?(xa|phuong)( (phuong|xa|dac khu|thi tran|tt))*|commune( name| ward)?|ward|unit( name)?",
    "phone": r"(so )?(dt|dtdd|sdt|dd|dien thoai|di dong|phone|mobile|tel|telephone|cell( ?phone)?)( (dt|dien thoai"
    r"|di dong|lien he|lien lac|dd|me|cua me|vo|cua vo|thai phu|san phu|ca nhan|so|no|number|[123]))*"
    r"|(phone|mobile|contact|telephone)( phone)? (number|no)",
    "phone_holder": r"chu (may|so|thue bao|dien thoai|sdt)|(may|sdt|dien thoai|so dien thoai) cua ai|nguoi (dung|giu)"
    r" (may|dien thoai)|phone (holder|owner)|owner of (the )?phone|whose phone",
    "lmp": r"(ngay )?(dau |co )?((tien )?cua )?(ky |chu ky )?kinh (cuoi( cung)?|chot)|(ngay )?(dau )?(tien )?(cua )?"
    r"(kcc|kkc|kc|kkcc)|ngay dau( tien)?( cua)? (ky |chu ky )?kinh( nguyet)?( cuoi( cung)?)?|((first day|date)"
    r"( of)?( the)? )?(lmp|last (normal )?(menstrual )?period|last menstruation)( date)?",
    "edd": r"(ngay )?(du kien|du) (ngay )?(sinh|de|sanh)( (theo )?(sieu am|sa|kcc|kinh cuoi))?"
    r"|ngay (sinh|de|sanh) du kien|(ngay )?dks( (theo )?(sieu am|sa|kcc))?|nds|(ngay )?dk sinh"
    r"|((dating )?(ultrasound|us|usg|scan) )?(edd|edc|due date|(expected|estimated) (date of )?(delivery|birth"
    r"|confinement|due)( date)?)( (by |from |on )?(dating )?(ultrasound|us|usg|scan|lmp))?",
    "gestation": r"(so )?(tuoi|tuan) (tuoi )?thai( (khi|luc|tai|hien tai|ngay)( lan)?( (kham|vao so|dang ky))?)?"
    r"( tuan)?|thai tuan|thai may tuan|tuoi thai tuan|so tuan( tuoi)?( thai)?|gestation(al age)?( at visit)?( weeks"
    r"?| wks?)?|ga|weeks(( of)? (pregnant|pregnancy|gestation))?",
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
    "born_on": rf"ngay( thang)?( nam)? (sinh|de|sanh)( ra)? (cua )?{_CHILD}|{_CHILD}( s)? ngay( thang)?( nam)? sinh"
    r"|(date of )?birth( date)?( of)? (the )?(baby|child|newborn)|date of live birth|live birth date|(baby"
    r"|child|newborn)"
    r"( s)? (date of birth|birth ?date|dob)|dob (of )?(the )?(baby|child|newborn)",
    "ended_on": r"(ngay( gio| thang( nam)?)?|de|sinh|sanh) (de|sanh|sinh de|de sinh|sinh con de|ngay)"
    r"( (thuc te|ngay( thang nam)?))?|ngay sinh thuc te|ngay (say|mat|pha|dinh chi)( (thai|thai nghen))?"
    r"|ngay (de|sinh|sanh|say|pha)( thai)?( hoac)? (say|pha|de|sinh|dinh chi)( thai)?"
    r"|ngay (ket thuc|cham dut|dinh chi) (thai( (ky|nghen))?|mang thai)|ngay (chuyen da )?de con"
    r"|(actual )?(date of )?deliver(y|ed)( date| on)?|(date of )?(the )?(pregnancy )?(outcome"
    r"|end)( of pregnancy)? date"
    r"|date of (the )?(pregnancy )?(outcome|end( of (the )?pregnancy)?|loss|miscarriage)",
    "outcome": r"(ket qua|ket cuc|ket thuc|tinh trang ket thuc)( (cua|cuoi))? ?(thai( (ky|ki|nghen|san))?|mang thai"
    r"|lan (co|mang) thai( nay)?|cuoc (de|sinh)|(sinh|de|sanh)( (de|con))?|chuyen da( de)?)|ket cuc"
    r"|((pregnancy|delivery|birth) )?outcome( of( the)? (pregnancy|delivery|birth))?|result of( the)? pregnancy"
    r"|pregnancy result",
    "child_state": rf"(tinh trang|ket qua)( (cua|song))? {_CHILD}( (sau|khi|luc) (sinh|de|sanh))?|{_CHILD} tinh trang"
    r"( (sau|khi|luc) (sinh|de))?|(status|condition|state) of (the )?(baby|child|newborn)|(baby|child|newborn)( s)?"
    r" (status|condition|state)",
    "delivery_mode": r"(cach( thuc)?|phuong phap|kieu|hinh thuc) (de|sinh|sanh)|(mode|type|method) of (delivery|birth)"
    r"|delivery (mode|type|method)",
    "children": r"so (luong )?(con|tre|be)( so sinh)? (sinh|de|moi sinh|sanh)( ra)?( song)?( lan nay)?|so (tre|be)"
    r"( so sinh)?( song)?|(number|no) of (babies|newborns|children born|live ?births|infants)( born)?( alive)?",
    "weight": rf"(can nang|trong luong|cn)( (cua|luc sinh|khi sinh|luc de|khi de))* ?({_CHILD}|tre so sinh)"
    rf"( (khi|luc) (sinh|de|sanh))?{_NUMBERED}|(can nang|trong luong) (khi|luc|so) (sinh|de|sanh){_NUMBERED}"
    rf"|{_CHILD}{_NUMBERED} (can nang|trong luong)( (khi|luc) (sinh|de|sanh))?{_NUMBERED}"
    rf"|((baby|child|newborn|infant)( s)? )?(birth ?weight|weight at birth)s?{_NUMBERED}"
    rf"|(baby|newborn|infant|child)( s)? weight{_NUMBERED}|weight of (the )?(baby|newborn|child){_NUMBERED}",
    "birth_gestation": r"(so )?(tuoi|tuan)( tuoi)? thai ((khi|luc|tai luc) )?(sinh|de|sanh|ket thuc( thai( ky)?)?)"
    r"( tuan)?|de (luc|khi) may tuan|(gestation(al age)?|ga|weeks)( weeks| wks)? at (birth|delivery"
    r"|end( of pregnancy)?)"
    r"( weeks| wks)?",
    "note": r"ghi chu( khac)?|luu y|chu thich|gc|notes?|remarks?|comments?",
}
_SOMEBODY_ELSE = re.compile(
    r"\b(chong|bo|cha|con|tre|be|can bo|nguoi (nha|than|kham)|nhan vien|bac si|husband|father|child|baby|staff)\b"
)
OUTCOME_FIELDS = frozenset(
    ("born_on", "ended_on", "outcome", "child_state", "delivery_mode", "children", "weight", "birth_gestation")
)
"""How this pregnancy ended: read together (register_import.endings)."""
_ANOTHER_TIME = re.compile(
    r"\b(du|dk|dks|du kien|uoc|hen|expected|estimated|planned|edd|edc|due|truoc|tien su|tien can|tien thai|tien san"
    r"|cuoi|gan nhat|cu|previous|last|former|history|earlier)\b"
)
"""Says of a column that it is not about how this pregnancy ended: a day to come, or a birth before."""
_ULTRASOUND = re.compile(r"\b(sieu am|sa|ultrasound|us|usg|scan)\b")
_BETTER = {"edd": _ULTRASOUND}
"""Of several columns of a field, those whose title says this come first."""
_NAME_PARTS = ("surname", "middle_name", "given_name")
"""Columns that make a name together, in the order in which a Vietnamese name is said."""
_SUM = re.compile(r"(tong so|tong cong|cong)( (so|trang|lai|chung|mang sang|chuyen sang))?( \d+( [a-z]+){0,3})?")
_SIGNED = re.compile(
    r"(nguoi|can bo) (lap( bieu| bang| so| danh sach)?|ghi so|vao so|bao cao|kiem tra|phu trach|tong hop)|lap bieu"
    r"|(pho )?(tram truong|truong tram|giam doc|truong khoa)( tram y te)?|thu truong( don vi)?"
    r"|ky( va)?( ghi)?( ro)? ho( va)? ten( va)?( dong dau)?|ky ten( va)?( dong dau)?|dong dau"
)
_DAY_SIGNED = re.compile(r"([^,\d]{0,40}, ?)?ngay( \d{1,2})? thang( \d{1,2})? nam( \d{2,4})? ?")
"""What stands below the table of a printed register: sums, the day, who signs."""
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
    - `name_parts`: the columns of surname, middle and given name where the name stands in several, else empty.
    - `first`, `last`: indexes of the heading's rows in the sheet; the data begins after `last`.
    """

    columns: dict[str, tuple[int, ...]]
    titles: tuple[str, ...]
    unknown: tuple[str, ...]
    duplicates: tuple[str, ...]
    first: int
    last: int
    name_parts: tuple[int, ...] = ()

    def value(self, cells: Sequence[Any], field: str) -> Any:
        """The raw cell of a field: the first that is not blank of its columns, else None.

        A name in several columns is put together, surname first.
        """
        if field == "name" and self.name_parts:
            parts = [clean_text(cells[column]) for column in self.name_parts if column < len(cells)]
            return " ".join(part for part in parts if part) or None
        column = self._column(cells, field)
        return None if column is None else cells[column]

    def values(self, cells: Sequence[Any], field: str) -> list[Any]:
        """All cells of a field that are not blank, from left to right."""
        return [cells[c] for c in self.columns.get(field, ()) if c < len(cells) and not is_blank(cells[c])]

    def is_by_ultrasound(self, cells: Sequence[Any]) -> bool:
        """True when the due date of the row comes from a column whose title says ultrasound."""
        column = self._column(cells, "edd")
        return column is not None and bool(_ULTRASOUND.search(fold(self.titles[column])))

    def _column(self, cells: Sequence[Any], field: str) -> int | None:
        filled = (c for c in self.columns.get(field, ()) if c < len(cells) and not is_blank(cells[c]))
        return next(filled, None)


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
    return _of_this_pregnancy(_match(fold(outside)) or _match(fold(inside)), text)


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
            return max((one for one in near if one), key=lambda one: (len(one.columns), len(one.name_parts)))
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


def is_footer(heading: Heading, cells: Sequence[Any]) -> bool:
    """True for the sums, the day and the signatures that printed registers have below the table.

    Nothing else may stand in the row, but numbers beside a sum; and neither a serial number nor anything of a
    telephone number or a date in its column, so that no woman is taken for a footer.
    """
    telling = {c for field in ("serial", "phone", "lmp", "edd", "visit_date") for c in heading.columns.get(field, ())}
    summed = found = numbers = False
    for column, cell in enumerate(cells):
        if is_blank(cell):
            continue
        form = fold(_whole(cell))
        if form.isdigit() or not isinstance(cell, str):
            numbers = True
            if column in telling:
                return False
        elif _SUM.fullmatch(form):
            summed = found = True
        elif _SIGNED.fullmatch(form) or (column not in telling and _is_day_signed(cell)):
            found = True
        else:
            return False
    return found and (summed or not numbers)


def _is_day_signed(cell: str) -> bool:
    """ "Vĩnh Long, ngày 30 tháng 11 năm 2026", or with dots where the numbers will be written."""
    return bool(_DAY_SIGNED.fullmatch(re.sub(r"[\s.…_]+", " ", strip_marks(clean_text(cell)).casefold())))


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
    lowest = next((field for part in reversed(stacked) if (field := field_of(part))), None)
    return _of_this_pregnancy(lowest, title)


def _of_this_pregnancy(field: str | None, title: str) -> str | None:
    """No field of how the pregnancy ended where the whole title speaks of a day to come or of a birth before."""
    return None if field in OUTCOME_FIELDS and _ANOTHER_TIME.search(fold(title)) else field


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
    parts = _join_name(columns)
    if "name" not in columns or len(columns) < ENOUGH_FIELDS:
        return None
    if len(rows) == 2 and not _is_second_row(rows, columns["name"][0]):
        return None
    unknown += [titles[column] for part in _NAME_PARTS for column in columns.pop(part, ())]
    duplicates = tuple(field for field, where in columns.items() if len(where) > 1 and not (parts and field == "name"))
    for field, better in _BETTER.items():
        columns.get(field, []).sort(key=lambda column: not better.search(fold(titles[column])))
    fields = {field: tuple(where) for field, where in columns.items()}
    return Heading(fields, tuple(titles), tuple(unknown), duplicates, first, first + len(rows) - 1, parts)


def _join_name(columns: dict[str, list[int]]) -> tuple[int, ...]:
    """Makes the name of the columns for surname and given name, where no column holds the whole name."""
    if "name" in columns or not {"surname", "given_name"} <= columns.keys():
        return ()
    parts = tuple(columns.pop(part)[0] for part in _NAME_PARTS if part in columns)
    columns["name"] = list(parts)
    return parts


def _is_second_row(rows: list[Sequence[Any]], name_column: int) -> bool:
    """A second heading row names fields itself and has no woman's name in it."""
    lower = rows[1]
    below_name = lower[name_column] if name_column < len(lower) else None
    named = [cell for cell in lower if isinstance(cell, str) and field_of(cell)]
    filled = [cell for cell in lower if not is_blank(cell)]
    names_it = is_blank(below_name) or field_of(below_name) in ("name", *_NAME_PARTS)
    return names_it and len(named) * 2 >= len(filled) > 0
