"""The form without diacritics and the tidy form: cheaper, and never another word."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from messaging.text.plain import to_plain
from messaging.text.segments import measure
from messaging.text.tidy import tidy

KHMER = "សូមអញ្ជើញមកពិនិត្យផ្ទៃពោះ\u200bនៅប៉ុស្តិ៍សុខភាព"
LETTERS = "aăâeêioôơuưy"
TONES = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
ALL_VIETNAMESE = ["đ", "Đ"] + [
    unicodedata.normalize("NFC", case + tone)
    for letter in LETTERS
    for case in (letter, letter.upper())
    for tone in TONES
]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Chị Đặng Thị Hạnh ơi, mời chị khám thai", "Chi Dang Thi Hanh oi, moi chi kham thai"),
        ("ĐIỆN THOẠI", "DIEN THOAI"),
        ("Trường Đại học Y khoa, ưỡn ẹo", "Truong Dai hoc Y khoa, uon eo"),
        ("no change at all", "no change at all"),
        ("Ø ß æ Ł ₫ 5°", "Ø ß æ Ł ₫ 5°"),
        (KHMER, KHMER),
        (f"Trạm: {KHMER} ạ", f"Tram: {KHMER} a"),
        ("รพ.สต. é", "รพ.สต. e"),
        ("", ""),
    ],
)
def test_only_latin_letters_lose_their_marks(text: str, plain: str) -> None:
    assert to_plain(text) == plain


@given(st.text(st.sampled_from([*ALL_VIETNAMESE, *" ,.:0-9"])))
@settings(deadline=None)
def test_vietnamese_without_diacritics_is_gsm_7(text: str) -> None:
    plain = to_plain(text)
    assert measure(plain).encoding == "GSM-7"
    assert plain == to_plain(unicodedata.normalize("NFD", text)) == to_plain(plain)
    assert len(plain) == len(text)


@given(st.text(st.characters(min_codepoint=0x0370)).filter(lambda t: not any(0x1E00 <= ord(c) <= 0x1EFF for c in t)))
@settings(deadline=None)
@example(KHMER)
def test_other_scripts_are_untouched(text: str) -> None:
    assert to_plain(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("“Chào” chị – mẹ khỏe…", '"Chào" chị - mẹ khỏe...'),
        ("5\u00a0g\u202fmuối, 2 × ngày, ≥ 4 lần", "5 g muối, 2 x ngày, >= 4 lần"),
        ("  a \t b \r\n\r\n\r\n c\r d\u2028e  ", "a b\n\nc\nd\ne"),
        (unicodedata.normalize("NFD", "Chị Đặng ắ ợ"), "Chị Đặng ắ ợ"),
        ("khám\u200b thai\ufeff, \u200ecó\u00ad thể\u200d", "khám thai, có thể"),
        ("ＡＢＣ（１２）", "ABC(12)"),
        ("bell\x07 null\0 esc\x1b end", "bell null esc end"),
        ("it`s it´s it’s", "it's it's it's"),
        ("1½ viên, 38,5°C, µ", "1½ viên, 38,5°C, µ"),
        ("• một\n• hai", "- một\n- hai"),
        (KHMER, KHMER),
        ("👩\u200d⚕️ ơi 🇻🇳", "👩\u200d⚕️ ơi 🇻🇳"),
        ("50.000₫", "50.000đ"),
        ("\n\n \n", ""),
    ],
)
def test_tidy_writes_what_sms_can_afford(text: str, clean: str) -> None:
    assert tidy(text) == clean


@given(
    st.one_of(
        st.text(),
        st.text(st.sampled_from("a \n\r\t…“”\u200b\u200c\u200d\u0301\u0338=<≥＝ក👩️" + "ạ`–\u00a0\ufeff\u00ad")),
    )
)
@settings(max_examples=1000, deadline=None)
@example("a\u200b\u0301\u200bក")
@example("\u200b\u200b\u200bក\u200b\u200cក")
@example("＝\u0338\u200bក")
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert once == unicodedata.normalize("NFC", once)
    assert measure(once).units <= 3 * measure(unicodedata.normalize("NFC", text)).units


@given(st.text(st.sampled_from([*ALL_VIETNAMESE, *KHMER, *"abc019 .,\n…–“”\u00a0\u200b\ufeff"])))
@settings(deadline=None)
def test_letters_and_digits_survive_tidying(text: str) -> None:
    def words(t: str) -> list[str]:
        return [c for c in t if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc")]

    assert words(tidy(text)) == words(text)
