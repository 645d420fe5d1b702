"""Facts that change between two looks: a newborn's death, a shared phone, a weight told late, words that stand in."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import condolence
from campaigns.models import ScheduledMessage
from campaigns.schedule import pauses
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events, registry
from recipients.models import Child, Person
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def sent() -> list[str]:
    return list(OutboundMessage.objects.filter(status__in=["sent", "delivered"]).values_list("body", flat=True))


def pass_days(first: int, last: int) -> None:
    for day in range(first, last + 1):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)


def test_a_newborns_death_ends_the_reminders_of_the_postnatal_visit(unit):
    publish([Line("bring-the-child", day=-1, open_for=3, topic="visit")], code="visits", anchor="visit")
    pregnancy = people.lan(unit, NOON - 3 * DAY, weeks=39)
    (child,) = events.birth(pregnancy, born_on=NOON.date() - DAY, now=NOON, source="page")
    on = NOON.date() + 3 * DAY
    events.plan_visit(type="postnatal", on=on, pregnancy=pregnancy, now=NOON, source="page")
    schedule(NOON)
    events.child_death(child, on=NOON.date(), now=NOON, source="page")
    pass_days(0, 6)
    assert sent() == []


def test_a_phone_that_became_a_shared_one_gets_other_words_even_from_the_queue(unit):
    publish([Line("week-12", day=84)])
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    changes = {"phone_holder": Person.Holder.HUSBAND}
    registry.update_details(pregnancy.mother, changes=changes, now=NOON, source="page")
    assert dispatch_all(NOON)["canceled"] == 1
    pass_days(1, 1)
    assert sent() == ["Chi Lan oi, moi chi ghe Tram y te Xa An Binh."]


def test_a_weight_that_is_told_later_brings_the_text_for_light_children(unit):
    step = Line("kangaroo", day=1, open_for=27, catch_up="always", condition="low_birth_weight")
    publish([step], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=3)
    schedule(NOON)
    assert not ScheduledMessage.objects.exists()
    pregnant = Child.objects.get(pk=child.pk)
    Child.objects.filter(pk=pregnant.pk).update(birth_weight=1900)
    pass_days(1, 1)
    assert sent() == ["Chi Yen oi, kangaroo."]


def test_a_weight_that_is_corrected_takes_it_back(unit):
    publish([Line("kangaroo", day=3, condition="low_birth_weight")], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=3, birth_weight=1900)
    schedule(NOON)
    Child.objects.filter(pk=child.pk).update(birth_weight=3200)
    assert dispatch_all(NOON)["canceled"] == 1
    assert ScheduledMessage.objects.get().reason == "not_meant"


def test_a_welcome_outlives_the_birth(unit):
    publish([Line("welcome", open_for=60)], code="welcome", anchor="enrollment", priority=1)
    evening = NOON.replace(hour=21)
    pregnancy = people.lan(unit, evening, weeks=39)
    schedule(evening)
    events.birth(pregnancy, born_on=NOON.date(), now=evening, source="page")
    pass_days(1, 1)
    assert sent() == ["Chi Lan oi, welcome."]


def test_a_room_is_kept_for_what_falls_due_later_today_and_cannot_wait(unit):
    publish([Line("today-only", day=84, open_for=0, at=time(15))], code="visits", priority=1)
    publish([Line("any-day", day=84, open_for=7, at=time(8))], code="food", priority=50)
    people.lan(unit, NOON - DAY, lmp=NOON.date() - 84 * DAY)
    schedule(NOON - DAY)
    schedule(NOON)
    dispatch_all(NOON)
    schedule(NOON + 4 * HOUR)
    dispatch_all(NOON + 4 * HOUR)
    assert sent() == ["Chi Lan oi, today-only."]


def test_every_text_to_a_number_counts_for_its_day(unit):
    from messaging.outgoing import gateway

    publish([Line("week-12", day=84)])
    pregnancy = people.lan(unit, NOON)
    for number in range(3):
        gateway.send(gateway.Text(str(pregnancy.mother.phone), f"API {number}", f"token:{number}"), NOON)
    dispatch_all(NOON)
    schedule(NOON)
    assert ScheduledMessage.objects.get().reason == "number_cap"


@pytest.fixture
def notice(unit):
    """Words that stand in for iron texts."""
    publish([Line("iron-later", topic="iron", texts={"vi": "Trạm sẽ báo khi có viên sắt."})], code="n", anchor="hand")
    return unit


def test_words_that_stand_in_do_not_take_the_place_of_an_emergency(notice):
    publish([Line("flood", day=84)], code="flood", message_class="emergency")
    people.lan(notice, NOON)
    pauses.pause(unit=notice, why="Hết viên sắt", substitute="iron-later", now=NOON)
    pass_days(0, 1)
    assert sent() == []
    assert ScheduledMessage.objects.get().reason == "paused"


def test_words_that_stand_in_do_not_take_the_place_of_a_condolence(notice):
    publish([Line("condolence", topic="loss")], code="loss", anchor="hand")
    pregnancy = people.lan(notice, NOON)
    pauses.pause(unit=notice, why="Hết viên sắt", substitute="iron-later", now=NOON)
    events.loss(pregnancy, kind="miscarriage", on=NOON.date(), now=NOON, source="page")
    condolence.offer(pregnancy, agreed=True, now=NOON, source="page")
    pass_days(0, 1)
    assert sent() == ["Chi Lan oi, condolence."]


def test_words_that_stand_in_do_not_reach_who_excluded_their_topic(notice):
    publish([Line("week-12", day=84, topic="anc")])
    people.lan(notice, NOON, excluded_topics=["iron"])
    pauses.pause(topic="anc", unit=notice, why="Trạm đóng cửa", substitute="iron-later", now=NOON)
    pass_days(0, 1)
    assert sent() == []
