"""Telephone numbers as people in Vietnam write them, turned into E.164 or a sentence."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import phonenumbers

from recipients.sentences import _

Kind = Literal["mobile", "landline"]

DATA = Path(__file__).parent / "data"


SENTENCES = {
    "phone_empty": _("There is no telephone number. Write the number, for example 0912 345 678."),
    "phone_letters": _("The telephone number contains letters or signs. Write digits only, for example 0912 345 678."),
    "phone_too_short": _("The telephone number has too few digits. Write all 10 digits, for example 0912 345 678."),
    "phone_too_long": _("The telephone number has too many digits. Write 10 digits, for example 0912 345 678."),
    "phone_unknown": _("This is not a telephone number of Vietnam. Check it and write it like 0912 345 678."),
    "phone_foreign": _(
        "This is not a valid number of that country. Check it and write it with + and the country code."
    ),
    "phone_shortened": _("The spreadsheet has cut digits off the number. Format the column as text and type it again."),
}


class PhoneError(ValueError):
    """A number that cannot be used: `str()` is the sentence for people, `code` the stable name of the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


@dataclass(frozen=True)
class Phone:
    """One number understood.

    - `e164`: the number with + and country code.
    - `kind`: "mobile" can be messaged; "landline" is a contact only.
    - `migrated_from`: the 11-digit form used before 2018 ("01665291703") when it was written so.
    - `known_prefix`: the prefix is in our table. False is a warning, not a refusal (new ranges appear).
      Always False for a foreign number.
    - `operator_guess`: by prefix only, since numbers move between operators; None when not known.
    - `others`: further valid numbers that stood in the same cell.
    """

    e164: str
    kind: Kind
    migrated_from: str | None = None
    known_prefix: bool = True
    operator_guess: str | None = None
    others: tuple[Phone, ...] = ()

    @property
    def is_vietnamese(self) -> bool:
        return self.e164.startswith("+84")


@dataclass(frozen=True)
class PrefixRow:
    """One line of data/mobile_prefixes.csv; an empty bound is open."""

    prefix: str
    operator: str
    valid_from: date | None
    valid_to: date | None


def to_e164(raw: object) -> str:
    """The number in E.164 ("+84912345678"); landlines too. Raises PhoneError (a ValueError) with the sentence."""
    return parse(raw).e164


def parse(raw: object) -> Phone:
    """Reads one cell or field. Raises PhoneError.

    What is understood
    - Text, or the int or float that Excel makes of a number; blanks, dots, dashes, brackets, no-break and
      zero-width characters, full-width and Khmer digits, a trailing ".0", a label ("SĐT:"), a remark in brackets.
    - 0912345678; +84, 0084, 84 or 084 before it, also with the zero kept; nine digits whose zero was lost.
    - The 11-digit numbers of before 2018, at any date: none of them works any more, and the table of
      data/prefix_conversions.csv says what each became (source: domain.md 5.1).
    - Landlines: 02 and nine digits (with a lost zero: ten digits beginning with 2).
    - Foreign mobile numbers, with + or 00 only.

    Where the digits could mean two things
    - Nine digits beginning with 84 ("840882031") are a mobile number that lost its zero; country code 84 needs
      nine or more digits after it.
    - Ten digits beginning with 07 are mobile, though some old landlines (070 for Vĩnh Long, until 2017) look so.
    - Digits without + or 00 are never foreign.
    - Several numbers in a cell, parted by / ; , | or a word: the first mobile one, else the first landline;
      the rest is in `others`, and what cannot be read is left out as long as one can.
    - Several numbers parted only by what also stands inside a number ("0912 345 678 0987 654 321"): a new one
      begins with 0 or + after ten digits, and every one must be a number.
    - Commas as in a sum of money ("0912,345,678") are left out when nothing else can be read.
    """
    text = _as_text(raw)
    if not text:
        raise PhoneError("phone_empty")
    try:
        return _parse_one(text)
    except PhoneError as error:
        found = _parse_run_together(text) or _parse_several(text) or _parse_with_commas(text)
        if not found:
            raise error
        return found


def as_written(e164: str | None) -> str:
    """+84912345678 as people here write it, 0912 345 678; other countries' numbers as they are, None as ""."""
    if not e164 or not e164.startswith("+84"):
        return e164 or ""
    digits = "0" + e164.removeprefix("+84")
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}"


def operator_of(e164: str, on: date) -> str | None:
    """The operator to which the prefix of a Vietnamese mobile number belonged on that local date.

    A guess for routing and reports: numbers have been portable since 2018-11-16. None for a landline,
    a foreign number or a prefix that the table does not have on that date.
    """
    if not e164.startswith("+84"):
        return None
    national = "0" + e164[3:]
    if len(national) not in (10, 11):
        return None
    for row in _rows_of(national[: len(national) - 7]):
        if (row.valid_from is None or row.valid_from <= on) and (row.valid_to is None or on <= row.valid_to):
            return row.operator
    return None


@cache
def prefix_rows() -> tuple[PrefixRow, ...]:
    """The dated table of mobile prefixes, for loading as reference data and for `operator_of`."""
    return tuple(
        PrefixRow(line["prefix"], line["operator"], _date(line["valid_from"]), _date(line["valid_to"]))
        for line in _lines("mobile_prefixes.csv")
    )


@cache
def conversions() -> dict[str, str]:
    """Old four-digit prefix to new three-digit prefix of the change of 2018 from 11 to 10 digits."""
    return {line["old_prefix"]: line["new_prefix"] for line in _lines("prefix_conversions.csv")}


_LABEL = re.compile(
    r"^(?:s[oố]\s*)?(?:[sđ]+[đd]t|[đd]i[eệ]n\s*tho[aạ]i|[đd][/.]?t|[đd][/.]?[đd]|di\s*[đd][oộ]ng|tel|phone|mobile|zalo)\s*[.:\-]?\s*(?=[+\d(])",
    re.IGNORECASE,
)
_REMARK = re.compile(r"[(\[][^\d()\[\]]+[)\]]")
_MARKS = re.compile(r"[\s.\-()\[\]_'\"·•‐‑‒–—−]+")
_SHORTENED = re.compile(r"^\+?\d+(?:[.,](\d+))?e\+?(\d{1,2})$", re.IGNORECASE)
_GROUP = re.compile(r"\+?\d+")
_SEVERAL = re.compile(r"[/;,|&\\]|\s-+\s|\b(?:hoặc|hoac|và|va|or)\b", re.IGNORECASE)
_ONE_OF_SEVERAL = re.compile(r"(?:\+84|0)[\d.]{9,12}")


def _as_text(raw: object) -> str:
    """The cell as text with ASCII digits. Raises PhoneError for what no number can be."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        raise PhoneError("phone_letters")
    if isinstance(raw, float):
        if raw != raw or raw in (float("inf"), float("-inf")) or not raw.is_integer():
            raise PhoneError("phone_unknown")
        raw = int(raw)
    text = unicodedata.normalize("NFKC", str(raw))
    text = "".join(_ascii(char) for char in text if unicodedata.category(char) not in {"Cf", "Cc"} or char.isspace())
    text = text.strip().removeprefix("=").strip(" '\"`")
    shortened = _SHORTENED.match(text)
    if shortened:
        if len(shortened[1] or "") < int(shortened[2]):
            raise PhoneError("phone_shortened")
        mantissa = re.split(r"[eE]", text)[0].replace(",", ".")
        text = f"{float(mantissa) * 10 ** int(shortened[2]):.0f}"
    if re.fullmatch(r"(?:\+?[1-9]\d{8,11}|0\d{9,10})\.0", text):
        text = text[:-2]
    return _REMARK.sub(" ", _LABEL.sub("", text)).strip(" .,;:-/|")


def _ascii(char: str) -> str:
    return str(unicodedata.digit(char)) if char.isdigit() else char


def _parse_one(text: str) -> Phone:
    plus = text.startswith("+") or text.startswith("(+")
    digits = _MARKS.sub("", text.replace("+", "", 1) if plus else text)
    if not digits:
        raise PhoneError("phone_empty")
    if not digits.isascii() or not digits.isdigit():
        raise PhoneError("phone_letters")
    if digits.startswith("00"):
        plus, digits = True, digits[2:]
        if digits.startswith("0"):
            raise PhoneError("phone_unknown")
    if plus and not digits.startswith(("84", "0")):
        return _foreign("+" + digits)
    return _national(_without_country_code(digits, plus=plus))


def _without_country_code(digits: str, *, plus: bool) -> str:
    """National digits without the leading zero."""
    if digits.startswith("084") and len(digits) == 12:
        return digits[3:]
    if digits.startswith("84") and (plus or len(digits) >= 11):
        return digits[2:].removeprefix("0")
    return digits.removeprefix("0")


def _national(digits: str) -> Phone:
    if len(digits) == 10 and digits[0] == "1":
        new = conversions().get("0" + digits[:3])
        if new is None:
            raise PhoneError("phone_unknown")
        return _mobile(new[1:] + digits[3:], migrated_from="0" + digits)
    if len(digits) == 10 and digits[0] == "2":
        known = any(("0" + digits).startswith(area) for area in _areas())
        return Phone("+84" + digits, "landline", known_prefix=known)
    if len(digits) == 9 and digits[0] in "35789":
        return _mobile(digits)
    if len(digits) < 9:
        raise PhoneError("phone_too_short")
    if len(digits) > 9 and digits[0] != "1" and not (len(digits) == 10 and digits[0] == "2"):
        raise PhoneError("phone_too_long")
    raise PhoneError("phone_unknown")


def _mobile(digits: str, migrated_from: str | None = None) -> Phone:
    """The prefix is looked up as of the newest table: what a number is today."""
    current = [row for row in _rows_of("0" + digits[:2]) if row.valid_to is None]
    operator = current[0].operator if current else None
    return Phone("+84" + digits, "mobile", migrated_from, known_prefix=bool(current), operator_guess=operator)


def _foreign(text: str) -> Phone:
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise PhoneError("phone_foreign") from None
    if not phonenumbers.is_valid_number(number):
        raise PhoneError("phone_foreign")
    kinds = phonenumbers.PhoneNumberType
    kind = phonenumbers.number_type(number)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if kind in (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE):
        return Phone(e164, "mobile", known_prefix=False)
    if kind == kinds.FIXED_LINE:
        return Phone(e164, "landline", known_prefix=False)
    raise PhoneError("phone_foreign")


def _parse_several(text: str) -> Phone | None:
    parts = [part for part in _SEVERAL.split(text) if part.strip()]
    if len(parts) < 2:
        parts = text.split() if len(text.split()) > 1 else []
        parts = [part for part in parts if _ONE_OF_SEVERAL.fullmatch(part)]
    return _first_of(parts)


def _parse_run_together(text: str) -> Phone | None:
    """Numbers one after the other with nothing special between them; None unless every one can be read."""
    if not _MARKS.sub("", text).replace("+", "").isdigit():
        return None
    runs: list[str] = []
    for group in _GROUP.findall(text):
        if not runs or (group[0] in "0+" and len(runs[-1].lstrip("+")) >= 10):
            runs.append(group)
        else:
            runs[-1] += group
    if len(runs) < 2:
        return None
    try:
        for run in runs:
            _parse_one(run)
    except PhoneError:
        return None
    return _first_of(runs)


def _parse_with_commas(text: str) -> Phone | None:
    try:
        return _parse_one(text.replace(",", "")) if "," in text else None
    except PhoneError:
        return None


def _first_of(parts: list[str]) -> Phone | None:
    """The first mobile number of those that can be read, else the first landline, with the rest beside it."""
    found: dict[str, Phone] = {}
    for part in parts:
        try:
            phone = _parse_one(_REMARK.sub(" ", _LABEL.sub("", part.strip())).strip(" .:-"))
        except PhoneError:
            continue
        found.setdefault(phone.e164, phone)
    if not found:
        return None
    ordered = sorted(found.values(), key=lambda phone: phone.kind != "mobile")
    first = ordered[0]
    return Phone(
        first.e164, first.kind, first.migrated_from, first.known_prefix, first.operator_guess, tuple(ordered[1:])
    )


def _rows_of(prefix: str) -> tuple[PrefixRow, ...]:
    return _by_prefix().get(prefix, ())


@cache
def _by_prefix() -> dict[str, tuple[PrefixRow, ...]]:
    table: dict[str, tuple[PrefixRow, ...]] = {}
    for row in prefix_rows():
        table[row.prefix] = (*table.get(row.prefix, ()), row)
    return table


@cache
def _areas() -> tuple[str, ...]:
    return tuple(line["area"] for line in _lines("landline_areas.csv"))


def _lines(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
