"""D12 by SMS: after such a text nothing routine leaves, to anyone, until the station has looked into it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from campaigns.models import ScheduledMessage
from campaigns.schedule import toldloss
from campaigns.schedule.explain import why
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events, worklist
from recipients.errors import Refusal
from recipients.models import Task
from tests import people
from tests.replies.conftest import NOON, answers, writes
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

LATER = NOON + timedelta(minutes=1)
DAY = timedelta(days=1)
STEPS = [
    Line("week-12", day=84), Line("week-12-husband", day=84, role="husband"),
    Line("week-12-staff", day=84, role="village_worker", texts={"vi": "Thăm chị {me}."}, discreet="Thăm một chị."),
    Line("week-13", day=91, open_for=20),
]  # fmt: skip


@pytest.fixture
def household(unit):
    """Lan at 12 weeks, her husband and the village worker, each with a text in the gateway."""
    publish(STEPS)
    pregnancy = people.lan(unit, NOON)
    people.chong_lan(pregnancy, NOON)
    people.y_te_thon(unit, NOON)
    assert schedule(NOON)["released"] == 3
    return pregnancy


def left() -> int:
    return OutboundMessage.objects.filter(key__startswith="scheduled:").exclude(status="canceled").count()


def told() -> list[Task]:
    return list(Task.objects.filter(kind=Task.Kind.LOSS_TOLD, done_at=None))


@pytest.mark.parametrize(
    "body", ["MAT", "Em mất con rồi", "KHONG CON", "Sảy thai", "SINH non không giữ được", "thai lưu"]
)
def test_queued_texts_about_her_leave_for_nobody(household, body):
    text = writes(household.mother, body, LATER)
    assert dispatch_all(LATER)["canceled"] == 3
    assert left() == 0
    (task,) = told()
    assert (task.person, task.due_at) == (household.mother, LATER + DAY)
    assert (text.for_staff, text.settled_at) == (True, None), "a person reads it"


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ("STOP em say thai roi", "stop"), ("Dừng nhắn tin đi, em mất con rồi", "stop"), ("TC. Em bi say thai", "stop"),
        ("Sai so, be mat roi", "wrong_number"), ("BAT lai, em say thai", "start"),
    ],
)  # fmt: skip
def test_so_they_do_when_it_stands_behind_a_word_that_is_obeyed_as_well(household, monkeypatch, body, action):
    """At once too, and no second answer beside the confirmation of a STOP."""
    monkeypatch.setattr("messaging.incoming.inbound.handle", lambda now: 0)
    text = writes(household.mother, body, LATER)
    assert (text.action, text.for_staff) == (action, True)
    assert [task.person for task in told()] == [household.mother]
    assert dispatch_all(LATER)["canceled"] == 3
    assert left() == 0
    assert len(answers()) == (action != "start")


@pytest.mark.parametrize(
    "body",
    [
        "thai ngừng phát triển", "Ngừng tim thai", "thai mat tim", "Con em mất rồi", "Xảy thai rồi",
        "Em sảy rồi", "Em bị sẩy", "Mất con có được nghỉ thai sản không", "Mất bé đó rồi", "Dừng thai kỳ",
    ],
)  # fmt: skip
def test_it_is_heard_in_plain_words(household, body):
    writes(household.mother, body, LATER)
    assert dispatch_all(LATER)["canceled"] == 3
    assert len(told()) == 1


@pytest.mark.parametrize(
    "body", ["Bé bị rôm sảy", "bé bị sảy khắp lưng", "em kham thai dung lich", "Khám thai đúng hẹn"]
)
def test_what_only_sounds_like_it_is_for_a_person(household, body):
    assert writes(household.mother, body, LATER).for_staff
    assert not told()


def test_nor_does_any_later_one_until_a_person_has_looked_into_it(household):
    writes(household.mother, "MAT", LATER)
    for day in range(1, 12):
        assert schedule(NOON + day * DAY)["released"] == 0
        dispatch_all(NOON + day * DAY)
    assert left() == 0
    assert len(told()) == 1
    household.refresh_from_db()
    assert household.outcome == "", "a machine records no loss"


def test_it_is_silent_from_the_moment_at_which_the_text_is_stored(household, monkeypatch):
    """No pass between: the next beat may be late."""
    monkeypatch.setattr("messaging.incoming.inbound.handle", lambda now: 0)
    writes(household.mother, "MAT", LATER)
    assert len(told()) == 1
    assert dispatch_all(LATER)["canceled"] == 3


def test_from_the_husbands_own_phone_it_is_the_same(household):
    husband = household.caregivers.get().person
    writes(husband, "Mất rồi", LATER)
    assert [task.person for task in told()] == [household.mother]
    assert dispatch_all(LATER)["canceled"] == 3


def test_she_is_told_warmly_that_somebody_comes_and_on_a_shared_phone_nothing(unit):
    lan, mai = people.lan(unit, NOON).mother, people.mai(unit, NOON).mother
    writes(lan, "MAT")
    writes(mai, "MAT")
    assert answers(str(mai.phone)) == []
    (answer,) = answers(str(lan.phone))
    assert answer == (
        "Chung toi da nhan tin va tam dung moi tin nhan. Can bo y te se lien he trong ngay. Can ngay, goi 1800 1234."
    )


def test_of_two_women_on_one_phone_both_are_silent(unit):
    publish([Line("week-12", day=84)])
    lan = people.lan(unit, NOON)
    trang = people.lan(unit, NOON, name="Đặng Thị Trang", year_of_birth=1990)
    assert trang.mother.phone == lan.mother.phone
    assert schedule(NOON)["released"] == 2
    writes(lan.mother, "KHONG CON", LATER)
    assert {task.person for task in told()} == {lan.mother, trang.mother}
    dispatch_all(LATER)
    assert left() == 0
    assert answers() == []


def test_recording_the_loss_ends_the_task_and_the_texts(household):
    writes(household.mother, "MAT", LATER)
    events.loss(household, kind="miscarriage", on=LATER.date(), now=LATER + DAY, source="page")
    assert told() == []
    assert set(Task.objects.filter(done_at=None).values_list("kind", flat=True)) == {"loss"}
    schedule(LATER + DAY)
    dispatch_all(LATER + DAY)
    assert left() == 0
    writes(household.mother, "mất rồi", LATER + 2 * DAY)
    assert told() == [], "the station knows"


def test_a_mistake_sets_the_texts_free_in_one_step(household):
    writes(household.mother, "Mat", LATER)
    dispatch_all(LATER)
    (task,) = told()
    with pytest.raises(Refusal) as refusal:
        worklist.close_task(task, now=LATER, source="page")
    assert refusal.value.code == "record_or_mistake"
    worklist.not_lost(task, now=LATER + timedelta(hours=1), note="Mất điện thoại", source="page")
    assert schedule(LATER + timedelta(hours=1, minutes=1))["released"] == 3


def test_an_emergency_still_goes(unit):
    publish([Line("flood", day=84, topic="notice")], message_class="emergency")
    lan = people.lan(unit, NOON)
    writes(lan.mother, "MAT")
    assert schedule(NOON)["released"] == 1
    dispatch_all(NOON)
    assert left() == 1


def test_her_neighbours_texts_go_on(household):
    mai = people.mai(household.mother.unit, NOON, weeks=12)
    writes(household.mother, "MAT", LATER)
    schedule(LATER + timedelta(minutes=10))
    dispatch_all(LATER + timedelta(minutes=10))
    gone = OutboundMessage.objects.filter(key__startswith="scheduled:", to=mai.mother.phone)
    assert gone.exclude(status="canceled").exists()


def test_her_page_says_why(household):
    writes(household.mother, "MAT", LATER)
    dispatch_all(LATER)
    with translation.override("en"):
        sentences = [each.sentence for each in why(household.mother, NOON.date(), LATER)]
    assert any("A loss was told by SMS" in sentence for sentence in sentences), sentences
    assert ScheduledMessage.objects.filter(reason="paused", state="waiting").count() == 3


def test_words_that_only_begin_like_it_are_for_a_person(household):
    for body in ("Mất sữa phải làm sao", "mat ngu ca dem", "Mắt con bị đỏ", "say xe qua", "Không còn đau nữa"):
        text = writes(household.mother, body, LATER)
        assert (text.action, text.for_staff) == ("", True), body
    assert told() == []


def test_without_such_a_text_it_costs_one_query(household):
    rows = list(ScheduledMessage.objects.select_related("campaign", "person"))
    with CaptureQueriesContext(connection) as asked:
        assert toldloss.held(rows, {row.pk: row.person for row in rows}) == {}
    assert len(asked) == 1
