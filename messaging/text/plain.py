"""The form of a text without diacritics, for old phones and for half the price."""

import re
import unicodedata

# A Latin letter with its marks, in one character or several. Khmer and other scripts never match: there a combining
# mark is a vowel or half of a consonant, and taking it away ruins the word.
_MARKED = re.compile("[A-Za-z][\u0300-\u036f]+|[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff][\u0300-\u036f]*")
_STROKE = {"đ": "d", "Đ": "D"}
_plain: dict[str, str] = {}
_REMEMBER = 4096


def to_plain(text: str) -> str:
    """`text` without the diacritics of its Latin letters: "Chị đã khám" becomes "Chi da kham".

    - Composed and decomposed input give the same result; "đ" becomes "d".
    - Letters that are no base letter with a mark ("ø", "ß", "æ") stay, and so does everything outside Latin script.
    - Punctuation is not touched: call `tidy` first, and a Vietnamese text is GSM-7 afterwards.
    """
    if text.isascii():
        return text
    return _MARKED.sub(_strip, text)


def _strip(match: re.Match[str]) -> str:
    cluster = match[0]
    bare = _plain.get(cluster)
    if bare is None:
        base = unicodedata.normalize("NFD", cluster)[0]
        bare = _STROKE.get(base, base)
        if len(_plain) < _REMEMBER:
            _plain[cluster] = bare
    return bare
