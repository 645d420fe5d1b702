"""The sample register, XLSX and CSV alike, and every rule of a verdict."""

from __future__ import annotations

import json
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from recipients.names import name_key
from recipients.register_import.headings import find_heading
from recipients.register_import.reader import DataRow, read_register
from recipients.register_import.verdicts import REASONS_VI, ParsedRow, judge

SAMPLES = Path(__file__).parents[1] / "samples"
TODAY = date(2026, 11, 21)
COMMUNES = {"29551", "29557", "29584", "29638"}
TITLES = (
    "STT", "Họ tên", "Năm sinh", "SĐT", "Chủ máy", "KCC", "DKS", "Tuổi thai", "Ngày khám", "Mã xã", "Xã", "Đồng ý",
    "Ngôn ngữ", "Ghi chú",
)  # fmt: skip
GOOD: dict[str, Any] = {
    "Họ tên": "Trần Thị An", "Năm sinh": 1998.0, "SĐT": "0912345678", "KCC": "03/07/2026", "Mã xã": "29638",
    "Đồng ý": "x",
}  # fmt: skip


def resolve(code: str, name: str) -> str | None:
    if code in COMMUNES:
        return code
    return "29638" if name == "Xã Bình Phước" else None


def verdict(default_unit: str = "", **changed: Any) -> ParsedRow:
    row = GOOD | changed
    heading = find_heading([TITLES])
    assert heading is not None
    return judge(DataRow(1, 2, tuple(row.get(title, "") for title in TITLES)), heading, TODAY, resolve, default_unit)


@pytest.mark.parametrize("name", ["so-kham-thai.csv", "so-kham-thai.xlsx"])
def test_the_sample_register(name: str) -> None:
    expected = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    today = date.fromisoformat(expected["today"])
    register = read_register(SAMPLES / name)
    assert len(register.rows) == len(expected["rows"]) == 124
    for row, wanted in zip(register.rows, expected["rows"], strict=True):
        wanted.pop("same_as", None)
        parsed = judge(row, register.heading, today, resolve)
        given = wanted["verdict"] if wanted["verdict"] == "known" else "refused" if parsed.refused else "accepted"
        assert parsed.detail(given) == wanted


def test_a_good_row_says_everything() -> None:
    row = verdict(**{"SĐT": "01665291703", "Chủ máy": "chồng", "Ngôn ngữ": "Khmer", "Ghi chú": " lần  đầu "})
    assert (row.reasons, row.warnings) == ((), ())
    assert (row.phone, row.migrated_from, row.phone_holder) == ("+84365291703", "01665291703", "husband")
    assert (row.anchor_date, row.anchor_source, row.lmp) == (date(2026, 7, 3), "lmp", date(2026, 7, 3))
    assert (row.name, row.name_key, row.year_of_birth) == ("Trần Thị An", name_key("TRẦN THỊ AN"), 1998)
    assert (row.consent, row.language, row.unit_code, row.note) == (True, "km", "29638", "lần đầu")


def test_every_reason_is_given_and_in_order() -> None:
    row = verdict(**{"Họ tên": " - ", "SĐT": "0333340", "KCC": "31/02/2026", "Ngày khám": "22/11/2026", "Mã xã": "1"})
    assert row.reasons == ("date_invalid", "date_out_of_range", "name_missing", "phone_invalid", "unit_unknown")
    assert row.detail("refused") == {
        "row": 1, "verdict": "refused", "reasons": list(row.reasons), "name": None, "phone": None, "anchor_date": None,
        "consent": None,
    }  # fmt: skip
    for reason in row.reasons:
        assert REASONS_VI[reason] in row.reasons_text()


def test_every_reason_says_in_vietnamese_what_to_do() -> None:
    assert sorted(REASONS_VI) == [
        "date_invalid", "date_out_of_range", "name_missing", "no_anchor_date", "outcome_contradictory",
        "phone_invalid", "pregnancy_over", "unit_unknown",
    ]  # fmt: skip
    for text in REASONS_VI.values():
        assert text.endswith(".")
        assert text.count(". ") == 1
        assert text == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("days", "reasons"), [(-1, ("date_out_of_range",)), (0, ()), (301, ()), (302, ("date_out_of_range",))]
)
def test_the_anchor_lies_within_301_days(days: int, reasons: tuple[str, ...]) -> None:
    lmp = TODAY - timedelta(days=days)
    assert verdict(KCC=lmp).reasons == reasons
    assert verdict(KCC="", DKS=lmp + timedelta(days=280)).reasons == reasons


@pytest.mark.parametrize(
    ("dates", "reasons"),
    [
        ({"KCC": ""}, ("no_anchor_date",)),
        ({"KCC": "không nhớ"}, ("no_anchor_date",)),
        ({"KCC": "", "Tuổi thai": "8"}, ("no_anchor_date",)),
        ({"KCC": "", "Ngày khám": "01/09/2026"}, ("no_anchor_date",)),
        ({"KCC": "hôm qua"}, ("date_invalid",)),
        ({"KCC": "31/02/2026", "DKS": "10/04/2027"}, ("date_invalid",)),
        ({"KCC": "", "Tuổi thai": "ba tháng", "Ngày khám": "01/09/2026"}, ("date_invalid",)),
        ({"Tuổi thai": "ba tháng", "Ngày khám": "01/09/2026"}, ()),
        ({"Ngày khám": "21/11/2026"}, ()),
        ({"Ngày khám": "22/11/2026"}, ("date_out_of_range",)),
        ({"KCC": "22/11/2026", "DKS": "10/08/2027"}, ("date_out_of_range",)),
        ({"KCC": "", "Tuổi thai": "8", "Ngày khám": "22/11/2026"}, ("date_out_of_range",)),
        ({"KCC": "", "Tuổi thai": "60", "Ngày khám": "01/09/2026"}, ("date_out_of_range",)),
    ],
)
def test_reasons_about_dates(dates: dict[str, Any], reasons: tuple[str, ...]) -> None:
    assert verdict(**dates).reasons == reasons


@pytest.mark.parametrize(
    ("title", "apart", "refused"),
    [("EDD", 21, False), ("EDD", -21, False), ("EDD", 22, True), ("EDD", -22, True), ("US EDD", 42, False),
     ("US EDD", -43, True), ("DKS theo siêu âm", 43, True)],
)  # fmt: skip
def test_two_dates_that_contradict_each_other_are_refused(title: str, apart: int, refused: bool) -> None:
    heading = find_heading([["Họ tên", "Mã xã", "KCC", title]])
    assert heading is not None
    edd = date(2026, 7, 3) + timedelta(days=280 + apart)
    row = judge(DataRow(1, 2, ("Trần Thị An", "29638", date(2026, 7, 3), edd)), heading, TODAY, resolve)
    assert row.reasons == (("date_invalid",) if refused else ())
    if refused:
        assert f"lệch nhau {abs(apart)} ngày" in row.reasons_text()
        assert REASONS_VI["date_invalid"] not in row.reasons_text()
        both = judge(DataRow(1, 2, ("An", "29638", "03/07/2026", edd)), heading, date(2026, 7, 2), resolve)
        assert both.reasons == ("date_invalid", "date_out_of_range")


def test_the_rows_own_heading_counts() -> None:
    own, other = (find_heading([titles]) for titles in (["Mã xã", "KCC", "Họ tên"], ["Họ tên", "KCC", "Mã xã"]))
    assert own is not None
    assert other is not None
    row = judge(DataRow(1, 2, ("29638", "03/07/2026", "Trần Thị An"), own, "Tháng 7"), other, TODAY, resolve)
    assert (row.name, row.unit_code, row.reasons, row.sheet) == ("Trần Thị An", "29638", (), "Tháng 7")


def test_the_anchor_comes_from_the_best_source() -> None:
    visit = {"Tuổi thai": "8+2", "Ngày khám": "01/09/2026"}
    assert verdict(**{"DKS": "20/04/2027"}, **visit).anchor_source == "edd"
    assert verdict(**visit).anchor_source == "lmp"
    by_visit = verdict(**{"KCC": ""}, **visit)
    assert (by_visit.anchor_source, by_visit.anchor_date) == ("visit", date(2026, 7, 5))


@pytest.mark.parametrize("phone", ["", None, "  ", "-", "không", "Không có", "0", 0.0])
def test_no_phone_is_accepted(phone: Any) -> None:
    row = verdict(**{"SĐT": phone})
    assert (row.reasons, row.phone, row.contact_phone) == ((), None, "")


def test_a_landline_is_a_contact_and_never_messaged() -> None:
    row = verdict(**{"SĐT": "02703 891 186"})
    assert (row.reasons, row.phone, row.contact_phone) == ((), None, "+842703891186")
    both = verdict(**{"SĐT": "02703891186 / 0912345678"})
    assert (both.phone, both.contact_phone, both.warnings) == ("+84912345678", "+842703891186", ("phone_several",))


def test_an_unknown_prefix_is_a_warning() -> None:
    row = verdict(**{"SĐT": "0512345678"})
    assert (row.reasons, row.phone, row.warnings) == ((), "+84512345678", ("phone_prefix_unknown",))


@pytest.mark.parametrize(("cell", "consent"), [("x", True), ("Không", False), ("", False), ("hỏi lại", False)])
def test_only_a_yes_is_consent(cell: str, consent: bool) -> None:
    row = verdict(**{"Đồng ý": cell})
    assert (row.reasons, row.consent) == ((), consent)
    assert row.warnings == (("consent_unread",) if cell == "hỏi lại" else ())


def test_the_commune_by_code_by_name_or_by_the_import() -> None:
    assert verdict(**{"Mã xã": 29638.0}).unit_code == "29638"
    assert verdict(**{"Mã xã": "", "Xã": "Xã Bình Phước"}).unit_code == "29638"
    assert verdict(**{"Mã xã": ""}).reasons == ("unit_unknown",)
    assert verdict("29551", **{"Mã xã": ""}).unit_code == "29551"
    assert verdict("29551", **{"Mã xã": "99999"}).reasons == ("unit_unknown",)


def test_a_decomposed_name_is_the_same_name() -> None:
    row = verdict(**{"Họ tên": unicodedata.normalize("NFD", "trần  thị AN")})
    assert (row.name, row.name_key) == ("trần thị AN", verdict().name_key)


def test_doubts_are_told_and_refuse_nobody() -> None:
    row = verdict(**{"Năm sinh": "abc", "Ngôn ngữ": "Tày", "Họ tên": "An " * 60})
    assert row.warnings == ("language_unread", "name_clipped", "year_of_birth_unread")
    assert row.detail("accepted")["warnings"] == list(row.warnings)
    assert "warnings" not in verdict().detail("accepted")
    assert (row.reasons, row.language, row.year_of_birth, len(row.name)) == ((), "vi", None, 119)
