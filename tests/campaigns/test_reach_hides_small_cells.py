"""Whoever may not see names does not see figures of 1 to 4 people, nor a figure that gives one of them away."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.reach import exports, metrics
from campaigns.reach.coverage import reach
from tests.campaigns.reach_rows import Ledger


@given(st.lists(st.integers(0, 40), max_size=12))
def test_no_hidden_figure_can_be_computed_from_the_total(column):
    hidden = metrics.hidden(column)
    assert all(place in hidden for place, count in enumerate(column) if 0 < count < 5)
    assert all(column[place] for place in hidden)
    if sum(1 for count in column if count) > 1:
        assert len(hidden) != 1


@pytest.fixture
def table(db, now):
    ledger = Ledger(now)
    for _ in range(7):
        ledger.message(ledger.person(0), "delivered", now.date())
    for _ in range(2):
        ledger.message(ledger.person(1), "skipped:ended_loss", now.date())
    return reach(now.date() - timedelta(days=9), now.date(), ledger.province, now)


def test_the_reader_without_names_sees_less_and_the_other_everything(table):
    small = exports.shown(table, names_allowed=False)
    assert [row["registered"] for row in small] == ["…", "<5"]
    assert [row["skipped:ended_loss"] for row in small] == [0, "<5"]
    assert [row["delivered"] for row in small] == [7, 0]
    assert small[1]["reach_rate_low"] is None
    assert [row["registered"] for row in exports.shown(table, names_allowed=True)] == [7, 2]


def test_the_csv_opens_in_excel_and_says_period_unit_and_time(table, now):
    data = exports.to_csv(table, names_allowed=True)
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == ["Mức độ tiếp cận từ 12/11/2026 đến 21/11/2026"]
    assert lines[1] == ["Đơn vị: Tỉnh Vĩnh Long"]
    assert lines[2][0].startswith("Lập lúc 10:00 ngày 21/11/2026")
    heading = lines[5]
    assert heading[:4] == ["Mã", "Đơn vị", "Đã đăng ký", "Có số di động"]
    assert heading[-1].startswith("Không gửi: ")
    total = dict(zip(heading, lines[-1], strict=True))
    assert (total["Đơn vị"], total["Tin đến hạn"], total["Đã nhận"]) == ("Cộng", "9", "7")
    assert total["Tỷ lệ tin đến (thấp)"] == "1,0000"


def test_the_workbook_has_numbers_and_definitions(table):
    book = openpyxl.load_workbook(io.BytesIO(exports.to_xlsx(table, names_allowed=False)))
    assert book.sheetnames == ["Kết quả", "Định nghĩa"]
    rows = [[cell.value for cell in row] for row in book["Kết quả"].iter_rows()]
    assert rows[6][:3] == ["29551", "Phường Thanh Đức", "…"]
    assert rows[7][:3] == ["29557", "Phường Long Châu", "<5"]
    assert isinstance(rows[6][6], int)
    defined = {row[0].value for row in book["Định nghĩa"].iter_rows()}
    assert set(rows[5][2:-1]) <= defined
