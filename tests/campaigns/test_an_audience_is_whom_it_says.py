"""The structured filter of a broadcast finds exactly the people that its words say."""

from datetime import date, datetime, timedelta

import pytest

from campaigns.schedule import audience
from recipients import events
from recipients.gestation import add_months, age_in_months
from recipients.models import Child, Person
from recipients.registry import register_child
from tests import people

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


@pytest.fixture
def unit():
    return people.commune()


def names(who: dict, on: date = TODAY) -> list[str]:
    found = audience.receivers(audience.validate(who), on)
    return sorted(name.split()[-1] for name in found.values_list("name", flat=True))


def test_weeks_are_completed_weeks_on_that_day(unit, now: datetime) -> None:
    people.lan(unit, now, weeks=12)
    people.mai(unit, now, weeks=30)
    assert names({"who": "pregnant"}) == ["Lan", "Mai"]
    assert names({"who": "pregnant", "weeks": [12, 12]}) == ["Lan"]
    assert names({"who": "pregnant", "weeks": [12, 12]}, TODAY + timedelta(days=6)) == ["Lan"]
    assert names({"who": "pregnant", "weeks": [12, 12]}, TODAY + timedelta(days=7)) == []
    assert names({"who": "pregnant", "weeks": [13, 42]}) == ["Mai"]


@pytest.mark.parametrize("on", [date(2026, 2, 28), date(2028, 2, 29), date(2026, 3, 31), date(2026, 11, 30), TODAY])
def test_months_are_the_completed_months_of_every_child(unit, now: datetime, on: date) -> None:
    mother = people.somebody(unit, now)
    days = [on - timedelta(days=back) for back in range(0, 130)]
    Child.objects.bulk_create(Child(mother=mother, date_of_birth=day, registered_at=now) for day in days)
    for months in range(4):
        found = audience.people({"who": "children", "months": [months, months]}, on)
        wanted = [day for day in days if age_in_months(day, on) == months]
        assert sorted(child.date_of_birth for child in found) == sorted(wanted)


def test_a_mother_of_two_counts_once_and_five_year_olds_not(unit, now: datetime) -> None:
    child = people.be_an(unit, now)
    register_child(mother=child.mother, date_of_birth=add_months(TODAY, -30), now=now, source="page")
    people.lan(unit, now)
    assert names({"who": "children"}) == ["Yến"]
    assert audience.people({"who": "children"}, TODAY).count() == 2
    assert names({"who": "children"}, add_months(TODAY, 59)) == []


def test_units_mean_everything_below_and_a_lost_code_means_nobody(unit, now: datetime) -> None:
    people.lan(unit, now)
    people.mai(people.commune(people.LONG_CHAU, "Phường Long Châu"), now)
    assert names({"who": "pregnant", "units": ["86"]}) == ["Lan", "Mai"]
    assert names({"who": "pregnant", "units": [unit.code]}) == ["Lan"]
    assert not audience.people({"who": "pregnant", "units": ["99999"]}, TODAY).exists()


def test_language_occupation_and_tags(unit, now: datetime) -> None:
    lan, sokha = people.lan(unit, now).mother, people.sokha(unit, now).mother
    Person.objects.filter(pk=lan.pk).update(occupation="Công nhân", programme_tags=["khu công nghiệp", "sữa"])
    Person.objects.filter(pk=sokha.pk).update(programme_tags=["khu"])
    assert names({"who": "pregnant", "languages": ["km"]}) == ["Kha"]
    assert names({"who": "pregnant", "occupation": "công nhân"}) == ["Lan"]
    assert names({"who": "everybody", "tags": ["khu công nghiệp"]}) == ["Lan"]
    assert names({"who": "pregnant", "tags": ["khu", "sữa"]}) == ["Kha", "Lan"]
    assert names({"who": "pregnant", "tags": ["công"]}) == []


def test_the_lost_and_the_dead_are_in_no_audience(unit, now: datetime) -> None:
    lan, yen = people.lan(unit, now), people.be_an(unit, now)
    husband = people.chong_lan(lan, now).person
    trang = people.somebody(unit, now)
    assert names({"who": "everybody"}) == ["Lan", "Nam", "Trang", "Yến"]
    events.loss(lan, kind="miscarriage", on=TODAY, now=now, source="page")
    events.child_death(yen, on=TODAY, now=now, source="page")
    assert names({"who": "pregnant"}) == names({"who": "children"}) == []
    assert names({"who": "everybody"}) == ["Trang"]
    events.maternal_death(trang, on=TODAY, now=now, source="page")
    assert names({"who": "everybody"}) == []
    assert husband.died_on is None


def test_who_has_another_child_is_still_everybody(unit, now: datetime) -> None:
    lan = people.lan(unit, now)
    register_child(mother=lan.mother, date_of_birth=add_months(TODAY, -30), now=now, source="page")
    events.loss(lan, kind="miscarriage", on=TODAY, now=now, source="page")
    assert names({"who": "everybody"}) == ["Lan"]
