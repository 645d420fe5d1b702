"""The mother, her husband with her word, the main caregiver, who cannot read, and a number nobody has confirmed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import ScheduledMessage
from campaigns.schedule.upcoming import coming
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events, registry
from recipients.models import Person
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def row(**which) -> ScheduledMessage:
    return ScheduledMessage.objects.get(**which)


def test_a_husbands_texts_need_his_wifes_word_and_she_ends_them_silently(unit):
    publish([Line("week-12", day=84, role="husband"), Line("week-13", day=91, role="husband")])
    pregnancy = people.lan(unit, NOON)
    husband = people.chong_lan(pregnancy, NOON, agreed_by_mother=False)
    schedule(NOON)
    assert row().reason == "not_agreed"
    events.agree_to_care(husband, agrees=True, now=NOON, source="page")
    schedule(NOON + DAY)
    assert row().state == "released"
    events.end_care(husband, now=NOON + DAY, source="page")
    dispatch_all(NOON + DAY)
    for day in range(2, 12):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)
    assert not OutboundMessage.objects.exclude(status="canceled").exists()


def test_a_grandmother_receives_for_a_mother_who_works_away_and_nothing_is_repeated(unit):
    days = [Line(f"day-{day}", day=day, without_mother=True) for day in (60, 63, 70)]
    publish([*days, Line("breast", day=64, topic="breastfeeding")], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=60)
    grandmother = people.ba_sau(child, NOON)
    schedule(NOON)
    dispatch_all(NOON)
    events.set_main(grandmother, main=True, now=NOON + HOUR, source="page")
    for day in range(1, 8):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)
    events.set_main(grandmother, main=False, now=NOON + 8 * DAY, source="page")
    for day in range(8, 16):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)
    sent = OutboundMessage.objects.order_by("queued_at").values_list("to", "body")
    assert list(sent) == [
        (child.mother.phone, "Chi Yen oi, day-60."),
        (grandmother.person.phone, "Chi Sau oi, day-63."),
        (child.mother.phone, "Chi Yen oi, breast."),
        (child.mother.phone, "Chi Yen oi, day-70."),
    ]


def test_a_queued_text_follows_the_main_recipient(unit):
    publish([Line("day-60", day=60, without_mother=True)], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=60)
    grandmother = people.ba_sau(child, NOON)
    schedule(NOON)
    events.set_main(grandmother, main=True, now=NOON, source="page")
    assert dispatch_all(NOON)["canceled"] == 1
    schedule(NOON + HOUR)
    dispatch_all(NOON + HOUR)
    assert OutboundMessage.objects.get(status="sent").to == grandmother.person.phone


def test_after_the_mothers_death_the_caregivers_of_a_living_child_go_on_in_other_words(unit):
    steps = [Line("breast", day=61, topic="breastfeeding"), Line("fever", day=62, topic="ill", without_mother=True)]
    publish(steps, code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=60)
    grandmother = people.ba_sau(child, NOON)
    events.set_main(grandmother, main=True, now=NOON, source="page")
    events.maternal_death(child.mother, on=NOON.date(), now=NOON, source="page")
    for day in range(6):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)
    assert list(OutboundMessage.objects.values_list("to", "body")) == [(grandmother.person.phone, "Chi Sau oi, fever.")]
    assert row(step_key="breast").reason == "ended_death"


def test_after_the_mothers_death_nobody_gets_texts_where_no_caregiver_was_named(unit):
    publish([Line("fever", day=61, without_mother=True)], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=60)
    events.maternal_death(child.mother, on=NOON.date(), now=NOON, source="page")
    for day in range(4):
        schedule(NOON + day * DAY)
    assert not OutboundMessage.objects.exists()


def test_who_cannot_read_is_told_face_to_face(unit):
    publish([Line("week-12", day=84)])
    pregnancy = people.lan(unit, NOON, can_read=False)
    schedule(NOON)
    assert row().reason == "cannot_read"
    registry.update_details(pregnancy.mother, changes={"can_read": True}, now=NOON, source="page")
    assert schedule(NOON + DAY)["released"] == 1


def test_the_first_text_to_a_number_nobody_has_confirmed_names_nobody_and_no_topic(unit):
    publish([Line("week-12", day=84)])
    pregnancy = people.lan(unit, NOON, source="import")
    schedule(NOON)
    assert row().reason == "unconfirmed"
    neutral = "Tin nhan tu tram y te, mien phi."
    publish([Line("welcome", discreet=neutral, open_for=60)], code="welcome", anchor="enrollment", priority=1)
    schedule(NOON + DAY)
    dispatch_all(NOON + DAY)
    assert OutboundMessage.objects.get().body == neutral
    schedule(NOON + 2 * DAY)
    schedule(NOON + 3 * DAY)
    assert row(step_key="week-12").state == "released"
    assert Person.objects.get(pk=pregnancy.mother.pk).phone_confirmed_at is None


def test_a_confirmed_number_waits_for_nothing(unit):
    publish([Line("week-12", day=84)])
    pregnancy = people.lan(unit, NOON, source="import")
    events.confirm_number(pregnancy.mother, now=NOON, source="page")
    assert schedule(NOON)["released"] == 1


def test_a_new_number_that_nobody_confirmed_gets_neutral_words_first_again(unit):
    publish([Line("week-12", day=84), Line("week-13", day=91)])
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    dispatch_all(NOON)
    registry.change_number(pregnancy.mother, "0987000333", now=NOON + DAY, source="import")
    schedule(NOON + 7 * DAY)
    assert row(step_key="week-13").reason == "unconfirmed"


def test_coming_messages_stand_on_the_page_of_whose_phone_rings(unit):
    publish([Line("day-60", day=60, without_mother=True), Line("day-70", day=70)], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=50)
    grandmother = people.ba_sau(child, NOON)
    schedule(NOON)
    assert [each.step_key for each in coming(child.mother, NOON)] == ["day-60", "day-70"]
    assert coming(grandmother.person, NOON) == []
    events.set_main(grandmother, main=True, now=NOON, source="page")
    assert coming(child.mother, NOON) == []
    assert [(each.step_key, each.reader) for each in coming(grandmother.person, NOON)] == [
        ("day-60", grandmother.person)
    ]
