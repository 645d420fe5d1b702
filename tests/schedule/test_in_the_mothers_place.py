"""Who reads for a mother who works away or has died: her texts about the child and its visits, and none of her own."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns import condolence
from campaigns.models import ScheduledMessage
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from recipients.models import Caregiver
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REMINDER = Line("reminder", day=-2, open_for=2, topic="visit", without_mother=True)


def pass_days(first: int, last: int) -> list[tuple[str, str]]:
    for day in range(first, last + 1):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)
    return list(OutboundMessage.objects.exclude(status="canceled").order_by("queued_at").values_list("to", "body"))


def test_the_reminder_of_a_childs_visit_goes_to_the_main_caregiver(unit):
    publish([REMINDER], code="visits", anchor="visit")
    child = people.be_an(unit, NOON)
    grandmother = people.ba_sau(child, NOON)
    events.set_main(grandmother, main=True, now=NOON, source="page")
    on = NOON.date() + 3 * DAY
    events.plan_visit(type="immunisation", on=on, child=child, now=NOON, source="page")
    assert pass_days(0, 4) == [(grandmother.person.phone, "Chi Sau oi, reminder.")]


def test_after_the_mothers_death_neither_her_phone_rings_nor_a_worker_is_told_to_remind_her(unit):
    worker = Line("worker", day=-2, open_for=9, topic="visit", role="village_worker")
    publish([REMINDER, worker], code="visits", anchor="visit")
    child = people.be_an(unit, NOON)
    events.set_main(people.ba_sau(child, NOON), main=True, now=NOON, source="page")
    people.y_te_thon(unit, NOON)
    events.maternal_death(child.mother, on=NOON.date(), now=NOON, source="page")
    on = NOON.date() + 3 * DAY
    events.plan_visit(type="immunisation", on=on, child=child, now=NOON, source="page")
    assert [body for _to, body in pass_days(0, 8)] == ["Chi Sau oi, reminder."]


def test_a_husband_in_her_place_needs_her_word_too(unit):
    publish([Line("day-60", day=60, open_for=20, without_mother=True)], code="child", anchor="birth")
    child = people.be_an(unit, NOON)
    husband = people.ba_sau(child, NOON, role=Caregiver.Role.HUSBAND, agreed_by_mother=True)
    events.set_main(husband, main=True, now=NOON, source="page")
    events.agree_to_care(husband, agrees=False, now=NOON, source="page")
    schedule(NOON)
    assert ScheduledMessage.objects.get().reason == "not_agreed"
    events.agree_to_care(husband, agrees=True, now=NOON + HOUR, source="page")
    schedule(NOON + HOUR)
    assert ScheduledMessage.objects.get().state == "released", "asked again as soon as she said so"


def test_a_condolence_is_for_the_mother_herself(unit):
    publish([Line("condolence", topic="loss")], code="loss", anchor="hand")
    child = people.be_an(unit, NOON)
    events.set_main(people.ba_sau(child, NOON), main=True, now=NOON, source="page")
    events.child_death(child, on=NOON.date(), now=NOON, source="page")
    condolence.offer(child, agreed=True, now=NOON, source="page")
    assert pass_days(0, 1) == [(child.mother.phone, "Chi Yen oi, condolence.")]


def test_what_she_reads_for_the_child_and_her_own_share_one_day(unit):
    mothers = Line("mothers", day=60, without_mother=True)
    publish([mothers, Line("hers", day=60, role="grandmother")], code="child", anchor="birth")
    child = people.be_an(unit, NOON)
    grandmother = people.ba_sau(child, NOON)
    events.set_main(grandmother, main=True, now=NOON, source="page")
    schedule(NOON)
    dispatch_all(NOON)
    schedule(NOON + HOUR)
    dispatch_all(NOON + HOUR)
    assert OutboundMessage.objects.count() == 1


def test_a_topic_that_the_mother_excluded_is_not_told_to_the_father(unit):
    publish([Line("milk", day=84, role="husband", topic="breastfeeding")])
    pregnancy = people.lan(unit, NOON, excluded_topics=["breastfeeding"])
    people.chong_lan(pregnancy, NOON)
    schedule(NOON)
    assert ScheduledMessage.objects.get().reason == "topic_excluded"


def test_a_worker_is_not_told_the_name_of_a_woman_who_has_not_agreed(unit):
    publish([Line("visit-her", day=140, role="village_worker", discreet="Mời anh chị ghé trạm.")])
    people.hoa(unit, NOON)
    people.y_te_thon(unit, NOON)
    assert [body for _to, body in pass_days(0, 0)] == ["Moi anh chi ghe tram."]
