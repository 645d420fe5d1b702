"""Who reads in the mother's place uses up her own room for texts, and the ledger keeps who read what."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from campaigns import record
from campaigns.models import ScheduledMessage
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAYS = (60, 61, 62)


@pytest.fixture
def child(unit):
    """Bé An, 60 days old, with a text on this day and the two after it."""
    publish(
        [Line(f"day-{day}", day=day, open_for=5, topic=f"t{day}", without_mother=True) for day in DAYS],
        code="child", anchor="birth",
    )  # fmt: skip
    return people.be_an(unit, NOON)


@pytest.fixture
def grandmother(child):
    found = people.ba_sau(child, NOON)
    events.set_main(found, main=True, now=NOON, source="page")
    return found


def passes(now: datetime) -> list[tuple[str, str]]:
    """Everything that has left by `now`: number and words."""
    schedule(now)
    dispatch_all(now)
    return list(OutboundMessage.objects.exclude(sending_at=None).order_by("sending_at").values_list("to", "body"))


def test_after_she_steps_back_her_texts_do_not_count_for_the_mother(child, grandmother):
    passes(NOON)
    sent = passes(NOON + DAY)
    assert [to for to, _body in sent] == [grandmother.person.phone] * 2
    events.end_care(grandmother, now=NOON + DAY + HOUR, source="page")
    assert passes(NOON + 2 * DAY)[2:] == [(child.mother.phone, "Chi Yen oi, day-62.")]


def test_after_she_steps_back_her_texts_count_for_herself(child, grandmother, unit):
    other = people.be_an(unit, NOON, days=59, name="Bùi Thị Ngọc", phone="0985461230", child_name="Cò")
    passes(NOON)
    passes(NOON + DAY)
    events.end_care(grandmother, now=NOON + DAY + HOUR, source="page")
    again = people.ba_sau(other, NOON + DAY + HOUR, person=grandmother.person)
    events.set_main(again, main=True, now=NOON + DAY + HOUR, source="page")
    passes(NOON + 2 * DAY)
    hers = OutboundMessage.objects.filter(to=grandmother.person.phone).exclude(sending_at=None)
    assert hers.count() == 2, "two in seven days, whichever child they were about"
    waits = ScheduledMessage.objects.get(enrollment__child=other, step_key="day-61")
    assert (waits.state, waits.reason) == ("waiting", "frequency_cap")


def test_her_page_keeps_what_she_read(child, grandmother):
    passes(NOON)
    events.end_care(grandmother, now=NOON + HOUR, source="page")
    for person in (grandmother.person, child.mother):
        assert [row.step_key for row in record.past(person, NOON + HOUR)] == ["day-60"]
    passes(NOON + DAY)
    assert [row.step_key for row in record.past(grandmother.person, NOON + DAY)] == ["day-60"]


def test_who_read_is_known_only_of_what_was_handed_over(child, grandmother):
    schedule(NOON)
    row = ScheduledMessage.objects.get(step_key="day-60")
    assert row.reader == grandmother.person
    events.end_care(grandmother, now=NOON + HOUR, source="page")
    dispatch_all(NOON + HOUR)
    row.refresh_from_db()
    assert (row.state, row.reader) == ("waiting", None), "taken back: it goes to the mother"
    with pytest.raises(IntegrityError), transaction.atomic():
        ScheduledMessage.objects.filter(pk=row.pk).update(reader=grandmother.person)


def test_what_waited_for_room_in_her_week_goes_to_the_mother_as_soon_as_she_steps_back(unit):
    """Its window closes before the grandmother would have had room again."""
    lines = [Line(f"day-{day}", day=day, open_for=1, topic=f"t{day}", without_mother=True) for day in DAYS]
    publish(lines, code="child", anchor="birth")
    child = people.be_an(unit, NOON)
    grandmother = people.ba_sau(child, NOON)
    events.set_main(grandmother, main=True, now=NOON, source="page")
    for day in range(3):
        passes(NOON + day * DAY)
    row = ScheduledMessage.objects.get(step_key="day-62")
    assert (row.reason, row.not_before > NOON + 3 * DAY) == ("frequency_cap", True)
    events.end_care(grandmother, now=NOON + 2 * DAY + HOUR, source="page")
    assert passes(NOON + 2 * DAY + 2 * HOUR)[2:] == [(child.mother.phone, "Chi Yen oi, day-62.")]


def test_room_that_is_given_back_is_offered_to_a_neighbour_on_the_number(unit):
    """Three texts to one number; when one of them is stopped before it leaves, the fourth woman's goes on that day."""
    publish([Line(f"week-12-{name}", day=84, open_for=0) for name in "a"], code="visits")
    women = [
        people.lan(unit, NOON, name=f"Nguyễn Thị {name}", phone="+84912345600", phone_holder="shared")
        for name in ("An", "Bình", "Cúc", "Dao")
    ]
    schedule(NOON)
    [waits] = ScheduledMessage.objects.filter(state="waiting")
    assert waits.reason == "number_cap"
    lost = next(each for each in women if each.mother != waits.person)
    events.loss(lost, kind="miscarriage", on=NOON.date(), now=NOON + HOUR, source="page")
    passes(NOON + HOUR)
    passes(NOON + HOUR)
    waits.refresh_from_db()
    assert waits.state == "released"
