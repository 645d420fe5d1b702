"""Typographic habits of word processors and phones, written the way that SMS can afford."""

import re
import unicodedata


def _table() -> dict[int, str]:
    words: dict[str, str] = {
        "‘’‚‛′‵`´ʼʻˈ": "'",
        "“”„‟″‶«»": '"',
        "‐‑‒–—―−⁃•‣▪●·∙": "-",
        "…": "...",
        "×": "x",
        "≤": "<=",
        "≥": ">=",
        "₫": "đ",
        "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000": " ",
        "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029": "\n",
        "\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2066\u2067\u2068\u2069\ufeff": "",
    }
    table = {ord(character): word for characters, word in words.items() for character in characters}
    table |= {0xFF00 + ord(c) - 0x20: table.get(ord(c), c) for c in map(chr, range(0x21, 0x7F))}  # full-width forms
    for code in (*range(0x20), *range(0x7F, 0xA0)):
        if unicodedata.category(chr(code)) == "Cc" and chr(code) != "\n":
            table.setdefault(code, "")
    return table


_TABLE = _table()
_ODD = re.compile(f"[{re.escape(''.join(map(chr, _TABLE)))}]")  # a search costs less than a translation
_ZERO = "\u200b\u200c\u200d"
# Zero-width characters carry meaning only between two characters of a script that needs them (a word break in Khmer,
# a joined emoji). Beside Latin letters, digits and punctuation they are leftovers of copy and paste.
_SIMPLE = "\x00-\u036f\u1e00-\u1eff\u2000-\u206f"
_ZERO_RUN = re.compile(f"[{_ZERO}]{{2,}}")
_ZERO_IDLE = re.compile(f"(?<![^{_SIMPLE}])[{_ZERO}]|[{_ZERO}](?![^{_SIMPLE}])")
_SPACES = re.compile(" {2,}")
_LINE_END = re.compile(" *\n *")
_BLANK_LINES = re.compile("\n{3,}")


def tidy(text: str) -> str:
    """`text` with the same words in characters that do not make it longer or dearer than it has to be.

    - NFC first: decomposed Vietnamese takes up to twice the units.
    - Curly quotes, dashes, bullets, the ellipsis, comparison signs, no-break and other spaces, full-width forms become
      their GSM-7 likeness; soft hyphens, direction marks, control characters and idle zero-width characters go away.
      Fractions and "°" stay: their likeness could be misread in a dose.
    - Lines end with one line feed, without spaces around it; at most one empty line in a row; runs of spaces become
      one; nothing at either end.
    - Words are never shortened, changed or cut, and tidying twice changes nothing more.
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    if _ODD.search(text):
        text = text.translate(_TABLE)
    if not text.isascii():
        text = _ZERO_IDLE.sub("", _ZERO_RUN.sub(lambda run: run[0][0], text))
        text = unicodedata.normalize("NFC", text)
    text = _LINE_END.sub("\n", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip(" \n")
