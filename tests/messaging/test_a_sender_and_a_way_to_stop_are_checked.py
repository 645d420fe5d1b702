"""Brand names as operators take them, and words how to stop that name a way that works: in the form and at start."""

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.utils import translation

from messaging.models import Route
from messaging.text.sender import can_be_sender
from tests.messaging.texts import make_route, route_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


PATH = "/admin/messaging/route/add/"


def found(name: str) -> list[str]:
    return [problem.msg for problem in run_checks(databases=["default"]) if problem.id == f"messaging.{name}"]


@pytest.mark.parametrize(
    ("sender", "good"),
    [
        ("", True), ("MAM", True), ("YTEVINHLONG", True), ("YTEVINHLONG1", False), ("Y te 86", True), ("Mầm", False),
        ("8000", True), ("+84912345678", True), ("02703800200", True), ("12", False), ("+8491234567890123", False),
        ("CDC-VL.86", True), ("CDC/VL", False), (" MAM", False), ("MAM-", False), ("...", False), ("1-2", False),
    ],
)  # fmt: skip
def test_what_can_be_a_sender(admin: Client, sender, good):
    assert can_be_sender(sender) == good
    make_route("r", sender=sender)
    assert bool(found("E002")) != good
    answer = admin.post(PATH, route_form(secret_auth_token="t0ken", sender=sender.strip()))
    assert Route.objects.filter(name="twilio").exists() == can_be_sender(sender.strip())
    assert ("at most 11 characters" in answer.content.decode()) != can_be_sender(sender.strip())


def test_the_form_takes_only_words_that_name_a_way(admin: Client):
    given = route_form(secret_auth_token="t0ken")
    answer = admin.post(PATH, given | {"tail": "Trả lời TC để dừng"})
    assert "answers to a brand name are lost" in answer.content.decode()
    assert not Route.objects.exists()
    assert admin.post(PATH, given | {"tail": "Soạn TC gửi 8000", "sender": "8000"}).status_code == 302
    assert admin.post(PATH, given | {"tail": "Soạn TC gửi 8000", "name": "second"}).status_code == 302


def test_words_that_name_no_way_are_an_error_at_start(settings):
    make_route("in", sender="8000")
    make_route("out", tail="Soạn TC gửi 8000")
    assert found("E003") == []
    settings.OPT_OUT_TAIL = "Trả lời TC để dừng tin"
    make_route("wrong", tail="Soạn TC gửi 8001")
    messages = found("E003")
    assert len(messages) == 2
    assert "The setting OPT_OUT_TAIL does not say how to stop." in messages[0]
    assert 'The route "wrong" does not say how to stop.' in messages[1]
    settings.OPT_OUT_TAIL = "Gọi 1800 1234 để dừng " + "tin " * 20
    assert "longer than 70 characters" in found("E003")[0]
    Route.objects.filter(name="in").update(enabled=False)
    assert len(found("E003")) == 3, "nobody receives on 8000 any more"


def test_where_texts_really_leave_somebody_is_told_that_there_is_no_way(settings):
    make_route("twilio", "twilio")
    make_route("alarm", "twilio", message_classes=["emergency"])
    make_route()
    assert found("W002") == []
    settings.LIVE_SENDING = True
    assert len(found("W002")) == 1
    assert 'route "twilio"' in found("W002")[0]
    settings.OPT_OUT_TAIL = "Gọi 1800 1234 để dừng tin"
    assert found("W002") == []
