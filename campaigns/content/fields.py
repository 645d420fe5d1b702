"""One field of a campaign file at a time: its type, its spelling, and the sentence when it is wrong."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from typing import Any, NoReturn

from campaigns.content import regions
from campaigns.content.offsets import parse_offset
from campaigns.schedule.timeline import Offset

PLACEHOLDERS = frozenset({"ten", "coso", "sdt", "hotline", "me", "ngay"})
"""The reader's given name, place, its phone, the hotline; the given name of the mother whom it is about; the day of the
visit or session."""
LANGUAGES = ("vi", "en", "km")
EARLIEST, LATEST = time(7, 30), time(20, 30)
COMMON_YEAR = 2027

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class LibraryFileError(ValueError):
    """A campaign file is wrong; the sentence names the file, the step and the field."""


class Fields:
    """Takes fields out of one table of a campaign file; every method raises LibraryFileError with the place."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        self.table, self.where = table, where

    def fail(self, sentence: str) -> NoReturn:
        raise LibraryFileError(f"{self.where}: {sentence}")

    def only(self, known: set[str]) -> None:
        unknown = sorted(set(self.table) - known)
        if unknown:
            self.fail(f'nobody knows the field "{unknown[0]}". Correct its name or take it away.')

    def text(self, name: str) -> str:
        value = self.table.get(name)
        if not isinstance(value, str) or not value.strip():
            self.fail(f'"{name}" is missing. Write a text in quotation marks.')
        return value

    def optional(self, name: str) -> str:
        value = self.table.get(name, "")
        if not isinstance(value, str):
            self.fail(f'"{name}" is not a text. Put it in quotation marks.')
        return value

    def slug(self, name: str) -> str:
        value = self.text(name)
        if not _SLUG.fullmatch(value):
            self.fail(f'"{name}" cannot be "{value}". Use lower case, digits and hyphens only.')
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in allowed:
            self.fail(f'"{name}" cannot be "{value}". Use one of {", ".join(allowed)}.')
        return value

    def number(self, name: str) -> int:
        value = self.table.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.fail(f'"{name}" is not a whole number from 0. Write for example 20.')
        return value

    def by_language(self, name: str) -> dict[str, str]:
        value = self.table.get(name)
        if not isinstance(value, dict) or not {"vi", "en"} <= set(value) <= set(LANGUAGES):
            self.fail(f'"{name}" needs the languages vi and en. Write {{ vi = "...", en = "..." }}.')
        return dict(value)

    def offset(self, name: str) -> Offset:
        raw = self.text(name)
        try:
            return parse_offset(raw)
        except ValueError as error:
            raise LibraryFileError(f'{self.where}: "{name}": {error}') from error

    def month_day(self, name: str) -> str:
        """A day that every year has, as "MM-DD"."""
        raw = self.text(name)
        try:
            if not re.fullmatch(r"\d\d-\d\d", raw):
                raise ValueError(raw)
            date.fromisoformat(f"{COMMON_YEAR}-{raw}")
        except ValueError:
            self.fail(f'"{name}" cannot be "{raw}". Write month and day of a day that every year has: 06-01.')
        return raw

    def flag(self, name: str) -> bool:
        value = self.table.get(name, False)
        if not isinstance(value, bool):
            self.fail(f'"{name}" is neither true nor false. Write {name} = true.')
        return value

    def send_time(self, name: str) -> time:
        raw = self.text(name)
        if not re.fullmatch(r"\d\d:\d\d", raw) or raw > "23:59" or raw[3:] > "59":
            self.fail(f'"{name}" cannot be "{raw}". Write for example 11:45.')
        value = time.fromisoformat(raw)
        if not EARLIEST <= value <= LATEST:
            self.fail(f'"{name}" is {raw}. Choose a time from 07:30 to 20:30.')
        return value

    def tables(self, name: str) -> list[dict[str, Any]]:
        value = self.table.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            self.fail(f"there is no [[{name}]]. Add at least one.")
        return value

    def body(self, field: str) -> str:
        """A text for a message, or "": composed, known placeholders only (in Vietnamese also words of the regions), no
        line break, no blanks at its ends."""
        value = self.optional(field)
        if value != unicodedata.normalize("NFC", value):
            self.fail(f'"{field}" has letters and marks apart (NFD). Type or save it composed (NFC).')
        known = PLACEHOLDERS | regions.WORDS if field.startswith("vi") else PLACEHOLDERS
        unknown = [name for name in _PLACEHOLDER.findall(value) if name not in known]
        if unknown:
            self.fail(
                f'"{field}" has the unknown placeholder {{{unknown[0]}}}. Use one of {", ".join(sorted(PLACEHOLDERS))}.'
            )
        if re.search(r"[{}]", _PLACEHOLDER.sub("", value)):
            self.fail(f'"{field}" has a brace that is not closed. Write placeholders like {{ten}}.')
        if value != value.strip() or "\n" in value:
            self.fail(f'"{field}" has blanks at its ends or a line break. Take them away.')
        return value
