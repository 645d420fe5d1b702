"""Encoding, units and parts against published vectors, smsutil and a slow count of our own."""

import unicodedata

import pytest
import smsutil
from gsm0338 import Codec
from gsm0338.charset import BASIC_CHARACTER_SET_EXTENSION
from hypothesis import example, given, settings
from hypothesis import strategies as st

from messaging.text.segments import BASIC, EXTENSION, GSM_7, SINGLE, UCS_2, measure

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệóòỏõọốồổỗộớờởỡợúùủũụứừửữựíìỉĩịýỳỷỹỵ"
EMOJI = "👶🏽👩‍⚕️🇻🇳❤️☎"
KHMER = "សូមអញ្ជើញមកពិនិត្យ"

gsm_texts = st.text(st.sampled_from(BASIC + EXTENSION * 5), max_size=700)
all_texts = st.one_of(
    gsm_texts,
    st.text(max_size=400),
    st.text(st.sampled_from(VIETNAMESE + EMOJI + KHMER + "abc ~€"), max_size=400),
    st.text(st.characters(), min_size=60, max_size=80),
    st.text(st.sampled_from("ab😀"), min_size=60, max_size=300),
)


def oracle(text: str) -> list[str]:
    """The parts of `text`, one character at a time, with the codec's own idea of the alphabet."""
    codec = Codec()
    widths = []
    for character in text:
        try:
            assert character != "\x1b"
            widths.append(len(codec.encode(character)[0]))
        except (UnicodeEncodeError, AssertionError):
            break
    gsm = len(widths) == len(text)
    if not gsm:
        widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    if sum(widths) <= (160 if gsm else 70):
        return [text]
    parts, room = [""], 153 if gsm else 67
    for character, width in zip(text, widths, strict=True):
        if width > room:
            parts.append("")
            room = 153 if gsm else 67
        parts[-1] += character
        room -= width
    return parts


@given(all_texts)
@settings(max_examples=500, deadline=None)
@example("")
@example("~" * 80)
@example("~" * 81)
@example("a" * 152 + "€" + "a" * 10)
@example("ă" * 66 + "😀" + "ă" * 10)
@example("😀" * 35)
@example("\0" * 161)
@example("~\0")
@example("`")
@example("\ud83d" * 71)
def test_it_agrees_with_a_slow_count(text: str) -> None:
    assert measure(text).segments == len(oracle(text))


@given(all_texts.filter(lambda text: text and "\x1b" not in text))
@settings(max_examples=500, deadline=None)
def test_it_agrees_with_smsutil(text: str) -> None:
    """smsutil differs in two things only, kept apart below: the escape itself, and the empty text."""
    theirs = smsutil.split(text)
    gsm = theirs.encoding == "gsm0338"
    size = measure(text)
    assert size.encoding == (GSM_7 if gsm else UCS_2)
    assert size.units == theirs.total_bytes // (1 if gsm else 2)
    assert size.segments == len(theirs.parts)


def test_where_smsutil_differs() -> None:
    assert smsutil.split("a\x1b").encoding == "gsm0338"
    assert measure("a\x1b").encoding == UCS_2, "an escape in a text would turn the next letter into another"
    assert smsutil.split("").encoding == "utf_16_be"
    assert measure("") == (GSM_7, 1, 0)
    assert len(smsutil.split("").parts) == 1


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "units"),
    [
        ("a" * 160, GSM_7, 1, 160),
        ("a" * 161, GSM_7, 2, 161),
        ("a" * 306, GSM_7, 2, 306),
        ("a" * 307, GSM_7, 3, 307),
        ("{" * 80, GSM_7, 1, 160),
        ("a" * 152 + "[" + "a" * 151, GSM_7, 2, 305),
        ("a" * 152 + "[" + "a" * 152, GSM_7, 3, 306),  # the pair moves to the second part: 152 + 153 + 1
        ("ă" * 70, UCS_2, 1, 70),
        ("ă" * 71, UCS_2, 2, 71),
        ("ă" * 134, UCS_2, 2, 134),
        ("ă" * 135, UCS_2, 3, 135),
        ("ă" * 66 + "😀" + "ă" * 66, UCS_2, 2 + 1, 134),  # the surrogate pair moves: 66 + 67 + 1
        ("Chị đã khám", UCS_2, 1, 11),
        ("à è é ì ò ù É", GSM_7, 1, 13),
    ],
)
def test_known_sizes(text: str, encoding: str, segments: int, units: int) -> None:
    assert measure(text) == (encoding, segments, units)


@pytest.mark.parametrize("before", range(140, 154))
def test_no_pair_is_ever_split(before: int) -> None:
    for text in ("a" * before + "^" * 60, "ă" + "b" * (before - 90) + "👶" * 40):
        assert measure(text).segments == len(oracle(text))


def test_the_alphabet_is_the_codecs() -> None:
    assert len(BASIC) == 127
    assert len(EXTENSION) == len(BASIC_CHARACTER_SET_EXTENSION) == 10
    assert all(measure(character).encoding == GSM_7 for character in BASIC + EXTENSION)
    in_gsm = {c for c in VIETNAMESE + VIETNAMESE.upper() if measure(c).encoding == GSM_7 and not c.isascii()}
    assert in_gsm == set("àèéìòùÉ")


def test_the_text_is_counted_as_given() -> None:
    assert measure(unicodedata.normalize("NFD", "ắ" * 30)).units == 90
    assert measure("“a”").encoding == UCS_2
    assert SINGLE == {GSM_7: 160, UCS_2: 70}
