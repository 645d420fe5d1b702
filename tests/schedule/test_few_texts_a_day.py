"""One text a day and two in seven days for a person over all campaigns; three for a number in any 24 hours."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Holiday, ScheduledMessage
from campaigns.schedule.caps import has_room, next_day_with_room, number_free_at
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage
from messaging.outgoing import gateway
from messaging.outgoing.dispatch import dispatch_all
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TWELVE_WEEKS = Line("week-12", day=84)


def test_classes_go_before_priorities_and_an_emergency_beside_everything(unit):
    publish([Line("offer", day=84)], code="offers", priority=1, message_class="promotional")
    publish([Line("visit", day=84)], code="visits", priority=90)
    publish([Line("water", day=84, at=time(7))], code="flood", message_class="emergency")
    people.lan(unit, NOON)
    assert schedule(NOON)["released"] == 2
    went = ScheduledMessage.objects.filter(state="released").values_list("campaign__code", flat=True)
    assert set(went) == {"visits", "flood"}


def test_an_emergency_counts_for_its_number(unit):
    """Two texts of others went in the last 24 hours: after the emergency of this pass there is no room for a third."""
    publish([Line("water", day=84, open_for=20)], code="flood", priority=0, message_class="emergency")
    publish([Line("week-12", day=84, open_for=20)], code="visits")
    phone = people.lan(unit, NOON).mother.phone
    for number in range(2):
        gateway.send(gateway.Text(to=phone, body=f"Tin {number}", key=f"reply:{number}"), NOON - 2 * HOUR)
    dispatch_all(NOON - 2 * HOUR)
    schedule(NOON)
    dispatch_all(NOON)
    assert OutboundMessage.objects.filter(sending_at__isnull=False).count() == 3
    assert ScheduledMessage.objects.get(step_key="week-12").reason == "number_cap"


def test_what_another_sends_in_the_same_breath_counts_for_the_number(unit):
    publish([Line("week-12", day=84, open_for=20)], code="visits")
    phone = people.lan(unit, NOON).mother.phone
    for number in range(2):
        gateway.send(gateway.Text(to=phone, body=f"Tin {number}", key=f"api:h:{number}"), NOON - 2 * HOUR)
    dispatch_all(NOON - 2 * HOUR)
    assert schedule(NOON)["released"] == 1, "two within a day: there is room for a third"
    gateway.send(gateway.Text(to=phone, body="Tin 3", key="api:h:3", priority=1), NOON)
    dispatch_all(NOON)
    gone = OutboundMessage.objects.filter(sending_at__isnull=False).values_list("key", flat=True)
    assert sorted(gone) == ["api:h:0", "api:h:1", "api:h:3"]
    assert ScheduledMessage.objects.get().reason == "number_cap"


def test_of_one_campaign_what_goes_first_but_not_before_a_campaign_that_does(unit):
    """Though its window closes last; the text of the other campaign has the longest window of all."""
    signs = Line("signs", day=84, open_for=20, goes_first=True)
    publish([Line("tests", day=84, open_for=9), signs], code="visits", priority=20)
    publish([Line("welcome", day=84, open_for=30)], code="welcome", priority=1)
    people.lan(unit, NOON)
    went = []
    for day in (0, 1, 7):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)
        went += ScheduledMessage.objects.filter(decided_at=NOON + day * DAY, state="released")
    assert [row.step_key for row in went] == ["welcome", "signs", "tests"]


def test_the_room_of_today_is_kept_for_what_goes_first_in_the_evening(unit):
    """It cannot wait as long; the same text without the mark would have to."""
    evening = Line("signs", day=84, open_for=3, at=time(17), goes_first=True)
    publish([Line("tests", day=84, open_for=9), evening], code="visits")
    people.lan(unit, NOON)
    schedule(NOON)
    assert ScheduledMessage.objects.get(step_key="tests").reason == "frequency_cap"
    schedule(NOON + 6 * HOUR)
    assert ScheduledMessage.objects.get(state="released").step_key == "signs"


def test_the_third_of_a_week_waits_for_the_day_with_room(unit):
    for number in range(3):
        publish([Line(f"week-12-{number}", day=84, open_for=20)], code=f"c{number}", priority=number)
    people.lan(unit, NOON)
    for day in range(8):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)
    days = sorted(sms.sending_at.date() - NOON.date() for sms in OutboundMessage.objects.all())
    assert [day.days for day in days] == [0, 1, 7]


def test_what_found_no_room_is_given_up_with_its_window_though_a_holiday_follows(unit):
    """The next day with room lies behind the holidays; the window does not, and the record says so on its day."""
    publish([TWELVE_WEEKS], code="a", priority=1)
    publish([Line("short", day=84, open_for=1)], code="b", priority=2)
    Holiday.objects.bulk_create(Holiday(day=NOON.date() + n * DAY, name="Tết") for n in range(1, 8))
    people.lan(unit, NOON)
    schedule(NOON)
    schedule(NOON + 2 * DAY)
    row = ScheduledMessage.objects.get(step_key="short")
    assert (row.state, row.reason) == ("skipped", "frequency_cap")


def test_what_was_handed_over_and_left_a_day_late_counts_when_it_leaves(unit):
    """No worker sends in the evening: tomorrow there is room for one, not for yesterday's and today's."""
    publish([TWELVE_WEEKS], code="a", priority=1)
    publish([Line("day-85", day=85)], code="b", priority=2)
    people.lan(unit, NOON)
    schedule(NOON)
    schedule(NOON + DAY)
    dispatch_all(NOON + DAY + HOUR)
    dispatch_all(NOON + DAY + 2 * HOUR)
    assert OutboundMessage.objects.filter(status__in=["sent", "delivered"]).count() == 1
    assert ScheduledMessage.objects.get(state="waiting").reason == "frequency_cap"


def test_the_last_check_asks_for_room_again(unit):
    publish([TWELVE_WEEKS], code="a", priority=1)
    publish([Line("day-85", day=85)], code="b", priority=2)
    people.lan(unit, NOON)
    schedule(NOON)
    first = OutboundMessage.objects.get()
    OutboundMessage.objects.update(status="canceled")
    schedule(NOON + DAY)
    OutboundMessage.objects.filter(pk=first.pk).update(status="queued")
    counts = dispatch_all(NOON + DAY)
    assert (counts["sent"], counts["canceled"]) == (1, 1)
    assert ScheduledMessage.objects.get(state="waiting").reason == "frequency_cap"


def test_four_women_on_one_number(unit):
    publish([TWELVE_WEEKS])
    for name in ("Nguyễn Thị Lan", "Nguyễn Thị Cúc", "Nguyễn Thị Mận", "Nguyễn Thị Đào"):
        people.lan(unit, NOON, name=name)
    schedule(NOON)
    dispatch_all(NOON)
    waiting = ScheduledMessage.objects.get(state="waiting")
    assert waiting.reason == "number_cap"
    assert schedule(NOON + 23 * HOUR)["released"] == 0
    assert schedule(NOON + 24 * HOUR + timedelta(minutes=1))["released"] == 1


DAYS = st.lists(st.dates(date(2026, 1, 1), date(2026, 2, 1)), max_size=6)


@given(DAYS, st.dates(date(2026, 1, 1), date(2026, 2, 1)))
def test_the_next_day_with_room_is_the_first(sent_on, day):
    found = next_day_with_room(day, sent_on)
    assert has_room(found, sent_on)
    assert not any(has_room(day + DAY * n, sent_on) for n in range(1, (found - day).days))


@given(st.lists(st.integers(0, 60 * 48), max_size=8), st.integers(0, 60 * 48))
def test_a_number_is_free_as_soon_as_fewer_than_three_lie_within_a_day(minutes, now):
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))
    sent = [start + timedelta(minutes=minute) for minute in minutes if minute <= now]
    moment = start + timedelta(minutes=now)
    free = number_free_at(moment, sent)
    assert len([each for each in sent if each > free - DAY]) < 3
    if free > moment:
        assert len([each for each in sent if each > free - timedelta(seconds=1) - DAY]) >= 3


def test_what_goes_first_is_asked_of_the_words_that_are_live_now(unit):
    """A row that was planned before the step was marked, and waited since, goes first from the next pass on."""
    tests, signs = Line("tests", day=84, open_for=9, at=time(15)), Line("signs", day=84, open_for=20, at=time(15))
    publish([tests, signs], code="visits")
    people.lan(unit, NOON)
    schedule(NOON)
    publish([tests, replace(signs, goes_first=True)], code="visits")
    release_due(NOON + 4 * HOUR)
    assert ScheduledMessage.objects.get(state="released").step_key == "signs"


def test_whose_turn_it_is_costs_no_question_for_each_row(unit):
    lines = [Line(f"line-{n}", day=84, open_for=20 + n, topic=f"t{n}", goes_first=n > 3) for n in range(8)]
    publish(lines, code="visits")
    for number, name in enumerate(("Nguyễn Thị Lan", "Nguyễn Thị Cúc", "Nguyễn Thị Mận")):
        people.lan(unit, NOON, name=name, phone=f"+8491234560{number}")
    with CaptureQueriesContext(connection) as asked:
        schedule(NOON)
    steps = [query["sql"] for query in asked if 'FROM "campaigns_step"' in query["sql"]]
    assert len(steps) < 8, "the live steps are in memory"
