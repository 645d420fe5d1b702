"""A register by spreadsheet: the expected verdicts, nobody twice, nothing lost."""

import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from recipients import consent, events
from recipients.days import local_day
from recipients.models import AdminUnit, ChangeEvent, Consent, Person, Pregnancy
from recipients.register_import import run
from recipients.register_import.run import import_register, write_refused
from recipients.registry import change_number
from tests import people

SAMPLES = Path(__file__).parents[1] / "samples"
TITLES = "STT;Họ và tên;Năm sinh;Số điện thoại;KCC;Tên xã;Mã xã;Đồng ý"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def communes():
    return [
        people.commune(people.LONG_CHAU, "Phường Long Châu"),
        people.commune(people.PHUOC_HAU, "Phường Phước Hậu"),
        people.commune(people.AN_BINH, "Xã An Bình"),
        people.commune(people.BINH_PHUOC, "Xã Bình Phước"),
    ]


def register(*rows: str, titles: str = TITLES) -> bytes:
    return "\n".join([titles, *rows]).encode()


def verdicts(result) -> list[str]:
    return [detail.verdict for detail in result.details]


def answer(*args: str) -> dict:
    out = io.StringIO()
    call_command("import_registry", *args, "--now", "2026-11-21T10:00", "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("name", ["so-kham-thai.csv", "so-kham-thai.xlsx"])
def test_the_sample_gives_the_expected_verdicts(name):
    expected = json.loads((SAMPLES / "expected.json").read_text())
    wanted = [{key: value for key, value in row.items() if key != "same_as"} for row in expected["rows"]]
    given = answer(str(SAMPLES / name))
    assert set(given) == {"rows", "accepted", "known", "refused", "details"}
    assert given["details"] == wanted
    assert (given["rows"], given["known"]) == (124, 4)
    assert Person.objects.count() == Pregnancy.objects.count() == given["accepted"]
    agreed = sum(row["verdict"] == "accepted" and row["consent"] for row in wanted)
    assert Consent.objects.filter(state="given").count() == agreed
    assert ChangeEvent.objects.filter(what="registered", source="import").count() == given["accepted"]


def test_importing_twice_registers_nobody_twice():
    first = answer(str(SAMPLES / "so-kham-thai.xlsx"))
    before = (Person.objects.count(), Consent.objects.count(), ChangeEvent.objects.count())
    second = answer(str(SAMPLES / "so-kham-thai.csv"))
    assert (Person.objects.count(), Consent.objects.count(), ChangeEvent.objects.count()) == before
    assert (second["accepted"], second["known"]) == (0, first["accepted"] + first["known"])
    assert second["refused"] == first["refused"]


def test_a_dry_run_gives_the_same_verdicts_and_writes_nothing(monkeypatch):
    monkeypatch.setattr(run, "CHUNK", 10)
    dry = answer(str(SAMPLES / "so-kham-thai.csv"), "--dry-run")
    assert not Person.objects.exists()
    assert not ChangeEvent.objects.exists()
    assert dry == answer(str(SAMPLES / "so-kham-thai.csv"))


def test_killed_in_the_middle_the_second_import_goes_on(monkeypatch, now):
    monkeypatch.setattr(run, "CHUNK", 50)
    taken = []
    whole = run._Desk.take

    def dies(self, rows, dry_run):
        if len(taken) == 1:
            raise KeyboardInterrupt
        taken.append(rows)
        return whole(self, rows, dry_run)

    monkeypatch.setattr(run._Desk, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        import_register(SAMPLES / "so-kham-thai.csv", now=now)
    there = Person.objects.count()
    assert 0 < there < 50
    monkeypatch.setattr(run._Desk, "take", whole)
    again = import_register(SAMPLES / "so-kham-thai.csv", now=now)
    assert again.known == there + 4
    assert Person.objects.count() == there + again.accepted


def test_refused_rows_come_back_with_reasons_and_can_be_imported_again(tmp_path, now):
    result = import_register(SAMPLES / "so-kham-thai.xlsx", now=now)
    out = tmp_path / "refused.xlsx"
    assert write_refused(result, out) == result.refused
    again = import_register(out, now=now)
    wanted = [detail.as_json() | {"row": None} for detail in result.details if detail.verdict == "refused"]
    assert [detail.as_json() | {"row": None} for detail in again.details] == wanted
    reasons = [row.raw[-1] for row in (detail.parsed for detail in again.details)]
    assert all(text.endswith(".") for text in reasons)
    assert reasons[0] == again.details[0].parsed.reasons_text()
    raw = [detail.parsed.raw for detail in result.details if detail.verdict == "refused"]
    assert [row.parsed.raw[: len(result.titles)] for row in again.details] == [row[: len(result.titles)] for row in raw]


def test_a_woman_without_phone_is_known_by_name_year_commune_and_three_weeks(now):
    import_register(register("1;Kim Thị Mai;1990;;01/08/2026;;29584;x"), now=now)
    again = import_register(
        register(
            "1;Kim Thị Mai;1990;;22/08/2026;;29584;x",
            "2;KIM  THỊ MAI;1990;;11/07/2026;;29584;x",
            "3;Kim Thị Mai;1990;;23/08/2026;;29584;x",
            "4;Kim Thị Mai;1991;;01/08/2026;;29584;x",
            "5;Kim Thị Mai;1990;;01/08/2026;;29638;x",
            "6;Kim Thị Mài;1990;;01/08/2026;;29584;x",
            "7;Kim Thị Mai;1990;0912345678;01/08/2026;;29584;x",
        ),
        now=now,
    )
    assert verdicts(again) == ["known", "known", "accepted", "accepted", "accepted", "accepted", "known"]


def test_rows_that_repeat_each_other_in_one_file(now):
    result = import_register(
        register(
            "1;Lê Thị Hoa;1990;0912345678;01/08/2026;;29584;",
            "2;Lê Thị Hoa;1990;+84 912 345 678;05/08/2026;;29638;x",
            "3;Lê Thị Hoà;1990;0912345678;01/08/2026;;29584;x",
            "4;Lê Thị Nga;;;01/08/2026;;29584;x",
            "5;Lê Thị Nga;;;02/08/2026;;29584;x",
        ),
        now=now,
    )
    assert verdicts(result) == ["accepted", "known", "accepted", "accepted", "known"]
    assert result.details[1].person_id == result.details[0].person_id
    assert consent.state_of([result.details[0].person_id]) == {result.details[0].person_id: "given"}


def test_a_later_pregnancy_is_added_to_the_same_person(now):
    first = people.lan(people.commune(), now, weeks=40)
    born = local_day(now) - timedelta(days=60)
    events.birth(first, born_on=born, now=now, source="page")
    row = f"1;Nguyễn Thị Lan;1998;0912345678;{born + timedelta(days=1):%d/%m/%Y};;29584;x"
    result = import_register(register(row), now=now)
    assert verdicts(result) == ["accepted"]
    assert Person.objects.count() == 1
    assert [p.outcome for p in Pregnancy.objects.order_by("anchor_date")] == ["live_birth", ""]
    assert verdicts(import_register(register(row), now=now)) == ["known"]


def test_an_open_pregnancy_of_long_ago_is_closed_by_the_later_one(now):
    first = people.lan(people.commune(), now, weeks=30)
    later = first.anchor_date + timedelta(days=141)
    row = f"1;Nguyễn Thị Lan;1998;0912345678;{later:%d/%m/%Y};;29584;x"
    result = import_register(register(row), now=now)
    assert verdicts(result) == ["accepted"]
    first.refresh_from_db()
    assert (first.outcome, first.outcome_date) == ("unknown", later)
    assert ChangeEvent.objects.filter(pregnancy=first, new__outcome="unknown").count() == 1
    assert Pregnancy.objects.get(outcome="").mother == first.mother


def test_two_pregnancies_of_one_newcomer_in_one_file(now):
    rows = register(
        "1;Lê Thị Hoa;1990;0912345678;01/02/2026;;29584;x",
        "2;Lê Thị Hoa;1990;0912345678;01/10/2026;;29584;x",
        "3;Lê Thị Hoa;1990;0912345678;01/02/2026;;29584;x",
    )
    assert verdicts(import_register(rows, now=now, dry_run=True)) == ["accepted", "accepted", "known"]
    assert verdicts(import_register(rows, now=now)) == ["accepted", "accepted", "known"]
    assert Person.objects.count() == 1
    assert [p.outcome for p in Pregnancy.objects.order_by("anchor_date")] == ["unknown", ""]
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("days", [-140, -21, 0, 21, 140])
def test_within_140_days_it_is_the_same_pregnancy(now, days):
    first = people.lan(people.commune(), now, weeks=21)
    row = f"1;Nguyễn Thị Lan;;0912345678;{first.anchor_date + timedelta(days=days):%d/%m/%Y};;29584;x"
    assert verdicts(import_register(register(row), now=now)) == ["known"]


def test_after_a_loss_the_old_register_registers_nothing(now):
    first = people.lan(people.commune(), now)
    events.loss(first, kind="miscarriage", on=local_day(now), now=now, source="page")
    row = f"1;Nguyễn Thị Lan;1998;0912345678;{first.anchor_date:%d/%m/%Y};;29584;x"
    assert verdicts(import_register(register(row), now=now)) == ["known"]
    change_number(first.mother, "0987 111 222", now=now, source="page")
    assert verdicts(import_register(register(row), now=now)) == ["known"]
    assert Pregnancy.objects.count() == 1


def test_a_spreadsheet_does_not_give_back_a_consent_that_was_withdrawn(now):
    first = people.lan(people.commune(), now, weeks=30)
    events.stop_person(first.mother, now=now, source="page")
    row = f"1;Nguyễn Thị Lan;1998;0912345678;{first.anchor_date + timedelta(days=200):%d/%m/%Y};;29584;x"
    assert verdicts(import_register(register(row), now=now)) == ["accepted"]
    assert consent.state_of([first.mother.pk]) == {first.mother.pk: "withdrawn"}


def test_a_known_row_gives_the_consent_of_a_woman_who_was_never_asked(now):
    hoa = people.hoa(people.commune(), now)
    row = f"1;Lê Thị Hoa;2001;0365291703;{hoa.anchor_date:%d/%m/%Y};;29584;"
    import_register(register(row), now=now)
    import_register(register(row + "x"), now=now, dry_run=True)
    assert consent.state_of([hoa.mother.pk]) == {hoa.mother.pk: ""}
    for _time in range(2):
        assert verdicts(import_register(register(row + "x"), now=now)) == ["known"]
    assert Consent.objects.get().method == "import"


@pytest.mark.parametrize("verb", [consent.withdraw, consent.ask_again])
def test_a_known_row_does_not_revive_a_consent(now, verb):
    lan = people.lan(people.commune(), now)
    state = verb(lan.mother, now=now, source="page").state
    row = f"1;Nguyễn Thị Lan;1998;0912345678;{lan.anchor_date:%d/%m/%Y};;29584;x"
    assert verdicts(import_register(register(row), now=now)) == ["known"]
    assert consent.state_of([lan.mother.pk]) == {lan.mother.pk: state}


def test_a_written_no_stops_until_she_is_asked_again(now):
    """A blank cell says nothing; a no of somebody who had agreed is not passed over."""
    lan = people.lan(people.commune(), now)
    row = f"1;Nguyễn Thị Lan;1998;0912345678;{lan.anchor_date:%d/%m/%Y};;29584;"
    assert verdicts(import_register(register(row), now=now)) == ["known"]
    assert consent.state_of([lan.mother.pk]) == {lan.mother.pk: "given"}
    import_register(register(row + "không"), now=now)
    assert consent.state_of([lan.mother.pk]) == {lan.mother.pk: "ask_again"}


def test_a_later_pregnancy_without_consent_is_not_messaged(now):
    lan = people.lan(people.commune(), now - timedelta(weeks=40), weeks=20)
    later = local_day(now) - timedelta(weeks=6)
    row = f"1;Nguyễn Thị Lan;1998;0912345678;{later:%d/%m/%Y};;29584;không"
    assert verdicts(import_register(register(row), now=now)) == ["accepted"]
    assert consent.state_of([lan.mother.pk]) == {lan.mother.pk: "ask_again"}


def test_what_stands_after_a_comma_must_be_where_the_commune_lies(now, communes):
    people.province("24", "Tỉnh Bắc Ninh")
    rows = register(
        "1;Lê Thị Một;1990;;01/08/2026;An Bình, Vĩnh Long;;",
        "2;Lê Thị Hai;1990;;01/08/2026;Xã An Bình, tỉnh Vĩnh Long;;",
        "3;Lê Thị Ba;1990;;01/08/2026;An Bình, Bắc Ninh;;",
        "4;Lê Thị Bốn;1990;;01/08/2026;Nơi Khác, Vĩnh Long;;",
    )
    result = import_register(rows, now=now, dry_run=True)
    assert verdicts(result) == ["accepted", "accepted", "refused", "refused"]
    assert [detail.parsed.unit_code for detail in result.details[:2]] == ["29584", "29584"]


def test_the_unit_of_the_register(now, communes):
    rows = register(
        "1;Lê Thị Một;1990;;01/08/2026;;;",
        "2;Lê Thị Hai;1990;;01/08/2026;an binh;;",
        "3;Lê Thị Ba;1990;;01/08/2026;P. Long Châu;;",
        "4;Lê Thị Bốn;1990;;01/08/2026;;29638;",
        "5;Lê Thị Năm;1990;;01/08/2026;Xã Nơi Khác;;",
        "6;Lê Thị Sáu;1990;;01/08/2026;Xã An Bình;99999;",
    )
    unit = AdminUnit.objects.get(code="86")
    result = import_register(rows, now=now, unit=unit, dry_run=True)
    assert [detail.parsed.unit_code for detail in result.details[:4]] == ["86", "29584", "29551", "29638"]
    assert verdicts(result) == ["accepted"] * 4 + ["refused"] * 2
    own = import_register(rows, now=now, unit=communes[2], dry_run=True)
    assert verdicts(own) == ["accepted", "accepted", "refused", "accepted", "refused", "refused"]
    nobody = import_register(rows, now=now, dry_run=True)
    assert verdicts(nobody) == ["refused", "accepted", "accepted", "accepted", "refused", "refused"]


def test_a_user_imports_into_her_own_area_only(now, communes):
    nurse = people.user(unit=communes[2])
    rows = register("1;Lê Thị Một;1990;;01/08/2026;;29584;", "2;Lê Thị Hai;1990;;01/08/2026;;29638;")
    result = import_register(rows, now=now, by=nurse)
    assert [detail.parsed.reasons for detail in result.details] == [(), ("unit_unknown",)]


def test_a_file_that_is_no_register_is_answered_in_words(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("import_registry", str(tmp_path / "x.csv"))
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("import_registry", str(tmp_path / "missing.csv"))
    with pytest.raises(CommandError, match="no unit"):
        call_command("import_registry", str(SAMPLES / "so-kham-thai.csv"), "--unit", "11111")


def test_the_command_writes_the_refused_rows(tmp_path):
    out = tmp_path / "refused.xlsx"
    given = answer(str(SAMPLES / "so-kham-thai.csv"), "--dry-run", "--refused", str(out))
    assert given["refused"] == import_register(out, now=people.moment(date(2026, 11, 21)), dry_run=True).refused
