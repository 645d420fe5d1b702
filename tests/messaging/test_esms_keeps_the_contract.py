"""The esms provider against a server of eSMS's shape, over real HTTP."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest

from messaging.models import OperatorPrefix
from messaging.outgoing.routing import load_prefixes
from messaging.providers.base import Accepted, CannotTell, Outgoing
from messaging.providers.errors import OURS
from messaging.providers.esms import ERRORS, OPERATORS, Esms
from recipients.phones import prefix_rows
from tests.fake_aggregators import FakeEsms
from tests.fake_http import Fault, closed_port
from tests.messaging.payloads import lines
from tests.messaging.provider_contract import ID, NOW, SecretPathContract, World, outgoing

LATER = NOW + timedelta(hours=1)
FAULTS = {
    "invalid": Fault("status", 200, "108"),
    "throttled": Fault("status", 429, headers={"Retry-After": "30"}),
    "timeout": Fault("hang", seconds=3),
    "dropped": Fault("drop"),
    "malformed": Fault("malformed"),
    "error_500": Fault("status", 500),
}


class EsmsWorld(World):
    def __init__(self, esms: FakeEsms, **settings: Any) -> None:
        self.esms = esms
        self.provider = Esms(esms.settings(**settings))

    def bodies(self) -> list[str]:
        return [text.body for text in self.esms.accepted]


class TestEsms(SecretPathContract):
    name: ClassVar[str] = "esms"

    @contextmanager
    def world(self, fault: str = "") -> Iterator[World]:
        with FakeEsms() as esms:
            if fault == "refused_connection":
                yield EsmsWorld(esms, secret=self.SECRET, base_url=f"http://127.0.0.1:{closed_port()}")
                return
            esms.script([FAULTS[fault]] if fault else [])
            yield EsmsWorld(esms, secret=self.SECRET, timeout=0.3 if fault == "timeout" else 5)

    def report(self, word: str) -> dict[str, Any]:
        counted = {"SendSuccess": "0", "SendFailed": "0", "TotalReceiver": "1"}
        return {"SMSID": "dc71", "RequestId": str(ID), "SendStatus": word, "telcoid": "1", "TypeId": "2"} | counted

    def words(self) -> dict[str, str]:
        return {"1": "sent", "2": "sent", "4": "failed", "5": "sent", "7": "sent"}

    def inbound(self) -> dict[str, Any]:
        return {"sender": "84912000001", "serviceNumber": "8000", "content": "TC", "smsid": "MO1", "cpid": "7"}

    def sent(self, m: Outgoing, **settings: Any) -> dict[str, Any]:
        with FakeEsms() as esms:
            self.send(EsmsWorld(esms, secret=self.SECRET, **settings), m)
            return esms.accepted[0].sent

    def look(self, esms: FakeEsms, m: Outgoing, now: Any = LATER) -> Accepted | None:
        async def once() -> Accepted | None:
            async with Esms(esms.settings()) as provider:
                return await provider.find(m, now)

        return asyncio.run(once())

    def test_the_request_has_number_words_type_and_our_id(self) -> None:
        sent = self.sent(outgoing("Chào chị"))
        assert (sent["Phone"], sent["Brandname"], sent["RequestId"]) == ("0912000001", "TRAMYTE", str(ID))
        assert (sent["SmsType"], sent["IsUnicode"], sent["Sandbox"]) == ("2", "1", "0")
        assert "?" not in sent["CallbackUrl"], "eSMS puts its own parameters behind the address"
        assert Esms({"secret": self.SECRET}).verify(sent["CallbackUrl"] + "?SMSID=1", {}, b"", {})

    def test_the_type_follows_the_class(self) -> None:
        assert self.sent(outgoing(message_class="promotional"))["SmsType"] == "1"
        assert self.sent(outgoing(message_class="emergency"))["SmsType"] == "2"
        assert self.sent(outgoing(), sms_type=8)["SmsType"] == "8"

    def test_only_ascii_goes_without_unicode(self) -> None:
        assert self.sent(outgoing("Chao chi"))["IsUnicode"] == "0"
        assert self.sent(outgoing("Goi so 1 là gap bac si"))["IsUnicode"] == "1", "GSM-7 has à, an aggregator has not"

    def test_a_trial_sends_nothing(self) -> None:
        assert self.sent(outgoing(), sandbox=1)["Sandbox"] == "1"

    def test_a_second_time_the_same_text_is_refused_and_in_doubt(self) -> None:
        with FakeEsms() as esms:
            world = EsmsWorld(esms)
            self.send(world, outgoing())
            with pytest.raises(Exception, match="has had a text with this id") as caught:
                self.send(world, outgoing())
            assert caught.value.taken == "maybe"  # type: ignore[attr-defined]
            assert len(esms.accepted) == 1

    @pytest.mark.parametrize(("code", "known"), ERRORS.items())
    def test_every_code_of_the_table_is_a_refusal(self, code: str, known: Any) -> None:
        FAULTS["this"] = Fault("status", 200, code)
        error, bodies = self.refusal("this")
        assert (error.code, error.permanent, error.taken) == (known.code, known.permanent, known.taken)
        assert bodies == []
        assert known.code in OURS or known.taken == "maybe"

    def test_a_code_that_nobody_knows_leaves_the_text_in_doubt(self) -> None:
        FAULTS["this"] = Fault("status", 200, "9999")
        error, _ = self.refusal("this")
        assert (error.code, error.taken) == ("esms_9999", "maybe")
        for body in ('{"error": "Invalid request"}', "[]", '{"CodeResult": "100"}'):
            FAULTS["this"] = Fault("status", 200, body=body)
            assert self.refusal("this")[0].code == "unreadable_answer"

    def test_a_lost_text_is_found_in_the_list(self) -> None:
        with FakeEsms(lambda: NOW) as esms:
            self.send(EsmsWorld(esms), outgoing("Chào chị"))
            self.send(EsmsWorld(esms), outgoing("Lời khác", id=UUID(int=5)))
            found = self.look(esms, outgoing("Chào chị"))
            assert found is not None
            assert (found.provider_id, found.status) == (esms.accepted[0].id, "sent")
            assert self.look(esms, outgoing("Chưa hề gửi")) is None
            with pytest.raises(CannotTell, match="newest"):
                self.look(esms, outgoing("Chưa hề gửi"), NOW + timedelta(minutes=1))
            self.send(EsmsWorld(esms), outgoing("Chào chị", id=UUID(int=6)))
            with pytest.raises(CannotTell, match="2 texts"):
                self.look(esms, outgoing("Chào chị"))

    def test_the_same_words_of_another_hour_are_another_text(self) -> None:
        moment = [NOW]
        with FakeEsms(lambda: moment[0]) as esms:
            self.send(EsmsWorld(esms), outgoing("Chào chị"))
            moment[0] = LATER
            self.send(EsmsWorld(esms), outgoing("Chào chị", id=UUID(int=6)))
            for at, text in zip((NOW, LATER), esms.accepted, strict=True):
                found = self.look(esms, outgoing("Chào chị", at=at), LATER + timedelta(hours=1))
                assert found is not None
                assert found.provider_id == text.id
            assert self.look(esms, outgoing("Chào chị", at=NOW - timedelta(hours=1))) is None

    def test_the_list_is_read_to_its_end(self) -> None:
        with FakeEsms(lambda: NOW) as esms:
            self.send(EsmsWorld(esms), outgoing("Chào chị"))
            esms.accepted[:0] = [esms.accepted[0].__class__(str(n), "0912000009", "x", {}, NOW) for n in range(500)]
            found = self.look(esms, outgoing("Chào chị"))
            assert found is not None
            assert found.provider_id == esms.accepted[-1].id

    def test_a_list_that_cannot_be_read_tells_nothing(self) -> None:
        with FakeEsms() as esms:

            async def once(**more: Any) -> None:
                async with Esms(esms.settings(**more)) as provider:
                    await provider.find(outgoing(), LATER)

            for wrong in ({"secret_key": "x"}, {"base_url": f"http://127.0.0.1:{closed_port()}"}):
                with pytest.raises(CannotTell):
                    asyncio.run(once(**wrong))

    def test_a_text_from_a_phone_is_signed_too(self) -> None:
        params = self.inbound() | {"receiverTime": "20261121100000", "keyword": "TC"}
        signed = base64.b64encode(hashlib.md5(b"7MO1TC20261121100000khoa").digest()).decode()
        url = f"https://mam.example/sms/1/inbound/{self.SECRET}?sender=84912000001"
        provider = Esms({"secret": self.SECRET, "short_number_key": "khoa"})
        assert provider.verify(url, {}, b"", params | {"sign": signed})
        assert not provider.verify(url, {}, b"", params | {"sign": signed, "content": "BAT"})
        assert not provider.verify(url, {}, b"", params)
        assert not provider.verify(url[:-30], {}, b"", params | {"sign": signed})
        assert provider.verify(f"https://mam.example/sms/1/status/{self.SECRET}", {}, b"", self.report("5"))


@pytest.mark.parametrize(("status", "query"), lines("esms_callbacks.txt"))
def test_callbacks_are_judged_by_what_they_count(status: str, query: str) -> None:
    payload = Esms({}).read_query(query)
    report = Esms({}).read_report(payload)
    assert report.status == status
    assert report.provider_id == payload["SMSID"]
    assert report.operator == OPERATORS.get(payload.get("telcoid", ""), "")


@pytest.mark.django_db
def test_operators_are_named_as_in_the_prefix_table() -> None:
    load_prefixes(asdict(row) for row in prefix_rows())
    assert set(OPERATORS.values()) <= set(OperatorPrefix.objects.values_list("operator", flat=True))
