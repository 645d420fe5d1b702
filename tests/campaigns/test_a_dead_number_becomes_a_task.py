"""A number at which texts no longer arrive is the station's to look into; the texts wait and nothing is thrown away."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from campaigns import dead_numbers
from campaigns.models import Reason, ScheduledMessage
from campaigns.schedule.because import REASONS
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging import phones
from messaging.models import Phone
from messaging.outgoing.routing import ensure_sandbox_route
from recipients import details
from recipients.errors import Refusal
from recipients.models import Person, Task, User
from tests import people
from tests.timelines import Line, publish

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def lan(db, now) -> Person:
    """Lan, to whom a text is due today, on a number that died yesterday."""
    ensure_sandbox_route()
    publish([Line("week-12", day=84, at=(now - timedelta(hours=1)).time(), texts={"vi": "Chị ơi, đi khám."})])
    person = people.lan(people.commune(), now - DAY).mother
    Phone.objects.create(number=person.phone, failures=3, dead_since=now - DAY)
    return person


def step(now):
    derive(now)
    plan(now)
    release_due(now)


def row():
    return ScheduledMessage.objects.get(step_key="week-12")


def task():
    return Task.objects.get(kind=Task.Kind.DEAD_NUMBER)


def test_the_text_waits_and_the_station_is_asked(lan, now):
    step(now)
    assert (row().state, row().reason) == ("waiting", Reason.DEAD_NUMBER)
    assert dead_numbers.open_tasks(now) == {"opened": 1, "closed": 0, "woken": 0}
    assert dead_numbers.open_tasks(now) == {"opened": 0, "closed": 0, "woken": 0}
    assert (task().person, task().due_at) == (lan, now + timedelta(days=7))
    assert Reason.DEAD_NUMBER in REASONS


def test_it_works_again_and_the_text_leaves(lan, now):
    step(now)
    dead_numbers.open_tasks(now)
    dead_numbers.works_again(lan, now=now, source="page")
    assert task().done_at == now
    assert not phones.dead([lan.phone])
    step(now + timedelta(minutes=20))
    assert row().state == "released"
    with pytest.raises(Refusal, match="not known as dead"):
        dead_numbers.works_again(lan, now=now, source="page")


def test_another_number_ends_the_task_and_lets_the_text_go(lan, now):
    step(now)
    dead_numbers.open_tasks(now)
    details.change_number(lan, "0987000111", now=now, source="page")
    assert dead_numbers.open_tasks(now) == {"opened": 0, "closed": 1, "woken": 1}
    step(now + timedelta(minutes=20))
    assert row().state == "released"


def test_a_delivery_ends_the_task_too(lan, now):
    step(now)
    dead_numbers.open_tasks(now)
    phones.learn({}, {lan.phone: now}, now)
    assert dead_numbers.open_tasks(now) == {"opened": 0, "closed": 1, "woken": 1}


def test_everybody_on_the_number_is_a_task_and_the_dead_are_none(lan, now):
    people.mai(people.commune(), now, phone="0912345678")
    gone = people.hoa(people.commune(), now, phone="0912345678").mother
    Person.objects.filter(pk=gone.pk).update(died_on=now.date())
    assert dead_numbers.open_tasks(now)["opened"] == 2
    dead_numbers.works_again(lan, now=now, source="page")
    assert not Task.objects.filter(done_at=None).exists()


def test_what_somebody_closed_stays_closed_until_the_number_dies_again(lan, now):
    dead_numbers.open_tasks(now)
    keeper = people.user(User.Role.STATION, lan.unit)
    Task.objects.update(done_at=now, done_by=keeper)
    assert dead_numbers.open_tasks(now + DAY)["opened"] == 0
    Phone.objects.update(dead_since=now + 2 * DAY)
    assert dead_numbers.open_tasks(now + 3 * DAY)["opened"] == 1


def test_the_page_asks_and_the_api_does_the_same(lan, client, now):
    Phone.objects.update(dead_since=timezone.now() - DAY)
    dead_numbers.open_tasks(timezone.now())
    client.force_login(people.user(User.Role.STATION, lan.unit), backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("person-number-works", args=[lan.pk])
    assert address in client.get(reverse("person", args=[lan.pk])).content.decode()
    assert address in client.get(reverse("tasks")).content.decode()
    assert client.post(address, {}).status_code == 422
    assert phones.dead([lan.phone])
    assert client.post(address, {"reached": "on"}).status_code == 302
    assert not phones.dead([lan.phone])
    assert task().done_by is not None
    answer = client.post(f"/api/v1/people/{lan.pk}/number-works")
    assert (answer.status_code, answer.json()["code"]) == (409, "number_works")
    Phone.objects.update(dead_since=timezone.now())
    assert client.post(f"/api/v1/people/{lan.pk}/number-works").status_code == 204


def test_other_areas_are_not_touched(lan, client, now):
    elsewhere = people.user(User.Role.STATION, people.commune(people.LONG_CHAU, "Phường Long Châu"))
    client.force_login(elsewhere, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("person-number-works", args=[lan.pk]), {"reached": "on"}).status_code == 404
    assert client.post(f"/api/v1/people/{lan.pk}/number-works").status_code == 404
    assert phones.dead([lan.phone])
