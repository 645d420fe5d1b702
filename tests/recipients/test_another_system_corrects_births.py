"""The REST API: a birth corrected, a task that only telling ends, a facility kept or given with a move."""

from datetime import timedelta

import pytest
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from recipients import events, worklist
from recipients.days import local_day
from recipients.models import Child, Task
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def today(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def unit():
    return people.commune()


@pytest.fixture
def api(unit):
    return client(people.user("station", unit))


def client(user) -> APIClient:
    api = APIClient(headers={"Accept-Language": "en"})
    api.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=user).key}")
    return api


def test_the_day_of_birth_moves_for_all_children_of_the_birth(api, unit, now):
    mai, born = people.mai(unit, now, weeks=38), local_day(now)
    one, other = events.birth(mai, born_on=born, children=[events.Newborn()] * 2, now=now, source="api")
    path = f"/api/v1/children/{one.pk}/correct-birth"
    right = (born - timedelta(days=1)).isoformat()
    answer = api.post(path, {"born_on": right}, format="json")
    assert (answer.status_code, [row["date_of_birth"] for row in answer.json()]) == (200, [right, right])
    refused = api.post(path, {"born_on": (born + timedelta(days=1)).isoformat()}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "in_the_future")
    away = people.be_an(people.commune(people.LONG_CHAU, "Phường Long Châu"), now)
    assert api.post(f"/api/v1/children/{away.pk}/correct-birth", {"born_on": right}, format="json").status_code == 404
    assert Child.objects.get(pk=other.pk).date_of_birth.isoformat() == right


def test_a_stillbirth_corrects_a_birth_of_today(api, unit, now):
    mai, born = people.mai(unit, now, weeks=38), local_day(now)
    child = events.birth(mai, born_on=born, now=now, source="api")[0]
    answer = api.post(
        f"/api/v1/pregnancies/{mai.pk}/loss", {"kind": "stillbirth", "on": born.isoformat()}, format="json"
    )
    assert (answer.status_code, answer.json()["outcome"]) == (200, "stillbirth")
    assert Child.objects.get(pk=child.pk).died_on == born


def test_what_is_to_be_told_is_not_closed_without_telling(api, unit, now):
    lan = people.lan(unit, now).mother
    task = worklist.open_task(lan, Task.Kind.TELL, now=now)
    answer = api.post(f"/api/v1/tasks/{task.pk}/close", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "tell_her")
    assert "Open her page" in answer.json()["sentence"]
    assert Task.objects.get().done_at is None
    other = worklist.open_task(lan, Task.Kind.CONFIRM, now=now)
    assert api.post(f"/api/v1/tasks/{other.pk}/close", {}, format="json").status_code == 200


def test_a_facility_is_written_and_a_move_says_what_it_left_behind(api, unit, now):
    lan, station = people.lan(unit, now, village="Ấp Chợ").mother, people.station(unit)
    path = f"/api/v1/people/{lan.pk}"
    assert api.patch(path, {"facility": station.pk}, format="json").json()["facility"] == station.pk
    elsewhere = people.station(people.commune(people.LONG_CHAU, "Phường Long Châu"))
    assert api.patch(path, {"facility": elsewhere.pk}, format="json").status_code == 400
    lan.refresh_from_db()
    assert (lan.facility, lan.village) == (station, "Ấp Chợ")
    province = client(people.user("officer", unit.parent, "province"))
    moved = province.patch(path, {"unit": people.LONG_CHAU, "facility": elsewhere.pk}, format="json").json()
    assert (moved["unit"], moved["facility"], moved["village"]) == (people.LONG_CHAU, elsewhere.pk, "")
    back = province.patch(path, {"unit": people.AN_BINH}, format="json").json()
    assert (back["unit"], back["facility"]) == (people.AN_BINH, None)
