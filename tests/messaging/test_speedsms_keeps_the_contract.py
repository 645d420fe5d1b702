"""The speedsms provider against a server of SpeedSMS's shape, over real HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from messaging.providers.errors import OURS
from messaging.providers.speedsms import ERRORS, SpeedSms
from tests.fake_aggregators import FakeSpeedSms
from tests.fake_http import Fault, closed_port
from tests.messaging.payloads import payload
from tests.messaging.provider_contract import NoListContract, SecretPathContract, World, outgoing

FAULTS = {
    "invalid": Fault("status", 200, "105"),
    "throttled": Fault("status", 429, headers={"X-Rate-Limit-Reset": "30"}),
    "timeout": Fault("hang", seconds=3),
    "dropped": Fault("drop"),
    "malformed": Fault("malformed"),
    "error_500": Fault("status", 500),
}


class SpeedSmsWorld(World):
    def __init__(self, speedsms: FakeSpeedSms, **settings: Any) -> None:
        self.speedsms = speedsms
        self.provider = SpeedSms(speedsms.settings(**settings))

    def bodies(self) -> list[str]:
        return [text.body for text in self.speedsms.accepted]


class TestSpeedSms(NoListContract, SecretPathContract):
    name: ClassVar[str] = "speedsms"
    knows_our_id: ClassVar[bool] = False
    inbound_to: ClassVar[str] = ""
    numbers_inbound: ClassVar[bool] = False

    @contextmanager
    def world(self, fault: str = "") -> Iterator[World]:
        with FakeSpeedSms() as speedsms:
            if fault == "refused_connection":
                yield SpeedSmsWorld(speedsms, secret=self.SECRET, url=f"http://127.0.0.1:{closed_port()}/")
                return
            speedsms.script([FAULTS[fault]] if fault else [])
            yield SpeedSmsWorld(speedsms, secret=self.SECRET, timeout=0.3 if fault == "timeout" else 5)

    def report(self, word: str) -> dict[str, Any]:
        return payload("speedsms_report.json") | {"status": word}

    def words(self) -> dict[str, str]:
        return {"0": "delivered", "1": "sent", "63": "sent", "64": "undelivered", "255": "undelivered"}

    def inbound(self) -> dict[str, Any]:
        return payload("speedsms_incoming.json")

    def test_the_request_and_its_answer(self) -> None:
        with FakeSpeedSms() as speedsms:
            accepted = self.send(SpeedSmsWorld(speedsms), outgoing("Chào chị"))
            self.send(SpeedSmsWorld(speedsms, sms_type="5"), outgoing())
            first, second = (text.sent for text in speedsms.accepted)
        assert first == {"to": ["84912000001"], "content": "Chào chị", "sms_type": 3, "sender": "TRAMYTE"}
        assert second["sms_type"] == 5
        assert (accepted.provider_id, accepted.price) == ("123456", Decimal(250))

    def test_a_yes_that_names_our_number_invalid_is_a_no(self) -> None:
        for number in ("84912000001", "0912000001", "+84912000001", 912000001):
            data = {"tranId": 7, "totalSMS": 0, "invalidPhone": [number]}
            said = str({"status": "success", "code": "00", "data": data}).replace("'", '"')
            FAULTS["this"] = Fault("status", 200, body=said)
            error, _ = self.refusal("this")
            assert (error.code, error.permanent, error.taken) == ("bad_number", True, "no")

    @pytest.mark.parametrize(("code", "known"), ERRORS.items())
    def test_every_code_of_the_table_is_read(self, code: str, known: Any) -> None:
        FAULTS["this"] = Fault("status", 200, code)
        error, _ = self.refusal("this")
        assert (error.code, error.permanent, error.taken) == (known.code, known.permanent, known.taken)
        assert known.code in OURS or known.code == "bad_encoding"

    def test_what_nobody_knows_leaves_the_text_in_doubt(self) -> None:
        FAULTS["this"] = Fault("status", 200, "777")
        assert (self.refusal("this")[0].code, self.refusal("this")[0].taken) == ("speedsms_777", "maybe")
        for body in ("[]", "{}", '{"status": "success", "code": "00"}', '{"status": "success", "data": {}}'):
            FAULTS["this"] = Fault("status", 200, body=body)
            assert self.refusal("this")[0].code == "unreadable_answer"

    def test_a_minute_when_it_does_not_say_how_long(self) -> None:
        FAULTS["this"] = Fault("status", 429)
        assert self.refusal("this")[0].retry_after == 60

    @pytest.mark.parametrize(("said", "wait"), [("17", 17), ("99999999999999", 3600), ("²", 60), ("soon", 60)])
    def test_it_is_waited_as_long_as_it_says_but_no_longer_than_an_hour(self, said: str, wait: float) -> None:
        FAULTS["this"] = Fault("status", 429, headers={"X-Rate-Limit-Reset": said})
        assert self.refusal("this")[0].retry_after == wait

    def test_a_wrong_token_waits_for_the_administrator(self) -> None:
        with FakeSpeedSms() as speedsms, pytest.raises(Exception, match="sign-in") as caught:
            self.send(SpeedSmsWorld(speedsms, access_token="other"), outgoing())
        assert (caught.value.code, caught.value.permanent) == ("auth_failed", False)  # type: ignore[attr-defined]


def test_a_number_as_status_is_read_like_a_text() -> None:
    assert SpeedSms({}).read_report(payload("speedsms_report.json")).status == "delivered"
    late = SpeedSms({}).read_report(payload("speedsms_report.json") | {"status": 64})
    assert (late.status, late.error_code) == ("undelivered", "speedsms_64")
    assert SpeedSms({}).read_report({"status": 0, "tranId": 1}).status == "unknown", "no report says so"
