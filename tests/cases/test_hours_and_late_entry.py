"""Cases 5, 6, 7, 15 and 16: the hours of the day, late entry without a burst, an outage, a Sunday."""

from datetime import datetime, time, timedelta

import pytest
from django.conf import settings as deployed

from campaigns.models import ScheduledMessage
from campaigns.schedule.sendtime import minute_of
from campaigns.tick import tick
from messaging.models import OutboundMessage
from tests import people
from tests.cases.conftest import DAY, HOUR, MINUTE, NOON, VIETNAM, days, gone
from tests.timelines import Line, publish

SECOND = timedelta(seconds=1)


def on(day: datetime, hour: int, minute: int) -> datetime:
    return day.replace(hour=hour, minute=minute)


def own_minute(pregnancy) -> timedelta:
    return minute_of(pregnancy.mother.pk, deployed.SPREAD_MINUTES)


def test_case_05_at_half_past_six_nothing_leaves_and_nobody_asks_again_until_the_opening(unit):
    publish([Line("week-12", day=84, at=time(6, 0))])
    lan = people.lan(unit, NOON - DAY, lmp=NOON.date() - timedelta(days=84))
    tick(NOON - DAY)
    tick(on(NOON, 6, 30))
    row = ScheduledMessage.objects.get()
    asked, opening = row.decided_at, on(NOON, 7, 30) + own_minute(lan)
    assert (row.state, row.reason, row.not_before) == ("waiting", "quiet_hours", opening)
    for minute in range(31, 60, 7):
        tick(on(NOON, 6, minute))
    tick(opening - SECOND)
    row.refresh_from_db()
    assert row.decided_at == asked, "it was asked about again while nothing could have changed"
    tick(opening)
    assert gone() == ["Chi Lan oi, week-12."]


@pytest.mark.parametrize(
    ("hour", "minute", "leaves"),
    [(19, 59, False), (20, 0, True), (23, 59, True), (0, 0, True), (1, 59, True), (2, 0, False), (12, 0, False)],
)
def test_case_05_a_window_over_midnight_with_both_its_edges(unit, monkeypatch, hour, minute, leaves):
    hours = {each: (time(20), time(2)) for each in deployed.SEND_HOURS}
    monkeypatch.setattr("django.conf.settings.SEND_HOURS", hours)
    monkeypatch.setattr("django.conf.settings.SPREAD_MINUTES", 1)
    publish([Line("week-12", day=84, at=time(0, 0))])
    people.lan(unit, on(NOON, 13, 0) - DAY, lmp=NOON.date() - timedelta(days=84))
    tick(on(NOON, 13, 0) - DAY)
    tick(on(NOON, hour, minute))
    assert gone() == (["Chi Lan oi, week-12."] if leaves else [])


def test_case_06_registered_in_the_very_week_after_the_hour_she_gets_it_that_day(unit):
    """Twelve women side by side: on the first, the second and the last day of the week."""
    weeks = (12, 24, 32, 36)
    publish([Line(f"week-{week}", day=week * 7, open_for=13, at=time(8, 0)) for week in weeks])
    hers = {}
    for number, (week, day) in enumerate((week, day) for week in weeks for day in (0, 1, 6)):
        lmp = NOON.date() - timedelta(days=week * 7 + day)
        woman = people.lan(unit, NOON, lmp=lmp, phone=f"09123457{number:02}").mother
        hers[woman.phone] = f"Chi Lan oi, week-{week}."
    assert len(hers) == 12
    tick(NOON)
    tick(NOON + HOUR)
    assert {phone: gone(phone) for phone in hers} == {phone: [body] for phone, body in hers.items()}
    days(NOON + DAY, 8)
    assert len(gone()) == len(hers)


def test_case_06_registered_on_the_due_day_after_the_sending_hours_she_gets_it_next_morning(unit):
    publish([Line("week-12", day=84, open_for=6, catch_up="skip")])
    evening = on(NOON, 21, 0)
    people.lan(unit, evening, lmp=NOON.date() - timedelta(days=84))
    tick(evening)
    assert gone() == []
    tick(on(NOON + DAY, 9, 0))
    assert gone() == ["Chi Lan oi, week-12."]


def test_case_07_registered_at_week_33_she_is_welcomed_and_gets_what_is_current_without_a_burst(unit):
    publish([Line("welcome", open_for=14, catch_up="always", topic="welcome")], "welcome", "enrollment", priority=1)
    topics = ("anc", "iron", "food", "signs")
    steps = [
        Line(f"{topic}-{week}", day=week * 7, open_for=13, topic=topic) for topic in topics for week in range(12, 34, 2)
    ]
    publish(steps, priority=20)
    people.lan(unit, NOON, lmp=NOON.date() - timedelta(days=33 * 7 + 1))
    for number in range(16):
        tick(NOON + number * DAY + (number > 0) * HOUR)
    sent = list(OutboundMessage.objects.order_by("sending_at").values_list("sending_at", "body"))
    assert sent[0][1] == "Chi Lan oi, welcome."
    on_days = [moment.astimezone(VIETNAM).date() for moment, _body in sent]
    assert len(on_days) == len(set(on_days)), "two on one day"
    for day in on_days:
        assert sum(day <= each < day + timedelta(days=7) for each in on_days) <= 2, "more than two in a week"
    assert {body for _moment, body in sent[1:]} <= {f"Chi Lan oi, {topic}-32." for topic in topics}, "what has passed"
    assert {body for _moment, body in sent[1:]}, "nothing that is current"
    skipped = ScheduledMessage.objects.exclude(state="released")
    assert not skipped.filter(reason="").exists(), "each that did not go says why"


def test_case_15_after_an_outage_of_three_days_what_is_open_goes_once_and_the_rest_is_recorded(unit):
    steps = [
        Line(f"day-{day}", day=day, open_for=length, topic=f"t{day}")
        for day, length in [(84, 9), (85, 1), (86, 9), (87, 0), (88, 9)]
    ]
    publish(steps)
    people.lan(unit, NOON)
    tick(NOON)
    for number in range(4, 16, 2):
        tick(NOON + number * DAY + MINUTE)
    assert sorted(gone()) == [f"Chi Lan oi, day-{day}." for day in (84, 86, 88)]
    assert dict(ScheduledMessage.objects.values_list("step_key", "reason")) == {
        "day-84": "", "day-85": "late", "day-86": "", "day-87": "late", "day-88": "",
    }  # fmt: skip


def test_case_16_what_is_due_on_a_sunday_goes_on_the_sunday(unit):
    sunday = NOON + DAY
    assert sunday.weekday() == 6
    publish([Line("sunday", day=85, open_for=0)])
    people.lan(unit, NOON)
    tick(NOON)
    tick(sunday + MINUTE)
    tick(sunday + HOUR)
    assert gone() == ["Chi Lan oi, sunday."]
    assert OutboundMessage.objects.get().sending_at.astimezone(VIETNAM).date() == sunday.date()
