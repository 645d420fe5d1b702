"""D12: after a recorded loss not one routine text leaves, to anyone, however far it had come."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Enrollment, ScheduledMessage
from campaigns.schedule import release
from campaigns.schedule.upcoming import coming
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from messaging.statuses import Status
from recipients import events, registry
from recipients.models import Child, Person, Pregnancy
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
LATER = NOON + timedelta(minutes=1)
STEPS = [Line("week-12", day=84), Line("week-12-husband", day=84, role="husband"), Line("week-14", day=98)]
LOSSES = ["miscarriage", "stillbirth", "termination"]


def lose(pregnancy: Pregnancy, kind: str, now: datetime) -> None:
    events.loss(pregnancy, kind=kind, on=now.date(), now=now, source="page")


@pytest.mark.parametrize("kind", ["miscarriage", "termination"])
def test_queued_texts_of_the_household_are_taken_back(unit, kind):
    publish(STEPS)
    pregnancy = people.lan(unit, NOON)
    people.chong_lan(pregnancy, NOON)
    assert schedule(NOON)["released"] == 2
    lose(pregnancy, kind, LATER)
    assert dispatch_all(LATER)["canceled"] == 2
    assert set(OutboundMessage.objects.values_list("status", "error_code")) == {(Status.CANCELED, "ended_loss")}
    assert set(ScheduledMessage.objects.values_list("state", "reason")) == {("skipped", "ended_loss")}
    for day in range(1, 60):
        assert schedule(NOON + timedelta(days=day))["released"] == 0


def test_her_page_announces_nothing_more_from_the_moment_of_the_loss(unit):
    publish(STEPS)
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    assert coming(pregnancy.mother, NOON)
    lose(pregnancy, "miscarriage", LATER)
    assert coming(pregnancy.mother, LATER) == []


def test_a_loss_written_by_sql_stops_them_too(unit):
    """No verb, no signal, no derived flag: the fact alone decides."""
    publish(STEPS)
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    Pregnancy.objects.filter(pk=pregnancy.pk).update(outcome="miscarriage", outcome_date=NOON.date())
    assert Enrollment.objects.filter(active=True).exists()
    dispatch_all(LATER)
    assert OutboundMessage.objects.get().status == Status.CANCELED


def test_a_text_that_waits_for_its_retry_is_stopped(unit):
    publish(STEPS)
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    OutboundMessage.objects.update(attempts=1, send_after=NOON + timedelta(hours=2), error_code="busy")
    lose(pregnancy, "miscarriage", LATER)
    dispatch_all(NOON + timedelta(hours=3))
    assert OutboundMessage.objects.get().status == Status.CANCELED


def test_what_is_due_is_not_released_after_the_loss(unit):
    publish(STEPS)
    pregnancy = people.lan(unit, NOON, weeks=11)
    schedule(NOON)
    lose(pregnancy, "miscarriage", LATER)
    for day in range(30):
        schedule(NOON + timedelta(days=day))
    assert not OutboundMessage.objects.exists()
    assert set(ScheduledMessage.objects.values_list("reason", flat=True)) <= {"ended_loss"}


def test_one_of_twins_dies_and_only_its_messages_end(unit):
    publish([Line("month-2", month=2)], code="child", anchor="birth")
    mother = people.somebody(unit, NOON, consent=True)
    born = NOON.date() - timedelta(days=60)
    first, second = (people.be_an(unit, NOON, mother=mother, days=60, child_name=name) for name in ("An", "Bình"))
    schedule(NOON)
    events.child_death(first, on=NOON.date(), now=LATER, source="page")
    schedule(NOON + timedelta(days=2))
    assert ScheduledMessage.objects.get(enrollment__child=first).reason == "ended_loss"
    assert ScheduledMessage.objects.get(enrollment__child=second).state == "released"
    assert born == second.date_of_birth


def test_the_living_twin_gets_the_words_that_the_other_ones_death_took_back(unit):
    publish([Line("month-2", month=2, open_for=20)], code="child", anchor="birth")
    mother = people.somebody(unit, NOON, consent=True)
    days = (NOON.date() - NOON.date().replace(month=9)).days
    first, second = (people.be_an(unit, NOON, mother=mother, days=days, child_name=name) for name in ("An", "Bình"))
    schedule(NOON)
    events.child_death(first, on=NOON.date(), now=LATER, source="page")
    dispatch_all(LATER)
    schedule(NOON + timedelta(days=1))
    assert ScheduledMessage.objects.get(enrollment__child=first).reason == "ended_loss"
    assert ScheduledMessage.objects.get(enrollment__child=second).state == "released"


def test_a_dead_mother_gets_nothing_and_nobody_is_told_of_her_pregnancy(unit):
    publish(STEPS)
    pregnancy = people.lan(unit, NOON)
    people.chong_lan(pregnancy, NOON)
    schedule(NOON)
    events.maternal_death(pregnancy.mother, on=NOON.date(), now=LATER, source="page")
    dispatch_all(LATER)
    assert set(OutboundMessage.objects.values_list("status", flat=True)) == {Status.CANCELED}
    assert set(ScheduledMessage.objects.values_list("reason", flat=True)) == {"ended_death"}


def test_a_birth_ends_the_weeks_of_pregnancy_and_begins_the_days_of_the_child(unit):
    publish([Line("week-39", day=273), Line("week-40", day=280)])
    publish([Line("day-1", day=1), Line("day-28", day=28)], code="child", anchor="birth")
    pregnancy = people.lan(unit, NOON, weeks=39)
    schedule(NOON)
    events.birth(pregnancy, born_on=NOON.date(), now=LATER, source="page")
    dispatch_all(LATER)
    schedule(NOON + timedelta(days=1))
    assert dict(ScheduledMessage.objects.values_list("step_key", "reason")) == {"week-39": "ended_birth", "day-1": ""}


def test_a_birth_reported_four_weeks_late_starts_in_the_fourth_week(unit):
    publish([Line("day-1", day=1, open_for=6), Line("day-28", day=28)], code="child", anchor="birth")
    pregnancy = people.lan(unit, NOON, weeks=43)
    events.birth(pregnancy, born_on=NOON.date() - timedelta(days=28), now=NOON, source="page")
    schedule(NOON)
    assert list(ScheduledMessage.objects.values_list("step_key", "state")) == [("day-28", "released")]


def test_a_loss_taken_back_lets_the_open_messages_go_on(unit):
    """What had ended and is still open waits again, and what fell due meanwhile is planned."""
    publish([Line("week-12", day=84, open_for=20), Line("week-13", day=91, open_for=20, topic="iron")])
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    lose(pregnancy, "miscarriage", LATER)
    dispatch_all(LATER)
    schedule(NOON + timedelta(days=8))
    assert list(ScheduledMessage.objects.values_list("step_key", "reason")) == [("week-12", "ended_loss")]
    Pregnancy.objects.update(outcome="", outcome_date=None)
    for day in (9, 10):
        schedule(NOON + timedelta(days=day))
        dispatch_all(NOON + timedelta(days=day))
    assert dict(ScheduledMessage.objects.values_list("step_key", "state")) == {
        "week-12": "released",
        "week-13": "released",
    }
    assert OutboundMessage.objects.filter(status=Status.SENT).count() == 2


def test_a_loss_taken_back_before_any_pass_saw_it_loses_no_text(unit):
    """Recorded for the wrong woman and undone within the minute: the last check has ended her text meanwhile."""
    publish(STEPS[:1])
    pregnancy = people.lan(unit, NOON)
    assert schedule(NOON)["released"] == 1
    events.loss(pregnancy, kind="miscarriage", on=NOON.date(), now=NOON, source="page")
    assert dispatch_all(NOON)["canceled"] == 1
    assert ScheduledMessage.objects.get().reason == "ended_loss"
    events.undo_loss(pregnancy, now=NOON + timedelta(seconds=20), source="page")
    assert schedule(NOON + timedelta(minutes=1))["released"] == 1
    assert dispatch_all(NOON + timedelta(minutes=1))["sent"] == 1


def test_past_the_due_date_by_three_weeks_everything_is_held(unit):
    publish([Line("week-40", day=280, open_for=60)])
    people.lan(unit, NOON, weeks=40, phone=None)
    schedule(NOON)
    Person.objects.update(phone="+84912345678")
    schedule(NOON + timedelta(days=21))
    assert ScheduledMessage.objects.get().reason == "hold"


def test_a_number_that_changed_after_the_release_is_not_called(unit):
    publish(STEPS)
    lan = people.lan(unit, NOON).mother
    schedule(NOON)
    registry.change_number(lan, "0987000999", now=LATER, source="page")
    dispatch_all(LATER)
    assert OutboundMessage.objects.get().status == Status.CANCELED
    schedule(LATER + timedelta(minutes=1))
    sms = OutboundMessage.objects.get(status=Status.QUEUED)
    assert (sms.to, sms.key) == ("+84987000999", ScheduledMessage.objects.get().key)


def test_the_night_falls_before_a_queued_text_leaves(unit):
    publish(STEPS)
    people.lan(unit, NOON)
    schedule(NOON.replace(hour=20, minute=29))
    dispatch_all(NOON.replace(hour=20, minute=31))
    row = ScheduledMessage.objects.get()
    assert (row.state, row.reason) == ("waiting", "quiet_hours")
    schedule(NOON + timedelta(days=1))
    assert OutboundMessage.objects.filter(status=Status.QUEUED).count() == 1


def test_foreign_keys_are_none_of_our_business(unit):
    assert release.still_wanted(["reply:1", "api.shop:7"], NOON) == {}
    assert release.still_wanted(["scheduled:999"], NOON) == {"scheduled:999": "taken_back"}


def test_nothing_congratulates_before_a_birth_is_recorded(unit):
    publish([Line("day-0", day=0)], code="child", anchor="birth")
    people.lan(unit, NOON, weeks=41)
    for day in range(20):
        schedule(NOON + timedelta(days=day))
    assert not Child.objects.exists()
    assert not ScheduledMessage.objects.exists()
