"""Names of people: one clean spelling to show, one key to compare, one plain form to search."""

from __future__ import annotations

import unicodedata

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_APOSTROPHES = {ord(mark): "'" for mark in "\u2018\u2019\u02bc\u0060\u00b4"}
_JOINERS = frozenset("\u200c\u200d")


def clean_text(raw: object) -> str:
    """The text of a cell or a form field: NFC, single blanks, no invisible characters.

    - Line breaks, tabs and no-break spaces become one blank.
    - Zero-width characters, byte-order marks and control characters go. The two zero-width
      joiners stay inside words of other scripts (Khmer needs them) and go beside Latin letters.
    - None becomes "".
    """
    if raw is None:
        return ""
    text = unicodedata.normalize("NFC", str(raw))
    kept = []
    for index, char in enumerate(text):
        if char.isspace():
            kept.append(" ")
        elif char in _JOINERS:
            before, after = text[index - 1 : index], text[index + 1 : index + 2]
            if before > "\u02ff" and after > "\u02ff":
                kept.append(char)
        elif unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}:
            kept.append(char)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def clean_name(raw: object) -> str:
    """A person's name as it will be shown: clean text without stray punctuation at either end.

    Capital letters stay as typed. Without a single letter ("-", "...", "12") the name is "".
    """
    name = clean_text(raw).translate(_APOSTROPHES).strip(' .,;:-_*/\\|"')
    return name if any(char.isalpha() for char in name) else ""


def name_key(name: str) -> str:
    """The form by which two names are the same: lower case, one place for each tone mark.

    "Hòa" and "Hoà", composed and decomposed, "LAN" and "Lan" agree. Tone and letter marks stay,
    because Lan and Lân, or Hoa and Hòa, are different women. The key is for comparing, not for showing.
    """
    return " ".join(_toneless_last(word) for word in clean_name(name).casefold().split())


def search_form(name: str) -> str:
    """The name in lower case without diacritics, for a search typed on any keyboard. Khmer stays whole."""
    return " ".join(strip_marks(clean_name(name)).casefold().split())


def strip_marks(text: str) -> str:
    """Without the marks on Latin letters, đ as d. Marks of other scripts are letters there and stay."""
    kept: list[str] = []
    base_is_latin = False
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.category(char) == "Mn":
            if not base_is_latin:
                kept.append(char)
            continue
        base_is_latin = char < "\u0250"
        kept.append({"đ": "d", "Đ": "D"}.get(char, char))
    return unicodedata.normalize("NFC", "".join(kept))


def _toneless_last(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(char for char in decomposed if char in _TONES)
    if not tones or not decomposed[0] < "\u0250":
        return unicodedata.normalize("NFC", decomposed)
    letters = "".join(char for char in decomposed if char not in _TONES)
    return unicodedata.normalize("NFC", letters + tones)
