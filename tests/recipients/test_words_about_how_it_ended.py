"""What a row of a register says of the end of a pregnancy: words, days, weights; never a guess."""

from datetime import date
from typing import Any

import pytest

from recipients.names import strip_marks
from recipients.register_import.endings import WARNINGS, Ending, read_ending
from recipients.register_import.headings import field_of, find_heading

TODAY = date(2026, 11, 21)
DAY = date(2026, 11, 5)
HEADINGS = {
    "born_on": ["Ngày sinh con", "Ngày sinh của bé", "Ngày sinh (con)", "Con Ngày sinh", "Child's date of birth"],
    "ended_on": [
        "Ngày đẻ",
        "Ngày giờ đẻ",
        "Ngày kết thúc thai kỳ",
        "Ngày đẻ/sẩy",
        "Ngày sinh thực tế",
        "Delivery date",
    ],
    "outcome": ["Kết quả thai kỳ", "Kết quả thai nghén", "Kết quả đẻ", "Kết thúc thai kỳ", "Pregnancy outcome"],
    "child_state": ["Tình trạng con", "Tình trạng trẻ sau sinh", "Status of baby"],
    "delivery_mode": ["Cách đẻ", "Cách thức đẻ", "Mode of delivery"],
    "children": ["Số con sinh ra", "Số con đẻ lần này", "Number of babies"],
    "weight": ["Cân nặng trẻ", "Cân nặng con (g)", "Cân nặng khi sinh (kg)", "Cân nặng bé 2", "Birth weight (g)"],
    "birth_gestation": ["Tuổi thai khi sinh", "Tuổi thai khi đẻ (tuần)", "Gestational age at birth"],
}
TITLES = ("Họ tên", "Mã xã", "KCC", *(titles[0] for titles in HEADINGS.values()), "Ghi chú")


def said(**cells: Any) -> tuple[Ending | None, set[str]]:
    """Of a row with these cells, and a day of delivery unless another is given."""
    given = {"ended_on": "05/11/2026"} | cells
    heading = find_heading([TITLES])
    assert heading is not None
    row = ("An", "29584", "01/02/2026", *(given.get(field, "") for field in HEADINGS), given.get("note", ""))
    return read_ending(heading, row, TODAY)


@pytest.mark.parametrize(("title", "field"), [(t, field) for field, titles in HEADINGS.items() for t in titles])
def test_headings_of_the_end_are_known(title: str, field: str) -> None:
    assert {field_of(each) for each in (title, title.upper(), strip_marks(title), f"{title}:")} == {field}


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Ngày dự kiến sinh", "edd"), ("Ngày đẻ dự kiến", "edd"), ("Ngày đẻ (DK)", None),
        ("Ngày sinh con (dự kiến)", None), ("Ngày đẻ lần trước", None),
        ("Cân nặng con (lần trước)", None), ("Tiền sử: ngày đẻ", None), ("Cân nặng", None),
        ("Cân nặng mẹ", None), ("Ngày sinh", "year_of_birth"), ("Số con", "parity"), ("Tuổi thai", "gestation"),
        ("Expected date of delivery", "edd"), ("Ngày sinh chồng", None), ("Kết quả xét nghiệm", None),
    ],
)  # fmt: skip
def test_a_day_to_come_and_a_birth_before_are_no_end_of_this_pregnancy(title: str, field: str | None) -> None:
    assert field_of(title) == field


@pytest.mark.parametrize("upper", [("Dự kiến theo SA", "Ngày đẻ"), ("Tiền sử sản khoa", "Ngày đẻ")])
def test_a_title_above_counts(upper: tuple[str, str]) -> None:
    heading = find_heading([["Họ tên", "Mã xã", "KCC", upper[0]], ["", "", "", upper[1]]])
    assert heading is not None
    assert "ended_on" not in heading.columns


@pytest.mark.parametrize(
    "word",
    ["đẻ thường", "Mổ", "mổ lấy thai", "ĐẺ NON", "sinh sống", "sinh song", "đẻ", "Đẻ thường, con trai 3200g",
     "đẻ thường, không tai biến", "Đẻ thường tại BV Từ Dũ", "Live birth", "C-section", "normal delivery", "sống"],
)  # fmt: skip
def test_a_living_birth(word: str) -> None:
    assert said(outcome=word) == (Ending("live_birth", DAY, (None,)), set())


@pytest.mark.parametrize(
    ("word", "kind"),
    [("Sẩy thai", "miscarriage"), ("sảy", "miscarriage"), ("say thai 8 tuan", "miscarriage"),
     ("Thai ngoài tử cung", "miscarriage"), ("spontaneous abortion", "miscarriage"), ("Miscarriage", "miscarriage"),
     ("Phá thai", "termination"), ("đình chỉ thai nghén", "termination"), ("Termination", "termination"),
     ("thai chết lưu", "stillbirth"), ("Thai lưu", "stillbirth"), ("đẻ chết", "stillbirth"),
     ("mổ lấy thai chết lưu", "stillbirth"), ("stillborn", "stillbirth")],
)  # fmt: skip
def test_a_loss(word: str, kind: str) -> None:
    assert said(outcome=word) == (Ending(kind, DAY), set())
    assert said(child_state=word) == said(delivery_mode=word) == said(outcome=word)
    assert said(outcome=word, ended_on="") == (Ending(kind, None), {"loss_day_missing"})


@pytest.mark.parametrize(
    "word", ["dọa sẩy thai", "nghi thai lưu", "không sẩy", "no miscarriage", "để theo dõi", "để sinh thường", "abc",
             "x", "chuyển viện", "sẩy thai?", "tiền sử sẩy thai", "hẹn mổ 12/12", "vỡ ối"],
)  # fmt: skip
def test_doubt_records_nothing(word: str) -> None:
    assert said(outcome=word) == (None, {"outcome_unread"})
    assert said(outcome=word, born_on="05/11/2026", ended_on="") == (None, {"outcome_unread"})


@pytest.mark.parametrize(
    "cells",
    [
        {"outcome": "sẩy thai", "weight": "3000"}, {"outcome": "sẩy thai", "born_on": "05/11/2026"},
        {"outcome": "sẩy thai / đẻ thường"}, {"outcome": "1 sống 1 chết lưu"}, {"outcome": "sinh đôi, 1 thai lưu"},
        {"outcome": "thai lưu", "child_state": "sống"}, {"outcome": "thai lưu", "weight": "2400/2300"},
        {"outcome": "đẻ thường", "child_state": "tử vong"}, {"outcome": "sinh sống, mất sau 2 giờ"},
        {"outcome": "đẻ thường", "born_on": "06/11/2026"},
        {"outcome": "đẻ thường", "children": 1, "weight": "2400/2300"},
        {"outcome": "đẻ thường", "children": 0}, {"outcome": "chưa sinh"},
        {"outcome": "đẻ non", "note": "thai chết lưu"},
        {"outcome": "sẩy thai", "child_state": "phá thai"},
    ],
)  # fmt: skip
def test_contradictions_record_nothing(cells: dict[str, Any]) -> None:
    assert said(**cells) == (None, {"outcome_contradictory"})


def test_a_day_of_delivery_alone_says_no_living_birth() -> None:
    for cells in ({}, {"weight": "3200"}, {"delivery_mode": "mổ"}, {"children": 1}, {"outcome": "song thai"}):
        assert said(**cells) == (None, {"outcome_missing"})
    assert said(ended_on="") == said(ended_on="", outcome="đang mang thai") == said(ended_on="-") == (None, set())
    assert said(ended_on="", born_on="05/11/2026")[0] == Ending("live_birth", DAY, (None,))
    assert said(child_state="khỏe")[0] == Ending("live_birth", DAY, (None,))
    assert said(outcome="đẻ thường", ended_on="mồng năm") == (None, {"outcome_day_missing"})
    assert said(outcome="đẻ thường", child_state="chết lưu")[0] == Ending("stillbirth", DAY)
    assert said(outcome="thai lưu", weight="900", delivery_mode="đẻ thường")[0] == Ending("stillbirth", DAY)


@pytest.mark.parametrize(
    ("cell", "weights"),
    [(3200, (3200,)), (3.2, (3200,)), ("3,2 kg", (3200,)), ("3.200", (3200,)), ("3kg2", (3200,)), ("3 kg 250", (3250,)),
     ("3200g", (3200,)), ("2400/2300", (2400, 2300)), ("2,4 - 2,3 kg", (2400, 2300)), ("2400, 2300", (2400, 2300)),
     ("bé 1: 2400, bé 2: 2300", (2400, 2300)), ("2400 và 2300", (2400, 2300))],
)  # fmt: skip
def test_weights(cell: Any, weights: tuple[int, ...]) -> None:
    assert said(outcome="sinh sống", weight=cell) == (Ending("live_birth", DAY, weights), set())


def test_twins_and_weeks() -> None:
    twins = Ending("live_birth", DAY, (2400, None), 34 * 7 + 2)
    assert said(outcome="sinh đôi", weight="2400", birth_gestation="34+2") == (twins, set())
    assert said(outcome="mổ", children=3)[0] == Ending("live_birth", DAY, (None,) * 3)
    assert said(outcome="mổ", weight="nhẹ", birth_gestation="12") == (
        Ending("live_birth", DAY, (None,)), {"weight_unread", "birth_gestation_unread"},
    )  # fmt: skip


def test_every_doubt_is_told() -> None:
    assert len(WARNINGS) == 9
