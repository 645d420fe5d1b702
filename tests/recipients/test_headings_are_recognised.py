"""Headings in Vietnamese and English, in every state of spelling, wherever they stand."""

from __future__ import annotations

import unicodedata

import pytest

from recipients.names import strip_marks
from recipients.register_import.headings import (
    field_of,
    find_heading,
    fold,
    is_column_numbers,
    is_footer,
    repeats,
)

HEADINGS = {
    "serial": ["STT", "TT", "Số TT", "No."],
    "name": ["Họ và tên", "Họ tên", "HỌ VÀ TÊN THAI PHỤ", "Họ, tên mẹ", "Tên thai phụ", "Full name", "Mother's name",
             "Họ tên vợ", "Họ và tên (vợ)"],
    "year_of_birth": ["Năm sinh", "Ngày sinh", "Ngày, tháng, năm sinh", "Year of birth", "NS"],
    "ethnicity": ["Dân tộc"],
    "occupation": ["Nghề nghiệp", "Occupation"],
    "village": ["Thôn/ấp", "Thôn", "Thôn/bản/ấp/tổ dân phố", "Địa chỉ (thôn/ấp)", "Village"],
    "unit_code": ["Mã xã", "Mã xã/phường", "Commune code"],
    "unit_name": ["Xã/phường", "Tên xã", "Xã/phường/thị trấn", "Commune"],
    "phone": ["SĐT", "SDT", "Số ĐT", "Số điện thoại", "Số điện thoại liên hệ", "ĐTDĐ", "Phone number", "Tel.",
              "Cell", "Cell number", "Mobile", "Mobile no.", "SĐT vợ"],
    "phone_holder": ["Chủ máy", "Chủ thuê bao", "Phone owner"],
    "lmp": ["Ngày đầu kỳ kinh cuối", "Ngày đầu tiên của kỳ kinh cuối cùng", "KCC", "Ngày KCC", "Kinh cuối", "LMP",
            "First day of last menstrual period", "Ngày đầu kỳ kinh cuối (KCC)",
            "First day of LMP", "Date of last period", "Date of LMP", "Last period"],
    "edd": ["Ngày dự kiến sinh", "DKS", "Ngày DKS", "Dự kiến sinh", "Dự sinh", "Ngày sinh dự kiến", "EDD", "Due date",
            "Ngày dự kiến sinh theo siêu âm", "Ultrasound EDD", "EDD by ultrasound", "US EDD", "EDD (US)", "EDD by LMP",
            "Estimated due date"],
    "gestation": ["Tuổi thai", "Tuổi thai khi khám (tuần)", "Tuần thai", "Thai (tuần)", "GA",
                  "Gestational age (weeks)", "Weeks"],
    "visit_date": ["Ngày khám", "Ngày khám thai", "Ngày khám lần đầu", "Visit date", "ANC date"],
    "gravida": ["Lần có thai", "Có thai lần thứ", "Gravida"],
    "parity": ["PARA", "Tiền thai (PARA)", "Số con hiện có", "Parity"],
    "consent": ["Đồng ý nhận tin", "Đồng ý nhận tin nhắn (có/không)", "Đồng ý", "Consent"],
    "language": ["Ngôn ngữ", "Language"],
    "note": ["Ghi chú", "Note", "Remarks"],
}  # fmt: skip
PAIRS = [(title, field) for field, titles in HEADINGS.items() for title in titles]


@pytest.mark.parametrize(("title", "field"), PAIRS)
def test_a_heading_is_known_in_every_spelling(title: str, field: str) -> None:
    spellings = [
        title, title.upper(), title.lower(), strip_marks(title), unicodedata.normalize("NFD", title),
        f"  {title.replace(' ', '  ')} ", title.replace(" ", "\n"), title.replace(" ", "\u00a0"), f"{title}:",
        f"{title} (*)",
    ]  # fmt: skip
    assert {field_of(spelling) for spelling in spellings} == {field}


@pytest.mark.parametrize(
    "title",
    ["Họ tên chồng", "Họ và tên (chồng)", "SĐT chồng", "SĐT (chồng)", "Năm sinh con", "Họ tên cán bộ", "Huyết áp",
     "Cân nặng", "Số CCCD", "Ngày tiêm", "", "(1)", "x" * 500],
)  # fmt: skip
def test_what_is_not_about_her_is_no_field(title: str) -> None:
    assert field_of(title) is None


def test_titles_above_the_heading_are_skipped() -> None:
    rows = [["TRẠM Y TẾ"], ["Sổ khám thai", "", "Năm 2026"], [], ["STT", "Họ tên", "SĐT", "KCC", "Huyết áp"], [1, "An"]]
    heading = find_heading(rows)
    assert heading is not None
    assert (heading.first, heading.last) == (3, 3)
    assert heading.columns == {"serial": (0,), "name": (1,), "phone": (2,), "lmp": (3,)}
    assert heading.unknown == ("Huyết áp",)


def test_a_heading_needs_the_name_and_two_things_more() -> None:
    assert find_heading([["Họ tên", "SĐT"]]) is None
    assert find_heading([["STT", "SĐT", "KCC", "Ghi chú"]]) is None
    assert find_heading([[""]] * 20 + [["Họ tên", "SĐT", "KCC"]]) is None
    assert find_heading([]) is None


def test_a_heading_of_two_rows_is_put_together() -> None:
    rows = [
        ["STT", "Họ và tên", "Khám thai", "", "Dự kiến", "Liên hệ", ""],
        ["", "", "Ngày khám", "Tuổi thai", "sinh", "Số ĐT", "Chủ máy"],
        [1, "An", "01/09/2026", "8", "", "0912345678", "chồng"],
    ]
    heading = find_heading(rows)
    assert heading is not None
    assert (heading.first, heading.last) == (0, 1)
    assert {field: where[0] for field, where in heading.columns.items()} == {
        "serial": 0, "name": 1, "visit_date": 2, "gestation": 3, "edd": 4, "phone": 5, "phone_holder": 6,
    }  # fmt: skip


def test_several_columns_of_a_field_lose_nothing() -> None:
    heading = find_heading([["Họ tên", "SĐT 1", "SĐT 2", "DKS theo KCC", "DKS theo siêu âm"]])
    assert heading is not None
    assert heading.duplicates == ("phone", "edd")
    assert heading.value(["An", "", "0912345678", "01/05/2027", "03/05/2027"], "phone") == "0912345678"
    assert heading.value(["An", "", "", "01/05/2027", "03/05/2027"], "edd") == "03/05/2027"
    assert heading.value(["An", "", "", "01/05/2027", " "], "edd") == "01/05/2027"
    assert heading.value(["An"], "note") is None


@pytest.mark.parametrize("title", ["DKS theo siêu âm", "Ultrasound EDD", "EDD by ultrasound", "US EDD", "Scan EDD"])
def test_a_due_date_by_ultrasound_comes_first_and_is_known_as_such(title: str) -> None:
    heading = find_heading([["Họ tên", "SĐT", "EDD", title]])
    assert heading is not None
    row = ["An", "", "01/05/2027", "03/05/2027"]
    assert (heading.value(row, "edd"), heading.is_by_ultrasound(row)) == ("03/05/2027", True)
    assert not heading.is_by_ultrasound(["An", "", "01/05/2027", ""])
    assert not heading.is_by_ultrasound(["An"])


@pytest.mark.parametrize(
    ("titles", "row"),
    [
        (["Given name", "Surname"], ["Lan", "Nguyễn Thị"]),
        (["First name", "Last name"], ["Lan", "Nguyễn Thị"]),
        (["Họ và tên đệm", "Tên"], ["Nguyễn Thị", "Lan"]),
        (["Họ", "Tên", "Tên đệm"], ["Nguyễn", "Lan", "Thị"]),
    ],
)
def test_a_name_in_several_columns_is_put_together_surname_first(titles: list[str], row: list[str]) -> None:
    heading = find_heading([["STT", *titles, "SĐT", "KCC"]])
    assert heading is not None
    assert heading.value([1, *row, "0912345678"], "name") == "Nguyễn Thị Lan"
    assert heading.value([1, "", " ", "", ""], "name") is None
    assert (heading.unknown, heading.duplicates) == ((), ())
    stacked = find_heading([["STT", "Họ và tên", *[""] * (len(titles) - 1), "SĐT", "KCC"], ["", *titles], [1, *row]])
    assert stacked is not None
    assert (stacked.last, stacked.value([1, *row], "name")) == (1, "Nguyễn Thị Lan")


def test_a_part_of_a_name_is_no_name() -> None:
    assert find_heading([["STT", "Tên", "SĐT", "KCC"]]) is None
    heading = find_heading([["Họ tên", "Tên", "SĐT", "KCC"]])
    assert heading is not None
    assert (heading.value(["Nguyễn Thị Lan", "Bé", ""], "name"), heading.unknown) == ("Nguyễn Thị Lan", ("Tên",))


FOOTERS = [
    ["", "Cộng", "", ""],
    ["", "Tổng cộng: 124 người", "", ""],
    ["Tổng cộng", 12.0, "", ""],
    ["", "Người lập biểu", "Trạm trưởng", ""],
    ["", "", "", "Vĩnh Long, ngày 30 tháng 11 năm 2026", ""],
    ["", "Ngày ... tháng ... năm 2026", "", ""],
    ["", "(Ký, ghi rõ họ tên)", "", "(Ký tên, đóng dấu)"],
]
WOMEN = [
    ["1", "Cộng", "", ""],
    ["", "Cộng", "0912345678", ""],
    ["", "Cộng", "", "03/07/2026"],
    ["", "Tống", "", ""],
    ["", "Lê Thị Cộng", "", ""],
    ["", "Trần Thị Ký", "", ""],
    ["", "Trần Thị An sinh ngày 3 tháng 7 năm 1998", "", ""],
    ["", "", "", "Ngày 3 tháng 7 năm 2026"],
    ["", "", "", ""],
]


@pytest.mark.parametrize("row", FOOTERS)
def test_sums_and_signatures_are_no_women(row: list[object]) -> None:
    heading = find_heading([["STT", "Họ tên", "SĐT", "KCC"]])
    assert heading is not None
    wide = find_heading([["Họ tên", "Năm sinh", "SĐT", "Ghi chú", "KCC"]])
    assert wide is not None
    assert is_footer(wide if "Long" in str(row) or "Tổng cộng" in row else heading, row)


@pytest.mark.parametrize("row", WOMEN)
def test_a_woman_is_no_footer(row: list[object]) -> None:
    heading = find_heading([["STT", "Họ tên", "SĐT", "KCC"]])
    assert heading is not None
    assert not is_footer(heading, row)


def test_repeated_headings_and_column_numbers() -> None:
    titles = ["STT", "Họ tên", "SĐT", "KCC"]
    heading = find_heading([titles])
    assert heading is not None
    assert repeats(heading, [title.upper() for title in titles])
    assert not repeats(heading, ["1", "Trần Thị An", "0912345678", "03/07/2026"])
    assert is_column_numbers(["(1)", "(2)", "(3)", "(4)"])
    assert is_column_numbers(["A", "B", 1.0, 2.0, 3.0])
    assert not is_column_numbers([1.0, "An", 1986.0, "0912345678"])
    assert not is_column_numbers(["", 1.0, ""])


def test_folding() -> None:
    assert fold(" Ngày đầu kỳ\nkinh  cuối (KCC):") == "ngay dau ky kinh cuoi kcc"
