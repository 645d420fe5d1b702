"""One field of a campaign file at a time: its type, its spelling, and the sentence when it is wrong."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from typing import Any, NoReturn

from campaigns.content import regions
from campaigns.content.offsets import OffsetError, parse_offset
from campaigns.local import catalogue
from campaigns.schedule.timeline import Offset
from recipients.sentences import _

PLACEHOLDERS = frozenset({"ten", "me", "ngay"}) | catalogue.placeholders()
"""The reader's given name, the given name of the mother whom it is about, the day of the visit or session; and what is
set per unit: place, its phone, the hotline..."""
LANGUAGES = ("vi", "en", "km")
EARLIEST, LATEST = time(7, 30), time(20, 30)
COMMON_YEAR = 2027

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class LibraryFileError(ValueError):
    """A campaign file is wrong; the sentence names the file, the step and the field.

    For pages: `sentence` is a template that the edge translates, `values` fills it, `field` is what it is about.
    """

    def __init__(
        self, sentence: str, *, where: str = "", field: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        said = sentence % values if values else sentence
        super().__init__(f"{where}: {said}" if where else said)
        self.sentence, self.field, self.values = sentence, field, dict(values or {})


class Fields:
    """Takes fields out of one table of a campaign file; every method raises LibraryFileError with the place."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        self.table, self.where = table, where

    def fail(self, sentence: str, field: str = "", **values: Any) -> NoReturn:
        """`sentence` may have %(name)s and the like; marked with `_` it can be said in other languages."""
        raise LibraryFileError(sentence, where=self.where, field=field or values.get("name", ""), values=values)

    def only(self, known: set[str]) -> None:
        unknown = sorted(set(self.table) - known)
        if unknown:
            self.fail(_('nobody knows the field "%(name)s". Correct its name or take it away.'), name=unknown[0])

    def text(self, name: str) -> str:
        value = self.table.get(name)
        if not isinstance(value, str) or not value.strip():
            self.fail(_('"%(name)s" is missing. Write a text in quotation marks.'), name=name)
        return value

    def optional(self, name: str) -> str:
        value = self.table.get(name, "")
        if not isinstance(value, str):
            self.fail(_('"%(name)s" is not a text. Put it in quotation marks.'), name=name)
        return value

    def slug(self, name: str) -> str:
        value = self.text(name)
        if not _SLUG.fullmatch(value):
            self.fail(
                _('"%(name)s" cannot be "%(value)s". Use lower case, digits and hyphens only.'), name=name, value=value
            )
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in allowed:
            said = ", ".join(allowed)
            self.fail(
                _('"%(name)s" cannot be "%(value)s". Use one of %(allowed)s.'), name=name, value=value, allowed=said
            )
        return value

    def number(self, name: str) -> int:
        value = self.table.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.fail(_('"%(name)s" is not a whole number from 0. Write for example 20.'), name=name)
        return value

    def by_language(self, name: str) -> dict[str, str]:
        value = self.table.get(name)
        if not isinstance(value, dict) or not {"vi", "en"} <= set(value) <= set(LANGUAGES):
            self.fail(_('"%(name)s" needs the languages vi and en. Write { vi = "...", en = "..." }.'), name=name)
        return dict(value)

    def offset(self, name: str) -> Offset:
        raw = self.text(name)
        try:
            return parse_offset(raw)
        except OffsetError as error:
            where = f'{self.where}: "{name}"'
            raise LibraryFileError(error.sentence, where=where, field=name, values={"raw": raw}) from error

    def month_day(self, name: str) -> str:
        """A day that every year has, as "MM-DD"."""
        raw = self.text(name)
        try:
            if not re.fullmatch(r"\d\d-\d\d", raw):
                raise ValueError(raw)
            date.fromisoformat(f"{COMMON_YEAR}-{raw}")
        except ValueError:
            self.fail(
                _('"%(name)s" cannot be "%(raw)s". Write month and day of a day that every year has: 06-01.'),
                name=name,
                raw=raw,
            )
        return raw

    def flag(self, name: str) -> bool:
        value = self.table.get(name, False)
        if not isinstance(value, bool):
            self.fail(_('"%(name)s" is neither true nor false. Write %(name)s = true.'), name=name)
        return value

    def send_time(self, name: str) -> time:
        raw = self.text(name)
        if not re.fullmatch(r"\d\d:\d\d", raw) or raw > "23:59" or raw[3:] > "59":
            self.fail(_('"%(name)s" cannot be "%(raw)s". Write for example 11:45.'), name=name, raw=raw)
        value = time.fromisoformat(raw)
        if not EARLIEST <= value <= LATEST:
            self.fail(_('"%(name)s" is %(raw)s. Choose a time from 07:30 to 20:30.'), name=name, raw=raw)
        return value

    def tables(self, name: str) -> list[dict[str, Any]]:
        value = self.table.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            self.fail(_("there is no [[%(name)s]]. Add at least one."), name=name)
        return value

    def body(self, field: str) -> str:
        """A text for a message, or "": composed, known placeholders only (in Vietnamese also words of the regions), no
        line break, no blanks at its ends."""
        value = self.optional(field)
        if value != unicodedata.normalize("NFC", value):
            self.fail(_('"%(name)s" has letters and marks apart (NFD). Type or save it composed (NFC).'), name=field)
        known = PLACEHOLDERS | regions.WORDS if field.startswith("vi") else PLACEHOLDERS
        unknown = [name for name in _PLACEHOLDER.findall(value) if name not in known]
        if unknown:
            self.fail(
                _('"%(name)s" has the unknown placeholder {%(unknown)s}. Use one of %(known)s.'),
                name=field,
                unknown=unknown[0],
                known=", ".join(sorted(PLACEHOLDERS)),
            )
        if re.search(r"[{}]", _PLACEHOLDER.sub("", value)):
            self.fail(_('"%(name)s" has a brace that is not closed. Write placeholders like {ten}.'), name=field)
        if value != value.strip() or "\n" in value:
            self.fail(_('"%(name)s" has blanks at its ends or a line break. Take them away.'), name=field)
        return value
