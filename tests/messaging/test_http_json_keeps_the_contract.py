"""http_json against aggregators of several shapes, over real HTTP: the same contract by configuration alone."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

import pytest

from messaging.providers import problems
from messaging.providers.base import Provider, SendError
from messaging.providers.http_json import HttpJson
from tests.fake_aggregators import CLIENT, CLIENT_SECRET, FakeEsms, FakeFpt, FakeNumbers, Text
from tests.fake_http import FakeServer, Fault, closed_port
from tests.messaging.payloads import payload
from tests.messaging.provider_contract import ID, NoListContract, SecretPathContract, ToldStopsContract, World, outgoing

REPORTS: dict[str, Any] = {
    "report": {"id": "ref", "provider_id": "smsid", "status": "Status", "error": "Error", "operator": "Telco"},
    "statuses": {"1": "delivered", "2": "sent", "-11": "sent", "0": "undelivered"},
    "operators": {"viettel": "Viettel", "vina": "VinaPhone", "mobi": "MobiFone", "htc": "Vietnamobile"},
    "inbound": {"from": "msisdn", "to": "shortcode", "text": "message.text", "id": "moid"},
}
LIKE_FPT: dict[str, Any] = REPORTS | {
    "url": "{base}/api/push-brandname-otp",
    "username": CLIENT,
    "password": CLIENT_SECRET,
    "token_request": {
        "url": "{base}/oauth2/token",
        "json": {
            "grant_type": "client_credentials",
            "client_id": "{username}",
            "client_secret": "{password}",
            "scope": "send_brandname_otp",
            "session_id": "{id}",
        },
        "path": "access_token",
    },
    "json": {
        "access_token": "{token}",
        "session_id": "{id}",
        "BrandName": "{sender}",
        "Phone": "{to_digits}",
        "Message": "{text_base64}",
        "RequestId": "{id}",
    },
    "answer": {"id": "MessageId", "error": "error", "words": "error_description"},
    "errors": {"1011": "auth_failed", "1014": "bad_number", "1015": "opted_out", "1016": "not_registered"},
}
ONE_NUMBER: dict[str, Any] = REPORTS | {
    "url": "{base}/apibrandname/send",
    "username": "tram",
    "password": "mat-khau",
    "form": {
        "USERNAME": "{username}",
        "PASSWORD": "{password}",
        "BRANDNAME": "{sender}",
        "MESSAGE": "{text}",
        "TYPE": "{kind}",
        "PHONE": "{to_national}",
        "IDREQ": "{id}",
    },
    "kinds": {"promotional": "0", "*": "1"},
    "answer": {"ok": "", "ok_values": [0], "error": ""},
    "errors": {
        "-4": "not_registered",
        "-2": "auth_failed",
        "4": "bad_number",
        "7": "throttled",
        "100": "auth_failed",
        "108": "opted_out",
        "400": "no_credit",
        "901": "too_long",
    },
}
LIKE_ESMS: dict[str, Any] = REPORTS | {
    "url": "{base}/SendMultipleMessage_V4_post_json/",
    "username": "esms-key",
    "password": "esms-secret",
    "json": {
        "ApiKey": "{username}",
        "SecretKey": "{password}",
        "Phone": "{to_national}",
        "Content": "{text}",
        "Brandname": "{sender}",
        "IsUnicode": "{unicode:number}",
        "RequestId": "{id}",
        "CallbackUrl": "{callback}",
    },
    "answer": {"ok": "CodeResult", "ok_values": ["100"], "id": "SMSID", "error": "CodeResult", "words": "ErrorMessage"},
    "errors": {"108": "bad_number", "99": "opted_out"},
}


class OneShape(NoListContract, ToldStopsContract, SecretPathContract):
    """One aggregator, described by `shape` and served by `fake`."""

    name: ClassVar[str] = "http_json"
    shape: ClassVar[dict[str, Any]]
    fake: ClassVar[type[FakeServer]]
    invalid: ClassVar[str | int]
    stopped: ClassVar[str | int]

    def settings(self, base: str = "http://127.0.0.1:1") -> dict[str, Any]:
        return with_base(self.shape | {"secret": self.SECRET, "timeout": 5}, base)

    @contextmanager
    def world(self, fault: str = "") -> Iterator[World]:
        faults = {
            "invalid": Fault("status", 200, self.invalid),
            "opted_out": Fault("status", 200, self.stopped),
            "throttled": Fault("status", 429, headers={"Retry-After": "30"}),
            "timeout": Fault("hang", seconds=3),
            "dropped": Fault("drop"),
            "malformed": Fault("malformed"),
            "error_500": Fault("status", 500),
        }
        with self.fake() as server:
            base = f"http://127.0.0.1:{closed_port()}" if fault == "refused_connection" else server.base_url
            server.script([faults[fault]] if fault in faults else [])
            given = self.settings(base)
            yield HttpJsonWorld(server, given | ({"timeout": 0.3} if fault == "timeout" else {}))

    def report(self, word: str) -> dict[str, Any]:
        return payload("fpt_report.json") | {"Status": word, "ref": str(ID)}

    def words(self) -> dict[str, str]:
        return dict(REPORTS["statuses"])

    def inbound(self) -> dict[str, Any]:
        return {"msisdn": "+84912000001", "shortcode": "8000", "message": {"text": "TC"}, "moid": 77}

    def one(self, **more: Any) -> Text:
        with self.world() as world:
            self.send(world, outgoing(**more))
            return world.server.accepted[0]  # type: ignore[attr-defined,no-any-return]

    def test_its_description_has_no_mistakes(self) -> None:
        assert problems("http_json", self.settings()) == []


class HttpJsonWorld(World):
    def __init__(self, server: FakeServer, settings: dict[str, Any]) -> None:
        self.server = server
        self.provider = HttpJson(settings)

    def bodies(self) -> list[str]:
        return [text.body for text in self.server.accepted]


def with_base(template: Any, base: str) -> Any:
    if isinstance(template, dict):
        return {name: with_base(item, base) for name, item in template.items()}
    return template.replace("{base}", base) if isinstance(template, str) else template


def test_a_text_in_the_address_arrives_whole() -> None:
    said = "A & B #1? 50% + c=d/é"
    form = {name: value for name, value in ONE_NUMBER["form"].items() if name not in ("MESSAGE", "PHONE")}
    shape = {"form": form, "url": "{base}/apibrandname/send?MESSAGE={text}&PHONE={to_national}", "secret": "x" * 16}

    async def once(provider: Provider) -> None:
        async with provider:
            await provider.send(outgoing(said))

    with FakeNumbers() as server:
        asyncio.run(once(HttpJson(with_base(ONE_NUMBER | shape, server.base_url))))
        assert [text.body for text in server.accepted] == [said]


class TestLikeFpt(OneShape):
    shape, fake, invalid, stopped = LIKE_FPT, FakeFpt, 1014, 1015

    def test_a_token_is_asked_for_once_a_pass(self) -> None:
        async def one_pass(provider: Provider) -> None:
            async with provider:
                await asyncio.gather(*(provider.send(outgoing(id=UUID(int=n))) for n in range(20)))

        with self.world() as world:
            asyncio.run(one_pass(world.provider))
            assert len(world.server.tokens) == 1  # type: ignore[attr-defined]
            asyncio.run(one_pass(world.provider))
            assert len(world.server.tokens) == 2  # type: ignore[attr-defined]

    def test_without_a_token_nothing_has_left(self) -> None:
        given = self.settings()
        with FakeFpt() as fpt:
            base = with_base(LIKE_FPT, fpt.base_url)["token_request"]
            for wrong in (
                {"password": "wrong", "token_request": base},
                {"token_request": base | {"path": "nothing.here"}},
                {"token_request": base | {"url": f"http://127.0.0.1:{closed_port()}/"}},
                {"token_request": base | {"url": f"{fpt.base_url}/elsewhere"}},
            ):
                with pytest.raises(SendError) as caught:
                    self.send(HttpJsonWorld(fpt, given | wrong), outgoing())
                assert (caught.value.taken, caught.value.permanent) == ("no", False)
            assert fpt.requests == 0

    def test_an_error_that_the_table_does_not_know(self) -> None:
        with FakeFpt() as fpt:
            fpt.script([Fault("status", 200, 1999), Fault("status", 400, body='{"error": 1999}')])
            world = HttpJsonWorld(fpt, self.settings(fpt.base_url))
            for taken, code in (("maybe", "provider_1999"), ("no", "provider_refused")):
                with pytest.raises(SendError) as caught:
                    self.send(world, outgoing())
                assert (caught.value.taken, caught.value.code) == (taken, code)

    def test_its_report_names_operator_and_error(self) -> None:
        provider = HttpJson(self.settings())
        delivered = provider.read_report(payload("fpt_report.json"))
        assert (delivered.status, delivered.operator, delivered.error_code) == ("delivered", "Viettel", "")
        assert delivered.provider_id == "7001"
        failed = provider.read_report(payload("fpt_report.json") | {"Status": 0, "Error": "1016", "Telco": "itel"})
        assert (failed.status, failed.operator, failed.error_code) == ("undelivered", "itel", "not_registered")
        other = provider.read_report(payload("fpt_report.json") | {"Status": 0, "Error": "Lỗi 55"})
        assert other.error_code == "provider_l_i_55"


class TestOneNumber(OneShape):
    shape, fake, invalid, stopped = ONE_NUMBER, FakeNumbers, "4", "108"

    def test_our_id_is_the_providers_where_it_names_none(self) -> None:
        with self.world() as world:
            assert self.send(world, outgoing()).provider_id == str(ID)

    def test_the_kind_follows_the_class(self) -> None:
        assert self.one().sent["TYPE"] == "1"
        assert self.one(message_class="promotional").sent["TYPE"] == "0"

    def test_an_error_in_words_is_in_doubt_when_no_table_knows_it(self) -> None:
        with FakeNumbers() as numbers:
            numbers.script([Fault("status", 200, "99")])
            with pytest.raises(SendError) as caught:
                self.send(HttpJsonWorld(numbers, self.settings(numbers.base_url)), outgoing())
        assert (caught.value.taken, caught.value.code) == ("maybe", "provider_99")


class TestLikeEsms(OneShape):
    shape, fake, invalid, stopped = LIKE_ESMS, FakeEsms, "108", "99"

    def test_a_number_stays_a_number_and_the_callback_opens_our_door(self) -> None:
        sent = self.one(body="Chào chị").sent
        assert sent["IsUnicode"] == 1
        assert HttpJson(self.settings()).verify(sent["CallbackUrl"], {}, b"", {})


def test_the_answer_to_a_webhook_is_what_the_provider_waits_for() -> None:
    answer = HttpJson({"reply": '{"status":1}', "reply_type": "application/json"}).webhook_answer()
    assert (answer.status, answer.body, answer.content_type) == (200, '{"status":1}', "application/json; charset=utf-8")
