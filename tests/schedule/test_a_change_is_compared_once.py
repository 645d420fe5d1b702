"""In between the full comparisons each change of the register is looked at once: late commits too, quiet passes not."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Enrollment, PlannerState
from campaigns.schedule import changes
from campaigns.schedule.enrollment import derive
from campaigns.schedule.live import live_campaigns
from campaigns.schedule.planner import plan
from recipients import details
from recipients.models import ChangeEvent, Facility, Pregnancy
from tests import people
from tests.timelines import Line, publish

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
LATER = NOON + timedelta(minutes=5)
NUMBERS = st.sets(st.integers(1, 60))


def touched() -> set[int] | None:
    people_now = changes.begin(live_campaigns(), NOON.date()).people
    return None if people_now is None else set(people_now)


@pytest.fixture
def pregnancy(unit) -> Pregnancy:
    publish([Line("week-12", day=84)])
    pregnancy = people.lan(unit, NOON)
    derive(NOON)
    return pregnancy


def test_everybody_on_the_first_pass_of_a_day_and_nobody_on_a_quiet_one(pregnancy):
    assert touched() == set()
    assert changes.begin(live_campaigns(), NOON.date() + timedelta(days=1)).people is None


def test_whoever_was_touched_is_compared_on_the_next_pass_and_not_again(pregnancy):
    details.change_number(pregnancy.mother, "+84987654321", now=LATER, source="page")
    assert touched() == {pregnancy.mother_id}
    derive(LATER)
    assert touched() == set()


def test_a_quiet_pass_asks_the_database_next_to_nothing(pregnancy, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        derive(LATER)


def test_a_change_that_is_committed_after_a_later_one_is_seen_when_it_comes(pregnancy, unit):
    """Its number was given before; the pass in between saw only the later one."""
    number = ChangeEvent.objects.latest("id").pk
    mai, hoa = people.mai(unit, LATER).mother_id, people.hoa(unit, LATER).mother_id
    ChangeEvent.objects.all()._raw_delete("default")
    Enrollment.objects.filter(person__in=[mai, hoa]).delete()
    _written(number + 900, hoa)
    derive(LATER)
    assert Enrollment.objects.filter(person=hoa).exists()
    assert not Enrollment.objects.filter(person=mai).exists()
    _written(number + 5, mai)
    assert touched() == {mai}
    derive(LATER)
    assert Enrollment.objects.filter(person=mai).exists()
    assert touched() == set()


def test_what_was_never_committed_is_forgotten_after_a_day(pregnancy, unit):
    number = ChangeEvent.objects.latest("id").pk
    _written(number + 10, pregnancy.mother_id)
    derive(LATER)
    assert PlannerState.objects.get().uncompared[-1] == [number + 1, number + 9]
    for day in (1, 2):
        derive(NOON + timedelta(days=day))
    assert PlannerState.objects.get().uncompared == []


def test_a_change_of_who_cares_or_works_leads_to_the_mothers(unit):
    mother, child = people.lan(unit, NOON).mother, people.be_an(unit, NOON)
    grandmother, worker = people.ba_sau(child, NOON).person, people.y_te_thon(unit, NOON).person
    assert changes.mothers_of([grandmother.pk]) == {grandmother.pk, child.mother_id}
    assert changes.mothers_of([worker.pk]) >= {worker.pk, mother.pk, child.mother_id}
    assert changes.mothers_of([mother.pk]) == {mother.pk}


def test_more_people_than_one_statement_takes_are_all_compared(pregnancy, unit, monkeypatch):
    monkeypatch.setattr("campaigns.schedule.enrollment.TOGETHER", 2)
    for number in range(5):
        people.lan(unit, LATER, name=f"Bà {number}", phone=None)
    assert derive(LATER).enrolled == 5


def test_another_station_lays_the_sessions_of_her_children_anew(unit):
    publish([Line("growth", service="growth", age_from=(2, 0))], code="days", anchor="session")
    child = people.be_an(unit, NOON, days=60)
    derive(NOON)
    plan(NOON)
    details.update_details(child.mother, changes={"facility": Facility.objects.get()}, now=LATER, source="page")
    derive(LATER)
    assert not Enrollment.objects.get().laid


@given(runs=NUMBERS, seen=NUMBERS)
def test_what_is_left_of_the_gaps_is_what_nobody_saw(runs, seen):
    left = changes.unseen(_runs(runs), sorted(seen))
    assert {number for first, last in left for number in range(first, last + 1)} == runs - seen
    assert left == sorted(left)


def _runs(numbers: set[int]) -> list[tuple[int, int]]:
    firsts = sorted(number for number in numbers if number - 1 not in numbers)
    lasts = sorted(number for number in numbers if number + 1 not in numbers)
    return list(zip(firsts, lasts, strict=True))


def _written(number: int, person: int) -> None:
    ChangeEvent.objects.bulk_create([ChangeEvent(pk=number, person_id=person, what="details", source="page", at=LATER)])
