"""A text reaches a phone whole, in words for its reader, or not at all."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.content.rendering import (
    MissingValue,
    choose,
    for_phone,
    given_name,
    needs_discretion,
    placeholders,
    render,
)


@dataclass
class Words:
    body: str
    discreet_body: str = ""


def test_every_placeholder_gets_its_value():
    body = "Chị {ten} ơi, gọi {sdt} hoặc đến {coso}. {ten} nhé."
    assert placeholders(body) == ["ten", "sdt", "coso"]
    values = {"ten": "Hoa", "sdt": "02703823456", "coso": "Trạm Y tế xã Tân Hạnh", "hotline": "1"}
    assert render(body, values) == "Chị Hoa ơi, gọi 02703823456 hoặc đến Trạm Y tế xã Tân Hạnh. Hoa nhé."


@pytest.mark.parametrize(
    ("body", "values", "name"),
    [
        ("Gọi {sdt}", {}, "sdt"),
        ("Gọi {sdt}", {"sdt": "  "}, "sdt"),
        ("Chị {Ten}", {"ten": "Hoa"}, "Ten"),
        ("Chị {}", {"ten": "Hoa"}, ""),
        ("Chị {ten, gọi {sdt}", {"ten": "Hoa", "sdt": "1"}, "{"),
        ("Chị ten}", {"ten": "Hoa"}, "}"),
    ],
)
def test_half_a_sentence_is_refused(body, values, name):
    with pytest.raises(MissingValue) as missing:
        render(body, values)
    assert missing.value.name == name


@given(st.text(), st.text(min_size=1).filter(lambda value: value.strip()))
def test_a_value_is_put_in_as_it_is(before, value):
    before = before.replace("{", "").replace("}", "")
    assert render(before + "{ten}", {"ten": value}) == before + value.strip()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nguyễn Thị Thu Hương", "Hương"),
        ("  Lan ", "Lan"),
        ("", ""),
        ("NGUYỄN THỊ ÁNH TUYẾT", "Tuyết"),
        ("trần thị bé", "Bé"),
        ("Nguyễn Như Ý", "Ý"),
        ("Thạch Thị Sô Phia", "Phia"),
        ("Lê Thị Lan A", "Lan"),
        ("Lê Thị Lan 2", "Lan"),
        ("Lê Thị Lan (vợ Tùng)", "Lan"),
        ("Giàng A Páo", "Páo"),
        ("H'Hen Niê", "Niê"),
    ],
)
def test_people_are_addressed_by_the_given_name(name, expected):
    assert given_name(name) == expected


def test_without_diacritics_only_latin_letters_lose_them():
    assert for_phone("Chị “Hoa” đến khám – nhé…", "plain") == 'Chi "Hoa" den kham - nhe...'
    assert for_phone("Chị “Hoa” đến", "diacritics") == 'Chị "Hoa" đến'
    khmer = "សូមទៅពិនិត្យសុខភាព"
    assert for_phone(khmer, "plain") == khmer


def test_a_missing_language_falls_back_to_vietnamese_and_says_so():
    texts = {"vi": Words("Xin chào"), "en": Words("Hello")}
    assert choose(texts, "en", False) == ("Hello", "en")
    assert choose(texts, "km", False) == ("Xin chào", "vi")
    assert choose({"en": Words("Hello")}, "km", False) is None


def test_a_shared_phone_gets_discreet_words_or_none():
    texts = {"vi": Words("Mời chị khám thai", "Mời chị ghé trạm"), "en": Words("Pregnancy check")}
    assert choose(texts, "vi", True) == ("Mời chị ghé trạm", "vi")
    assert choose(texts, "en", True) == ("Mời chị ghé trạm", "vi"), "better another language than a secret told"
    assert choose({"vi": Words("Mời chị khám thai")}, "vi", True) is None


def test_who_needs_discretion():
    assert not needs_discretion(False, "own")
    assert needs_discretion(True, "own")
    assert needs_discretion(False, "husband")
    assert needs_discretion(False, "shared")
