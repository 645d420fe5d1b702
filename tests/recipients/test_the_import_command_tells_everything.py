"""The command tells what was not read, what was read with doubt, and what stood in its way, in words."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils.translation import gettext as _

from recipients.models import Person
from recipients.register_import.reader import read_register
from recipients.register_import.result import ImportResult
from recipients.register_import.verdicts import WARNINGS
from tests import people

pytestmark = pytest.mark.django_db

FIRST = [
    ["STT", "Họ tên", "SĐT", "KCC", "Mã xã", "Đồng ý", "Huyết áp"],
    [1, "Trần Thị An", "0912345678 / 0987654321", "03/07/2026", "29584", "hỏi lại", "120/80"],
    [2, "Trần Thị Bé", "0333", "03/07/2026", "29584", "x", "110/70"],
]
SECOND = [["Mã xã", "LMP", "Full name"], ["29584", "hôm qua", "Lê Thị Cúc"]]


@pytest.fixture(autouse=True)
def commune():
    return people.commune()


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for index, row in enumerate(rows):
                sheet.write_row(index, 0, row)
    return path


def told(*args: str) -> str:
    out = io.StringIO()
    call_command("import_registry", *args, "--now", "2026-11-21T10:00", stdout=out)
    return out.getvalue()


def test_doubts_and_unknown_headings_are_told(tmp_path):
    register = str(workbook(tmp_path / "so.xlsx", first=FIRST))
    text = told(register, "--dry-run")
    assert "Headings that were not recognised: Huyết áp." in text
    assert f"line 2: {_(WARNINGS['consent_unread'])}" in text
    assert f"line 2: {_(WARNINGS['phone_several'])}" in text
    assert "line 3: refused: phone_invalid" in text
    answer = json.loads(told(register, "--json"))
    assert answer["unknown_headings"] == ["Huyết áp"]
    assert answer["details"][0]["warnings"] == ["consent_unread", "phone_several"]
    assert "warnings" not in answer["details"][1]


def test_every_doubt_has_a_sentence_of_what_happened_and_what_to_do():
    for sentence in WARNINGS.values():
        assert sentence.endswith(".")
        assert sentence.count(". ") == 1


def test_several_sheets_with_headings_of_their_own(tmp_path):
    register = workbook(tmp_path / "so.xlsx", first=FIRST, second=SECOND)
    out = tmp_path / "refused.xlsx"
    text = told(str(register), "--refused", str(out))
    assert "3 rows: 1 accepted, 0 known, 2 refused." in text
    assert "sheet second, line 2: refused: date_invalid" in text
    back = read_register(out)
    assert [row.heading.value(row.cells, "name") for row in back.rows] == ["Trần Thị Bé", "Lê Thị Cúc"]
    assert [row.cells[len(row.cells) - 2] for row in back.rows] == ["first: 3", "second: 2"]
    assert json.loads(told(str(out), "--json"))["unknown_headings"] == ["Huyết áp"]


def test_sheets_left_out_are_in_the_answer():
    assert ImportResult(left_out=("bìa",)).as_json()["left_out"] == ["bìa"]
    assert "left_out" not in ImportResult().as_json()


def test_nothing_is_imported_when_the_refused_rows_cannot_be_written(tmp_path):
    register = workbook(tmp_path / "so.xlsx", first=FIRST)
    before = register.read_bytes()
    for place in (tmp_path / "nowhere" / "refused.xlsx", tmp_path, register):
        with pytest.raises(CommandError, match=r"\.$"):
            told(str(register), "--refused", str(place))
    assert not Person.objects.exists()
    assert register.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["so.xlsx"]
    with pytest.raises(CommandError):
        told(str(tmp_path / "missing.xlsx"), "--refused", str(tmp_path / "refused.xlsx"))
    assert [path.name for path in tmp_path.iterdir()] == ["so.xlsx"], "trying the place leaves nothing behind"


def test_a_database_without_tables_is_told_in_words(tmp_path):
    register = workbook(tmp_path / "so.xlsx", first=FIRST)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE recipients_pregnancy RENAME TO somewhere_else")
    with pytest.raises(CommandError, match=r"manage\.py migrate first"):
        told(str(register))
