"""Reads single cells of a register: dates, weeks, yes and no, phone holder, language, codes."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from typing import Any

from recipients.gestation import GestationalAge
from recipients.names import clean_text, strip_marks


def words(listed: str) -> frozenset[str]:
    """Folded words parted by bars, as a set."""
    return frozenset(listed.split("|"))


_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 73_051)
"""Excel serials taken for dates: 1954-10-03 to 2099-12-31."""

_YEARS = range(1900, 2101)
_UNKNOWN_WORDS = words(
    "khong nho|khong ro|khong biet|khong co|ko nho|ko ro|ko biet|ko|k nho|k ro|chua ro|chua biet|chua co|unknown"
    "|n a|na|none|not known"
)
_WEEK, _DAY = "tuan|t|w|wk|wks|weeks?", "ngay|n|d|days?"
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_TIME = re.compile(
    r"(?:[t\s]\s*(?:luc\s*)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
    r"(?:\s*\(?(?:am|pm|sa|ch)\)?|\s*z|\s*[+-]\d{2}:\d{2}|(?<=:\d{2})[+-]\d{4})?$"
)
"""The time of day behind a date: morning is SA, afternoon CH."""
_MONTHS = {month.casefold(): number for number, month in enumerate(calendar.month_abbr) if month}


class CellError(ValueError):
    """A filled cell that cannot be read. The verdict names the reason; the cell goes back as it was."""


def is_unknown(raw: Any) -> bool:
    """True for a blank cell, for dashes and question marks, and for "không nhớ", "không rõ" and the like."""
    word = folded(raw)
    return not word or word in _UNKNOWN_WORDS


def read_date(raw: Any) -> date | None:
    """A local date; None for a cell that says nothing; CellError for what is no date.

    - A date or a date with time from the spreadsheet; an Excel serial (1900 system).
    - Day first: 03/07/2026, 3-7-26, 7.7.2026, 3 7 2026, 03072026, "ngày 3 tháng 7 năm 2026", "3 thg 7 2026",
      3-Jul-2026, "3rd July 2026". Never month first: 07/13/2026 is an error, not the 13th of July.
    - Year first: 2026-07-03, 2026/7/3, 20260703. A two-digit year is never first: 26/7/3 is an error.
    - A time behind a date is left out ("00:00", "T00:00:00+07:00", "8:30 SA", "(CH)"): the day is as written.
    - A bare 0, which a formula makes of an empty cell, says nothing.
    - Two-digit years: 00-69 are 20xx, 70-99 are 19xx. Years outside 1900-2100 are errors.
    """
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, bool):
        raise CellError("date")
    if isinstance(raw, (int, float)):
        return _from_number(raw) if raw else None
    if is_unknown(raw):
        return None
    return _from_text(strip_marks(clean_text(raw)).casefold())


def read_gestation(raw: Any) -> GestationalAge | None:
    """Gestational age: 12, "12w3d", "12 tuần 3 ngày", "12+3", "12t3n", "T12"; None when blank; CellError else.

    - Days alone are days: "86 ngày" is 12w2d.
    - "12/40" and "12+3/40" are weeks of forty, as midwives write them.
    - One decimal is the day, as midwives write it, in a number cell as in text: 12.3 and "12,3" are 12w3d, 12.5 is
      12w5d; 12.7 to 12.9 cannot be and are errors. Zeros at the end say nothing: "12.50" is 12.5.
    - More decimals come from a formula and are a part of a week, rounded to days: 12.43 is 12w3d.
    """
    if isinstance(raw, (bool, date, timedelta)):
        raise CellError("gestation")
    if isinstance(raw, (int, float)):
        return _weeks(repr(float(raw)))
    if is_unknown(raw):
        return None
    text = strip_marks(clean_text(raw)).casefold().replace(",", ".")
    text = re.sub(r"^(thai|tuoi thai|ga)\s*:?\s*", "", text)
    if of_forty := re.fullmatch(r"(\d{1,2}(?:\s*\+\s*[0-6])?)\s*/\s*40", text):
        text = of_forty[1]
    if decimal := re.fullmatch(rf"(\d{{1,3}}(?:\.\d+)?)\s*(?:{_WEEK})?(?:\s*thai)?", text):
        return _weeks(decimal[1])
    if days := re.fullmatch(rf"(\d{{1,3}})\s*(?:{_DAY})(?:\s*(?:thai|tuoi))?", text):
        return GestationalAge.from_days(int(days[1]))
    if number := re.fullmatch(r"(?:t|w|tuan)(?:\s*thu)?\s*(\d{1,2})", text):
        return _weeks(number[1])
    parts = re.fullmatch(
        rf"(\d{{1,2}})(?:\s*(?:{_WEEK})\s*(?:\+|va|and|/)?|\s*(?:\+|va|and|/)|\s)\s*([0-6])(?:/7)?\s*(?:{_DAY})?",
        text,
    )
    if not parts:
        raise CellError("gestation")
    return GestationalAge(int(parts[1]), int(parts[2]))


def read_consent(raw: Any) -> bool | None:
    """Yes, no, or None for a blank cell, which is not consent. CellError for a word that is neither."""
    if isinstance(raw, bool):
        return raw
    word = folded(raw)
    if clean_text(raw) in {"✓", "✔", "☑", "✅", "√"}:
        return True
    if clean_text(raw) in {"✗", "✘", "☒", "❌"}:
        return False
    if not word:
        return None
    if word in _YES or _YES_HOW.fullmatch(word):
        return True
    if word in _NO:
        return False
    raise CellError("consent")


def read_phone_holder(raw: Any) -> str | None:
    """ "own", "husband" or "shared"; None for a blank. A relative's or a neighbour's phone counts as shared."""
    word = folded(raw)
    if not word:
        return None
    if word in _OWN:
        return "own"
    return "husband" if re.fullmatch(r"(so |may |sdt )?(cua )?(chong|husband)( s)?", word) else "shared"


def read_language(raw: Any) -> str | None:
    """ "vi", "km" or "en"; None for a blank; CellError for a language in which we have no texts."""
    word = folded(raw)
    if "ខ្មែរ" in clean_text(raw):
        return "km"
    if not word:
        return None
    for code, words in _LANGUAGES.items():
        if word.removeprefix("tieng ") in words:
            return code
    raise CellError("language")


def read_unit_code(raw: Any) -> str:
    """A commune code of five digits as text, lost zeros put back: 7210.0 and "7210" are "07210"; "" when blank."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    text = clean_text(raw).strip("'\"` ")
    code = re.match(r"^(\d{1,5})(?:\.0+)?(?:\s*[-:.]?\s*[^\d\s].*)?$", text)
    return code[1].zfill(5) if code else text


def read_year_of_birth(raw: Any, today: date) -> int | None:
    """A year from a year or a whole date; two digits by the century that makes her younger than 100.

    None for a blank; CellError for what is no year or makes her younger than 9 or older than 65.
    """
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and float(raw) < 20_000:
        raw = f"{raw:.0f}" if float(raw).is_integer() else str(raw)
    if isinstance(raw, str) and re.fullmatch(r"\d{4}(\.0)?", clean_text(raw)):
        year = int(clean_text(raw)[:4])
    elif isinstance(raw, str) and re.fullmatch(r"\d{2}", clean_text(raw)):
        year = today.year // 100 * 100 + int(clean_text(raw))
        year -= 100 if year > today.year else 0
    else:
        born = read_date(raw)
        if born is None:
            return None
        year = born.year
    if not 9 <= today.year - year <= 65:
        raise CellError("year_of_birth")
    return year


def read_count(raw: Any) -> int | None:
    """A small whole number (which pregnancy, births): 2, 2.0, "lần 2", "thứ 3"; None when blank; CellError else."""
    if is_unknown(raw):
        return None
    text = f"{raw:.0f}" if isinstance(raw, float) and raw.is_integer() else strip_marks(clean_text(raw)).casefold()
    number = re.fullmatch(r"(?:con |lan |thu |so |g|p)*\s*(\d{1,2})(?:\.0)?(?: lan| con)?", text)
    if not number or int(number[1]) > 25:
        raise CellError("count")
    return int(number[1])


def read_parity(raw: Any) -> int | None:
    """Births so far: a count, or the first two digits of PARA (term and preterm births): "1001" is 1."""
    para = re.fullmatch(r"(?:para)?\s*:?\s*(\d)(\d)\d\d(?:\.0)?", clean_text(raw).casefold())
    return int(para[1]) + int(para[2]) if para else read_count(raw)


def folded(raw: Any) -> str:
    """A cell as a word to look up: no diacritics, lower case, no punctuation, whole numbers without ".0"."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return " ".join(re.sub(r"[\W_]+", " ", strip_marks(clean_text(raw)).casefold()).split())


def _from_number(number: float) -> date:
    if not abs(number) < 1e9:
        return _no_date()
    if int(number) not in _SERIALS:
        return _from_text(f"{number:.0f}") if number == int(number) else _no_date()
    return _EXCEL_EPOCH + timedelta(days=int(number))


def _from_text(text: str) -> date:
    text = _TIME.sub("", _DASHES.sub("-", text)).strip(" .,;'\"")
    text = re.sub(r"\.0$", "", text) if re.fullmatch(r"\d{5,8}\.0", text) else text
    if re.fullmatch(r"\d{5}", text):
        return _from_number(int(text)) if int(text) in _SERIALS else _no_date()
    if re.fullmatch(r"\d{7,8}", text):
        text = text.zfill(8)
        backwards = int(text[:4]) in _YEARS and int(text[4:6]) <= 12
        return _day(text[6:], text[4:6], text[:4]) if backwards else _day(text[:2], text[2:4], text[4:])
    if words := re.fullmatch(
        r"(?:ngay\s*)?(\d{1,2})[\s-]*(?:thang|thg|th)\.?\s*(\d{1,2})[\s,-]*(?:nam\s*)?(\d{4}|\d{2})", text
    ):
        return _day(words[1], words[2], words[3])
    if english := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?[\s\-./]*([a-z]{3})[a-z]*[\s\-./,]*(\d{4}|\d{2})", text):
        return _day(english[1], _month(english[2]), english[3])
    if english := re.fullmatch(r"([a-z]{3})[a-z]*[\s.]*(\d{1,2})(?:st|nd|rd|th)?[\s,]+(\d{4})", text):
        return _day(english[2], _month(english[1]), english[3])
    text = re.sub(r"^(ngay)\s*:?\s*", "", text)
    if day_first := re.fullmatch(r"(\d{1,2})\s*([/\-. \\,])\s*(\d{1,2})\s*[/\-. \\,]\s*(\d{4}|\d{2})", text):
        return _day(day_first[1], day_first[3], day_first[4])
    if year_first := re.fullmatch(r"(\d{4})\s*[/\-. ]\s*(\d{1,2})\s*[/\-. ]\s*(\d{1,2})", text):
        return _day(year_first[3], year_first[2], year_first[1])
    return _no_date()


def _month(name: str) -> str:
    return str(_MONTHS[name]) if name in _MONTHS else str(_no_date())


def _no_date() -> date:
    raise CellError("date")


def _day(day: str, month: str, year: str) -> date:
    full = int(year)
    if len(year) == 2:
        full += 2000 if full < 70 else 1900
    if full not in _YEARS:
        raise CellError("date")
    try:
        return date(full, int(month), int(day))
    except ValueError:
        raise CellError("date") from None


def _weeks(text: str) -> GestationalAge:
    """Weeks as digits: whole, with one decimal (the day), or with more (a part of a week)."""
    number = float(text)
    if not 0 <= number <= 99:
        raise CellError("gestation")
    decimals = text.partition(".")[2].rstrip("0") if "e" not in text else "small"
    if len(decimals) > 1:
        return GestationalAge.from_days(round(number * 7))
    if decimals > "6":
        raise CellError("gestation")
    return GestationalAge(int(number), int(decimals or 0))


_YES = words(
    "co|x|xx|c|y|yes|true|1|ok|dong y|co dong y|da dong y|dong y nhan|dong y nhan tin|co nhan|nhan|chap thuan|dy|v"
    "|agree|agreed|da ky|d y"
)
_YES_HOW = re.compile(r"(?:co|dong y|yes|x)(?: (?:da )?ky(?: ten)?| (?:bang )?(?:mieng|loi(?: noi)?|van ban))+")
"""A yes with the way in which it was given: by mouth, signed."""
_NO = words(
    "khong|ko|k|kg|khg|kh|n|no|false|0|o|khong dong y|ko dong y|k dong y|chua|chua dong y|tu choi|khong nhan"
    "|khong nhan tin|khong dy|not agreed|refused|declined"
)
_OWN = words(
    "ban than|chinh chu|me|thai phu|san phu|cua me|cua minh|minh|vo|rieng|toi|so rieng|may rieng|ca nhan|own|self"
    "|her own|woman|mother|ban than thai phu|chinh minh"
)
_LANGUAGES = {
    "vi": words("vi|vie|vn|viet|viet nam|kinh|vietnamese|vietnam|v|pho thong"),
    "km": words("km|khm|kh|khmer|kho me|kmer|khome|campuchia|cambodian|k"),
    "en": words("en|eng|anh|english"),
}
