"""Cases 8 to 12: dated again, a birth told late, losses in any state and taken back, twins, the next pregnancy."""

from datetime import timedelta

import pytest

from campaigns.models import ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from campaigns.tick import tick
from messaging.models import OutboundMessage, Route
from messaging.outgoing.dispatch import dispatch_all
from recipients import events, registry
from recipients.events import Newborn
from tests import people
from tests.cases.conftest import DAY, HOUR, MINUTE, NOON, days, gone, place
from tests.fake_twilio import FakeTwilio, Fault
from tests.timelines import Line, publish

WEEKLY = [Line(f"week-{week}", day=week * 7, open_for=11) for week in range(12, 24)]


def lose(pregnancy, kind: str = "miscarriage", now=NOON) -> None:
    events.loss(pregnancy, kind=kind, on=NOON.date(), now=now, source="page")


@pytest.mark.parametrize("shift", [-21, 21])
def test_case_08_an_edd_moved_by_three_weeks_repeats_nothing_and_leaves_no_gap(unit, shift):
    publish(WEEKLY)
    pregnancy = people.lan(unit, NOON)
    for number in range(18):
        tick(NOON + number * DAY + number * MINUTE)
    assert gone() == ["Chi Lan oi, week-12.", "Chi Lan oi, week-13.", "Chi Lan oi, week-14."]
    corrected = pregnancy.anchor_date + timedelta(days=shift)
    told = NOON + 18 * DAY
    events.redate(pregnancy, edd=corrected + timedelta(days=280), dating="ultrasound", now=told, source="page")
    for number in range(18, 60 if shift > 0 else 33, 2):
        tick(NOON + number * DAY + number * MINUTE)
    # 18 days after the beginning of week 12 it was 14w4d; three weeks on, week 17 is the current one.
    through = 17 if shift > 0 else 19
    first = 15 if shift > 0 else 17
    assert gone()[3:] == [f"Chi Lan oi, week-{week}." for week in range(first, through + 1)]
    rows = ScheduledMessage.objects.filter(step_key__in=[f"week-{week}" for week in range(12, through + 1)])
    ended = {row.step_key: row.reason for row in rows if row.state != "released"}
    assert ended == ({} if shift > 0 else {"week-16": "superseded"}), "what did not go says why"
    on_their_day = rows.filter(state="released", step_key__gt="week-14")
    for row in on_their_day:
        assert row.due_on == corrected + timedelta(weeks=int(row.step_key[-2:]))


def test_case_09_a_birth_told_four_weeks_late_begins_with_week_4(unit):
    publish([Line(f"week-{week}", day=week * 7, open_for=6) for week in range(10)], code="child", anchor="birth")
    pregnancy = people.lan(unit, NOON, weeks=43)
    events.birth(pregnancy, born_on=NOON.date() - timedelta(weeks=4), now=NOON, source="page")
    for number in range(10):
        tick(NOON + number * DAY + number * MINUTE)
    assert gone() == ["Chi Lan oi, week-4.", "Chi Lan oi, week-5."]


@pytest.mark.parametrize("kind", ["miscarriage", "stillbirth", "termination"])
@pytest.mark.parametrize("state", ["not yet planned", "planned", "in the gateway"])
def test_case_10_after_a_loss_in_any_state_nothing_leaves_to_anybody(unit, kind, state):
    roles = ["mother", "husband", "village_worker", "station"]
    publish([Line(f"{role}-{day}", day=day, role=role) for role in roles for day in (84, 85, 86)])
    publish([Line("before", day=-2), Line("after", day=2)], code="visit", anchor="visit")
    pregnancy = people.lan(unit, NOON)
    people.chong_lan(pregnancy, NOON)
    people.y_te_thon(unit, NOON)
    people.may_tram(unit, NOON)
    events.plan_visit(type="anc2", on=NOON.date() + timedelta(days=2), now=NOON, source="page", pregnancy=pregnancy)
    if state != "not yet planned":
        derive(NOON)
        plan(NOON)
    if state == "in the gateway":
        release_due(NOON)
        assert OutboundMessage.objects.filter(status="queued").count() >= 4
    lose(pregnancy, kind)
    dispatch_all(NOON)
    for number in range(8):
        tick(NOON + number * DAY + HOUR)
    assert gone() == []
    assert not ScheduledMessage.objects.filter(state__in=["waiting", "released"]).exists()


def test_case_10_a_loss_stops_a_text_that_waits_for_another_attempt(transactional_db, settings, live_server):
    settings.LIVE_SENDING, settings.PUBLIC_URL = True, live_server.url
    publish([Line("week-12", day=84)])
    with FakeTwilio() as twilio:
        Route.objects.create(name="twilio", provider="twilio", sender="MAM", settings=twilio.settings(timeout=2))
        twilio.script([Fault("status", status=429, code=20429)])
        pregnancy = people.lan(place(), NOON)
        tick(NOON)
        assert (OutboundMessage.objects.get().status, twilio.requests) == ("queued", 1)
        lose(pregnancy, now=NOON + MINUTE)
        for minutes in (1, 5, 30, 120, 1440):
            tick(NOON + minutes * MINUTE)
        assert (twilio.requests, twilio.accepted) == (1, [])
    assert OutboundMessage.objects.get().status == "canceled"
    assert ScheduledMessage.objects.get().reason == "ended_loss"


def test_case_11_a_loss_undone_within_the_day_loses_nothing_and_repeats_nothing(unit):
    publish([Line("week-12", day=84), Line("day-85", day=85, topic="iron"), Line("day-88", day=88, topic="food")])
    pregnancy = people.lan(unit, NOON)
    tick(NOON)
    lose(pregnancy, now=NOON + HOUR)
    for hours in (1, 2, 22, 23):
        tick(NOON + hours * HOUR)
    assert gone() == ["Chi Lan oi, week-12."]
    events.undo_loss(pregnancy, now=NOON + 23 * HOUR, source="page")
    for number in range(1, 9):
        tick(NOON + number * DAY + HOUR)
    assert gone() == [f"Chi Lan oi, {key}." for key in ("week-12", "day-85", "day-88")]


def twins(unit) -> list:
    return events.birth(
        people.lan(unit, NOON, weeks=39), born_on=NOON.date(), now=NOON, source="page",
        children=[Newborn(name="An"), Newborn(name="Bình")],
    )  # fmt: skip


def test_case_12_the_words_about_twins_leave_once_and_go_on_when_one_dies(unit):
    publish([Line("day-0", topic="birth"), Line("day-3", day=3), Line("day-6", day=6)], code="child", anchor="birth")
    an, binh = twins(unit)
    tick(NOON)
    assert gone() == ["Chi Lan oi, day-0."]
    assert ScheduledMessage.objects.filter(state="released").count() == 2
    events.child_death(an, on=NOON.date(), now=NOON + HOUR, source="page")
    for number in range(1, 9):
        tick(NOON + number * DAY + HOUR)
    assert gone() == [f"Chi Lan oi, {key}." for key in ("day-0", "day-3", "day-6")]
    about_an = ScheduledMessage.objects.filter(enrollment__child=an).exclude(step_key="day-0")
    assert not about_an.exclude(state="skipped", reason="ended_loss").exists()
    assert ScheduledMessage.objects.filter(enrollment__child=binh, state="released").count() == 3


@pytest.mark.parametrize("which", [0, 1])
def test_case_12_when_the_twin_whose_row_carried_the_text_dies_the_others_still_leaves(unit, which):
    publish([Line("day-0", topic="birth")], code="child", anchor="birth")
    children = twins(unit)
    derive(NOON)
    plan(NOON)
    release_due(NOON)
    events.child_death(children[which], on=NOON.date(), now=NOON, source="page")
    dispatch_all(NOON)
    for minutes in (1, 60, 120):
        tick(NOON + minutes * MINUTE)
    assert gone() == ["Chi Lan oi, day-0."]
    rows = {row.enrollment.child_id: (str(row.state), row.reason) for row in ScheduledMessage.objects.all()}
    assert rows[children[which].pk] == ("skipped", "ended_loss")
    assert rows[children[1 - which].pk] == ("released", "")


def test_case_12_a_new_pregnancy_and_the_texts_about_the_child_run_side_by_side(unit):
    publish([Line("month-14", month=14), Line("day-430", day=432)], code="child", anchor="birth", priority=30)
    publish([Line("week-12", day=84), Line("day-88", day=88)])
    pregnancy = people.lan(unit, NOON)
    born = NOON.date().replace(year=2025, month=9)
    child = registry.register_child(mother=pregnancy.mother, date_of_birth=born, now=NOON, source="page")
    assert child.pregnancy_id is None
    for number in range(16):
        tick(NOON + number * DAY + number * MINUTE)
    assert sorted(gone()) == [f"Chi Lan oi, {key}." for key in ("day-430", "day-88", "month-14", "week-12")]
    lose(pregnancy, now=NOON + 16 * DAY)
    assert ScheduledMessage.objects.filter(enrollment__child=child, state="released").count() == 2
    days(NOON + 17 * DAY, 1)
    assert child.enrollments.get().active, "the loss is not about the child"
