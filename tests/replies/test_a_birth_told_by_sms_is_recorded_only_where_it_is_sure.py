"""SINH by SMS: one pregnancy and a plausible day, else a person; asked back where the day or the woman is not clear."""

from datetime import date, timedelta

import pytest

from campaigns.replies.reading import Unclear, read_day, speaks_of_loss
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from recipients.models import ChangeEvent, Child, Task
from tests import people
from tests.replies.conftest import NOON, answers, writes
from tests.schedule.conftest import schedule

DAY = timedelta(days=1)
TODAY = NOON.date()


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ("SINH 121126", "2026-11-12"), ("sinh 12112026", "2026-11-12"), ("Đã sinh 12/11/2026", "2026-11-12"),
        ("SINH ngày 12 tháng 11 năm 2026", "2026-11-12"), ("sinh 12-11-26 luc 5h30", "2026-11-12"),
        ("SINH 12.11.2026, bé 3.2 kg", "2026-11-12"), ("SINH 12/11 con trai 3200g", "2026-11-12"),
        ("Sinh 1211", "2026-11-12"), ("sinh 2026-11-12", "2026-11-12"), ("SINH 12 11 2026", "2026-11-12"),
        ("sinh hôm nay", "2026-11-21"), ("Em sinh sáng nay lúc 10:30", "2026-11-21"), ("sinh hom qua", "2026-11-20"),
        ("sinh 31/12", "2025-12-31"), ("SINH", None), ("sinh con trai 3kg2", None), ("sinh 3200g", None),
        ("SINH 310226", Unclear), ("SINH 12/13/2026", Unclear), ("SINH 12/11 hay 13/11", Unclear),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(body, day):
    if day is Unclear:
        with pytest.raises(Unclear):
            read_day(body, TODAY)
    else:
        assert read_day(body, TODAY) == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    ("body", "lost"),
    [
        ("em bị sảy thai rồi", True), ("sinh non bé mất rồi", True), ("Bé mất", True), ("em mat con roi", True),
        ("mắt con bị đỏ", False), ("mat con do ghen", False), ("bé mất ngủ", False), ("con ăn chết mệt", False),
        ("SINH 121126", False),
    ],
)  # fmt: skip
def test_a_loss_is_heard_behind_any_word(body, lost):
    assert speaks_of_loss(body) is lost


def test_one_pregnancy_and_a_plausible_day_is_recorded(unit):
    lan = people.lan(unit, NOON, weeks=39)
    text = writes(lan.mother, "SINH 191126 be gai")
    lan.refresh_from_db()
    assert (lan.outcome, lan.outcome_date) == ("live_birth", date(2026, 11, 19))
    assert Child.objects.get().date_of_birth == date(2026, 11, 19)
    assert ChangeEvent.objects.get(what="birth").source == "keyword"
    task = Task.objects.get()
    assert (task.kind, task.person, task.due_at) == ("birth_told", lan.mother, NOON + 3 * DAY)
    assert (text.for_staff, text.handled_at) == (False, NOON)
    (answer,) = answers()
    assert "19/11/2026" in answer
    for congratulation in ("chuc mung", "vui", "Lan"):
        assert congratulation not in answer
    assert lan.mother.phone_confirmed_at == NOON, "registered on a page"


def test_the_same_told_twice_is_one_birth(unit):
    lan = people.lan(unit, NOON, weeks=39)
    writes(lan.mother, "SINH 191126")
    again = writes(lan.mother, "DA SINH 19/11/2026", NOON + DAY)
    assert Child.objects.count() == 1
    assert not again.for_staff


def test_a_word_from_a_number_that_nobody_confirmed_confirms_it_not(unit):
    lan = people.lan(unit, NOON, weeks=39, source="import")
    assert lan.mother.phone_confirmed_at is None
    writes(lan.mother, "SINH 191126")
    lan.mother.refresh_from_db()
    assert lan.mother.phone_confirmed_at is None
    assert Child.objects.exists()


@pytest.mark.parametrize("body", ["SINH", "SINH 310226", "SINH 251126", "SINH 12/11 hay 13/11"])
def test_a_missing_impossible_or_coming_day_is_asked_back(unit, body):
    lan = people.lan(unit, NOON, weeks=39)
    text = writes(lan.mother, body)
    assert answers() == ["Chung toi chua doc duoc ngay. Hay soan: SINH ngay thang nam, vi du SINH 21112026."]
    assert not Child.objects.exists()
    assert not text.for_staff
    writes(lan.mother, "SINH 20112026", NOON + timedelta(minutes=5))
    assert Child.objects.get().date_of_birth == date(2026, 11, 20)


@pytest.mark.parametrize(("weeks", "body"), [(12, "SINH 191126"), (39, "SINH 010126")])
def test_an_implausible_day_is_for_a_person(unit, weeks, body):
    lan = people.lan(unit, NOON, weeks=weeks)
    text = writes(lan.mother, body)
    assert text.for_staff
    assert not Child.objects.exists()
    assert answers() == ["Da nhan tin nhan. Can bo y te se goi lai. Can ngay, goi 1800 1234."]


def test_nobodys_number_is_for_a_person(unit):
    assert writes("+84981112233", "SINH 191126").for_staff


def test_two_women_on_one_phone_are_asked_by_name(unit):
    lan = people.lan(unit, NOON, weeks=39)
    trang = people.lan(unit, NOON, weeks=38, name="Đặng Thị Trang", year_of_birth=1990)
    writes(lan.mother, "SINH 191126")
    assert answers() == ["Tin nay la cua ai? Tra loi 1 (Lan), 2 (Trang)."]
    assert not Child.objects.exists()
    other = writes(lan.mother, "3", NOON + timedelta(minutes=1))
    assert other.for_staff
    text = writes(lan.mother, "2.", NOON + timedelta(minutes=2))
    assert not text.for_staff
    assert Child.objects.get().mother == trang.mother


def test_a_number_alone_means_nothing_without_the_question_or_after_it_has_changed(unit):
    lan = people.lan(unit, NOON, weeks=39)
    assert writes(lan.mother, "2").for_staff
    trang = people.lan(unit, NOON, weeks=38, name="Đặng Thị Trang", year_of_birth=1990)
    writes(lan.mother, "SINH 191126")
    events.birth(trang, born_on=date(2026, 11, 18), now=NOON, source="page")
    assert writes(lan.mother, "1", NOON + timedelta(minutes=1)).for_staff
    assert Child.objects.count() == 1


@pytest.mark.parametrize("shared", [{"discreet": True}, {"phone_holder": "shared"}, {"phone_holder": "husband"}])
def test_names_are_not_written_where_others_may_read(unit, shared):
    lan = people.lan(unit, NOON, weeks=39)
    people.lan(unit, NOON, weeks=38, name="Đặng Thị Trang", year_of_birth=1990, **shared)
    text = writes(lan.mother, "SINH 191126")
    assert text.for_staff
    assert "Lan" not in " ".join(answers())


def test_after_a_told_loss_no_birth_is_recorded_by_machine(unit):
    lan = people.lan(unit, NOON, weeks=39)
    writes(lan.mother, "MAT")
    assert writes(lan.mother, "SINH 191126", NOON + timedelta(minutes=1)).for_staff
    assert not Child.objects.exists()


def test_the_husband_tells_it_from_his_phone(unit):
    lan = people.lan(unit, NOON, weeks=39)
    writes(people.chong_lan(lan, NOON).person, "Vợ em sinh hôm qua")
    assert Child.objects.get().date_of_birth == date(2026, 11, 20)


def test_in_english_to_who_reads_english_and_with_marks_where_the_phone_shows_them(unit):
    lan = people.lan(unit, NOON, weeks=39, language="en")
    mai = people.mai(unit, NOON, weeks=39, script="diacritics")
    writes(lan.mother, "BIRTH 19/11/2026")
    writes(mai.mother, "SINH 191126")
    assert answers(lan.mother.phone)[0].startswith("Noted for 19/11/2026. Health staff")
    assert answers(mai.mother.phone)[0].startswith("Đã ghi nhận ngày 19/11/2026. Cán bộ y tế")


def test_an_answer_leaves_at_night_too(unit):
    night = NOON + timedelta(hours=11)
    lan = people.lan(unit, NOON, weeks=39)
    writes(lan.mother, "SINH 211126", night)
    assert dispatch_all(night)["sent"] == 1
    assert schedule(night)["released"] == 0
    assert OutboundMessage.objects.get().status in ("sent", "delivered")
