"""The kannel provider against a server of smsbox's shape, over real HTTP; Kannel itself is in test_kannel_itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from messaging.providers.base import Outgoing
from messaging.providers.kannel import Kannel
from tests.fake_http import Fault, closed_port
from tests.fake_kannel import QUEUED, FakeKannel
from tests.messaging.payloads import lines
from tests.messaging.provider_contract import ID, NOW, NoListContract, SecretPathContract, World, outgoing

FAULTS = {
    "invalid": Fault("status", 400, "Empty receiver number not allowed, rejected"),
    "throttled": Fault("status", 429, "", {"Retry-After": "30"}),
    "timeout": Fault("hang", seconds=3),
    "dropped": Fault("drop"),
    "malformed": Fault("malformed", body="<html>a portal</html>"),
    "error_500": Fault("status", 500),
}


class KannelWorld(World):
    def __init__(self, kannel: FakeKannel, **settings: Any) -> None:
        self.kannel = kannel
        self.provider = Kannel(kannel.settings(**settings))

    def bodies(self) -> list[str]:
        return [text.body for text in self.kannel.accepted]


class TestKannel(NoListContract, SecretPathContract):
    name: ClassVar[str] = "kannel"

    @contextmanager
    def world(self, fault: str = "") -> Iterator[World]:
        with FakeKannel() as kannel:
            if fault == "refused_connection":
                yield KannelWorld(kannel, secret=self.SECRET, url=f"http://127.0.0.1:{closed_port()}/cgi-bin/sendsms")
                return
            kannel.script([FAULTS[fault]] if fault else [])
            yield KannelWorld(kannel, secret=self.SECRET, timeout=0.3 if fault == "timeout" else 5)

    def report(self, word: str) -> dict[str, Any]:
        return {"id": str(ID), "type": word, "answer": "", "smsc": "SIM"}

    def words(self) -> dict[str, str]:
        return {"1": "delivered", "2": "undelivered", "4": "sent", "8": "sent", "16": "failed"}

    def inbound(self) -> dict[str, Any]:
        query = {"from": "+84912000001", "to": "8000", "text": "TC", "charset": "UTF-8", "coding": "0", "id": "9c-1"}
        return Kannel({}).read_query(urlencode(query))

    def query(self, m: Outgoing, **settings: Any) -> dict[str, str]:
        with FakeKannel() as kannel:
            self.send(KannelWorld(kannel, secret=self.SECRET, **settings), m)
            return kannel.accepted[0].query

    def test_vietnamese_goes_as_ucs2_and_plain_words_as_gsm(self) -> None:
        vietnamese, plain = self.query(outgoing("Chào chị")), self.query(outgoing("Chao chi {[~€@]}"))
        assert (vietnamese["coding"], vietnamese["charset"]) == ("2", "UTF-8")
        assert (plain["coding"], plain["charset"], plain["text"]) == ("0", "UTF-8", "Chao chi {[~€@]}")

    def test_a_report_is_asked_for_by_an_address_with_our_id(self) -> None:
        query = self.query(outgoing(expires_at=NOW + timedelta(minutes=90)), smsc="SIM")
        assert (query["dlr-mask"], query["validity"], query["smsc"], query["from"]) == ("31", "90", "SIM", "TRAMYTE")
        address = urlsplit(query["dlr-url"])
        assert address.path.startswith(f"/sms/1/status/{ID}/")
        assert parse_qs(address.query) == {"id": [str(ID)], "type": ["%d"], "answer": ["%A"], "smsc": ["%i"]}
        assert Kannel({"secret": self.SECRET}).verify(query["dlr-url"], {}, b"", {})

    def test_what_is_not_set_is_not_sent(self) -> None:
        query = self.query(outgoing(callback_url="", sender=""))
        assert not {"smsc", "validity", "dlr-url", "dlr-mask", "from"} & set(query)

    def test_what_expires_within_a_minute_is_given_one(self) -> None:
        assert self.query(outgoing(expires_at=NOW + timedelta(seconds=20)))["validity"] == "1"

    def test_emergencies_and_answers_go_before_the_rest(self) -> None:
        given = [{"message_class": "emergency"}, {"priority": 10}, {}]
        assert [self.query(outgoing(**more))["priority"] for more in given] == ["3", "2", "1"]

    def test_a_text_that_waits_for_the_smsc_is_taken(self) -> None:
        with FakeKannel() as kannel:
            kannel.script([Fault("word", word=QUEUED)])
            accepted = self.send(KannelWorld(kannel), outgoing())
        assert (accepted.status, accepted.provider_id) == ("sent", str(ID))

    @pytest.mark.parametrize(
        ("status", "said", "taken", "permanent", "code"),
        [
            (403, "Authorization failed for sendsms", "no", False, "auth_failed"),
            (403, "Not routable. Do not try again.", "no", False, "route_misconfigured"),
            (400, "Number(s) has/have been denied by white- and/or black-lists.", "no", True, "blocked"),
            (400, "DLR-URL field misformed, rejected", "no", False, "route_misconfigured"),
            (400, "Sender missing and no global set, rejected", "no", False, "route_misconfigured"),
            (400, "Something new", "no", False, "provider_refused"),
            (404, "Unknown request.", "no", False, "route_misconfigured"),
            (503, "Temporal failure, try again later.", "no", False, "provider_busy"),
            (503, "upstream connect error", "maybe", False, "provider_error"),
            (200, "Welcome", "maybe", False, "unreadable_answer"),
        ],
    )
    def test_each_refusal_says_whose_trouble_it_is(
        self, status: int, said: str, taken: str, permanent: bool, code: str
    ) -> None:
        FAULTS["this"] = Fault("status", status, body=said)
        error, _ = self.refusal("this")
        assert (error.taken, error.permanent, error.code) == (taken, permanent, code)

    def test_a_broken_connection_is_not_repeated_behind_our_back(self) -> None:
        with FakeKannel() as kannel:
            kannel.script([Fault("drop_before")])
            with pytest.raises(Exception, match="may have the text"):
                self.send(KannelWorld(kannel), outgoing())
            assert kannel.requests == 1, "the HTTP client repeats a GET by itself"


@pytest.mark.parametrize(("status", "code", "query"), lines("kannel_reports.txt"))
def test_reports_of_an_smpp_connection(status: str, code: str, query: str) -> None:
    report = Kannel({}).read_report(Kannel({}).read_query(query))
    assert (report.status, report.error_code or "-", report.message_id) == (status, code, ID)


def test_a_text_from_a_phone_comes_in_any_charset() -> None:
    for charset in ("UTF-16BE", "UTF-8", "GSM", "windows-1252", "", "no-such-charset"):
        words = "Déjà vu" if charset == "windows-1252" else "Sinh 20/11/2026, bé gái ạ"
        raw = words.encode({"UTF-16BE": "utf-16-be", "windows-1252": "cp1252"}.get(charset, "utf-8"))
        query = urlencode({"from": "+84912000001", "to": "8000", "text": raw, "charset": charset, "id": "1"})
        inbound = Kannel({}).read_inbound(Kannel({}).read_query(query))
        assert inbound is not None
        assert inbound.body == words, charset
