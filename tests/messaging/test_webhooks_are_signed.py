"""Only the provider itself can report; what it sends is kept as it came."""

import pytest
from django.test import Client

from messaging.models import InboundMessage, OptOut, Receipt
from messaging.providers import get_provider
from messaging.providers.sandbox import SIGNATURE_HEADER
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
