"""How many SMS parts a text takes, and where the parts end (GSM 03.38 and 03.40: 160/153 septets, 70/67 UTF-16 units).

The text is counted as given. `tidy` is what makes it cheaper, and it is not called here.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from gsm0338 import Codec
from gsm0338.charset import BASIC_CHARACTER_SET, BASIC_CHARACTER_SET_EXTENSION

GSM_7: Final = "GSM-7"
UCS_2: Final = "UCS-2"
SINGLE = {GSM_7: 160, UCS_2: 70}

_ESCAPE = unicodedata.lookup("ESCAPE")
_codec = Codec(BASIC_CHARACTER_SET, BASIC_CHARACTER_SET_EXTENSION)
BASIC = "".join(c for c in (_codec.decode(bytes([code]))[0] for code in BASIC_CHARACTER_SET) if c and c != _ESCAPE)
"""The 127 characters of the basic table; the code of the escape is no character."""
EXTENSION = "".join(_codec.decode(bytes([ord(_ESCAPE), code]))[0] for code in BASIC_CHARACTER_SET_EXTENSION)
"""The characters that are sent as an escape pair: two septets each."""

# One byte for each character, for one pass in C over the text: 0 is no character (NUL, which is not in the alphabet,
# falls on it), 1-127 the basic table, 128 and more the extension table, so that `isascii` asks "any escape pair?".
_ONE_BYTE = codecs.charmap_build("\0" + BASIC + EXTENSION)
_EXTENSION_BYTES = bytes(range(128, 128 + len(EXTENSION)))
_EXTENSION_RE = re.compile(f"[{re.escape(EXTENSION)}]")
_ASTRAL_RE = re.compile("[\U00010000-\U0010ffff]")


class Measure(NamedTuple):
    """Size of a text on the air: `units` are septets (GSM-7) or UTF-16 code units (UCS-2)."""

    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    units: int


def measure(text: str) -> Measure:
    """Encoding, number of parts and units of `text`, as given.

    - GSM-7 when every character is in the basic or extension table, otherwise UCS-2 for the whole text.
    - A character of the extension table counts 2 septets, one beyond the BMP (most emoji) 2 units, and neither is
      ever split over two parts, so such a part may stay one unit short.
    - U+001B is the escape itself and no character of the alphabet: a text that holds it is UCS-2.
    - The empty text is GSM-7, 0 units and one part: an operator bills an empty SMS as one.
    - Joined emoji may be split between their code points; a phone puts the parts together again before it draws them.
    """
    try:
        coded, _ = codecs.charmap_encode(text, "strict", _ONE_BYTE)
    except UnicodeEncodeError:
        return _measure_ucs2(text)
    if coded.isascii():
        units = len(coded)
        if units and 0 in coded:
            return _measure_ucs2(text)
        return Measure(GSM_7, 1 if units <= 160 else -(-units // 153), units)
    if 0 in coded:
        return _measure_ucs2(text)
    units = 2 * len(coded) - len(coded.translate(None, _EXTENSION_BYTES))
    return Measure(GSM_7, 1 if units <= 160 else sum(1 for _ in _ends(text, _EXTENSION_RE, 153)), units)


def _measure_ucs2(text: str) -> Measure:
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units <= 70:
        return Measure(UCS_2, 1, units)
    if units == len(text):
        return Measure(UCS_2, -(-units // 67), units)
    return Measure(UCS_2, sum(1 for _ in _ends(text, _ASTRAL_RE, 67)), units)


def _ends(text: str, wide: re.Pattern[str], limit: int) -> Iterator[int]:
    """Where each part ends: as many characters as fit in `limit` units, those that match `wide` counting two."""
    start, length = 0, len(text)
    while start < length:
        end = start + limit
        for match in wide.finditer(text, start, end):
            if match.start() >= end:
                break
            end -= 1  # room for its second half; a pair that would hang over the edge moves to the next part
        start = min(end, length)
        yield start
