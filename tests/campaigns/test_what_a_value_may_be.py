"""Values are checked by their kind and written in one way; every parameter of the catalogue is obeyed somewhere."""

from datetime import time

import pytest

from campaigns.content.fields import PLACEHOLDERS
from campaigns.local import kinds, rules
from campaigns.local.catalogue import known


@pytest.mark.parametrize(
    ("kind", "typed", "written"),
    [
        ("hours", "7h30 - 17h", "07:30-17:00"),
        ("hours", "7-17", "07:00-17:00"),
        ("hours", "07:00–22:00", "07:00-22:00"),
        ("hours", "7h đến 20h", "07:00-20:00"),
        ("hours", "24/24", "00:00-00:00"),
        ("age_range", "6 đến dưới 60 tháng", "6-60"),
        ("age_range", "6 – 36", "6-36"),
        ("months", "9, 2;3 2", "2, 3, 9"),
        ("days", 42.0, "42"),
        ("yes_no", "Có", "yes"),
        ("yes_no", "Không", "no"),
        ("services", "Tiêm chủng, growth", "immunisation, growth"),
        ("services", "không có", "none"),
        ("phone", " 0270 3823456 ", "0270 3823456"),
        ("phone", "1800.1234", "1800.1234"),
        ("brand", "YTEVINHLONG", "YTEVINHLONG"),
        ("text", "Trạm  Y tế\nxã Tân Hạnh", "Trạm Y tế xã Tân Hạnh"),
    ],
)
def test_what_people_type_is_understood(kind: str, typed: object, written: str) -> None:
    assert kinds.clean(kind, typed, 60) == written
    assert kinds.clean(kind, written, 60) == written


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        ("text", "  ", "empty"), ("text", "{ten}", "braces"), ("text", "x" * 61, "too_long"),
        ("hours", "7h-25h", "hours"), ("hours", "7h-24h30", "hours"), ("hours", "ban ngày", "hours"),
        ("age_range", "36-6", "age_range"), ("age_range", "6-72", "age_range"), ("age_range", "6", "age_range"),
        ("months", "2, 61", "months"), ("months", "hai", "months"), ("days", "181", "days"), ("days", "-1", "days"),
        ("yes_no", "có lẽ", "yes_no"), ("services", "massage", "services"), ("phone", "số của trạm", "phone"),
        ("phone", "1" * 16, "phone"), ("brand", "Y TẾ", "brand"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused(kind: str, typed: str, code: str) -> None:
    with pytest.raises(kinds.BadValue) as caught:
        kinds.clean(kind, typed, 60)
    assert caught.value.code == code


def test_hours_are_read_back() -> None:
    assert kinds.hours("07:30-17:00") == (time(7, 30), time(17))
    assert kinds.hours("7h-17h") is None


def test_every_example_and_default_is_right() -> None:
    for about in known().values():
        assert kinds.clean(about.kind, about.example, about.longest) == about.example, about.name
        assert not about.default or kinds.clean(about.kind, about.default, about.longest) == about.default, about.name
        assert set(about.label) == set(about.meaning) == {"vi", "en"}, about.name


def test_every_parameter_is_a_placeholder_or_a_rule_that_is_read() -> None:
    by_use: dict[str, set[str]] = {}
    for about in known().values():
        by_use.setdefault(about.use, set()).add(about.name)
    assert by_use["text"] == PLACEHOLDERS - {"ten", "me", "ngay"}
    assert by_use["schedule"] == set(rules.NAMES)
    assert by_use["answers"] == {"hotline_hours"}
