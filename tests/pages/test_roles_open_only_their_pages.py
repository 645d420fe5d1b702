"""Sign-in, the menu and who may open which page, said in words."""

import pytest
from django.test import Client
from django.urls import reverse

from recipients.models import AdminUnit, User
from tests import people

Role = User.Role


def test_nobody_gets_past_the_sign_in_page(client: Client, unit: AdminUnit) -> None:
    for name, arguments in (("home", []), ("person", [1]), ("person-stop", [1]), ("number-stop", []), ("reach", [])):
        answer = client.get(reverse(name, args=arguments))
        assert answer.status_code == 302, name
        assert answer["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize("role", Role.values)
def test_everybody_has_a_home_page(signed_in, unit: AdminUnit, role: str) -> None:
    page = signed_in(role, unit).get(reverse("home")).content.decode()
    sees_names = role in (Role.OFFICER, Role.STATION, Role.ADMIN)
    assert (reverse("people") in page) == sees_names
    assert (reverse("admin:index") in page) == (role == Role.ADMIN)


@pytest.mark.parametrize("role", [Role.CDC, Role.CLINICAL])
def test_who_works_with_figures_sees_no_names(signed_in, unit: AdminUnit, now, role: str) -> None:
    lan = people.lan(unit, now).mother
    client = signed_in(role, unit)
    for name, arguments in (
        ("person", [lan.pk]), ("person-stop", [lan.pk]), ("person-resume", [lan.pk]), ("number-stop", []),
        ("people-needing", ["ask"]),
    ):  # fmt: skip
        answer = client.get(reverse(name, args=arguments))
        assert answer.status_code == 403, name
        assert "Your role works with figures and texts" in answer.content.decode()
        assert lan.name not in answer.content.decode()


def test_figures_of_a_few_people_are_veiled_for_them(signed_in, unit: AdminUnit, now) -> None:
    people.lan(unit, now)
    assert "&lt;5" in signed_in(Role.CDC, unit).get(reverse("home")).content.decode()
    assert "&lt;5" not in signed_in(Role.STATION, unit).get(reverse("home")).content.decode()


def test_a_person_of_another_commune_is_not_there(signed_in, unit: AdminUnit, now) -> None:
    elsewhere = people.lan(people.commune(people.LONG_CHAU, "Phường Long Châu"), now).mother
    client = signed_in(Role.STATION, unit)
    for name in ("person", "person-stop", "person-resume"):
        assert client.get(reverse(name, args=[elsewhere.pk])).status_code == 404
        assert client.post(reverse(name, args=[elsewhere.pk]), {"reach": "person"}).status_code in (404, 200)
    assert not elsewhere.changes.filter(what="stopped").exists()


def test_after_eight_wrong_passwords_the_door_is_locked_in_words(client: Client, unit: AdminUnit) -> None:
    people.user(Role.STATION, unit)
    client.cookies["django_language"] = "en"
    for _attempt in range(8):
        answer = client.post(reverse("sign-in"), {"username": "station", "password": "wrong"})
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.content.decode()
    assert client.post(reverse("sign-in"), {"username": "station", "password": people.PASSWORD}).status_code == 429


def test_the_right_password_opens_the_page_that_was_asked_for(client: Client, unit: AdminUnit) -> None:
    people.user(Role.STATION, unit)
    facts = {"username": "station", "password": people.PASSWORD, "next": reverse("number-stop")}
    assert client.post(reverse("sign-in"), facts)["Location"] == reverse("number-stop")


def test_the_banner_stands_on_every_page_until_sending_is_live(client: Client, db, settings) -> None:
    client.cookies["django_language"] = "en"
    assert "Training mode" in client.get(reverse("sign-in")).content.decode()
    assert "Training mode" in client.get("/nowhere/").content.decode()
    settings.LIVE_SENDING = True
    assert "Training mode" not in client.get(reverse("sign-in")).content.decode()
