"""Registering by verb: a pregnancy, a child already born, a caregiver, and changes of what is on record."""

from datetime import date, timedelta

import pytest

from recipients import consent
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import Caregiver, ChangeEvent, Child, Person, Pregnancy
from recipients.registry import change_number, move, register_child, register_pregnancy, update_details
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def unit():
    return people.commune()


def refusal(verb, **facts) -> Refusal:
    before = (Person.objects.count(), ChangeEvent.objects.count())
    with pytest.raises(Refusal) as raised:
        verb(**facts)
    assert raised.value.sentence.endswith(".")
    assert (Person.objects.count(), ChangeEvent.objects.count()) == before
    return raised.value


def test_a_pregnancy_with_all_that_is_known(unit, told):
    pregnancy = register_pregnancy(
        name="  Nguyễn   Thị Lan ", unit=unit, phone="01665291703", lmp=date(2026, 9, 1), consent=True, gravida=2,
        village="Ấp 3", language="km", **told,
    )  # fmt: skip
    mother = pregnancy.mother
    assert (mother.name, mother.search_name, mother.phone) == ("Nguyễn Thị Lan", "nguyen thi lan", "+84365291703")
    assert (pregnancy.anchor_date, pregnancy.dating, pregnancy.gravida) == (date(2026, 9, 1), "lmp", 2)
    assert consent.state_of([mother.pk]) == {mother.pk: "given"}
    event = ChangeEvent.objects.get()
    assert (event.what, event.pregnancy, event.new["unit"]) == ("registered", pregnancy, unit.code)


def test_a_landline_is_a_contact_and_silence_is_not_consent(unit, told):
    mother = register_pregnancy(name="Lan", unit=unit, phone="02703 826 050", lmp=date(2026, 9, 1), **told).mother
    assert (mother.phone, mother.contact_phone) == (None, "+842703826050")
    assert consent.state_of([mother.pk]) == {mother.pk: ""}


def test_the_due_date_goes_before_the_period_and_the_period_before_the_visit(unit, told):
    facts = {"unit": unit, **told}
    edd, lmp, visit = date(2027, 6, 1), date(2026, 9, 1), (8, 3, date(2026, 11, 1))
    every = register_pregnancy(name="Một", edd=edd, lmp=lmp, visit=visit, **facts)
    assert (every.anchor_date, every.dating) == (edd - timedelta(days=280), "ultrasound")
    assert register_pregnancy(name="Hai", lmp=lmp, visit=visit, **facts).anchor_date == lmp
    last = register_pregnancy(name="Ba", visit=visit, **facts)
    assert (last.anchor_date, last.dating) == (date(2026, 11, 1) - timedelta(days=59), "estimated")
    counted = register_pregnancy(name="Bốn", lmp=lmp, edd=lmp + timedelta(days=280), **facts)
    assert counted.dating == "lmp"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": " 12 "}, "name_missing", "name"),
        ({"unit": None}, "unit_unknown", "unit"),
        ({"phone": "0912"}, "phone_too_short", "phone"),
        ({"lmp": None}, "no_anchor_date", "lmp"),
        ({"lmp": date(2026, 11, 22)}, "date_out_of_range", "lmp"),
        ({"lmp": date(2026, 1, 23)}, "date_out_of_range", "lmp"),
        ({"lmp": None, "visit": (10, 0, date(2026, 11, 22))}, "date_out_of_range", "visit_date"),
        ({"year_of_birth": 2024}, "year_of_birth", "year_of_birth"),
        ({"language": "vietnamese"}, "invalid", "language"),
        ({"gravida": -1}, "invalid", "gravida"),
    ],
)
def test_what_cannot_be_is_refused_in_words(unit, told, changes, code, field):
    facts = {"name": "Lan", "unit": unit, "lmp": date(2026, 9, 1), **told} | changes
    refused = refusal(register_pregnancy, **facts)
    assert (refused.code, refused.field) == (code, field)


def test_the_anchor_may_be_301_days_old(unit, told):
    assert register_pregnancy(name="Lan", unit=unit, lmp=date(2026, 1, 24), **told)


def test_looking_first_finds_her(unit, now, told):
    first = people.lan(unit, now, seek=True)
    known = refusal(people.lan, unit=unit, now=now, seek=True, weeks=10)
    assert (known.code, known.conflict, known.facts) == ("known", True, {"person": first.mother.pk})
    other = people.lan(unit, now, seek=True, phone="0912345679")
    assert other.mother != first.mother
    later = now + timedelta(days=200)
    again = people.lan(unit, later, seek=True, weeks=5)
    assert again.mother == first.mother
    assert Pregnancy.objects.get(pk=first.pk).outcome == "unknown"


def test_a_child_already_born_and_its_twin(unit, now, told):
    an = people.be_an(unit, now)
    assert people.be_an(unit, now, mother=an.mother) == an
    binh = people.be_an(unit, now, mother=an.mother, child_name="Bình")
    assert (binh.birth_order, binh.mother) == (2, an.mother)
    assert people.be_an(unit, now, seek=True) == an
    assert Person.objects.count() == 1


@pytest.mark.parametrize(("days", "code"), [(-1, "in_the_future"), (5 * 365 + 2, "too_old")])
def test_a_child_is_born_and_under_five(unit, now, days, code):
    assert refusal(people.be_an, unit=unit, now=now, days=days).code == code


def test_the_child_of_an_open_pregnancy_is_its_birth(unit, now, told):
    lan = people.lan(unit, now, weeks=40)
    born = local_day(now) - timedelta(days=3)
    child = register_child(mother=lan.mother, date_of_birth=born, child_name="An", **told)
    lan.refresh_from_db()
    assert (child.pregnancy, lan.outcome, lan.outcome_date) == (lan, "live_birth", born)
    assert register_child(mother=lan.mother, date_of_birth=born, child_name="An", **told) == child
    twin = register_child(mother=lan.mother, date_of_birth=born, child_name="Bình", **told)
    assert (twin.pregnancy, twin.birth_order, Child.objects.count()) == (lan, 2, 2)


def test_an_elder_child_leaves_the_pregnancy_open(unit, now, told):
    lan = people.lan(unit, now, weeks=20)
    child = register_child(mother=lan.mother, date_of_birth=local_day(now) - timedelta(days=900), **told)
    assert (child.pregnancy, Pregnancy.objects.get().outcome) == (None, "")


def test_a_caregiver_has_a_consent_of_his_own(unit, now, told):
    lan = people.lan(unit, now)
    nam = people.chong_lan(lan, now, consent=False)
    assert people.chong_lan(lan, now, seek=True, consent=True) == nam
    assert consent.state_of([nam.person.pk]) == {nam.person.pk: "given"}
    assert (Caregiver.objects.count(), Person.objects.count()) == (1, 2)
    assert refusal(people.chong_lan, pregnancy=lan, now=now, person=lan.mother).code == "is_the_mother"
    assert refusal(people.chong_lan, pregnancy=lan, now=now, role="neighbour").code == "invalid"


def test_a_new_number_is_recorded_with_the_old_one(unit, now, told):
    lan = people.lan(unit, now).mother
    change_number(lan, "0987 654 321", **told)
    change_number(lan, "0987654321", **told)
    event = ChangeEvent.objects.get(what="number")
    assert (event.old["phone"], event.new["phone"]) == ("+84912345678", "+84987654321")
    change_number(lan, "02703826050", **told)
    lan.refresh_from_db()
    assert (lan.phone, lan.contact_phone) == (None, "+842703826050")
    assert refusal(change_number, person=lan, raw="abc", **told).field == "phone"


def test_details_and_commune(unit, now, told):
    lan = people.lan(unit, now, village="Ấp 1").mother
    other = people.commune(people.LONG_CHAU, "Phường Long Châu")
    update_details(lan, changes={"name": "Nguyễn Thị Lan Anh", "discreet": True, "village": "Ấp 1"}, **told)
    assert ChangeEvent.objects.get(what="details").old == {"name": "Nguyễn Thị Lan", "discreet": False}
    update_details(lan, changes={"unit": other, "village": "Ấp 1"}, **told)
    lan.refresh_from_db()
    assert (lan.unit, lan.village, lan.search_name) == (other, "", "nguyen thi lan anh")
    move(lan, other, **told)
    moved = ChangeEvent.objects.get(what="moved")
    assert (moved.old["unit"], moved.old["village"], moved.new["unit"]) == (people.AN_BINH, "Ấp 1", people.LONG_CHAU)
    assert ChangeEvent.objects.filter(what="details").count() == 1
    assert refusal(update_details, person=lan, changes={"name": ""}, **told).code == "name_missing"
