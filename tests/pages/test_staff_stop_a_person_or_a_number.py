"""One action stops a person or a number; the two locks of the door close and open as they should (D9)."""

from datetime import datetime

import pytest
from django.urls import reverse

from campaigns import record, stopping
from campaigns.replies import handle
from messaging import optouts
from messaging.hooks import Handled
from messaging.models import InboundMessage, Route
from recipients import consent
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.events import maternal_death
from recipients.models import AdminUnit, ChangeEvent, Consent, Person, User
from tests import people

NUMBER = "+84912345678"


@pytest.fixture
def two_on_a_phone(unit: AdminUnit, now: datetime) -> tuple[Person, Person]:
    """Lan and Trang, who both agreed and share a phone."""
    return people.lan(unit, now).mother, people.somebody(unit, now, phone="0912345678", phone_holder="shared")


def state(person: Person) -> str:
    return consent.state_of([person.pk])[person.pk]


def test_a_stopped_person_leaves_the_others_on_the_phone_alone(two_on_a_phone, now: datetime) -> None:
    lan, trang = two_on_a_phone
    stopping.stop_person(lan, now=now, source="page")
    assert state(lan) == Consent.State.WITHDRAWN
    assert state(trang) == Consent.State.GIVEN
    assert optouts.closed([NUMBER]) == set()


def test_her_number_too_asks_the_others_again(two_on_a_phone, now: datetime) -> None:
    lan, trang = two_on_a_phone
    stopped = stopping.stop_person(lan, now=now, source="page", number_too=True)
    assert stopped.number_closed
    assert stopped.to_ask_again == (trang,)
    assert state(lan) == Consent.State.WITHDRAWN
    assert state(trang) == Consent.State.ASK_AGAIN
    assert optouts.closed([NUMBER]) == {NUMBER}


def test_a_second_stop_changes_nothing(two_on_a_phone, now: datetime) -> None:
    lan, _trang = two_on_a_phone
    stopping.stop_person(lan, now=now, source="page", number_too=True)
    before = Consent.objects.count(), ChangeEvent.objects.count()
    stopped = stopping.stop_person(lan, now=now, source="page", number_too=True)
    assert stopped == stopping.Stopped(False, ())
    assert (Consent.objects.count(), ChangeEvent.objects.count()) == before


def test_stop_by_sms_asks_everybody_on_the_number(two_on_a_phone, now: datetime) -> None:
    message = InboundMessage.objects.create(
        route=Route.objects.get(), number=NUMBER, body="TC", provider_id="1", received_at=now, action="stop"
    )
    assert handle(message, "stop", now) == Handled()
    assert {state(person) for person in two_on_a_phone} == {Consent.State.ASK_AGAIN}


@pytest.mark.parametrize("action", ["", "start", "birth", "help"])
def test_other_texts_change_no_consent(two_on_a_phone, now: datetime, action: str) -> None:
    message = InboundMessage.objects.create(
        route=Route.objects.get(), number=NUMBER, body="?", provider_id="1", received_at=now, action=action
    )
    handle(message, action, now)
    assert {state(person) for person in two_on_a_phone} == {Consent.State.GIVEN}


def test_who_agrees_again_gets_both_locks_opened(two_on_a_phone, now: datetime) -> None:
    lan, trang = two_on_a_phone
    stopping.stop_number(NUMBER, now=now, source="page")
    assert not record.door(lan).is_open
    assert stopping.resume_person(lan, now=now, source="page")
    assert record.door(lan).is_open
    assert state(trang) == Consent.State.ASK_AGAIN
    assert not record.door(trang).is_open


def test_nothing_begins_again_for_the_dead(unit: AdminUnit, now: datetime) -> None:
    lan = people.lan(unit, now).mother
    maternal_death(lan, on=local_day(now), now=now, source="page")
    stopping.stop_number(NUMBER, now=now, source="page")
    with pytest.raises(Refusal):
        stopping.resume_person(lan, now=now, source="page")
    assert optouts.closed([NUMBER]) == {NUMBER}


def test_the_page_stops_and_names_who_must_be_asked(signed_in, two_on_a_phone, unit: AdminUnit) -> None:
    lan, trang = two_on_a_phone
    client = signed_in(User.Role.STATION, unit)
    question = client.get(reverse("person-stop", args=[lan.pk])).content.decode()
    assert "1 other person on it will have to be asked again" in question
    page = client.post(reverse("person-stop", args=[lan.pk]), {"reach": "number"}, follow=True).content.decode()
    assert f"Nothing more is sent to {lan.name}." in page
    assert trang.name in page
    event = lan.changes.get(what=ChangeEvent.What.STOPPED)
    assert event.by is not None
    assert event.by.username == "station"


def test_consent_is_never_recorded_without_the_tick(signed_in, unit: AdminUnit, now: datetime) -> None:
    hoa = people.hoa(unit, now).mother
    client = signed_in(User.Role.STATION, unit)
    page = client.post(reverse("person-resume", args=[hoa.pk])).content.decode()
    assert "Ask, then tick this." in page
    assert state(hoa) == ""
    client.post(reverse("person-resume", args=[hoa.pk]), {"agreed": "on"})
    assert state(hoa) == Consent.State.GIVEN


def test_a_number_is_stopped_as_the_caller_says_it(signed_in, two_on_a_phone, unit: AdminUnit) -> None:
    client = signed_in(User.Role.STATION, unit)
    page = client.post(reverse("number-stop"), {"number": "84 912.345.678"}, follow=True).content.decode()
    assert "The number 0912 345 678 is closed." in page
    assert optouts.closed([NUMBER]) == {NUMBER}
    again = client.post(reverse("number-stop"), {"number": "0912345678"}, follow=True).content.decode()
    assert "was closed already" in again


def test_a_wrong_number_is_refused_in_the_language_of_the_page(signed_in, unit: AdminUnit) -> None:
    client = signed_in(User.Role.STATION, unit, "vi")
    page = client.post(reverse("number-stop"), {"number": "0912"}).content.decode()
    assert "Số điện thoại thiếu chữ số" in page
    assert 'aria-invalid="true"' in page
