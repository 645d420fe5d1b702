"""A visit's planned day: reminded before, asked about after, moved with it, silent once it took place."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Enrollment, ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from recipients import events, workers
from recipients.details import update_details
from recipients.models import Visit
from tests import people
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TODAY = NOON.date()
BEFORE = Line("before", day=-2, open_for=2, group="missed")
MISSED = Line("missed", day=3, open_for=7, group="missed")
WORKER = Line("worker", day=7, open_for=7, role="village_worker", group="missed")
STATION = Line("station", day=14, open_for=7, role="station", group="missed")


def passes(*days: int) -> None:
    for day in days:
        derive(NOON + timedelta(days=day))
        plan(NOON + timedelta(days=day))


def ledger() -> dict[tuple[str, int], tuple[int, str]]:
    """Step and occurrence -> days from today, and the state or the reason."""
    rows = ScheduledMessage.objects.order_by("pk")
    return {(r.step_key, r.occurrence): ((r.due_on - TODAY).days, r.reason or str(r.state)) for r in rows}


@pytest.fixture
def visit(unit) -> Visit:
    publish([BEFORE, MISSED, WORKER, STATION], code="visits", anchor="visit")
    people.y_te_thon(unit, NOON)
    people.may_tram(unit, NOON)
    return _plan(people.lan(unit, NOON), 10)


def _plan(pregnancy, day: int, type_: str = "anc2") -> Visit:
    on = TODAY + timedelta(days=day)
    return events.plan_visit(type=type_, on=on, now=NOON, source="page", pregnancy=pregnancy)


def _move(visit: Visit, day: int, now: datetime = NOON) -> None:
    events.reschedule_visit(visit, on=TODAY + timedelta(days=day), now=now, source="page")


def test_a_missed_visit_goes_from_the_mother_to_the_village_to_the_station(visit):
    passes(*range(30))
    assert ledger() == {
        ("before", 0): (8, "waiting"),
        ("missed", 0): (13, "waiting"),
        ("worker", 0): (17, "waiting"),
        ("station", 0): (24, "waiting"),
    }
    assert set(Enrollment.objects.values_list("role", flat=True)) == {"mother", "village_worker", "station"}


def test_the_visit_that_took_place_ends_what_was_to_come_of_it_only(visit):
    other = _plan(visit.pregnancy, 40, "anc3")
    passes(0)
    on = TODAY + timedelta(days=9)
    events.attend_visit(pregnancy=visit.pregnancy, type="anc2", on=on, now=NOON + timedelta(days=9), source="page")
    passes(9)
    ends = dict(Enrollment.objects.filter(role="mother").values_list("visit", "ended_reason"))
    assert ends == {visit.pk: "visit_done", other.pk: ""}


def test_recorded_by_mistake_the_reminder_that_is_still_open_waits_again(visit):
    passes(0, 8)
    done = NOON + timedelta(days=8)
    attended = events.attend_visit(pregnancy=visit.pregnancy, type="anc2", on=done.date(), now=done, source="page")
    derive(done)
    ScheduledMessage.objects.update(state="skipped", reason="visit_done")
    events.unattend_visit(attended, now=done, source="page")
    passes(8)
    assert ledger() == {("before", 0): (8, "waiting")}


def test_canceled_nothing_more_is_said_about_it(visit):
    passes(0)
    events.cancel_visit(visit, now=NOON, source="page")
    passes(0, 8, 20)
    assert set(Enrollment.objects.values_list("ended_reason", flat=True)) == {"ended_visit"}
    assert ledger() == {}


def test_another_day_is_another_occasion(visit):
    passes(0, 8)
    _move(visit, 20, NOON + timedelta(days=8))
    passes(8, 18)
    assert ledger() == {("before", 0): (8, "rescheduled"), ("before", 1): (18, "waiting")}


def test_moved_away_and_back_it_is_reminded_of_once_more(visit):
    """The date is the same as before, the agreement is not."""
    passes(0, 8)
    _move(visit, 20)
    _move(visit, 10)
    passes(8)
    assert ledger() == {("before", 0): (8, "rescheduled"), ("before", 2): (8, "waiting")}


def test_planned_for_tomorrow_the_reminder_of_the_day_before_yesterday_is_sent_late(unit):
    publish([BEFORE], code="visits", anchor="visit")
    _plan(people.lan(unit, NOON), 1)
    passes(0)
    assert ledger() == {("before", 0): (-1, "waiting")}


def test_a_step_may_be_for_visits_of_one_type(unit):
    publish([Line("tetanus", day=-1, visit="anc3"), Line("all", day=-1, topic="all")], code="visits", anchor="visit")
    lan = people.lan(unit, NOON)
    _plan(lan, 2, "anc2")
    _plan(lan, 4, "anc3")
    passes(0, 1, 2, 3)
    rows = ScheduledMessage.objects.values_list("step_key", "enrollment__visit__type")
    assert sorted(rows) == [("all", "anc2"), ("all", "anc3"), ("tetanus", "anc3")]


def test_a_birth_ends_the_antenatal_visits_and_not_the_postnatal_one(unit):
    publish([BEFORE], code="visits", anchor="visit")
    lan = people.lan(unit, NOON, weeks=39)
    antenatal, postnatal = _plan(lan, 10, "anc4"), _plan(lan, 12, "postnatal")
    passes(0)
    events.birth(lan, born_on=TODAY, now=NOON, source="page")
    passes(0)
    ends = dict(Enrollment.objects.filter(visit__isnull=False).values_list("visit", "ended_reason"))
    assert ends == {antenatal.pk: "ended_birth", postnatal.pk: ""}


def test_after_a_loss_no_visit_is_spoken_of(visit):
    passes(0)
    events.loss(visit.pregnancy, kind="miscarriage", on=TODAY, now=NOON, source="page")
    passes(0)
    assert set(Enrollment.objects.values_list("ended_reason", flat=True)) == {"ended_loss"}


def test_a_worker_hears_of_her_village_whatever_its_capital_letters(unit):
    publish([WORKER], code="visits", anchor="visit")
    people.y_te_thon(unit, NOON, village="ấp bình an (2)")
    here = people.lan(unit, NOON, village="Ấp Bình An (2)")
    there = people.mai(unit, NOON, village="Ấp Bình Lợi")
    _plan(here, 5)
    _plan(there, 5, "anc3")
    passes(0)
    assert list(Enrollment.objects.values_list("visit__pregnancy", flat=True)) == [here.pk]
    update_details(here.mother, changes={"village": "Ấp Bình Lợi"}, now=NOON, source="page")
    passes(0)
    assert Enrollment.objects.get(visit__pregnancy=here).ended_reason == "ended_care"


def test_she_moves_and_the_worker_of_her_new_commune_takes_over(unit):
    publish([WORKER], code="visits", anchor="visit")
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    old = people.y_te_thon(unit, NOON)
    new = people.y_te_thon(elsewhere, NOON, name="Cao Thị Bích", phone="0918206474")
    lan = people.lan(unit, NOON)
    _plan(lan, 5)
    passes(0)
    events.move(lan.mother, unit=elsewhere, now=NOON, source="page")
    passes(0)
    ends = dict(Enrollment.objects.values_list("person", "ended_reason"))
    assert ends == {old.person_id: "ended_care", new.person_id: ""}


def test_a_worker_who_leaves_hears_no_more(unit):
    publish([WORKER], code="visits", anchor="visit")
    worker = people.y_te_thon(unit, NOON)
    _plan(people.lan(unit, NOON), 5)
    passes(0)
    workers.dismiss(worker, now=NOON, source="page")
    passes(0)
    assert Enrollment.objects.get().ended_reason == "ended_care"
