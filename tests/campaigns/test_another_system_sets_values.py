"""Parameters and targets by REST: the same rules and the same area as on the pages."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Parameter, Target
from campaigns.reference import load_targets
from recipients.days import local_day
from recipients.models import AdminUnit, User
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def unit() -> AdminUnit:
    return people.commune()


def caller(role: str, unit: AdminUnit | None) -> APIClient:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(User.objects.filter(username=role).first() or people.user(role, unit))
    return client


def test_a_value_is_set_read_ended_and_taken_back(unit, now) -> None:
    officer, today = caller(User.Role.OFFICER, unit.parent), local_day(now)
    Parameter.objects.create(name="hotline", value="1800 0000")
    asked = {"name": "hotline", "unit": unit.code, "value": "1800 1234", "valid_from": str(today + timedelta(days=3))}
    made = officer.post(reverse("api-parameters"), asked, format="json")
    assert (made.status_code, made.json()["unit"], made.json()["value"]) == (201, unit.code, "1800 1234")

    def counting(days: int) -> list[tuple[str, str | None]]:
        query = {"unit": unit.code, "on": str(today + timedelta(days=days))}
        answer = officer.get(reverse("api-parameters-in-force"), query).json()
        return [(each["value"], each["unit"]) for each in answer]

    assert (counting(0), counting(3)) == ([("1800 0000", None)], [("1800 1234", unit.code)])
    again = officer.post(reverse("api-parameters"), asked | {"value": "9", "valid_from": None}, format="json")
    assert (again.status_code, again.json()["code"], again.json()["field"]) == (400, "bad_value", "value")
    over = officer.post(reverse("api-parameters"), asked | {"value": "900", "valid_from": None}, format="json")
    assert (over.status_code, over.json()["code"]) == (409, "overlaps")
    end = officer.post(reverse("api-parameter-end", args=[made.json()["id"]]), {"valid_to": str(today)}, format="json")
    assert (end.status_code, end.json()["code"]) == (400, "ends_before")
    assert officer.delete(reverse("api-parameter", args=[made.json()["id"]])).status_code == 204
    assert counting(3) == [("1800 0000", None)]


def test_the_list_is_of_the_area_and_can_be_narrowed(unit, now) -> None:
    elsewhere = people.commune("07210", "Xã Yên Thế", people.province("24", "Tỉnh Bắc Ninh"))
    for place in (None, unit.parent, unit, elsewhere):
        Parameter.objects.create(name="hotline", unit=place, value="1800")
    Parameter.objects.create(name="sdt", unit=unit, value="1", valid_to=local_day(now) - timedelta(days=1))
    officer = caller(User.Role.OFFICER, unit)

    def listed(**query: str) -> int:
        return officer.get(reverse("api-parameters"), query).json()["count"]

    assert listed() == 4
    assert listed(unit=unit.code) == 2
    assert listed(unit=elsewhere.code) == 0
    assert listed(name="hotline") == 3
    assert listed(on=str(local_day(now))) == 3


@pytest.mark.parametrize("role", [User.Role.STATION, User.Role.CDC, User.Role.CLINICAL])
def test_others_read_and_set_nothing(unit, role: str) -> None:
    row = Parameter.objects.create(name="hotline", unit=unit, value="1800")
    client = caller(role, unit)
    assert client.get(reverse("api-parameters")).json()["count"] == 1
    asked = {"name": "hotline", "value": "1900"}
    address = reverse("api-parameter", args=[row.pk])
    for refused in (client.post(reverse("api-parameters"), asked, format="json"), client.delete(address)):
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_the_catalogue_says_what_may_be_set(unit) -> None:
    known = caller(User.Role.OFFICER, unit).get(reverse("api-parameter-catalogue")).json()
    assert {each["name"] for each in known} >= {"hotline", "vitamin_a_age", "closed"}
    assert all(each["label"]["vi"] and each["meaning"]["en"] for each in known)


def test_targets_are_read_by_area_and_year(unit) -> None:
    load_targets()
    client = caller(User.Role.CDC, unit)
    everything = client.get(reverse("api-targets")).json()
    assert everything["count"] == Target.objects.count() > 20
    found = client.get(reverse("api-targets"), {"area": "86", "indicator": "MMR"}).json()["results"]
    assert [(row["comparator"], row["value"], row["unit"], row["year"]) for row in found] == [
        ("<=", "42.00", "per_100000", 2025)
    ]
    assert client.get(reverse("api-targets"), {"year": 2030}).json()["count"] == 1
