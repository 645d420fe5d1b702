"""On the same phone a name typed without any diacritics is the woman on record; a name with marks is taken exactly."""

from datetime import timedelta

import pytest

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.matching import names_agree
from recipients.models import Person
from recipients.names import name_key
from recipients.registry import change_number
from tests import people

pytestmark = pytest.mark.django_db

PLAIN = "NGUYEN THI LAN"


@pytest.fixture
def unit():
    return people.commune()


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Nguyễn Thị Lan", "nguyen thi lan", True),
        ("Lê Thị Hoà", "Lê Thị Hòa", True),
        ("Đỗ Thị Hòa", "Do Thi Hoa", True),
        ("Lê Thị Hoa", "Lê Thị Hòa", False),
        ("Hoa", "Hòa", True),
        ("Le Thi Hoa", "Lê Thị Lan", False),
        ("សុខ ស្រីមុំ", "សុខ ស្រីមំុ", False),
    ],
)
def test_names_agree_when_one_of_them_has_no_mark_at_all(one, other, agree):
    assert names_agree(name_key(one), name_key(other)) is agree
    assert names_agree(name_key(other), name_key(one)) is agree


def known_as(now, unit, **facts) -> int:
    with pytest.raises(Refusal) as raised:
        people.lan(unit, now, seek=True, **facts)
    assert raised.value.code == "known"
    return raised.value.facts["person"]


def test_she_is_known_also_after_a_loss_and_with_a_former_number(unit, now):
    lan = people.lan(unit, now)
    assert known_as(now, unit, name=PLAIN) == lan.mother.pk
    events.loss(lan, kind="miscarriage", on=local_day(now), now=now, source="page")
    assert known_as(now, unit, name=PLAIN) == lan.mother.pk
    change_number(lan.mother, "0987111222", now=now, source="page")
    assert known_as(now, unit, name=PLAIN) == lan.mother.pk
    assert Person.objects.count() == 1


def test_the_record_may_be_the_one_without_diacritics(unit, now):
    lan = people.lan(unit, now, name=PLAIN)
    assert known_as(now, unit) == lan.mother.pk


def test_another_phone_or_another_mark_is_another_woman(unit, now):
    people.lan(unit, now)
    assert people.lan(unit, now, name=PLAIN, phone="0912345679", seek=True)
    assert people.lan(unit, now, name="Nguyễn Thị Lân", seek=True)
    assert Person.objects.count() == 3


def test_of_two_on_one_phone_the_exact_name_goes_first(unit, now):
    people.lan(unit, now, name="Lê Thị Hòa")
    exact = people.lan(unit, now, name="Le Thi Hoa", weeks=20)
    assert known_as(now, unit, name="LE THI HOA", weeks=12) == exact.mother.pk


def test_then_the_nearest_pregnancy(unit, now):
    people.lan(unit, now, name="Lê Thị Hoa", weeks=20)
    near = people.lan(unit, now, name="Lê Thị Hòa", weeks=12)
    assert known_as(now, unit, name="Le Thi Hoa", weeks=11) == near.mother.pk


def test_then_the_pregnancy_of_which_a_child_is_born(unit, now):
    people.lan(unit, now, name="Lê Thị Hoa", weeks=20)
    near = people.lan(unit, now, name="Lê Thị Hòa", weeks=39)
    born = local_day(now) - timedelta(days=1)
    facts = {"name": "Le Thi Hoa", "phone": "0912345678", "seek": True}
    assert people.be_an(unit, now, date_of_birth=born, **facts).pregnancy == near


def test_another_number_does_not_begin_again_what_a_loss_has_ended(unit, now):
    lan = people.lan(unit, now)
    assert people.lan(unit, now, phone="0987111333", seek=True), "a namesake with a phone of her own"
    events.loss(lan, kind="miscarriage", on=local_day(now), now=now, source="page")
    assert known_as(now, unit, phone="0987111444") == lan.mother.pk
    assert known_as(now, unit, phone="0987111444", lmp=lan.anchor_date + timedelta(days=20)) == lan.mother.pk
    assert people.lan(unit, now, phone="0987111555", weeks=2, seek=True)
