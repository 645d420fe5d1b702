"""Files as they come: spreadsheets, text in any delimiter and encoding, and files that are no register."""

from __future__ import annotations

import io
import struct
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from recipients.register_import.reader import SENTENCES, RegisterError, cell_text, read_register

TITLES = ["STT", "Họ và tên", "Số điện thoại", "Kinh cuối", "Ghi chú"]
ROWS = [
    TITLES,
    ["1", "Trần Thị An", "0912345678", "03/07/2026", "hẹn; khám, lại\nsáng"],
    ["2", "", "", "", ""],
    ["", "", "", "", ""],
    ["3", "Đỗ Thị Bích", "0987654321", "04/07/2026", ""],
]


def as_text(rows: list[list[str]], delimiter: str) -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in '";,\t|\n') else text

    return "".join(delimiter.join(cell(text) for text in row) + "\r\n" for row in rows)


def workbook(**sheets: list[list[Any]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for index, row in enumerate(rows):
                sheet.write_row(index, 0, row)
            if name == "hidden":
                sheet.hide()
    return buffer.getvalue()


def names(source: Any) -> list[str]:
    register = read_register(source)
    return [register.heading.value(row.cells, "name") for row in register.rows]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_every_delimiter_and_encoding(delimiter: str, encoding: str) -> None:
    register = read_register(as_text(ROWS, delimiter).encode(encoding))
    assert [(row.number, row.cells[1]) for row in register.rows] == [(1, "Trần Thị An"), (2, "Đỗ Thị Bích")]
    assert register.rows[0].cells[4] == "hẹn; khám, lại\nsáng"


def test_text_in_the_old_windows_code_page() -> None:
    line = "STT;Ho ten;SDT;Kinh cuoi\r\n1;Trâ\u0300n Thi\u0323 An;0912345678;03/07/2026\r\n"
    assert [cell_text(name) for name in names(line.encode("cp1258"))] == ["Trần Thị An"]


def test_the_hint_that_a_spreadsheet_program_writes_first() -> None:
    assert names(("sep=;\r\n" + as_text(ROWS, ";")).encode()) == ["Trần Thị An", "Đỗ Thị Bích"]


def test_a_title_with_commas_does_not_choose_the_delimiter() -> None:
    title = "Trạm y tế xã A, huyện B, tỉnh C, năm 2026, quý 3, quyển 2\r\n"
    assert names((title + as_text(ROWS, ";")).encode()) == ["Trần Thị An", "Đỗ Thị Bích"]


def test_a_spreadsheet_keeps_its_types_and_its_line_numbers() -> None:
    rows = [
        [],
        ["SỔ KHÁM THAI"],
        [],
        TITLES,
        [1, "An", 912345678, date(2026, 7, 3), "x"],
        [2],
        [3, "Bé"],
    ]
    register = read_register(workbook(data=rows))
    assert [(row.number, row.line) for row in register.rows] == [(1, 5), (2, 7)]
    assert register.rows[0].cells[2:4] == (912345678.0, date(2026, 7, 3))


def test_every_visible_sheet_with_a_heading_is_read() -> None:
    other = [["SĐT", "Họ tên", "LMP", "Tuổi"], ["0912345678", "Lê Thị Cúc"]]
    sheets = {"cover": [["Hướng dẫn"]], "blank": [[""]], "hidden": other, "Tháng 7": ROWS, "Tháng 8": other}
    register = read_register(workbook(**sheets))
    assert (register.sheet, register.left_out) == ("Tháng 7", ("cover",))
    assert [
        (row.number, row.line, row.sheet, row.heading.value(row.cells, "name"))
        for row in register.rows
        if row.heading is not None
    ] == [(1, 2, "Tháng 7", "Trần Thị An"), (2, 5, "Tháng 7", "Đỗ Thị Bích"), (3, 2, "Tháng 8", "Lê Thị Cúc")]


def test_sums_and_signatures_are_no_data_rows() -> None:
    footer = [["", "Cộng", "", "", "2 người"], ["", "Người lập biểu", "", "Trạm trưởng", ""], ["", "Cộng"]]
    register = read_register(workbook(data=[*ROWS, *footer]))
    assert [row.cells[1] for row in register.rows] == ["Trần Thị An", "Đỗ Thị Bích", "Cộng"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_quotation_mark_that_is_never_closed_swallows_nobody(delimiter: str) -> None:
    lines = [
        delimiter.join(TITLES),
        delimiter.join(["1", "Trần Thị An", "0912345678", "03/07/2026", '"hẹn sáng']),
        *(delimiter.join([str(n), f"Đỗ Thị {n}", "0987654321", "04/07/2026", ""]) for n in range(2, 9)),
        delimiter.join(["9", '"Cúc', "0987654321", "04/07/2026", '"x']),
        delimiter.join(["10", f'"Lê{delimiter} Nga"', "0987654321", "04/07/2026", "x"]),
    ]
    for count in (9, 10, 11):
        rows = read_register("\r\n".join(lines[:count]).encode()).rows
        assert len(rows) == count - 1
        assert (rows[0].cells[1], rows[0].cells[4]) == ("Trần Thị An", "hẹn sáng")
        assert [row.line for row in rows] == list(range(2, count + 1))
    assert [rows[8].cells[1], rows[9].cells[1]] == ["Cúc", f"Lê{delimiter} Nga"]


def test_a_quotation_mark_in_a_title_swallows_nobody() -> None:
    assert names(('"Sổ khám thai\r\n' + as_text(ROWS[:1] + ROWS[3:], ";")).encode()) == ["Đỗ Thị Bích"]


def test_a_long_note_with_line_breaks_is_one_cell() -> None:
    note = "hẹn, khám, lại,\nsáng, chiều, tối,\nmai, mốt, kia"
    rows = [TITLES, *[[str(n), f"Đỗ Thị {n}", "0987654321", "04/07/2026", note] for n in range(3)]]
    assert [row.cells[4] for row in read_register(as_text(rows, ",").encode()).rows] == [note] * 3
    rows[0] = ["STT", "Họ và tên", "Số,\nđiện, thoại", "Kinh, cuối", "Ghi chú"]
    assert [row.cells[4] for row in read_register(as_text(rows, ",").encode()).rows] == [note] * 3


def test_merged_cells_column_numbers_and_headings_of_each_page() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 4, "SỔ KHÁM THAI")
        sheet.merge_range(1, 0, 2, 0, "STT")
        sheet.merge_range(1, 1, 2, 1, "Họ và tên")
        sheet.merge_range(1, 2, 1, 4, "Khám thai")
        sheet.write_row(2, 2, ["Ngày khám", "Tuổi thai", "SĐT"])
        sheet.write_row(3, 0, ["(1)", "(2)", "(3)", "(4)", "(5)"])
        sheet.write_row(4, 0, [1, "An", "01/09/2026", 8, "0912345678"])
        sheet.write_row(5, 0, ["STT", "Họ và tên", "Ngày khám", "Tuổi thai", "SĐT"])
        sheet.write_row(6, 0, [2, "Bé", "01/09/2026", 8, "0912345679"])
    register = read_register(buffer.getvalue())
    assert [(row.number, row.cells[1]) for row in register.rows] == [(1, "An"), (2, "Bé")]
    assert register.heading.columns["gestation"] == (3,)


def ole_with(stream: str) -> bytes:
    """The smallest compound file that holds one empty stream, as an encrypted XLSX holds "EncryptedPackage"."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, 1, 1, 0,
        4096, end, 0, end, 0,
    ) + struct.pack("<109I", 0, *[free] * 108)  # fmt: skip
    table = struct.pack("<128I", fat, end, *[free] * 126)

    def entry(name: str, kind: int, child: int) -> bytes:
        coded = name.encode("utf-16-le") + b"\0\0" if name else b""
        return struct.pack(
            "<64sHBBIII16sIQQIQ", coded, len(coded), kind, 1, free, free, child, b"", 0, 0, 0, end if kind else 0, 0
        )

    return header + table + entry("Root Entry", 5, 1) + entry(stream, 2, free) + entry("", 0, free) * 2


DOCX_LIKE = b"PK\x03\x04" + b"\x14\0\0\0\0\0" + b"word/document.xml" * 9


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b" \r\n\r\n", "file_empty"),
        (workbook(empty=[]), "file_empty"),
        (workbook(data=[["a", "b"], [1, 2]]), "no_heading"),
        (b"a;b;c\r\n1;2;3\r\n", "no_heading"),
        (ole_with("EncryptedPackage"), "file_password"),
        (ole_with("Nothing"), "file_damaged"),
        (workbook(data=[["x"]])[:800], "file_damaged"),
        (DOCX_LIKE, "file_type"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 9, "file_type"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "file_type"),
        (b"<html><table><tr><td>STT</td></tr></table></html>", "file_type"),
        (b"\xff\xfe\x00\xd8\x00", "file_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_register_gets_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(RegisterError) as caught:
        read_register(content)
    assert caught.value.code == code
    assert str(caught.value) == SENTENCES[code]


def test_every_sentence_says_what_happened_and_what_to_do() -> None:
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")
        assert ". " in sentence


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RegisterError) as caught:
        read_register(tmp_path / "nothing.xlsx")
    assert caught.value.code == "file_missing"
    with pytest.raises(RegisterError):
        read_register(tmp_path)


def test_time_grows_with_the_rows_only() -> None:
    def seconds(count: int) -> float:
        body = "".join(f"{n};Trần Thị An;0912345678;03/07/2026;\r\n" for n in range(count))
        content = (";".join(TITLES) + "\r\n" + body).encode()
        start = time.perf_counter()
        assert len(read_register(content).rows) == count
        return time.perf_counter() - start

    seconds(1000)
    assert seconds(100_000) < 60 * max(seconds(5_000), 0.02)
