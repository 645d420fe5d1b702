"""Who is registered at another place is neither shown nor changed by a user who may not see her."""

from datetime import timedelta

import pytest

from recipients import consent, events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import ChangeEvent, Consent, Person, Pregnancy
from recipients.register_import.run import import_register
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return people.commune()


@pytest.fixture
def there():
    return people.commune(people.LONG_CHAU, "Phường Long Châu")


@pytest.fixture
def nurse(here):
    return people.user("station", here)


def everything() -> tuple:
    pregnancies = tuple(Pregnancy.objects.order_by("id").values_list("id", "outcome"))
    return Person.objects.count(), pregnancies, Consent.objects.count(), ChangeEvent.objects.count()


def elsewhere(verb, *args, **facts) -> Refusal:
    before = everything()
    with pytest.raises(Refusal) as raised:
        verb(*args, seek=True, **facts)
    assert everything() == before
    assert (raised.value.code, raised.value.conflict, raised.value.facts) == ("elsewhere", True, {})
    return raised.value


@pytest.mark.parametrize("weeks_later", [0, 25])
def test_a_pregnancy_of_a_woman_elsewhere_is_not_registered(here, there, nurse, now, weeks_later):
    events.stop_person(people.lan(there, now).mother, now=now, source="page")
    later = now + timedelta(weeks=weeks_later)
    refusal = elsewhere(people.lan, here, later, weeks=12 if not weeks_later else 5, by=nurse)
    assert "Long" not in refusal.sentence


def test_a_birth_of_a_woman_elsewhere_is_not_recorded(here, there, nurse, now):
    mai = people.mai(there, now, weeks=39)
    born = local_day(now)
    elsewhere(
        people.be_an, here, now, days=0, name=mai.mother.name, phone=mai.mother.phone, date_of_birth=born, by=nurse
    )


def test_a_caregiver_elsewhere_is_not_taken(here, there, nurse, now):
    people.somebody(there, now, name="Lý Văn Nam", phone="0333993158")
    elsewhere(people.chong_lan, people.lan(here, now), now, by=nurse)


def test_of_the_own_area_or_without_a_user_she_is_found(here, there, nurse, now):
    lan = people.lan(there, now)
    for by in (None, people.user("officer", here.parent)):
        with pytest.raises(Refusal) as raised:
            people.lan(here, now, seek=True, by=by)
        assert raised.value.code == "known"
    later = now + timedelta(weeks=25)
    assert people.lan(here, later, weeks=5, seek=True).mother == lan.mother


@pytest.mark.parametrize("days", [0, 141])
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_register_row_of_a_woman_elsewhere_is_known_and_nothing_is_written(there, nurse, now, days, dry_run):
    lan = people.lan(there, now, weeks=30, consent=False)
    lmp = lan.anchor_date + timedelta(days=days)
    rows = f"STT;Họ và tên;Số điện thoại;KCC;Mã xã;Đồng ý\n1;Nguyễn Thị Lan;0912345678;{lmp:%d/%m/%Y};29584;x"
    before = everything()
    result = import_register(rows.encode(), now=now, by=nurse, dry_run=dry_run)
    assert [(one.verdict, one.person_id) for one in result.details] == [("known", None)]
    assert everything() == before
    free = import_register(rows.encode(), now=now)
    assert free.details[0].person_id == lan.mother.pk
    assert consent.state_of([lan.mother.pk]) == {lan.mother.pk: "given"}
