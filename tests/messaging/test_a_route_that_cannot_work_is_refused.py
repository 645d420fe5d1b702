"""The administration takes no route that cannot send, and says why; the checks at start find one that got in."""

import json

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.utils.html import escape

from messaging.models import Route
from messaging.outgoing.routing import ensure_sandbox_route
from messaging.providers import problems
from tests.fake_twilio import FakeTwilio
from tests.messaging.texts import make_route, route_form

pytestmark = pytest.mark.django_db
PATH = "/admin/messaging/route/add/"
GOOD = {"account_sid": "AC1"}
WRONG_SETTINGS = [
    ("twilio", GOOD | {"timeout": "abc"}, "The setting timeout is not a number"),
    ("twilio", GOOD | {"timeout": 0}, "The setting timeout is not a number from 0.1"),
    ("twilio", GOOD | {"timeout": True}, "The setting timeout is not a number"),
    ("twilio", GOOD | {"timeout": float("nan")}, "The setting timeout is not a number"),
    ("twilio", GOOD | {"connections": 1}, "has no setting connections"),
    ("twilio", GOOD | {"acount_sid": "AC2"}, "known: account_sid, api_key"),
    ("twilio", {}, "The setting account_sid is missing"),
    ("twilio", GOOD | {"api_key": "SK1"}, "The setting api_secret is missing"),
    ("twilio", GOOD | {"base_url": "127.0.0.1:8080"}, "The setting base_url is no address"),
    ("twilio", GOOD | {"base_url": "http://127.0.0.1:port"}, "The setting base_url is no address"),
    ("twilio", GOOD | {"sender": ["a"]}, "has no setting sender"),
    ("twilio", {"account_sid": ["AC1"]}, "The setting account_sid is a list"),
    ("kannel", {"url": "sendsms"}, "The setting url is no address"),
    ("kannel", {}, "The setting username is missing"),
    ("esms", {"sandbox": 2}, "The setting sandbox is not a number from 0 to 1"),
    ("speedsms", {"sms_type": 1}, "The setting sms_type is not a number from 2 to 5"),
    ("http_json", {"url": "https://x.example", "method": "PATCH"}, "The setting method is not POST"),
    ("sandbox", {"profile": "odd"}, "There is no sandbox profile"),
    ("sandbox", {"profile": ["calm"]}, "There is no sandbox profile"),
    ("sandbox", {"never": 1.5}, "The setting never is not a number from 0 to 1"),
    ("sandbox", {"operators": ["091"]}, "The setting operators is not an object"),
    ("sandbox", {"undelivered_by_operator": {"Viettel": "many"}}, "A share in the setting undelivered_by_operator"),
]


@pytest.mark.parametrize(("provider", "given", "said"), WRONG_SETTINGS)
def test_settings_that_cannot_work(admin: Client, provider, given, said):
    answer = admin.post(PATH, route_form(provider=provider, open_settings=json.dumps(given), secret_auth_token="t0ken"))
    assert answer.status_code == 200
    assert escape(said) in answer.content.decode()
    assert not Route.objects.exists()


def test_a_secret_that_must_be_there(admin: Client):
    assert "The setting auth_token is missing" in admin.post(PATH, route_form()).content.decode()
    assert not Route.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"prefixes": '"091"'}, {"prefixes": '["091"]'}, {"prefixes": '["+"]'}, {"prefixes": "[8491]"},
        {"prefixes": '{"+8491": 1}'}, {"message_classes": '"service"'}, {"message_classes": '["services"]'},
        {"message_classes": "[[]]"}, {"provider": "pigeon"},
    ],
)  # fmt: skip
def test_prefixes_classes_and_provider_that_cannot_work(admin: Client, given):
    answer = admin.post(PATH, route_form(secret_auth_token="t0ken") | given)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Route.objects.exists()


def test_a_good_route_gets_in(admin: Client):
    given = route_form(secret_auth_token="t0ken", prefixes='["+8491"]', message_classes='["service", "social"]')
    assert admin.post(PATH, given | {"open_settings": '{"account_sid": "AC1", "timeout": "5"}'}).status_code == 302
    route = Route.objects.get()
    assert (route.prefixes, route.message_classes) == (["+8491"], ["service", "social"])
    assert admin.post(PATH, given | {"name": "second", "prefixes": "", "message_classes": "null"}).status_code == 302
    second = Route.objects.get(name="second")
    assert (second.prefixes, second.message_classes) == ([], [])


def test_what_ships_has_no_problems():
    ensure_sandbox_route()
    assert not [found for found in run_checks(databases=["default"]) if found.id == "messaging.E002"]
    assert problems("twilio", FakeTwilio().settings()) == []


@pytest.mark.parametrize(
    "broken",
    [{"settings": {"odd": 1}}, {"settings": {"latency_ms": "abc"}}, {"prefixes": "091"}, {"message_classes": ["x"]}],
)
def test_the_checks_find_a_route_that_got_in(broken):
    make_route(**broken)
    found = [problem for problem in run_checks(databases=["default"]) if problem.id == "messaging.E002"]
    assert len(found) == 1
    assert 'The route "sandbox" cannot send.' in found[0].msg


def test_no_problem_repeats_a_secret():
    said = problems("twilio", {"auth_token": ["t0ken"], "odd": "t0ken", "timeout": "t0ken"})
    assert len(said) == 4
    assert "t0ken" not in " ".join(said)
