"""The sandbox, as strict as the real thing and the same in every process."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest

from messaging.providers import PROVIDERS, get_provider
from messaging.providers.base import Accepted, Outgoing, Provider, SendError
from messaging.providers.sandbox import SIGNATURE_HEADER, Sandbox
from tests.messaging.provider_contract import ID, NOW, NoListContract, ToldStopsContract, Webhook, World, outgoing

FAULTS = {  # the sandbox loses an answer in one way, however the contract calls it
    "": {},
    "invalid": {"invalid": 1},
    "opted_out": {"opted_out": 1},
    "throttled": {"throttled": 1},
    "timeout": {"lost_answer": 1},
    "dropped": {"lost_answer": 1},
    "malformed": {"lost_answer": 1},
    "refused_connection": {"down": 1},
}


class SandboxWorld(World):
    def __init__(self, settings: dict[str, Any]) -> None:
        self.lines: list[dict[str, Any]] = []
        sandbox = Sandbox(settings)
        sandbox.on_accept = self.lines.append
        self.provider = sandbox

    def bodies(self) -> list[str]:
        return [line["body"] for line in self.lines]


class TestSandbox(NoListContract, ToldStopsContract):
    name: ClassVar[str] = "sandbox"

    @contextmanager
    def world(self, fault: str = "") -> Iterator[World]:
        yield SandboxWorld(FAULTS[fault] | {"secret": "s3cret"})

    def report(self, word: str) -> dict[str, Any]:
        return {"kind": "report", "id": str(ID), "provider_id": "SB1", "status": word, "at": NOW.isoformat()}

    def words(self) -> dict[str, str]:
        return {"ENROUTE": "sent", "DELIVRD": "delivered", "UNDELIV": "undelivered", "EXPIRED": "expired"}

    def inbound(self) -> dict[str, Any]:
        return {"kind": "inbound", "id": "IN1", "from": "+84912000001", "to": "8000", "body": "TC"}

    def webhook(self, provider: Provider) -> Webhook:
        assert isinstance(provider, Sandbox)
        url, params = "https://mam.example/sms/status", {"status": "DELIVRD"}
        body = json.dumps(params).encode()
        return Webhook(url, {SIGNATURE_HEADER: provider.sign(url, body)}, body, params)


def texts(count: int) -> list[Outgoing]:
    return [outgoing(id=UUID(int=7**40 + n), to=f"+8491{n:07}", key=f"k:{n}") for n in range(count)]


def outcomes(settings: dict[str, Any], many: list[Outgoing]) -> list[Accepted | SendError]:
    async def run() -> list[Accepted | SendError]:
        async with Sandbox(settings) as provider:
            answers: list[Accepted | SendError] = []
            for m in many:
                try:
                    answers.append(await provider.send(m))
                except SendError as error:
                    answers.append(error)
            return answers

    return asyncio.run(run())


def told(answer: Accepted | SendError) -> list[str]:
    sandbox = Sandbox({})
    return [sandbox.read_report(report.payload).status for report in answer.reports]


def test_every_process_sees_the_same_course_of_events() -> None:
    settings = {"profile": "rough", "seed": 3}
    first, again = (
        [str(a) if isinstance(a, SendError) else repr(a) for a in outcomes(settings, texts(300))] for _ in range(2)
    )
    assert first == again
    assert first != [str(a) for a in outcomes(settings | {"seed": 4}, texts(300))]


def test_a_calm_sandbox_delivers_everything() -> None:
    for answer in outcomes({}, texts(200)):
        assert isinstance(answer, Accepted)
        assert told(answer) == ["sent", "delivered"]
        arrivals = [report.at for report in answer.reports]
        assert NOW < arrivals[0] < arrivals[1] < NOW + timedelta(hours=3)


def test_the_shares_are_kept() -> None:
    answers = outcomes({"undelivered": 0.2, "never": 0.1, "invalid": 0.1}, texts(4000))
    refused = sum(isinstance(a, SendError) for a in answers)
    taken = [a for a in answers if isinstance(a, Accepted)]
    ends = Counter(told(a)[-1] if a.reports else "never" for a in taken)
    assert refused / 4000 == pytest.approx(0.1, abs=0.02)
    assert ends["never"] / len(taken) == pytest.approx(0.1, abs=0.02)
    assert ends["undelivered"] / len(taken) == pytest.approx(0.18, abs=0.02)


def test_reports_come_late_twice_and_out_of_order() -> None:
    late, twice, disorder = (outcomes({name: 1}, texts(20)) for name in ("late", "twice", "disorder"))
    assert all(a.reports[-1].at > NOW + timedelta(hours=20) for a in late)
    done = [datetime.fromisoformat(a.reports[-1].payload["at"]) for a in late]
    assert max(done) < NOW + timedelta(hours=3), "the report is late, not the text"
    assert all(told(a) == ["sent", "delivered", "delivered"] for a in twice)
    assert all(told(a) == ["delivered", "sent"] for a in disorder)


def test_a_lost_answer_does_not_lose_its_reports() -> None:
    (answer,) = outcomes({"lost_answer": 1}, [outgoing()])
    assert isinstance(answer, SendError)
    assert (answer.taken, told(answer)) == ("maybe", ["sent", "delivered"])


def test_a_fault_of_the_line_passes_but_a_dead_number_stays_dead() -> None:
    for name, passes in (("down", True), ("throttled", True), ("invalid", False)):
        refused = [m for m, a in zip(texts(400), outcomes({name: 0.2}, texts(400)), strict=True) if a_error(a)]
        later = [outgoing(id=m.id, to=m.to, at=NOW + timedelta(minutes=5)) for m in refused]
        still = sum(a_error(a) for a in outcomes({name: 0.2}, later))
        assert (still < len(later) / 2) == passes
        assert passes or still == len(later)


def a_error(answer: Accepted | SendError) -> bool:
    return isinstance(answer, SendError)


def test_a_second_copy_is_a_second_text_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "far-end.jsonl"
    outcomes({"log": str(log)}, [outgoing("Chào chị"), outgoing("Chào chị")])
    outcomes({"log": str(log), "lost_answer": 1}, [outgoing("Chào chị")])
    outcomes({"log": str(log), "invalid": 1}, [outgoing("Chào chị")])
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert lines == 3 * [
        {
            "kind": "text",
            "at": NOW.isoformat(),
            "to": "+84912000001",
            "key": "scheduled:1",
            "body": "Chào chị",
            "id": str(ID),
        }
    ]


def test_the_operator_follows_the_longest_prefix() -> None:
    sandbox = Sandbox({"operators": {"091": "VinaPhone", "+849": "other", "0912": "pilot"}})
    assert [sandbox.operator_of(n) for n in ("+84911", "+84912", "+8496", "+856")] == [
        "VinaPhone",
        "pilot",
        "other",
        "",
    ]


def test_one_operator_may_be_worse_than_the_rest() -> None:
    settings = {"operators": {"091": "VinaPhone", "096": "Viettel"}, "undelivered_by_operator": {"Viettel": 1}}
    both = [outgoing(to="+84912000001"), outgoing(to="+84962000001")]
    good, bad = outcomes(settings, both)
    assert (told(good)[-1], told(bad)[-1]) == ("delivered", "undelivered")
    assert bad.reports[-1].payload["operator"] == "Viettel"


def test_nothing_arrives_at_an_operator_that_is_down() -> None:
    settings = {"operators": {"091": "VinaPhone", "096": "Viettel"}, "nothing_arrives": {"Viettel": "dead_number"}}
    both = [outgoing(to="+84912000001"), outgoing(to="+84962000001")]
    good, bad = outcomes(settings, both)
    assert (told(good)[-1], told(bad)[-1]) == ("delivered", "undelivered")
    assert Sandbox({}).read_report(bad.reports[-1].payload).error_code == "dead_number"


def test_a_text_that_is_too_slow_expires() -> None:
    (answer,) = outcomes({}, [outgoing(expires_at=NOW + timedelta(seconds=10))])
    assert told(answer) == ["sent", "expired"]


def test_parts_may_be_reported_apart() -> None:
    (answer,) = outcomes({"report_parts": True}, [outgoing("a" * 400)])
    parts = [Sandbox({}).read_report(report.payload).part for report in answer.reports]
    assert sorted(part for part in parts if part) == [1, 1, 2, 2, 3, 3]


def test_an_unknown_name_lists_the_known_ones() -> None:
    assert get_provider("sandbox", {}).name == "sandbox"
    with pytest.raises(ValueError, match="kannel, sandbox, speedsms, twilio"):
        get_provider("pigeon", {})
    with pytest.raises(ValueError, match="calm, ordinary, rough"):
        PROVIDERS["sandbox"]({"profile": "stormy"})
