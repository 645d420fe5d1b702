"""STOP told to another system (a hotline, a hospital) is a stop here, by REST."""

import pytest
from django.urls import reverse
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from messaging import optouts
from recipients.consent import state_of
from recipients.models import User
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def lan(now):
    return people.lan(people.commune(), now).mother


def caller(role: str, unit) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=people.user(role, unit)).key}")
    return client


def test_a_person_and_her_number(lan, now):
    client = caller(User.Role.STATION, lan.unit)
    answer = client.post(reverse("api-person-stop", args=[lan.pk]), {"number_too": True}, format="json")
    assert (answer.status_code, answer.json()["number_closed"]) == (200, True)
    assert state_of([lan.pk])[lan.pk] == "withdrawn"
    assert optouts.closed([lan.phone]) == {lan.phone}
    assert client.post(reverse("api-person-resume", args=[lan.pk])).status_code == 204
    assert state_of([lan.pk])[lan.pk] == "given"
    assert optouts.closed([lan.phone]) == set()


def test_a_number_closes_for_everybody_on_it(lan):
    client = caller(User.Role.OFFICER, lan.unit.parent)
    answer = client.post(reverse("api-number-stop"), {"number": "0912 345 678"}, format="json")
    assert answer.json() == {"number_closed": True, "to_ask_again": [lan.pk]}
    assert state_of([lan.pk])[lan.pk] == "ask_again"


def test_a_wrong_number_is_told(lan):
    answer = caller(User.Role.OFFICER, lan.unit.parent).post(
        reverse("api-number-stop"), {"number": "12"}, format="json"
    )
    assert answer.status_code == 400


def test_not_for_another_commune_nor_for_a_reader_of_figures(lan):
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    url = reverse("api-person-stop", args=[lan.pk])
    assert caller(User.Role.STATION, elsewhere).post(url).status_code == 404
    reader = caller(User.Role.CDC, lan.unit.parent)
    assert reader.post(url).status_code == 403
    assert reader.post(reverse("api-number-stop"), {"number": "0912345678"}, format="json").status_code == 403
    assert state_of([lan.pk])[lan.pk] == "given"
