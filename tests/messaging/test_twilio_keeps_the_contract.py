"""The twilio provider against a server of Twilio's shape, over real HTTP."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import pytest

from messaging.providers import PROVIDERS, twilio
from messaging.providers.base import Provider, Report, SendError
from messaging.providers.twilio import Twilio
from messaging.providers.twilio_errors import ERRORS, error_code
from tests.fake_twilio import TOKEN, FakeTwilio, Fault, closed_port
from tests.messaging.provider_contract import ID, NOW, ServerContract, ToldStopsContract, Webhook, World, outgoing

FAULTS = {
    "invalid": Fault("status", 400, 21211),
    "opted_out": Fault("status", 400, 21610),
    "throttled": Fault("status", 429, 20429, {"Retry-After": "30"}),
    "timeout": Fault("hang", seconds=3),
    "dropped": Fault("drop"),
    "malformed": Fault("malformed"),
    "error_500": Fault("status", 500, 20500),
}


class TwilioWorld(World):
    def __init__(self, twilio: FakeTwilio, **settings: Any) -> None:
        self.twilio = twilio
        self.provider = Twilio(twilio.settings(**settings))

    def bodies(self) -> list[str]:
        return [text.body for text in self.twilio.accepted]


class TestTwilio(ToldStopsContract, ServerContract):
    name: ClassVar[str] = "twilio"

    @contextmanager
    def world(self, fault: str = "") -> Iterator[World]:
        with FakeTwilio() as twilio:
            if fault == "refused_connection":
                yield TwilioWorld(twilio, base_url=f"http://127.0.0.1:{closed_port()}")
                return
            twilio.script([FAULTS[fault]] if fault else [])
            yield TwilioWorld(twilio, timeout=0.3 if fault == "timeout" else 5)

    def report(self, word: str) -> dict[str, Any]:
        return {"MessageSid": "SM1", "MessageStatus": word, "To": "+84912000001", "message_id": str(ID)}

    def words(self) -> dict[str, str]:
        return {
            "queued": "sent",
            "sent": "sent",
            "delivered": "delivered",
            "read": "delivered",
            "undelivered": "undelivered",
            "failed": "failed",
        }

    def inbound(self) -> dict[str, Any]:
        return {"MessageSid": "SM2", "SmsStatus": "received", "From": "+84912000001", "To": "8000", "Body": "TC"}

    def webhook(self, provider: Provider) -> Webhook:
        url = "https://mam.example/sms/status?id=1"
        params = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+84912000001", "Body": "Đã nhận"}
        return Webhook(url, {"X-Twilio-Signature": FakeTwilio().sign(url, params)}, b"", params)


def attempt(twilio: FakeTwilio, **settings: Any) -> SendError:
    async def once() -> None:
        async with Twilio(twilio.settings(**settings)) as provider:
            await provider.send(outgoing())

    with pytest.raises(SendError) as caught:
        asyncio.run(once())
    return caught.value


def accepted_form(m: Any, **settings: Any) -> dict[str, str]:
    async def once(twilio: FakeTwilio) -> None:
        async with Twilio(twilio.settings(**settings)) as provider:
            await provider.send(m)

    with FakeTwilio() as twilio:
        asyncio.run(once(twilio))
        return twilio.accepted[0].form


@pytest.mark.parametrize(
    ("fault", "taken", "permanent", "code"),
    [
        (Fault("status", 500, 20500), "maybe", False, "provider_error"),
        (Fault("status", 502, body="<html>bad gateway</html>"), "maybe", False, "provider_error"),
        (Fault("status", 504, body=""), "maybe", False, "provider_error"),
        (Fault("status", 503, body="upstream connect error"), "maybe", False, "provider_error"),
        (Fault("status", 503, 20503), "no", False, "provider_busy"),
        (Fault("status", 503, body="", headers={"Retry-After": "7"}), "no", False, "provider_busy"),
        (Fault("status", 401, 20003), "no", False, "auth_failed"),
        (Fault("status", 403, body="no"), "no", False, "auth_failed"),
        (Fault("status", 404, 20404), "no", False, "route_misconfigured"),
        (Fault("status", 400, 21606), "no", False, "route_misconfigured"),
        (Fault("status", 400, 21617), "no", True, "too_long"),
        (Fault("status", 400, 21660), "no", False, "route_misconfigured"),
        (Fault("status", 400, 29999), "no", False, "twilio_29999"),
        (Fault("status", 400, body="<html>a proxy</html>"), "no", False, "provider_refused"),
        (Fault("status", 429, body=""), "no", False, "throttled"),
        (Fault("status", 302, body="", headers={"Location": "/login"}), "no", False, "provider_refused"),
        (Fault("malformed", body=""), "maybe", False, "unreadable_answer"),
        (Fault("malformed", body="[]"), "maybe", False, "unreadable_answer"),
        (Fault("malformed", body='{"status": "queued"}'), "maybe", False, "unreadable_answer"),
        (Fault("drop_before"), "maybe", False, "connection_lost"),
    ],
)
def test_each_refusal_says_whether_the_text_may_be_out(fault: Fault, taken: str, permanent: bool, code: str) -> None:
    with FakeTwilio() as twilio:
        twilio.script([fault])
        error = attempt(twilio)
        assert (error.taken, error.permanent, error.code) == (taken, permanent, code)
        assert twilio.requests == 1, "no request is repeated behind the dispatcher's back"


def test_a_wrong_token_waits_for_the_administrator() -> None:
    with FakeTwilio() as twilio:
        error = attempt(twilio, auth_token="wrong")
        assert (error.code, error.permanent, error.taken) == ("auth_failed", False, "no")


def test_a_retry_after_date_becomes_seconds() -> None:
    with FakeTwilio() as twilio:
        twilio.script([Fault("status", 429, 20429, {"Retry-After": "Sat, 21 Nov 2026 03:02:00 GMT"})])
        assert attempt(twilio).retry_after == 120
        twilio.script([Fault("status", 429, 20429, {"Retry-After": "soon"})])
        assert attempt(twilio).retry_after is None


def test_an_unknown_word_in_the_answer_is_still_an_acceptance() -> None:
    async def once(twilio: FakeTwilio) -> str:
        async with Twilio(twilio.settings()) as provider:
            return (await provider.send(outgoing())).status

    with FakeTwilio() as twilio:
        twilio.script([Fault("word", word="teleporting"), Fault("word", word="failed")])
        assert asyncio.run(once(twilio)) == "sent"
        assert asyncio.run(once(twilio)) == "failed"


def test_the_request_carries_sender_callback_and_validity() -> None:
    form = accepted_form(outgoing(expires_at=NOW + timedelta(minutes=90)))
    assert form["From"] == "TRAMYTE"
    assert form["StatusCallback"].endswith(str(ID))
    assert form["ValidityPeriod"] == "5400"
    assert form["SmartEncoded"].lower() == "false"
    assert "MessagingServiceSid" not in form


def test_validity_is_never_longer_than_twilio_takes() -> None:
    assert accepted_form(outgoing(expires_at=NOW + timedelta(days=2)))["ValidityPeriod"] == "36000"
    assert "ValidityPeriod" not in accepted_form(outgoing())


def test_a_messaging_service_chooses_the_sender() -> None:
    form = accepted_form(outgoing(callback_url=""), messaging_service_sid="MG" + "1" * 32)
    assert form["MessagingServiceSid"] == "MG" + "1" * 32
    assert "From" not in form
    assert "StatusCallback" not in form


def test_a_signature_holds_with_and_without_the_port() -> None:
    params = {"MessageSid": "SM1"}
    provider = Twilio({"auth_token": TOKEN})
    for signed, public in [
        ("https://mam.example:443/x", "https://mam.example/x"),
        ("https://mam.example/x", "https://mam.example:443/x"),
    ]:
        assert provider.verify(public, {"X-Twilio-Signature": FakeTwilio().sign(signed, params)}, b"", params)


def test_an_expired_validity_is_told_from_a_failure() -> None:
    report = PROVIDERS["twilio"]({}).read_report({"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "30036"})
    assert (report.status, report.error_code) == ("expired", "expired")
    listed = twilio._accepted({"sid": "SM1", "status": "undelivered", "error_code": 30036})
    assert (listed.status, listed.error_code) == ("expired", "expired")


def test_error_numbers_become_our_words() -> None:
    assert error_code("30005") == "dead_number"
    assert error_code(30999) == "twilio_30999"
    assert error_code(None) == error_code("") == error_code("0") == ""
    assert [number for number, error in ERRORS.items() if error.opted_out] == [21610]
    assert max(len(error.code) for error in ERRORS.values()) <= 40


def test_no_other_account_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "ACfromtheenvironment")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "token")
    with FakeTwilio() as twilio:
        assert attempt(twilio, account_sid="", auth_token="").code == "auth_failed"


def test_callbacks_of_the_fake_are_signed_and_understood() -> None:
    seen: list[Report] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            params = dict(parse_qsl(body.decode()))
            genuine = Twilio({"auth_token": TOKEN}).verify(text.callback, dict(self.headers), body, params)
            seen.append(Twilio({}).read_report(params))
            self.send_response(204 if genuine else 403)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    async def once(twilio: FakeTwilio) -> None:
        async with Twilio(twilio.settings()) as provider:
            await provider.send(outgoing())

    with FakeTwilio() as twilio, HTTPServer(("127.0.0.1", 0), Hook) as hook:
        asyncio.run(once(twilio))
        text = twilio.accepted[0]
        serving = threading.Thread(target=hook.serve_forever, args=(0.01,))
        serving.start()
        through = f"http://127.0.0.1:{hook.server_address[1]}"
        assert twilio.report(text, "sent", "delivered", "delivered", through=through) == [204, 204, 204]
        assert twilio.report(text, "undelivered", error_code=30005, through=through) == [204]
        hook.shutdown()
        serving.join()
    assert [report.status for report in seen] == ["sent", "delivered", "delivered", "undelivered"]
    assert seen[-1].error_code == "dead_number"
    assert {report.provider_id for report in seen} == {text.sid}
