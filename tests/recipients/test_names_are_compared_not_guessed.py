"""Names: shown as typed, compared by a key that forgives typing but not another woman."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from recipients.names import clean_name, clean_text, name_key, search_form


def test_a_name_is_cleaned_not_changed() -> None:
    decomposed = unicodedata.normalize("NFD", "  Nguyễn\u00a0Thị\n Hồng  Chi. ")
    assert clean_name(decomposed) == "Nguyễn Thị Hồng Chi"
    assert clean_name("TRẦN THỊ\u200b MAI") == "TRẦN THỊ MAI"
    assert [clean_name(raw) for raw in (None, "", " - ", "...", "12")] == [""] * 5


def test_the_key_forgives_typing() -> None:
    same = ["Nguyễn Thị Hòa", "nguyễn  thị HOÀ", unicodedata.normalize("NFD", "Nguyễn Thị Hoà ")]
    assert len({name_key(name) for name in same}) == 1
    assert name_key("Thúy") == name_key("Thuý")


def test_the_key_keeps_different_women_apart() -> None:
    assert len({name_key(name) for name in ("Lan", "Lân", "Lán", "Hoa", "Hòa", "Hóa")}) == 6


def test_khmer_stays_whole() -> None:
    name = "សុខ ស្រីមុំ"
    assert (clean_name(name), search_form(name)) == (name, name)
    assert clean_text("ក\u200cខ") == "ក\u200cខ"
    assert clean_text("Th\u200cị") == "Thị"


def test_search_without_diacritics() -> None:
    assert search_form("Đặng Thị Ngọc Ánh") == "dang thi ngoc anh"


@given(st.text(max_size=40))
def test_cleaning_and_keys_are_stable(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_name(clean_name(text)) == clean_name(text)
    assert name_key(clean_name(text)) == name_key(text)
