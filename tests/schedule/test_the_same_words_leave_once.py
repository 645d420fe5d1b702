"""Twins, or two women on one phone: equal words to one number on one day leave once and are recorded for each."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import ScheduledMessage
from messaging.models import OutboundMessage
from messaging.outgoing import gateway
from messaging.outgoing.dispatch import dispatch_all
from recipients import events, registry
from recipients.models import Child
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HOUR = timedelta(hours=1)


def twins(unit) -> list[Child]:
    publish([Line("month-2", month=2)], code="child", anchor="birth")
    born = NOON.date().replace(month=9)
    pregnancy = people.lan(unit, NOON - timedelta(days=90), weeks=27)
    return events.birth(pregnancy, born_on=born, children=[events.Newborn(), events.Newborn()], now=NOON, source="page")


def states() -> list[tuple[str, str]]:
    return sorted(ScheduledMessage.objects.values_list("state", "reason"))


def test_the_mother_of_twins_gets_them_once_and_both_rows_say_so(unit):
    twins(unit)
    schedule(NOON)
    assert states() == [("released", ""), ("released", "")]
    sms = OutboundMessage.objects.get()
    assert set(ScheduledMessage.objects.values_list("sms", flat=True)) == {sms.pk}
    dispatch_all(NOON + HOUR)
    schedule(NOON + 2 * HOUR)
    assert OutboundMessage.objects.get().status in ("sent", "delivered")


def test_two_campaigns_that_say_the_same_after_waiting_for_her_hour_say_it_once(unit):
    same = {"vi": "Chị {ten} ơi, mời chị đến trạm khám thai."}
    publish([Line("visit-3", day=84, texts=same)], code="anc")
    publish([Line("week-12", day=84, texts=same)], code="weeks", priority=30)
    people.lan(unit, NOON, weeks=12, preferred_time=time(15))
    schedule(NOON)
    assert states() == [("waiting", "preferred_time"), ("waiting", "preferred_time")]
    schedule(NOON + 4 * HOUR)
    assert states() == [("released", ""), ("released", "")]
    assert OutboundMessage.objects.count() == 1


def test_when_the_twin_whose_row_carried_it_dies_the_other_goes_by_herself(unit):
    children = twins(unit)
    schedule(NOON)
    carrier = next(row for row in ScheduledMessage.objects.all() if row.sms.key == row.key)
    dead = next(child for child in children if child.pk == carrier.enrollment.child_id)
    events.child_death(dead, on=NOON.date(), now=NOON, source="page")
    assert dispatch_all(NOON + HOUR)["canceled"] == 1
    assert states() == [("skipped", "ended_loss"), ("waiting", "covered")]
    schedule(NOON + 2 * HOUR)
    dispatch_all(NOON + 2 * HOUR)
    assert states() == [("released", ""), ("skipped", "ended_loss")]
    assert OutboundMessage.objects.exclude(status="canceled").count() == 1


def test_when_the_other_twin_dies_only_that_row_ends(unit):
    children = twins(unit)
    schedule(NOON)
    carrier = next(row for row in ScheduledMessage.objects.all() if row.sms.key == row.key)
    dead = next(child for child in children if child.pk != carrier.enrollment.child_id)
    events.child_death(dead, on=NOON.date(), now=NOON, source="page")
    dispatch_all(NOON + HOUR)
    assert states() == [("released", ""), ("skipped", "ended_loss")]
    assert ScheduledMessage.objects.get(state="skipped").sms is None
    assert OutboundMessage.objects.get().status in ("sent", "delivered")


def test_two_women_on_one_number_are_two_people(unit):
    publish([Line("week-12", day=84)])
    people.lan(unit, NOON)
    people.lan(unit, NOON, name="Nguyễn Thị Cúc")
    schedule(NOON)
    assert sorted(OutboundMessage.objects.values_list("body", flat=True)) == [
        "Chi Cuc oi, week-12.",
        "Chi Lan oi, week-12.",
    ]


def test_words_without_a_name_leave_once_for_both_also_later_on_the_day(unit):
    publish([Line("week-12", day=84, texts={"vi": "Uống đủ nước."})])
    people.lan(unit, NOON)
    schedule(NOON)
    second = people.lan(unit, NOON + HOUR, name="Nguyễn Thị Cúc")
    schedule(NOON + HOUR)
    assert states() == [("released", ""), ("released", "")]
    assert OutboundMessage.objects.count() == 1
    registry.change_number(second.mother, "0987000333", now=NOON + HOUR, source="page")
    dispatch_all(NOON + 2 * HOUR)
    assert ScheduledMessage.objects.filter(state="released").count() == 1
    schedule(NOON + 3 * HOUR)
    assert set(OutboundMessage.objects.values_list("to", flat=True)) == {"+84912345678", "+84987000333"}


def test_a_tail_or_a_label_does_not_make_them_other_words(unit, settings):
    """What the gateway puts around the words is not compared: neither for twins, nor for whoever reads along since."""
    settings.OPT_OUT_TAIL = "Gọi 1800 1234 để dừng tin"
    twins(unit)
    schedule(NOON)
    sms = OutboundMessage.objects.get()
    assert sms.tail
    assert sms.body == sms.words + sms.tail
    other = ScheduledMessage.objects.exclude(pk=sms.key.partition(":")[2])
    other.update(state="waiting", sms=None)
    schedule(NOON + HOUR)
    assert OutboundMessage.objects.get() == sms
    assert states() == [("released", ""), ("released", "")]


def test_a_tail_does_not_make_words_less_discreet(unit, settings):
    settings.OPT_OUT_TAIL = "Gọi 1800 1234 để dừng tin"
    publish([Line("week-30", day=210)])
    people.mai(unit, NOON - timedelta(days=3), weeks=30)
    schedule(NOON)
    assert OutboundMessage.objects.get().tail
    assert dispatch_all(NOON + HOUR)["sent"] == 1


def test_when_the_time_of_the_carrier_is_over_before_it_left_the_other_goes_by_herself(unit):
    """One woman's window closes this evening, the other's in five days; the route was paused until the night."""
    publish([Line("water", day=84, open_for=5, texts={"vi": "Uống đủ nước."})])
    people.lan(unit, NOON, lmp=NOON.date() - timedelta(days=89))
    people.lan(unit, NOON, name="Nguyễn Thị Cúc", lmp=NOON.date() - timedelta(days=84))
    schedule(NOON)
    assert states() == [("released", ""), ("released", "")]
    dispatch_all(NOON + 10 * HOUR)
    assert OutboundMessage.objects.get().status == "expired"
    for hours in (10, 20, 21):
        schedule(NOON + hours * HOUR)
        dispatch_all(NOON + hours * HOUR)
    hers = ScheduledMessage.objects.get(person__name="Nguyễn Thị Cúc")
    assert hers.sms.status in ("sent", "delivered")
    assert ScheduledMessage.objects.exclude(pk=hers.pk).get().sms.status == "expired"


@pytest.mark.parametrize("after", [timedelta(0), timedelta(hours=2), timedelta(days=20)])
def test_a_text_of_another_system_that_still_waits_carries_nothing(unit, after):
    """It may be canceled, and no loss of hers stops it."""
    publish([Line("water", day=84, open_for=5, texts={"vi": "Uống đủ nước."})])
    phone = people.lan(unit, NOON).mother.phone
    gateway.send(gateway.Text(to=phone, body="Uong du nuoc.", key="api:1", send_after=NOON + after), NOON)
    schedule(NOON)
    assert gateway.cancel(["api:1"], NOON, "canceled") == 1
    dispatch_all(NOON)
    assert ScheduledMessage.objects.get().sms.status == "sent"
