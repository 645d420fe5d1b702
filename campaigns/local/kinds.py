"""What a value of each kind must look like, and the one way in which it is written down. Pure.

`clean` takes what people type ("7h30 - 17h", "có", "6 đến 60") and gives the form that is stored ("07:30-17:00", "yes",
"6-60"); the readers below understand only that form.
"""

import re
from collections.abc import Callable
from datetime import time

from recipients.names import clean_text, strip_marks
from recipients.sentences import _

MONTHS = range(0, 61)
DAYS = range(0, 181)
SERVICES = {
    "immunisation": ("immunisation", "tiem chung", "tiem"),
    "vitamin_a": ("vitamin_a", "vitamin a"),
    "growth": ("growth", "weighing", "can do"),
}
"""The services of sessions, with the words that people use for them."""
NONE = "none"
YES, NO = "yes", "no"
ALWAYS = "00:00-00:00"
"""Hours that never close."""

_YES_WORDS, _NO_WORDS = ("yes", "co", "x", "1", "true"), ("no", "khong", "0", "false")
_NONE_WORDS = ("none", "khong", "khong co", "-")
_PHONE = re.compile(r"\+?[0-9]([ .-]?[0-9]){2,14}")
_BRAND = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9])?")
_HOUR = r"(\d{1,2})(?:\s*[:hg.]\s*(\d{2})?)?"
_HOURS = re.compile(rf"{_HOUR}\s*(?:-|–|den|to)\s*{_HOUR}")
_STORED_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_RANGE = re.compile(r"(\d{1,2})\s*(?:-|–|den(?: duoi)?|to)\s*(\d{1,2})(?: (?:thang|months?))?")

SENTENCES = {
    "empty": _("The value is empty. Write one, or end the value if it shall not count any more."),
    "too_long": _("The value has more than %(longest)s characters, so texts would need another SMS. Shorten it."),
    "braces": _("The value has a brace, which belongs to placeholders. Take it away."),
    "phone": _("This is no phone number. Write 3 to 15 digits, for example 0270 3823456 or 1800 1234."),
    "brand": _("A brand name has letters without diacritics, digits, blanks, dots and dashes. Correct it."),
    "hours": _("These hours cannot be read. Write them like 07:00-17:00."),
    "months": _("These are no months of age. Write whole numbers from 0 to 60, for example 2, 3, 4, 9."),
    "age_range": _("This is no range of ages. Write two months from 0 to 60, the smaller first, for example 6-36."),
    "days": _("This is no number of days. Write a whole number from 0 to 180."),
    "services": _("A service is not known. Write immunisation, vitamin_a, growth, or none."),
    "yes_no": _("This is neither yes nor no. Write yes or no."),
}


class BadValue(ValueError):
    """A value that cannot be right: `code` is a key of SENTENCES."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


def clean(kind: str, raw: object, longest: int) -> str:
    """The value as it is stored; raises BadValue."""
    typed = clean_text(int(raw) if isinstance(raw, float) and raw.is_integer() else raw)
    if not typed:
        raise BadValue("empty")
    if "{" in typed or "}" in typed:
        raise BadValue("braces")
    value = _CLEANERS[kind](typed)
    if len(value) > longest:
        raise BadValue("too_long")
    return value


def hours(value: str) -> tuple[time, time] | None:
    """From which time until which; None where the value is not written as `clean` writes it."""
    found = _STORED_HOURS.fullmatch(value)
    if found is None:
        return None
    opens, closes = (time(int(found[at]) % 24, int(found[at + 1])) for at in (1, 3))
    return opens, closes


def months(value: str) -> frozenset[int]:
    return frozenset(int(each) for each in value.split(",") if each.strip().isdigit())


def age_range(value: str) -> tuple[int, int] | None:
    first, dash, last = value.partition("-")
    return (int(first), int(last)) if dash and first.isdigit() and last.isdigit() else None


def services(value: str) -> frozenset[str]:
    return frozenset(each.strip() for each in value.split(",")) & SERVICES.keys()


def _plain(typed: str) -> str:
    return strip_marks(typed).casefold().strip()


def _text(typed: str) -> str:
    return typed


def _phone(typed: str) -> str:
    if not _PHONE.fullmatch(typed) or sum(char.isdigit() for char in typed) > 15:
        raise BadValue("phone")
    return typed


def _brand(typed: str) -> str:
    if not _BRAND.fullmatch(typed):
        raise BadValue("brand")
    return typed


def _hours(typed: str) -> str:
    found = _HOURS.fullmatch(_plain(typed))
    if typed.replace(" ", "") in ("24/24", "24/7"):
        return ALWAYS
    if found is None:
        raise BadValue("hours")
    parts = [int(each or 0) for each in found.groups()]
    if any(hour > 24 or minute > 59 or (hour == 24 and minute) for hour, minute in (parts[:2], parts[2:])):
        raise BadValue("hours")
    return f"{parts[0] % 24:02}:{parts[1]:02}-{parts[2] % 24:02}:{parts[3]:02}"


def _months(typed: str) -> str:
    parts = [each for each in re.split(r"[,;\s]+", typed) if each]
    if not all(re.fullmatch(r"[0-9]{1,2}", each) and int(each) in MONTHS for each in parts):
        raise BadValue("months")
    return ", ".join(str(each) for each in sorted({int(each) for each in parts}))


def _age_range(typed: str) -> str:
    found = _RANGE.fullmatch(_plain(typed))
    if found is None or not int(found[1]) < int(found[2]) <= MONTHS[-1]:
        raise BadValue("age_range")
    return f"{int(found[1])}-{int(found[2])}"


def _days(typed: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}", typed) or int(typed) not in DAYS:
        raise BadValue("days")
    return str(int(typed))


def _services(typed: str) -> str:
    said = [_plain(each) for each in typed.split(",")]
    if said[0] in _NONE_WORDS and len(said) == 1:
        return NONE
    names = {word: name for name, words in SERVICES.items() for word in words}
    if not all(each in names for each in said):
        raise BadValue("services")
    wanted = {names[each] for each in said}
    return ", ".join(name for name in SERVICES if name in wanted)


def _yes_no(typed: str) -> str:
    said = _plain(typed)
    if said not in _YES_WORDS + _NO_WORDS:
        raise BadValue("yes_no")
    return YES if said in _YES_WORDS else NO


_CLEANERS: dict[str, Callable[[str], str]] = {
    "text": _text, "phone": _phone, "brand": _brand, "hours": _hours, "months": _months, "age_range": _age_range,
    "days": _days, "services": _services, "yes_no": _yes_no,
}  # fmt: skip
