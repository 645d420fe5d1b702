"""Values out as XLSX or CSV and in again: nothing lost, nothing doubled, every refused row named by line and reason."""

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
import python_calamine
import time_machine
from django.core.management import CommandError, call_command
from django.utils import translation

from campaigns.local import setting, sheets
from campaigns.local.catalogue import known
from campaigns.models import Parameter
from campaigns.models.local import SINCE_EVER
from recipients.errors import Refusal
from recipients.models import AdminUnit, User
from tests import people

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
HEAD = "Mã đơn vị,Tham số,Giá trị,Từ ngày,Đến hết ngày\n"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def unit(now) -> AdminUnit:
    """A commune with values of every kind and time, and some of its province and of everybody."""
    unit = people.commune()
    Parameter.objects.create(name="hotline", unit=unit.parent, value="0270 3800200")
    Parameter.objects.create(name="sdt", unit=unit, value="0270 1", valid_from=TODAY - 9 * DAY, valid_to=TODAY - DAY)
    setting.set_value("brand", None, "YTEVINHLONG", now=now)
    setting.set_value("services", unit, "growth", now=now, valid_from=TODAY + DAY, valid_to=TODAY + 5 * DAY)
    setting.set_value("hotline_hours", unit, "7h-17h", now=now)
    return unit


def rows() -> list[tuple[object, ...]]:
    names = ("name", "unit__code", "value", "valid_from", "valid_to")
    return sorted(Parameter.objects.values_list(*names), key=repr)


def load(content: str, now, **options) -> sheets.Outcome:
    return sheets.import_parameters(content.encode(), now=now, **options)


@pytest.mark.parametrize("write", [sheets.to_xlsx, sheets.to_csv])
def test_what_was_fetched_is_known_and_fills_an_empty_table(unit, now, write) -> None:
    content = write(setting.below(None))
    outcome = sheets.import_parameters(content, now=now)
    assert (len(outcome.rows), outcome.count("known")) == (5, 5)
    before = rows()
    Parameter.objects.filter(valid_from__gte=TODAY).delete()
    outcome = sheets.import_parameters(content, now=now)
    assert (outcome.count("accepted"), outcome.count("known")) == (3, 2)
    assert rows() == before


def test_a_unit_is_fetched_with_all_below_it_and_nothing_else(unit) -> None:
    assert {row.name for row in setting.below(unit)} == {"sdt", "services", "hotline_hours"}
    assert {row.name for row in setting.below(unit.parent)} == {"hotline", "sdt", "services", "hotline_hours"}


def test_the_spreadsheet_says_which_parameters_there_are(unit) -> None:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sheets.to_xlsx(setting.below(unit))))
    about = book.get_sheet_by_index(1).to_python()
    assert [row[0] for row in about[1:]] == list(known())


def test_a_refused_row_is_named_and_the_others_count(unit, now) -> None:
    outcome = load(
        HEAD + f"{unit.code},hotline,1800 1234,,\n99999,hotline,1800,,\n{unit.code},nothing,1,,\n"
        f"{unit.code},closed,có,24/12/2026,mai\n{unit.code},closed,có,31/12/2026,24/12/2026\n"
        f"{unit.code},sdt,gọi trạm,,\n\n{unit.code},closed,có,1/1/2027,3/1/2027\n",
        now,
    )
    assert [(row.line, row.verdict) for row in outcome.rows] == [
        (2, "accepted"), *((line, "refused") for line in range(3, 8)), (9, "accepted"),
    ]  # fmt: skip
    said = {row.line: row.reason for row in outcome.refused}
    assert "99999" in said[3]
    assert "“mai” is no date" in said[5]
    assert "before the first one" in said[6]
    assert "no phone number" in said[7]
    assert Parameter.objects.get(name="closed").value == "yes"


def test_english_headings_in_any_order_and_semicolons(now) -> None:
    people.commune()
    assert load(f"value;unit;name\n1800 1234;{people.AN_BINH};hotline\n", now).count("accepted") == 1


def test_a_last_day_ends_a_value_and_the_past_is_left_alone(unit, now) -> None:
    code = unit.parent.code
    assert load(HEAD + f"{code},hotline,0270 3800200,,30/11/2026\n", now).count("accepted") == 1
    assert Parameter.objects.get(name="hotline").valid_to == date(2026, 11, 30)
    outcome = load(HEAD + f"{code},hotline,0270 9,1/1/2026,\n", now)
    assert "counts from today" in outcome.refused[0].reason
    assert Parameter.objects.get(name="hotline").valid_from == SINCE_EVER


def test_tried_out_nothing_is_written(unit, now) -> None:
    before = rows()
    assert load(HEAD + f"{unit.code},hotline,1800 1234,,\n", now, dry_run=True).count("accepted") == 1
    assert rows() == before


def test_an_officer_loads_only_her_own_area(unit, now) -> None:
    officer = people.user(User.Role.OFFICER, unit)
    outcome = load(
        HEAD + f"{unit.parent.code},hotline,1,,\n,hotline,1800,,\n{unit.code},hotline,1800,,\n", now, by=officer
    )
    assert [row.verdict for row in outcome.rows] == ["refused", "refused", "accepted"]
    assert "not yours" in outcome.rows[1].reason
    assert Parameter.objects.get(name="hotline", unit=unit).set_by == officer


def test_a_file_about_something_else_is_refused_whole(now) -> None:
    with pytest.raises(Refusal, match="no columns for unit"):
        load("Họ tên,Điện thoại\nLan,0912345678\n", now)


def test_the_command_names_lines_and_reasons(unit, now, tmp_path: Path, capsys) -> None:
    file = tmp_path / "values.csv"
    with time_machine.travel(now, tick=False):
        call_command("export_parameters", str(file), "--unit", unit.code)
        file.write_text(file.read_text(encoding="utf-8-sig") + f"{unit.code},,hotline,,x,,\n", encoding="utf-8")
        call_command("import_parameters", str(file), "--dry-run")
    said = capsys.readouterr().out
    assert "3 values written" in said
    assert "4 rows: 0 accepted, 3 known, 1 refused." in said
    assert "line 5: hotline" in said
    with pytest.raises(CommandError):
        call_command("import_parameters", str(tmp_path / "nothing.xlsx"))
