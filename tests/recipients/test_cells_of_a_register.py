"""Single cells: every form people type, and no guessing."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipients.gestation import GestationalAge
from recipients.register_import import cells
from recipients.register_import.cells import CellError

TODAY = date(2026, 11, 21)


def typed_forms(day: date) -> list[object]:
    """Every form of a date that the reader promises to understand."""
    d, m, y = day.day, day.month, day.year
    short = f"{y % 100:02d}"
    english = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][m - 1]
    serial = (day - date(1899, 12, 30)).days
    return [
        day, datetime(y, m, d, 7, 30, tzinfo=UTC), float(serial), serial, str(serial), f"{serial}.0",
        f"{d:02d}/{m:02d}/{y}", f"{d}/{m}/{y}", f"{d}-{m}-{short}", f"{d}.{m}.{y}", f"{d} {m} {y}",
        f" {d} / {m} / {y} ", f"{d:02d}{m:02d}{y}", int(f"{d:02d}{m:02d}{y}"), f"{y}{m:02d}{d:02d}",
        f"{y}-{m:02d}-{d:02d}", f"{y}/{m}/{d}", f"{y}-{m:02d}-{d:02d} 00:00:00", f"{y}-{m:02d}-{d:02d}T07:30:00",
        f"{d:02d}/{m:02d}/{y} 00:00", f"ngày {d} tháng {m} năm {y}", f"{d} tháng {m}, {y}", f"Ngày {d}/{m}/{y}",
        unicodedata.normalize("NFD", f"ngày {d} tháng {m} năm {y}"), f"ngay {d} thang {m} nam {y}",
        f"{d}-{english}-{y}", f"{english} {d}, {y}", f"{d}\u00a0/{m}/{y}\u200b", f"'{d}/{m}/{y}",
    ]  # fmt: skip


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_every_typed_form_is_the_same_date(day: date) -> None:
    for form in typed_forms(day):
        assert cells.read_date(form) == day, form


@pytest.mark.parametrize(
    "raw",
    [
        "31/02/2026", "32/02/2026", "29/02/2026", "07/13/2026", "00/01/2026", "3/7", "07/2026", "3/7/226", "hôm qua",
        "3/7/2026 âm lịch", "26/7/3", "03/07/1026", "12345678901", 3.5, float("nan"), float("inf"), True, time(7, 30),
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_guessed(raw: object) -> None:
    with pytest.raises(CellError):
        cells.read_date(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "3rd July 2026", "July 3rd, 2026", "3 thg 7 2026", "3 Thg7, 2026", "03-Thg7-26", "03–07–2026", "03—07—2026",
        "2026-07-03T00:00:00+07:00", "2026-07-03 00:00:00+0700", "2026-07-03T00:00:00.000Z", "3/7/26 8:30 SA",
        "3/7/26 8:30 CH", "03/07/2026 (SA)", "03/07/2026 lúc 8:30",
    ],
)  # fmt: skip
def test_dates_as_programs_and_people_write_them_too(raw: str) -> None:
    assert cells.read_date(raw) == date(2026, 7, 3)


@pytest.mark.parametrize("raw", ["", None, "  ", "-", "...", "?", "không nhớ", "Không rõ", "KHÔNG BIẾT", 0, 0.0])
def test_a_cell_that_says_nothing_is_no_date(raw: object) -> None:
    assert cells.read_date(raw) is None


@given(st.one_of(st.text(max_size=25), st.floats(), st.integers(), st.from_regex(r"[0-9/. -]{1,14}")))
def test_reading_never_breaks(raw: object) -> None:
    for read in (
        cells.read_date, cells.read_gestation, cells.read_consent, cells.read_phone_holder, cells.read_language,
        cells.read_unit_code, cells.read_count, cells.read_parity, lambda cell: cells.read_year_of_birth(cell, TODAY),
    ):  # fmt: skip
        try:
            read(raw)
        except CellError:
            continue


@pytest.mark.parametrize(
    ("raw", "weeks", "days"),
    [
        ("12", 12, 0), (12.0, 12, 0), (12, 12, 0), ("12 tuần", 12, 0), ("12w", 12, 0), ("T12", 12, 0),
        ("tuần thứ 12", 12, 0), ("12w3d", 12, 3), ("12W3D", 12, 3), ("12 tuần 3 ngày", 12, 3), ("12t3n", 12, 3),
        ("12+3", 12, 3), ("12 + 3", 12, 3), ("12w+3", 12, 3), ("12+3/7", 12, 3), ("12,5", 12, 5), (12.5, 12, 5),
        ("12.3", 12, 3), ("12,3", 12, 3), (12.3, 12, 3), ("12.3 tuần", 12, 3), ("12.50", 12, 5), ("12.0", 12, 0),
        ("12.43", 12, 3), (87 / 7, 12, 3), ("86 ngày", 12, 2), ("45 ngay", 6, 3), ("86n", 12, 2), ("123 ngày", 17, 4),
        ("thai 45 ngày", 6, 3), ("86 days", 12, 2), ("12/40", 12, 0), ("12+3/40", 12, 3), ("12 3", 12, 3),
        ("thai 12 tuần", 12, 0), (unicodedata.normalize("NFD", "12 tuần 3 ngày"), 12, 3), ("0", 0, 0),
    ],
)  # fmt: skip
def test_gestation_as_written(raw: object, weeks: int, days: int) -> None:
    assert cells.read_gestation(raw) == GestationalAge(weeks, days)


@pytest.mark.parametrize("raw", ["12.7", "12,9", 12.8, "863", "86 9 ngày", "12/60"])
def test_gestation_is_never_guessed(raw: object) -> None:
    with pytest.raises(CellError):
        cells.read_gestation(raw)


@pytest.mark.parametrize("raw", ["12w9d", "3 tháng", "abc", -1, 200, "123", True, date(2026, 1, 1), float("nan")])
def test_gestation_that_cannot_be(raw: object) -> None:
    with pytest.raises(CellError):
        cells.read_gestation(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Có", True), ("có", True), (unicodedata.normalize("NFD", "Có"), True), ("x", True), ("X", True), ("✓", True),
        ("đồng ý", True), ("Đồng Ý", True), (1.0, True), (True, True), ("yes", True), ("Không", False), ("ko", False),
        ("không đồng ý", False), ("chưa", False), (0, False), (False, False), ("", None), (None, None), ("  ", None),
        ("-", None), ("Có (miệng)", True), ("Có, ký tên", True), ("đ.ý", True), ("Đồng ý bằng miệng", True),
    ],
)  # fmt: skip
def test_consent_words(raw: object, expected: bool | None) -> None:
    assert cells.read_consent(raw) is expected


@pytest.mark.parametrize("raw", ["hỏi lại", "T", "Có ký tên không", "miệng"])
def test_an_unclear_word_is_no_consent(raw: str) -> None:
    with pytest.raises(CellError):
        cells.read_consent(raw)


def test_whose_phone_it_is() -> None:
    words = ["bản thân", "Chính chủ", "chồng", "của chồng", "chung", "mẹ chồng", "hàng xóm"]
    assert [cells.read_phone_holder(word) for word in words] == ["own"] * 2 + ["husband"] * 2 + ["shared"] * 3
    assert cells.read_phone_holder("") is None


def test_languages() -> None:
    words = ["vi", "Kinh", "Tiếng Việt", "VN", "km", "Khmer", "tiếng Khơ-me", "ខ្មែរ", "English"]
    assert [cells.read_language(word) for word in words] == ["vi"] * 4 + ["km"] * 4 + ["en"]
    assert cells.read_language(None) is None
    with pytest.raises(CellError):
        cells.read_language("Tày")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("29638", "29638"), (29638.0, "29638"), (29638, "29638"), ("29638.0", "29638"), ("7210", "07210"),
        (7210.0, "07210"), (4, "00004"), (" 29 638", "29 638"), ("29638 - Xã Bình Phước", "29638"), ("", ""),
        (None, ""), ("XBP", "XBP"),
    ],
)  # fmt: skip
def test_unit_codes_get_their_zeros_back(raw: object, expected: str) -> None:
    assert cells.read_unit_code(raw) == expected


def test_year_of_birth() -> None:
    for raw in (1986.0, "1986", "1986.0", "86", "03/07/1986", datetime(1986, 7, 3, tzinfo=UTC), "3-7-86"):
        assert cells.read_year_of_birth(raw, TODAY) == 1986
    assert cells.read_year_of_birth("05", TODAY) == 2005
    assert cells.read_year_of_birth("", TODAY) is None
    for wrong in ("abc", 1900, 2025, "19866"):
        with pytest.raises(CellError):
            cells.read_year_of_birth(wrong, TODAY)


def test_counts() -> None:
    assert [cells.read_count(raw) for raw in (2, 2.0, "2", "lần 2", "Thứ 3", "", None)] == [2, 2, 2, 2, 3, None, None]
    assert [cells.read_parity(raw) for raw in ("1001", 1001.0, "PARA 2012", "2", "")] == [1, 1, 2, 2, None]
    with pytest.raises(CellError):
        cells.read_count("nhiều")
