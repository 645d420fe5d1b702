"""STOP, wrong number, help and "call me": by number, at once, answered once, and a task where somebody has to act."""

from datetime import timedelta

import pytest

from campaigns.models import Parameter, ScheduledMessage
from messaging import optouts
from messaging.incoming import inbound
from messaging.models import InboundMessage, OptOut, OutboundMessage, Route
from messaging.outgoing import gateway
from messaging.outgoing.dispatch import dispatch_all
from messaging.providers.base import Inbound
from recipients import consent, events, worklist
from recipients.models import ChangeEvent, Person, Task
from tests import people
from tests.replies.conftest import NOON, answers, writes
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

LATER = NOON + timedelta(minutes=1)


def test_stop_stored_twice_is_obeyed_once_and_its_people_are_to_be_asked(unit):
    lan = people.lan(unit, NOON).mother
    for _twice in range(2):
        inbound.store(Route.objects.get(), Inbound(lan.phone, "8088", "TC", "once"), LATER)
    inbound.handle(LATER)
    assert OptOut.objects.count() == InboundMessage.objects.count() == len(answers()) == 1
    assert consent.state_of([lan.pk]) == {lan.pk: "ask_again"}
    assert ChangeEvent.objects.filter(what="stopped").count() == 1
    worklist.refresh(LATER)
    assert Task.objects.get().kind == "ask_again"
    consent.give(lan, now=LATER, source="page")
    worklist.refresh(LATER + timedelta(minutes=5))
    assert not Task.objects.filter(done_at=None).exists()


def test_start_opens_the_number_and_gives_no_consent(unit):
    lan = people.lan(unit, NOON).mother
    writes(lan, "STOP")
    assert not writes(lan, "BAT", LATER).for_staff
    assert optouts.closed([lan.phone]) == set()
    assert consent.state_of([lan.pk]) == {lan.pk: "ask_again"}


@pytest.fixture
def wrong(unit) -> Person:
    """Lan and Trang on one phone, texts of both in the gateway; whoever has the phone writes that it is wrong."""
    publish([Line("week-12", day=84), Line("week-13", day=91)])
    lan = people.lan(unit, NOON).mother
    people.lan(unit, NOON, name="Đặng Thị Trang", year_of_birth=1990)
    assert schedule(NOON)["released"] == 2
    return lan


def test_a_wrong_number_is_taken_from_everybody_and_nothing_goes_to_it_any_more(wrong):
    number = wrong.phone
    text = writes(wrong, "Sai số rồi bạn", LATER)
    assert not text.for_staff
    assert not Person.objects.filter(phone=number).exists()
    assert Task.objects.filter(kind="wrong_number", due_at=LATER + timedelta(days=7)).count() == 2
    assert ChangeEvent.objects.filter(what="number", source="keyword", old__phone=number).count() == 2
    dispatch_all(LATER)
    assert list(OutboundMessage.objects.exclude(status="canceled").values_list("key", flat=True)) == [f"stop:{text.pk}"]
    for day in range(1, 9):
        schedule(NOON + timedelta(days=day))
        dispatch_all(NOON + timedelta(days=day))
    assert OutboundMessage.objects.exclude(status="canceled").count() == 1
    assert set(ScheduledMessage.objects.values_list("reason", flat=True)) <= {"no_phone", "number_changed"}
    with pytest.raises(gateway.Refused):
        gateway.send(gateway.Text(number, "Chao", "another system"), LATER)


def test_the_answer_to_a_wrong_number_tells_nothing_about_anybody(wrong):
    writes(wrong, "NHAM SO", LATER)
    writes("0912345678", "sai so", LATER + timedelta(minutes=1))
    assert answers() == [
        "Da xoa so nay luc 12:01 ngay 21/11/2026. Chung toi khong nhan tin den so nay nua. Xin loi da lam phien."
    ]


def test_the_right_number_ends_the_task(wrong):
    writes(wrong, "SAI SO", LATER)
    events.change_number(Person.objects.get(pk=wrong.pk), "0912000111", now=LATER, source="page")
    assert Task.objects.filter(person=wrong.pk, done_at=None).count() == 0


def test_help_names_the_hotline_and_its_hours(unit):
    Parameter.objects.create(name="hotline_hours", value="7h-20h")
    assert not writes(people.lan(unit, NOON).mother, "Trợ giúp").for_staff
    assert answers() == [
        "Hoi ve suc khoe: goi 1800 1234 (7h-20h). Muon duoc goi lai, soan GOI LAI. Ngung nhan tin, soan TC."
    ]


def test_out_of_its_hours_nobody_in_need_is_sent_to_the_hotline(unit):
    Parameter.objects.create(name="hotline_hours", value="07:00-17:00")
    lan = people.lan(unit, NOON).mother
    writes(lan, "GOI LAI", NOON)
    writes(lan, "GOI LAI", NOON.replace(hour=22))
    assert [answer.rpartition("Can ngay, ")[2] for answer in answers()] == ["goi 1800 1234.", "goi 115."]


def test_help_without_anybody_to_call_is_for_a_person(unit):
    Parameter.objects.all().delete()
    assert writes("+84981112233", "HELP").for_staff


def test_who_asks_to_be_called_is_called_within_a_day(unit):
    lan = people.lan(unit, NOON).mother
    assert not writes(lan, "GOI LAI").for_staff
    task = Task.objects.get()
    assert (task.kind, task.person, task.due_at) == ("call_back", lan, NOON + timedelta(days=1))
    assert answers() == ["Da nhan yeu cau. Can bo y te se goi lai trong vong 24 gio. Can ngay, goi 1800 1234."]
    assert writes("+84981112233", "GOI LAI").for_staff, "a number of nobody"
    assert writes(lan, "Gọi lại cho em vì em đau bụng từ sáng", LATER).for_staff, "there is more in it"


def test_free_text_is_for_a_person_and_not_answered(unit):
    text = writes(people.lan(unit, NOON).mother, "Em bị ra máu phải làm sao ạ?")
    assert (text.for_staff, text.action, answers()) == (True, "", [])


@pytest.mark.parametrize(
    "body",
    [
        "Khong gui tin nua", "Không nhận", "please stop", "Xin dừng lại", "Em muon dung nhan tin", "T C", "ＳＴＯＰ",
    ],
)  # fmt: skip
def test_a_stop_in_other_words(unit, body):
    lan = people.lan(unit, NOON).mother
    assert (writes(lan, body).action, writes(lan, body).for_staff) == ("stop", False)


@pytest.mark.parametrize(
    "body", ["Ngừng kinh 2 tháng có phải có thai không", "Đừng quên gửi lịch", "Không nhận được tin nào"]
)
def test_what_begins_like_a_stop_and_is_none(unit, body):
    text = writes(people.lan(unit, NOON).mother, body)
    assert (text.action, text.for_staff) == ("", True)


def test_what_more_stands_behind_a_stop_is_read_by_a_person(unit):
    """Huy is a name too; the number is closed all the same."""
    text = writes(people.lan(unit, NOON).mother, "Huy, con toi sot cao 40 do co giat")
    assert (text.action, text.for_staff) == ("stop", True)
