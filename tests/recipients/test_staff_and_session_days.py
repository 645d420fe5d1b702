"""Village health workers and station phones are appointed and dismissed; stations set and cancel session days."""

from datetime import date, timedelta

import pytest

from recipients import consent, sessions, workers
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import ChangeEvent, Person, Session, Worker
from recipients.registry import register_worker
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def unit():
    return people.commune()


def test_a_worker_is_a_person_with_a_consent_of_her_own(unit, now):
    thu = people.y_te_thon(unit, now, village=" Ấp  1 ")
    assert (thu.role, thu.unit, thu.village, thu.person.phone) == ("village_worker", unit, "Ấp 1", "+84918206473")
    assert consent.state_of([thu.person_id]) == {thu.person_id: "given"}
    silent = people.may_tram(unit, now, consent=False)
    assert (silent.role, consent.state_of([silent.person_id])) == ("station", {silent.person_id: ""})


def test_the_same_appointment_is_made_once_and_sought_by_name_and_phone(unit, now, told):
    thu = people.y_te_thon(unit, now)
    assert workers.appoint(thu.person, role="village_worker", unit=unit, **told) == thu
    again = register_worker(
        name="Huỳnh Thị Thu", phone="0918206473", unit=unit, role="village_worker", village="Ấp 2", consent=False,
        seek=True, **told,
    )  # fmt: skip
    assert (again.person, Person.objects.count(), Worker.objects.count()) == (thu.person, 1, 2)
    assert ChangeEvent.objects.filter(what="worker").count() == 2


def test_a_dismissed_worker_may_be_appointed_again(unit, now, told):
    thu = people.y_te_thon(unit, now)
    for _time in range(2):
        workers.dismiss(thu, **told)
    assert (thu.ended_on, ChangeEvent.objects.filter(what="worker").count()) == (local_day(now), 2)
    assert workers.appoint(thu.person, role="village_worker", unit=unit, **told) != thu


def test_who_cannot_be_appointed(unit, now, told):
    thu = people.somebody(unit, now)
    with pytest.raises(Refusal, match=r"\.$") as refusal:
        workers.appoint(thu, role="doctor", unit=unit, **told)
    assert (refusal.value.code, refusal.value.field) == ("invalid", "role")
    gone = people.commune("99999", "Xã Cũ")
    gone.valid_to = local_day(now) - timedelta(days=1)
    gone.save()
    with pytest.raises(Refusal) as refusal:
        workers.appoint(thu, role="station", unit=gone, **told)
    assert refusal.value.code == "unit_ended"
    thu.died_on = local_day(now)
    thu.save()
    with pytest.raises(Refusal) as refusal:
        workers.appoint(thu, role="station", unit=unit, **told)
    assert refusal.value.code == "died"


def test_sessions_are_set_once_listed_and_canceled(unit, now):
    station, today = people.station(unit), local_day(now)
    for day in (20, 5, 5, -3):
        sessions.set_session(station, service="immunisation", day=today + timedelta(days=day))
    first, second = sessions.upcoming(station, today)
    assert (first.day, second.day) == (today + timedelta(days=5), today + timedelta(days=20))
    assert Session.objects.count() == 3
    sessions.cancel_session(first)
    assert list(sessions.upcoming(station, today)) == [second]


def test_a_session_has_a_known_service_and_a_station_of_that_day(unit):
    station = people.station(unit)
    with pytest.raises(Refusal, match=r"\.$") as refusal:
        sessions.set_session(station, service="tea", day=date(2026, 12, 1))
    assert refusal.value.field == "service"
    with pytest.raises(Refusal) as refusal:
        sessions.set_session(station, service="growth", day=date(2025, 6, 30))
    assert refusal.value.code == "facility_ended"
