"""Whether somebody has confirmed a number: staff who had her before them did, a spreadsheet did not."""

from datetime import timedelta

import pytest

from recipients import events
from recipients.errors import Refusal
from recipients.models import ChangeEvent, Person
from recipients.register_import.run import import_register
from recipients.registry import change_number
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return people.commune()


@pytest.mark.parametrize(
    ("facts", "confirmed"),
    [
        ({}, True), ({"consent": False}, False), ({"source": "api"}, False), ({"source": "import"}, False),
        ({"phone": None}, False), ({"phone": "02703123456"}, False),
    ],
)  # fmt: skip
def test_registering_confirms_on_a_page_with_consent_only(unit, now, facts, confirmed):
    for register in (people.lan, people.be_an, people.somebody):
        register(unit, now, **facts)
    carer = people.chong_lan(people.mai(unit, now), now, **facts).person
    sure = now if confirmed else None
    others = Person.objects.exclude(name="Trần Thị Mai")
    assert list(others.values_list("phone_confirmed_at", flat=True)) == [sure] * 4
    assert Person.objects.get(pk=carer.pk).phone_confirmed_at == sure


def test_a_spreadsheet_confirms_nothing(unit, now):
    sheet = "Họ tên,Số điện thoại,Kinh cuối,Đồng ý nhận tin\nNguyễn Thị Lan,0912345678,01/09/2026,Có\n"
    assert import_register(sheet.encode(), unit=unit, now=now, source="import").accepted == 1
    lan = Person.objects.get()
    assert (lan.phone, lan.phone_confirmed_at) == ("+84912345678", None)


def test_another_number_is_confirmed_by_the_door_it_came_in(unit, now):
    lan = people.lan(unit, now).mother
    later = now + timedelta(days=1)
    change_number(lan, "0912345678", now=later, source="api")
    assert lan.phone_confirmed_at == now
    change_number(lan, "0987654321", now=later, source="api")
    assert Person.objects.get(pk=lan.pk).phone_confirmed_at is None
    change_number(lan, "0987654322", now=later, source="page")
    assert Person.objects.get(pk=lan.pk).phone_confirmed_at == later
    change_number(lan, "", now=later, source="page")
    assert Person.objects.get(pk=lan.pk).phone_confirmed_at is None


def test_a_number_is_confirmed_once_and_only_where_there_is_one(unit, now):
    lan = people.lan(unit, now, source="api").mother
    for day in range(2):
        events.confirm_number(lan, now=now + timedelta(days=day), source="keyword")
    lan.refresh_from_db()
    assert lan.phone_confirmed_at == now
    assert ChangeEvent.objects.get(what="confirmed").new == {"phone": "+84912345678"}
    with pytest.raises(Refusal) as refusal:
        events.confirm_number(people.sokha(unit, now).mother, now=now, source="page")
    assert refusal.value.code == "no_phone"
