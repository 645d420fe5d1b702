"""DA KHAM and DA TIEM: the planned visit, the one of her weeks, or a person."""

from datetime import date, timedelta

import pytest

from recipients import events
from recipients.models import Visit
from tests import people
from tests.replies.conftest import NOON, answers, writes

TODAY = NOON.date()


def seen() -> list[tuple[str, date | None, date | None]]:
    return list(Visit.objects.order_by("pk").values_list("type", "planned_date", "attended_date"))


@pytest.mark.parametrize(("weeks", "type_"), [(12, "anc1"), (20, "anc2"), (30, "anc3")])
def test_without_a_plan_it_is_the_visit_of_her_weeks(unit, weeks, type_):
    lan = people.lan(unit, NOON, weeks=weeks)
    assert not writes(lan.mother, "Đã khám thai").for_staff
    assert seen() == [(type_, None, TODAY)]
    assert answers() == ["Da ghi nhan ngay 21/11/2026. Cam on da bao tin."]


def test_the_planned_visit_is_marked_and_told_again_changes_nothing(unit):
    lan = people.lan(unit, NOON, weeks=30)
    events.plan_visit(type="anc4", on=TODAY + timedelta(days=3), now=NOON, source="page", pregnancy=lan)
    for _twice in range(2):
        writes(lan.mother, "DA KHAM 20/11")
    assert seen() == [("anc4", TODAY + timedelta(days=3), date(2026, 11, 20))]


def test_the_next_of_the_third_period_and_then_a_further_one(unit):
    lan = people.lan(unit, NOON, weeks=36)
    for day in ("01/11", "10/11", "20/11"):
        writes(lan.mother, f"DA KHAM {day}")
    assert [type_ for type_, _planned, _on in seen()] == ["anc3", "anc4", "anc_more"]


def test_an_injection_is_the_only_childs(unit):
    an = people.be_an(unit, NOON)
    assert not writes(an.mother, "Bé đã tiêm hôm qua").for_staff
    assert seen() == [("immunisation", None, date(2026, 11, 20))]


@pytest.mark.parametrize("body", ["DA TIEM", "DA KHAM 25/11/2026", "DA KHAM 01/02/2026", "DA KHAM 310226"])
def test_what_is_not_sure_is_for_a_person(unit, body):
    lan = people.lan(unit, NOON, weeks=30)
    assert writes(lan.mother, body).for_staff
    assert seen() == []


def test_of_twins_a_person_asks_which(unit):
    an = people.be_an(unit, NOON)
    people.be_an(unit, NOON, mother=an.mother, child_name="Bình")
    assert writes(an.mother, "DA TIEM").for_staff
    assert seen() == []


def test_of_a_pregnancy_and_a_child_only_a_plan_tells_which(unit):
    lan = people.lan(unit, NOON, weeks=30)
    an = people.be_an(unit, NOON, days=800, mother=lan.mother)
    assert writes(lan.mother, "DA KHAM").for_staff
    events.plan_visit(type="growth", on=TODAY, now=NOON, source="page", child=an)
    assert not writes(lan.mother, "DA KHAM", NOON + timedelta(minutes=1)).for_staff
    assert seen() == [("growth", TODAY, TODAY)]
