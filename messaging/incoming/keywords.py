"""What a text from a phone asks for, by the words that it begins with."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from messaging.models import Keyword
from messaging.text.plain import to_plain

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "keywords.csv"
_WORDS = re.compile(r"\w+")
# Written with these diacritics it is another word: "đúng" agrees and "Dũng" is a name, only "dừng" and "đừng" stop;
# "mắt" is an eye and "mát" is cool, only "mất" is a loss.
_OTHER_WORDS = {
    "DUNG": {"ĐÚNG", "ĐỨNG", "DŨNG", "DỤNG", "DÙNG"},
    "MAT": {"MẮT", "MÁT", "MẶT", "MẬT", "MẠT"},
    "BAT": {"BÁT", "BẮT", "BẠT"},
    "GOI": {"GÓI", "GỐI", "GỘI", "GỎI"},
    "DE": {"DỄ", "DÊ", "ĐỂ", "ĐỀ", "DÈ"},
}
URGENT = frozenset({"stop", "start", "wrong_number", "loss"})
"""Obeyed while they are stored, not with the next pass: after these no routine text may leave, and START opens the
number for some, so a loss that is told behind it has to be heard before."""
TEXT = "text"
"""Words that begin like a keyword and are none ("mat sua" is no loss): for a person to read."""


def load(path: Path = SHIPPED) -> int:
    """Load a file of `keyword, action, language`. Safe to run again: a known word takes what the file says."""
    rows = {word: Keyword(word=word, action=action, language=language) for word, action, language in _read(path)}
    Keyword.objects.bulk_create(
        [rows[word] for word in sorted(rows)],
        update_conflicts=True,
        unique_fields=["word"],
        update_fields=["action", "language"],
    )
    return len(rows)


def table() -> dict[str, str]:
    """Word -> action of this deployment; as shipped when none was loaded, for a STOP must always be understood."""
    loaded = dict(Keyword.objects.values_list("word", "action"))
    return loaded or {word: action for word, action, _language in _read(SHIPPED)}


def recognise(body: str, words: Mapping[str, str]) -> str:
    """The action of the longest keyword that `body` begins with, or "".

    Case, width, diacritics, punctuation and blanks do not matter; only whole words count. A word that its diacritics
    make another one ("Đúng rồi") is not the keyword's, and a keyword of the action `TEXT` asks for nothing.
    """
    body = unicodedata.normalize("NFKC", body)
    written, spoken = _WORDS.findall(body.upper()), _WORDS.findall(to_plain(body).upper())
    pairs = list(zip(written, spoken, strict=False))
    longest = max((word.count(" ") + 1 for word in words), default=0)
    for length in range(min(longest, len(spoken)), 0, -1):
        action = words.get(" ".join(spoken[:length]))
        if action and not any(as_written in _OTHER_WORDS.get(plain, ()) for as_written, plain in pairs[:length]):
            return "" if action == TEXT else action
    return ""


def _read(path: Path) -> list[tuple[str, str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [(row["keyword"], row["action"], row["language"]) for row in csv.DictReader(lines)]
