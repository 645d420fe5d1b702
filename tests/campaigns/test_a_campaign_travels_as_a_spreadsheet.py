"""A campaign goes out as XLSX and comes back without loss; what a spreadsheet spoils is undone or named by its cell."""

import io
import unicodedata
import zipfile
from dataclasses import replace
from datetime import datetime, time

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.content import difference, drafting, library
from campaigns.content.editions import file_of
from campaigns.content.files import CampaignFile, TextFile, load_folder, load_sample_values
from campaigns.content.library import FOLDER
from campaigns.content.spreadsheet import exchange
from campaigns.content.spreadsheet.layout import SpreadsheetError
from campaigns.content.spreadsheet.read import read
from campaigns.content.spreadsheet.write import write
from campaigns.models import Campaign, Revision, StepText
from messaging.text.tidy import tidy
from recipients.errors import Refusal
from recipients.models import User
from tests import people
from tests.shipped import load_some

LIBRARY = {campaign.code: campaign for campaign in load_folder(FOLDER)}
LONGEST = load_sample_values(FOLDER).longest
MADE = datetime.fromisoformat("2026-11-21")
IRON = LIBRARY["iron"]


def sheet_of(campaign: CampaignFile) -> bytes:
    return write(campaign, 1, LONGEST, MADE)


def edited(data: bytes, *cells: tuple[str, str, object]) -> bytes:
    """The workbook after somebody has written into cells and saved it with another program."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet, cell, value in cells:
        book[sheet][cell].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def faults_of(data: bytes) -> list[tuple[str, int, str, str]]:
    with pytest.raises(SpreadsheetError) as error:
        read(data)
    for fault in error.value.faults:
        assert fault.sentence.endswith((".", '."'))
    return [(fault.sheet, fault.row, fault.column, fault.field) for fault in error.value.faults]


@pytest.mark.parametrize("code", LIBRARY)
def test_every_campaign_of_the_library_comes_back_the_same(code):
    campaign = LIBRARY[code]
    assert read(sheet_of(campaign)) == (campaign, 1)
    assert read(edited(sheet_of(campaign))) == (campaign, 1), "also after another program has saved it"


words = st.text(
    st.characters(blacklist_categories=("C", "Zl", "Zp", "Zs", "M"), blacklist_characters="{}="), min_size=1
)
khmer = st.sampled_from(["", "សូមអញ្ជើញមក {coso}", "សុខភាព"])


@given(body=words, discreet=words, km=khmer, at=st.times(time(7, 30), time(20, 30)), same=st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_words_and_times_come_back(body, discreet, km, at, same):
    body, discreet = f"Chị {tidy(body)}".strip(), f"Mời {tidy(discreet)}".strip()
    texts = [TextFile("vi", body, body if same else discreet), TextFile("en", f"{discreet}.", "")]
    texts += [TextFile("km", km, "")] if km else []
    step = replace(IRON.steps[0], texts=tuple(texts), time=at.replace(second=0, microsecond=0))
    campaign = replace(IRON, steps=(step,))
    assert read(sheet_of(campaign))[0] == campaign


def test_the_sheets_explain_and_only_the_words_are_open():
    with translation.override("en"):
        book = openpyxl.load_workbook(io.BytesIO(sheet_of(IRON)))
    texts = book["Texts"]
    names = {texts.cell(2, column).value: column for column in range(1, 12)}
    first = {name: texts.cell(3, column) for name, column in names.items()}
    assert first["key"].value == "iron-start"
    assert first["key"].protection.locked
    assert not first["vi"].protection.locked
    assert not first["km"].protection.locked, "empty, and waiting for its translator"
    assert [texts.cell(3, column).value for column in (2, 4)] == ["6w5d to 35w6d", "2 / 1"]
    assert texts.protection.sheet
    assert {cell.number_format for row in book["Steps"].iter_rows(min_row=3) for cell in row} == {"@"}


def test_days_times_and_codes_stay_text_in_a_spreadsheet():
    book = openpyxl.load_workbook(io.BytesIO(sheet_of(LIBRARY["vitamin-a"])))
    steps = book["Steps"]
    row = {steps.cell(2, column).value: steps.cell(3, column) for column in range(1, steps.max_column + 1)}
    assert {name: row[name].value for name in ("from", "month_day", "time")} == {
        "from": "-7d", "month_day": "06-01", "time": "11:45"
    }  # fmt: skip
    assert {row[name].data_type for name in row} <= {"s", "n"}
    assert row["from"].data_type == "s"


@pytest.mark.parametrize(
    "cell", [time(18, 45), 0.78125, "18:45", "18.45", "18h45", datetime.fromisoformat("1900-01-01T18:45")]
)
def test_a_time_that_became_a_number_is_a_time_again(cell):
    data = edited(sheet_of(IRON), ("Steps", "H3", cell))
    assert read(data)[0].steps[0].time == time(18, 45)
    assert read(edited(sheet_of(IRON), ("Steps", "H3", "7:30")))[0].steps[0].time == time(7, 30)


@pytest.mark.parametrize(("cell", "flag"), [(True, True), ("x", True), ("có", True), (False, False), (None, False)])
def test_yes_and_no_as_people_write_them(cell, flag):
    sick = sheet_of(LIBRARY["sick-child"])
    first = read(edited(sick, ("Steps", "R3", cell), ("Steps", "S3", cell)))[0].steps[0]
    assert (first.without_mother, first.goes_first) == (flag, flag)


def test_decomposed_letters_and_typographic_signs_are_mended():
    data = edited(
        sheet_of(IRON),
        ("Texts", "F3", unicodedata.normalize("NFD", "Chị uống viên sắt – mỗi ngày…\u00a0nhé. ")),
        ("Campaign", "C7", unicodedata.normalize("NFD", "Sắt “và” dinh dưỡng")),
    )
    campaign, _ = read(data)
    assert campaign.steps[0].text("vi").body == "Chị uống viên sắt - mỗi ngày... nhé."
    assert campaign.name["vi"] == 'Sắt "và" dinh dưỡng'


def test_a_column_without_a_name_is_a_remark():
    assert read(edited(sheet_of(IRON), ("Texts", "M1", "Góp ý"), ("Texts", "M4", "Câu này dài")))[0] == IRON


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ([("Texts", "F4", "Chị {tem} ơi.")], ("Texts", 4, "F", "vi")),
        ([("Texts", "F4", "Ngày {ngay}, mời chị.")], ("Texts", 4, "F", "vi")),
        ([("Texts", "H4", "Use {thìa}.")], ("Texts", 4, "H", "en")),
        ([("Texts", "F4", "Một dòng\nhai dòng")], ("Texts", 4, "F", "vi")),
        ([("Texts", "F4", None)], ("Texts", 4, "F", "vi")),
        ([("Texts", "K4", "ខ្មែរ"), ("Texts", "J4", None)], ("Texts", 4, "J", "km")),
        ([("Steps", "B5", "sau 12 tuần")], ("Steps", 5, "B", "from")),
        ([("Steps", "B5", "40w"), ("Steps", "C5", "30w")], ("Steps", 5, "C", "until")),
        ([("Steps", "B5", datetime.fromisoformat("2026-06-01"))], ("Steps", 5, "B", "from")),
        ([("Steps", "H5", "23:00")], ("Steps", 5, "H", "time")),
        ([("Steps", "I5", "uncle")], ("Steps", 5, "I", "role")),
        ([("Steps", "R5", "maybe")], ("Steps", 5, "R", "without_mother")),
        ([("Steps", "S5", "maybe")], ("Steps", 5, "S", "goes_first")),
        ([("Steps", "D5", "06-01")], ("Steps", 5, "D", "month_day")),
        ([("Steps", "A5", "iron-start"), ("Steps", "A3", "iron-start")], ("Steps", 5, "A", "key")),
        ([("Steps", "A5", None)], ("Steps", 5, "A", "key")),
        ([("Texts", "A5", "another-key")], ("Texts", 5, "A", "key")),
        ([("Texts", "F2", "vn")], ("Texts", 2, "F", "vn")),
        ([("Texts", "A2", "Khóa")], ("Texts", 2, "", "")),
        ([("Campaign", "C2", "Sắt")], ("Campaign", 2, "C", "code")),
        ([("Campaign", "C6", "high")], ("Campaign", 6, "C", "priority")),
        ([("Campaign", "C7", None)], ("Campaign", 7, "C", "name.vi")),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_its_cell(cells, place):
    assert place in faults_of(edited(sheet_of(IRON), *cells))


def test_a_day_of_the_year_that_became_a_date_is_refused_since_nobody_knows_which_number_was_the_month():
    data = edited(sheet_of(LIBRARY["vitamin-a"]), ("Steps", "D3", datetime.fromisoformat("2026-06-01")))
    assert ("Steps", 3, "D", "month_day") in faults_of(data)
    with pytest.raises(SpreadsheetError, match=r"made a date or time of it.*Format the cell as text"):
        read(data)


def test_all_faults_are_told_at_once():
    data = edited(sheet_of(IRON), ("Texts", "F4", "Chị {tem} ơi."), ("Steps", "H5", "23:00"), ("Texts", "F6", None))
    assert len(faults_of(data)) == 3


@pytest.mark.parametrize("data", [b"", b"no workbook", b"PK\x03\x04broken"])
def test_what_is_no_workbook_is_said_in_words(data):
    assert faults_of(data) == [("", 0, "", "")]


def test_a_missing_sheet_and_a_huge_file_are_refused():
    book = openpyxl.load_workbook(io.BytesIO(sheet_of(IRON)))
    del book["Steps"]
    out = io.BytesIO()
    book.save(out)
    assert faults_of(out.getvalue()) == [("Steps", 0, "", "")]
    assert faults_of(b"PK" + b"\0" * 1_000_000) == [("", 0, "", "")]
    bomb = io.BytesIO(sheet_of(IRON))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", b"\0" * 30_000_000)
    with pytest.raises(SpreadsheetError, match="too large"):
        read(bomb.getvalue())


# With the database


@pytest.fixture
def iron(db, now) -> Campaign:
    load_some(now, "iron", "vitamin-a")
    return Campaign.objects.get(code="iron")


@pytest.fixture
def officer(db) -> User:
    return people.user(User.Role.OFFICER, people.commune())


def test_a_revision_says_what_its_file_said(iron):
    for campaign in Campaign.objects.all():
        assert file_of(campaign.revisions.get()) == LIBRARY[campaign.code]


def test_only_what_differs_is_shown_and_becomes_a_draft_of_the_person(iron, officer, now):
    data = edited(exchange.export(iron, now), ("Texts", "F3", "Chị uống viên sắt nhé."), ("Texts", "J3", "ថ្នាំ"))
    arrival = exchange.look(data)
    [change] = arrival.steps
    assert (change.step.key, change.kind, change.fields, arrival.head) == ("iron-start", "changed", (), ())
    texts = [(text.name, text.new) for text in change.texts if text.kind != difference.SAME]
    assert texts == [("vi", "Chị uống viên sắt nhé."), ("km", "ថ្នាំ")]
    assert Revision.objects.filter(campaign=iron).count() == 1, "looking writes nothing"
    draft = exchange.take_in(data, seen=arrival.newest, by=officer, now=now)
    assert (draft.number, draft.state, draft.author) == (2, "draft", officer)
    assert file_of(draft) == arrival.file
    assert StepText.objects.filter(step__revision=draft, language="km").get().body == "ថ្នាំ"
    assert file_of(iron.revisions.get(number=1)) == IRON, "the revision before stays as it was"
    assert library.load(now, FOLDER)["campaigns"] == len(LIBRARY)
    assert iron.revisions.count() == 2, "the shipped file has not changed, so it makes no draft over hers"


def test_a_workbook_of_an_older_export_takes_no_mark_away(iron, officer, now):
    """It has no column for it, so it says nothing about it; an empty cell of a column does."""
    draft = drafting.new_draft(iron, None, officer, now)
    draft.steps.filter(key="iron-start").update(goes_first=True)
    whole = edited(exchange.export(iron, now), ("Texts", "F4", "Chị ăn cam nhé."))
    book = openpyxl.load_workbook(io.BytesIO(whole))
    assert book["Steps"]["S2"].value == "goes_first"
    book["Steps"].delete_cols(19)
    older = io.BytesIO()
    book.save(older)
    assert [change.step.key for change in exchange.look(older.getvalue()).steps] == [IRON.steps[1].key]
    taken = exchange.take_in(older.getvalue(), seen=2, by=officer, now=now)
    assert [step.key for step in taken.steps.filter(goes_first=True)] == ["iron-start"]
    [change, _words] = exchange.look(
        edited(exchange.export(iron, now), ("Steps", "S3", None), ("Texts", "F5", "Ăn."))
    ).steps
    assert [(field.name, field.old, field.new) for field in change.fields] == [("goes_first", "true", "")]


def test_new_gone_and_moved_steps_are_told():
    first, second, *rest = IRON.steps
    other = replace(IRON, steps=(second, first, *rest[1:], replace(rest[0], key="brand-new")))
    told = {
        change.step.key: change.kind for change in difference.compare(IRON, other) if change.kind != difference.SAME
    }
    assert told == {"brand-new": "added", rest[0].key: "removed"}
    assert difference.reordered(IRON, other)
    assert {change.kind for change in difference.compare(IRON, IRON)} == {difference.SAME}
    assert not difference.reordered(IRON, IRON)
    renamed = replace(IRON, name={**IRON.name, "en": "Iron"})
    assert [(field.name, field.new) for field in difference.head(IRON, renamed)] == [("name.en", "Iron")]


def test_the_same_words_make_no_draft(iron, officer, now):
    with pytest.raises(Refusal, match=r"newest revision|mới nhất"):
        exchange.take_in(exchange.export(iron, now), seen=1, by=officer, now=now)
    assert iron.revisions.count() == 1


def test_a_discarded_draft_is_not_what_it_is_compared_with(iron, officer, now):
    data = edited(exchange.export(iron, now), ("Texts", "F3", "Chị uống viên sắt nhé."))
    drafting.discard(exchange.take_in(data, seen=1, by=officer, now=now), officer, now)
    assert exchange.look(exchange.export(iron, now)).exported == 1, "the revision before leaves"
    arrival = exchange.look(data)
    assert (arrival.newest, len(arrival.steps)) == (1, 1)
    assert exchange.take_in(data, seen=1, by=officer, now=now).number == 3


def test_only_who_writes_texts_brings_them_in(iron, now):
    data = edited(exchange.export(iron, now), ("Texts", "F3", "Chị uống viên sắt nhé."))
    for role in (User.Role.STATION, User.Role.CDC, User.Role.ADMIN):
        with pytest.raises(Refusal):
            exchange.take_in(data, seen=1, by=people.user(role, people.commune()), now=now)
    assert iron.revisions.count() == 1


def test_changes_that_nobody_has_seen_are_not_stored(iron, officer, now):
    mine = edited(exchange.export(iron, now), ("Texts", "F3", "Chị uống viên sắt nhé."))
    theirs = edited(exchange.export(iron, now), ("Texts", "F4", "Chị ăn cam nhé."))
    exchange.take_in(theirs, seen=1, by=officer, now=now)
    with pytest.raises(Refusal) as refusal:
        exchange.take_in(mine, seen=1, by=officer, now=now)
    assert refusal.value.conflict
    assert exchange.look(mine).overtaken
    assert len(exchange.look(mine).steps) == 2, "what the other had changed would go back, and is shown"


def test_what_holds_at_once_cannot_be_changed_without_review(iron, officer, now):
    data = edited(exchange.export(iron, now), ("Campaign", "C6", 1))
    with pytest.raises(SpreadsheetError) as error:
        exchange.take_in(data, seen=1, by=officer, now=now)
    assert [(fault.row, fault.field) for fault in error.value.faults] == [(6, "priority")]
    iron.refresh_from_db()
    assert iron.priority == IRON.priority


def test_a_campaign_that_is_not_there_yet_is_made(iron, officer, now):
    data = edited(exchange.export(iron, now), ("Campaign", "C2", "iron-of-ours"))
    draft = exchange.take_in(data, seen=0, by=officer, now=now)
    assert (draft.campaign.code, draft.number, draft.state) == ("iron-of-ours", 1, "draft")


def test_the_linter_warns_and_hinders_nobody(iron, officer, now):
    data = edited(exchange.export(iron, now), ("Texts", "F3", "Chị phải uống viên sắt."))
    arrival = exchange.look(data)
    assert [(finding.step, finding.rule) for finding in arrival.warnings] == [("iron-start", "kind")]
    khmer = "ថ្នាំ" * 12 + "\u17d4"
    assert exchange.look(edited(exchange.export(iron, now), ("Texts", "J3", khmer))).warnings == []
    rules = [finding.rule for finding in exchange.look(edited(data, ("Texts", "J3", "ថ្នាំ" * 30))).warnings]
    assert rules == ["size", "kind", "tidy"], "Khmer has its own full stop, and no form without diacritics"
    assert exchange.take_in(data, seen=1, by=officer, now=now).state == "draft"


def test_the_commands_write_read_and_try(iron, officer, tmp_path, capsys, now):
    file = tmp_path / "iron.xlsx"
    call_command("export_campaign", "iron", "--out", str(file))
    call_command("import_campaign", str(file))
    assert "Nothing was written." in capsys.readouterr().out
    file.write_bytes(edited(file.read_bytes(), ("Texts", "F3", "Chị uống viên sắt nhé.")))
    call_command("import_campaign", str(file), "--dry-run")
    assert iron.revisions.count() == 1
    call_command("import_campaign", str(file), "--by", officer.username)
    assert "iron-start   changed" in capsys.readouterr().out
    assert iron.revisions.get(number=2).author == officer
    file.write_bytes(edited(file.read_bytes(), ("Steps", "H4", "23:00")))
    with pytest.raises(CommandError, match=r"Steps, row 4, column H \(time\)"):
        call_command("import_campaign", str(file))


@pytest.mark.parametrize(
    "arguments",
    [("export_campaign", "nobody", "--out", "x.xlsx"), ("export_campaign", "iron", "--out", "/nowhere/x.xlsx"),
     ("import_campaign", "/nowhere/x.xlsx"), ("import_campaign", "x.xlsx", "--by", "nobody")],
)  # fmt: skip
def test_the_commands_refuse_in_words(iron, arguments):
    with pytest.raises(CommandError) as error:
        call_command(*arguments)
    assert str(error.value).endswith(".")
