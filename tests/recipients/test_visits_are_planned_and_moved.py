"""A visit is planned once, put off, canceled, attended, and taken back when it was recorded by mistake."""

from datetime import timedelta

import pytest

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import ChangeEvent, Visit
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def unit():
    return people.commune()


@pytest.fixture
def lan(unit, now):
    return people.lan(unit, now, weeks=20)


def code(verb, *args, **facts) -> str:
    before = ChangeEvent.objects.count()
    with pytest.raises(Refusal) as refusal:
        verb(*args, **facts)
    assert refusal.value.sentence.endswith(".")
    assert ChangeEvent.objects.count() == before
    return refusal.value.code


def days(now, count):
    return local_day(now) + timedelta(days=count)


def test_a_type_is_planned_once_and_another_day_counts_as_put_off(lan, unit, now, told):
    first = events.plan_visit(
        pregnancy=lan, type="anc2", on=days(now, 7), facility=people.station(unit), **told
    )  # fmt: skip
    again = events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 7), **told)
    assert (again, again.rescheduled, ChangeEvent.objects.filter(what="planned").count()) == (first, 0, 1)
    later = events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 9), **told)
    assert (later, later.planned_date, later.rescheduled) == (first, days(now, 9), 1)
    assert later.facility == people.station(unit)
    events.plan_visit(pregnancy=lan, type="anc3", on=days(now, 30), **told)
    assert Visit.objects.count() == 2


def test_putting_off_keeps_both_days_and_the_same_day_writes_nothing(lan, now, told):
    visit = events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 7), **told)
    events.reschedule_visit(visit, on=days(now, 10), **told)
    events.reschedule_visit(visit, on=days(now, 10), **told)
    event = ChangeEvent.objects.filter(what="planned").first()
    assert (event.old["planned_date"], event.new["planned_date"], event.new["rescheduled"]) == (
        days(now, 7).isoformat(), days(now, 10).isoformat(), 1,
    )  # fmt: skip
    assert (event.pregnancy, event.person) == (lan, lan.mother)
    assert Visit.objects.get().rescheduled == 1


def test_a_day_lies_from_today_to_a_year_ahead(lan, now, told):
    visit = events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 0), **told)
    for verb, facts in ((events.plan_visit, {"pregnancy": lan, "type": "anc3"}), (events.reschedule_visit, {})):
        args = [] if facts else [visit]
        assert code(verb, *args, on=days(now, -1), **facts, **told) == "in_the_past"
        assert code(verb, *args, on=days(now, 367), **facts, **told) == "date_out_of_range"


def test_a_visit_belongs_to_one_that_is_followed(lan, unit, now, told):
    an = people.be_an(unit, now)
    plan = {"on": days(now, 3), **told}
    assert code(events.plan_visit, type="anc1", **plan) == "invalid"
    assert code(events.plan_visit, type="tea", pregnancy=lan, **plan) == "invalid"
    assert code(events.plan_visit, type="growth", pregnancy=lan, child=an, **plan) == "invalid"
    events.child_death(an, on=local_day(now), **told)
    assert code(events.plan_visit, type="growth", child=an, **plan) == "died"
    events.loss(lan, kind="miscarriage", on=local_day(now), **told)
    assert code(events.plan_visit, type="anc3", pregnancy=lan, **plan) == "outcome_recorded"
    assert events.plan_visit(type="postnatal", pregnancy=lan, **plan).planned_date == days(now, 3)


def test_a_canceled_visit_stays_canceled_and_a_new_one_may_be_planned(lan, now, told):
    visit = events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 7), **told)
    for _time in range(2):
        events.cancel_visit(visit, **told)
    assert ChangeEvent.objects.filter(what="canceled").count() == 1
    assert code(events.reschedule_visit, visit, on=days(now, 8), **told) == "visit_canceled"
    other = events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 8), **told)
    assert events.attend_visit(pregnancy=lan, type="anc2", on=local_day(now), **told) == other
    visit.refresh_from_db()
    assert (visit.canceled_on, visit.attended_date) == (local_day(now), None)


def test_an_attended_visit_is_neither_put_off_nor_canceled(lan, now, told):
    visit = events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 7), **told)
    events.attend_visit(pregnancy=lan, type="anc2", on=local_day(now), **told)
    assert code(events.reschedule_visit, visit, on=days(now, 8), **told) == "visit_done"
    assert code(events.cancel_visit, visit, **told) == "visit_done"


def test_an_immunisation_told_late_leaves_the_next_one_open(unit, now, told):
    an = people.be_an(unit, now, days=100)
    planned = events.plan_visit(child=an, type="immunisation", on=days(now, 5), **told)
    late = events.attend_visit(child=an, type="immunisation", on=days(now, -23), **told)
    planned.refresh_from_db()
    assert (late != planned, planned.attended_date) == (True, None)
    assert events.attend_visit(child=an, type="immunisation", on=days(now, -22), **told) == planned


def test_a_visit_recorded_by_mistake_is_open_again_or_goes(lan, now, told):
    planned = events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 7), **told)
    assert code(events.unattend_visit, planned, **told) == "visit_open"
    events.attend_visit(pregnancy=lan, type="anc2", on=local_day(now), **told)
    added = events.attend_visit(pregnancy=lan, type="anc1", on=local_day(now), **told)
    assert events.unattend_visit(planned, **told).attended_date is None
    assert events.unattend_visit(added, **told) is None
    assert list(Visit.objects.values_list("pk", "attended_date")) == [(planned.pk, None)]
    assert ChangeEvent.objects.filter(what="undone", old__has_key="attended_date").count() == 2


def test_no_type_is_open_twice_after_a_mistake(lan, now, told):
    first = events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 7), **told)
    events.attend_visit(pregnancy=lan, type="anc2", on=local_day(now), **told)
    events.plan_visit(pregnancy=lan, type="anc2", on=days(now, 20), **told)
    assert code(events.unattend_visit, first, **told) == "overlaps"
