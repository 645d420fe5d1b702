"""From the words of a step to the text of one phone. Pure: values, language and script are arguments."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Protocol

from messaging.text.plain import to_plain
from messaging.text.tidy import tidy

FALLBACK_LANGUAGE = "vi"
PLAIN = "plain"

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_BRACE = re.compile(r"[{}]")
_REMARK = re.compile(r"\([^()]*\)")
_TELLS_APART = re.compile(r"(?<=\S)\s+(?:[A-D]|\d+)$")


class MissingValue(LookupError):
    """A placeholder has no value, so the text cannot go; `name` is the placeholder."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no value for {{{name}}}. Set it for the unit, or take it out of the text.")
        self.name = name


class Wording(Protocol):
    """A text in one language, from a file or from the database; an empty discreet body means that there is none."""

    body: str
    discreet_body: str


def placeholders(body: str) -> list[str]:
    """The names between braces, each once, in the order of the text."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(body)))


def render(body: str, values: Mapping[str, str]) -> str:
    """`body` with every {name} replaced by its value.

    - A name without a value, or with a blank one, raises MissingValue: half a sentence must never reach a phone.
    - A brace without its partner is an unfinished placeholder and raises MissingValue too.
    - A value is put in as it is; braces inside it are not looked at again.
    """
    stray = _BRACE.search(_PLACEHOLDER.sub("", body))
    if stray:
        raise MissingValue(stray[0])

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1], "").strip()
        if not found:
            raise MissingValue(match[1])
        return found

    return _PLACEHOLDER.sub(value, body)


def given_name(full_name: str) -> str:
    """How a text addresses somebody: the last word of the name, as is the custom in Vietnam.

    - "Nguyễn Thị Thu Hương" gives "Hương"; a single word is the given name; "" gives "".
    - A remark in brackets, and a letter A-D or a number that a register adds to tell namesakes apart, are left out.
    - A name in capitals or in small letters throughout is written with one capital.
    """
    name = _TELLS_APART.sub("", _REMARK.sub(" ", full_name).strip())
    words = name.split()
    if not words:
        return ""
    last = words[-1]
    return last.capitalize() if len(last) > 1 and (last.isupper() or last.islower()) else last


def one_line(typed: str) -> str:
    """What somebody typed as the words of a text: in one line, composed (NFC)."""
    return unicodedata.normalize("NFC", " ".join(typed.split()))


def for_phone(body: str, script: str) -> str:
    """The text as it leaves: tidied, and without diacritics for a person whose script is "plain".

    Only Latin letters lose their marks; Khmer stays whole.
    """
    tidied = tidy(body)
    return to_plain(tidied) if script == PLAIN else tidied


def needs_discretion(discreet: bool, phone_holder: str) -> bool:
    """Whether others may read her texts: by her wish, or because the phone is not hers alone."""
    return discreet or phone_holder != "own"


def choose(texts: Mapping[str, Wording], language: str, discreet: bool) -> tuple[str, str] | None:
    """The body for a person and the language it is in, which goes into the ledger.

    - Her own language first, then Vietnamese.
    - With `discreet` only a discreet body will do, in either language: another person may read it.
    - None when there is no such text; the message then waits as `no_text`.
    """
    for candidate in dict.fromkeys((language, FALLBACK_LANGUAGE)):
        wording = texts.get(candidate)
        body = (wording.discreet_body if discreet else wording.body) if wording else ""
        if body.strip():
            return body, candidate
    return None
