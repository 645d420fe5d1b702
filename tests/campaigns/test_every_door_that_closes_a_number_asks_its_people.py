"""However a number is closed, its people are to be asked again, and their stations have the task (D9)."""

import threading
from datetime import timedelta

import pytest
from django.db import DataError, connection, connections
from django.utils import timezone

from campaigns import stopping
from campaigns.tick import tick
from messaging import optouts
from messaging.models import OptOut
from recipients import consent, registry
from recipients.models import ChangeEvent, Task
from tests import people
from tests.messaging.systems import access, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def mai(now):
    """On her husband's phone, together with Hoa, who never agreed."""
    mai = people.mai(people.commune(), now - timedelta(days=1)).mother
    people.hoa(mai.unit, now - timedelta(days=1), phone=mai.phone, phone_holder="shared")
    return mai


def by_api(number, now):
    _token, client = access()
    assert post(client, "opt-outs", {"number": number}).status_code == 201
    OptOut.objects.update(started_at=now)


def by_provider(number, now):
    assert optouts.close(number, source="provider", now=now)


def by_sql(number, now):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_optout (number, source, started_at) VALUES (%s, 'sql', %s)", [number, now]
        )


@pytest.mark.parametrize(
    ("door", "source"), [(by_api, "api"), (by_provider, "keyword"), (by_sql, "command")], ids=["api", "provider", "sql"]
)
def test_as_a_stop_by_sms_does(mai, now, door, source):
    door(mai.phone, now)
    tick(now + timedelta(seconds=20))
    assert consent.state_of([mai.pk]) == {mai.pk: "ask_again"}
    event = ChangeEvent.objects.get(what="stopped")
    assert (event.person, event.source, event.new) == (mai, source, {"number": mai.phone})
    assert Task.objects.get(kind="ask_again", done_at=None).person == mai
    counts = tick(now + timedelta(minutes=5))
    assert (counts["closed_numbers.closings"], ChangeEvent.objects.filter(what="stopped").count()) == (0, 1)


def test_a_word_given_since_is_newer(mai, now):
    by_sql(mai.phone, now)
    consent.give(mai, now=now, source="page")
    consent.ask_again(mai, now=now + timedelta(seconds=1), source="page")
    consent.give(mai, now=now + timedelta(seconds=2), source="page")
    assert optouts.reopen(mai.phone, now=now + timedelta(seconds=3))
    assert stopping.follow(now + timedelta(minutes=1)) == {"closings": 1, "to_ask": 0}
    assert consent.state_of([mai.pk]) == {mai.pk: "given"}


def test_also_when_it_is_open_again_before_the_pass(mai, now):
    by_provider(mai.phone, now)
    assert optouts.reopen(mai.phone, now=now + timedelta(seconds=5))
    assert stopping.follow(now + timedelta(minutes=1)) == {"closings": 1, "to_ask": 1}
    assert optouts.closed([mai.phone]) == set()


def test_what_staff_stop_is_followed_at_once_and_not_again(mai, now):
    by_sql(mai.phone, now)
    stopping.stop_number(mai.phone, now=now, source="page")
    assert stopping.follow(now + timedelta(minutes=1)) == {"closings": 0, "to_ask": 0}
    assert ChangeEvent.objects.get(what="stopped").source == "page"


def test_a_number_of_nobody_is_followed_and_forgotten(now):
    by_sql("+84912000111", now)
    assert stopping.follow(now) == {"closings": 1, "to_ask": 0}
    assert stopping.follow(now) == {"closings": 0, "to_ask": 0}


@pytest.mark.django_db(transaction=True)
def test_two_passes_and_a_person_who_resumes_at_the_same_moment(mai):
    now = timezone.now()
    failures = []

    def run(verb):
        try:
            verb()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    for round_ in range(4):
        at = now + timedelta(minutes=round_)
        optouts.close(mai.phone, source="provider", now=at)
        verbs = [
            lambda at=at: stopping.follow(at),
            lambda at=at: stopping.follow(at),
            lambda at=at: stopping.resume_person(mai, now=at + timedelta(seconds=1), source="page"),
        ]
        threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert consent.state_of([mai.pk]) == {mai.pk: "given"}, "she has said so since"
    assert failures == []
    assert not optouts.to_follow().exists()


def test_one_that_fails_holds_up_no_other(mai, now, monkeypatch):
    by_sql("+84900000001", now)
    by_sql(mai.phone, now)
    ask = consent.ask_again_on_number

    def broken(number, **facts):
        if number != mai.phone:
            raise DataError("too long")
        return ask(number, **facts)

    monkeypatch.setattr(consent, "ask_again_on_number", broken)
    assert stopping.follow(now) == {"closings": 1, "to_ask": 1}
    monkeypatch.undo()
    assert stopping.follow(now) == {"closings": 1, "to_ask": 0}


@pytest.mark.parametrize("how", ["moves to it", "registers with it"])
def test_who_agreed_and_comes_to_a_closed_number_is_asked_and_the_answer_opens_it(mai, now, how):
    stopping.stop_number(mai.phone, now=now, source="page")
    later = now + timedelta(days=30)
    if how == "moves to it":
        lan = people.lan(mai.unit, now).mother
        registry.change_number(lan, mai.phone, now=later, source="page")
    else:
        lan = people.lan(mai.unit, later, phone=mai.phone).mother
    tick(later + timedelta(minutes=1))
    assert consent.state_of([lan.pk]) == {lan.pk: "ask_again"}
    assert Task.objects.get(kind="ask_again", done_at=None, person=lan)
    assert follow_again(later) == 0
    assert stopping.resume_person(lan, now=later + timedelta(hours=1), source="page")
    tick(later + timedelta(hours=2))
    assert (consent.state_of([lan.pk]), optouts.closed([mai.phone])) == ({lan.pk: "given"}, set())


def follow_again(later):
    return stopping.follow(later + timedelta(minutes=2))["to_ask"]
