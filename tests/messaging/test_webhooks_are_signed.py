"""Only the provider itself can report; what it sends is kept as it came."""

from urllib.parse import quote
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from messaging.models import InboundMessage, OptOut, Receipt
from messaging.providers import get_provider
from messaging.providers.sandbox import SIGNATURE_HEADER
from messaging.providers.secretpath import token
from tests.fake_twilio import TOKEN, FakeTwilio
from tests.messaging.texts import make_route, number

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(enforce_csrf_checks=True)


def twilio_post(client, path, params, signature=None):
    signature = FakeTwilio().sign(f"http://testserver{path}", params) if signature is None else signature
    return client.post(path, params, headers={"X-Twilio-Signature": signature}).status_code


def test_a_good_signature_is_stored_raw(client):
    route = make_route("twilio", "twilio", settings={"auth_token": TOKEN})
    path = f"/sms/{route.pk}/status?m=6f0c54f0-8d8f-4a0e-9a44-2f8a8e4a8c11"
    params = {"MessageSid": "SM1", "MessageStatus": "delivered", "Odd": "Ố\x00"}
    assert twilio_post(client, path, params) == 204
    receipt = Receipt.objects.get()
    assert receipt.payload == {"MessageSid": "SM1", "MessageStatus": "delivered", "Odd": "Ố"}
    assert str(receipt.message_id_given) == "6f0c54f0-8d8f-4a0e-9a44-2f8a8e4a8c11"


@pytest.mark.parametrize("signature", ["", "bm9uc2Vuc2U=", "ký"])
def test_a_bad_signature_is_turned_away(client, signature):
    route = make_route("twilio", "twilio", settings={"auth_token": TOKEN})
    for what in ("status", "inbound"):
        signature_sent = signature.encode().decode("latin-1")
        params = {"MessageSid": "SM1", "MessageStatus": "delivered", "Body": "TC", "From": number(1)}
        assert twilio_post(client, f"/sms/{route.pk}/{what}", params, signature_sent) == 403
    assert not Receipt.objects.exists()
    assert not InboundMessage.objects.exists()
    assert not OptOut.objects.exists()


def test_the_signature_of_another_text_is_turned_away(client):
    route = make_route("twilio", "twilio", settings={"auth_token": TOKEN})
    params = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    signature = FakeTwilio().sign(f"http://testserver/sms/{route.pk}/status?m=1", params)
    assert twilio_post(client, f"/sms/{route.pk}/status?m=2", params, signature) == 403


def test_an_inbound_text_comes_in_by_the_sandbox(client):
    route = make_route()
    path, body = f"/sms/{route.pk}/inbound", b'{"kind": "inbound", "id": "IN1", "from": "0912000001", "body": "TC"}'
    signature = get_provider("sandbox", route.settings).sign(f"http://testserver{path}", body)
    for _twice in range(2):
        answer = client.post(path, body, content_type="application/json", headers={SIGNATURE_HEADER: signature})
        assert answer.status_code == 204
    assert InboundMessage.objects.get().number == "+84912000001"
    assert client.post(path, b"[", content_type="application/json").status_code == 400


def test_a_route_that_does_not_exist_is_not_found(client):
    assert client.post("/sms/999999/status", {}).status_code == 404


SECRET = "a-secret-of-the-tests-0123456789"
ID = UUID("6f0c54f0-8d8f-4a0e-9a44-2f8a8e4a8c11")


def test_kannel_reports_by_get_and_is_answered_200(client):
    route = make_route("kannel", "kannel", secret=SECRET)
    path = f"/sms/{route.pk}/status/{ID}/{token(SECRET, ID)}?id={ID}&type=1&answer=stat%3ADELIVRD&smsc=SIM"
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (200, b"")
    receipt = Receipt.objects.get()
    assert (receipt.message_id_given, receipt.status, receipt.payload["answer"]) == (ID, "delivered", "stat:DELIVRD")
    assert client.post(path).status_code == 405
    for forged in (
        path.replace(str(ID), str(UUID(int=1)), 1),
        path.replace("?", "0?"),
        f"/sms/{route.pk}/status?m={ID}",
    ):
        assert client.get(forged).status_code == 403, forged
    assert Receipt.objects.count() == 1


def test_an_inbound_text_comes_in_from_kannel_in_its_charset(client):
    route = make_route("kannel", "kannel", secret=SECRET)
    words = quote("Tôi dừng lại".encode("utf-16-be"))
    query = f"from=%2B84912000001&to=8000&text={words}&charset=UTF-16BE&coding=2&id=ab-1"
    for _twice in range(2):
        answer = client.get(f"/sms/{route.pk}/inbound/{SECRET}?{query}")
        assert (answer.status_code, answer.content) == (200, b""), "what is answered, Kannel may send to the phone"
    inbound = InboundMessage.objects.get()
    assert (inbound.number, inbound.body, inbound.provider_id) == ("+84912000001", "Tôi dừng lại", "ab-1")
    assert client.get(f"/sms/{route.pk}/inbound/{SECRET}x?{query}").status_code == 403
    assert client.get(f"/sms/{route.pk}/inbound?{query}").status_code == 403


def test_esms_reports_by_get_with_its_own_parameters_behind(client):
    route = make_route("esms", "esms", secret=SECRET)
    path = f"/sms/{route.pk}/status/{ID}/{token(SECRET, ID)}"
    query = f"?SMSID=dc71&SendFailed=0&SendStatus=5&SendSuccess=1&RequestId={ID}&telcoid=1"
    assert client.get(path + query).status_code == 200
    assert Receipt.objects.get().status == "delivered"


def test_speedsms_posts_json_whatever_it_calls_it(client):
    route = make_route("speedsms", "speedsms", secret=SECRET)
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        body = b'{"type": "report", "tranId": "7", "phone": "84912000001", "status": 64}'
        answer = client.post(f"/sms/{route.pk}/status/{SECRET}", body, content_type=kind)
        assert answer.status_code == 200
    assert list(Receipt.objects.values_list("status", "provider_id")) == [("undelivered", "7")] * 3


def test_speedsms_knows_one_address_for_reports_and_texts(client):
    route = make_route("speedsms", "speedsms", secret=SECRET)
    for place in ("status", "inbound"):
        for said in (
            {"type": "incoming", "phone": "84912000001", "content": f"STOP {place}"},
            {"type": "report", "tranId": place, "phone": "84912000001", "status": 0},
        ):
            answer = client.post(f"/sms/{route.pk}/{place}/{SECRET}", said, content_type="application/json")
            assert answer.status_code == 200
    assert set(InboundMessage.objects.values_list("body", flat=True)) == {"STOP status", "STOP inbound"}
    assert set(Receipt.objects.values_list("provider_id", flat=True)) == {"status", "inbound"}


def test_half_a_character_is_kept_as_what_can_be_stored(client):
    route = make_route("speedsms", "speedsms", secret=SECRET)
    body = b'{"type": "report", "tranId": "\\ud83d", "status": 0}'
    assert client.post(f"/sms/{route.pk}/status/{SECRET}", body, content_type="application/json").status_code == 200
    assert Receipt.objects.get().provider_id == "?"


def test_a_text_without_an_id_told_twice_is_one_and_another_day_another(client):
    route = make_route("speedsms", "speedsms", secret=SECRET)
    body = {"type": "incoming", "phone": "84912000001", "content": "TC"}
    for moment in ("2026-11-21 03:00", "2026-11-21 03:01", "2026-11-22 03:00"):
        with time_machine.travel(f"{moment}:00+00:00", tick=False):
            client.post(f"/sms/{route.pk}/inbound/{SECRET}", body, content_type="application/json")
    assert InboundMessage.objects.count() == 2


def test_any_other_aggregator_is_answered_as_it_wants(client):
    given = {"secret": SECRET, "reply": "OK", "report": {"id": "ref", "status": "s"}, "statuses": {"1": "delivered"}}
    route = make_route("other", "http_json", secret=SECRET, settings=given)
    path = f"/sms/{route.pk}/status/{SECRET}"
    for answer in (client.get(f"{path}?ref={ID}&s=1"), client.post(path, {"ref": str(ID), "s": "1"})):
        assert (answer.status_code, answer.content) == (200, b"OK")
    assert list(Receipt.objects.values_list("status", "message_id_given")) == [("delivered", ID)] * 2
    assert client.delete(path).status_code == 405
