"""A simulated operator that ships with the product: for the demo, the simulator and a first try.

It forgives nothing: a text that comes twice is accepted, logged and reported twice. What happens to a text follows
from (seed, key, number, time) by hashing, so every process gives the same answer, and a simulation the same course.
"""

import asyncio
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from messaging.providers.base import (
    UNKNOWN,
    Accepted,
    Inbound,
    LaterReport,
    Outgoing,
    Provider,
    Report,
    SendError,
    is_number,
    read_uuid,
)
from messaging.statuses import Status

WORDS: Mapping[str, str] = {
    "ENROUTE": Status.SENT,
    "ACCEPTD": Status.SENT,
    "DELIVRD": Status.DELIVERED,
    "UNDELIV": Status.UNDELIVERED,
    "EXPIRED": Status.EXPIRED,
    "REJECTD": Status.FAILED,
    "DELETED": Status.FAILED,
}
"""The states of SMPP 3.4 (appendix B) -> ours; UNKNOWN and any other word change nothing."""

PROFILES: Final[Mapping[str, Mapping[str, float]]] = {
    "calm": {},
    "ordinary": {
        "down": 0.005,
        "throttled": 0.005,
        "lost_answer": 0.002,
        "invalid": 0.004,
        "opted_out": 0.0005,
        "undelivered": 0.03,
        "never": 0.02,
        "late": 0.02,
        "twice": 0.03,
        "disorder": 0.1,
    },
    "rough": {
        "down": 0.1,
        "throttled": 0.1,
        "lost_answer": 0.05,
        "invalid": 0.02,
        "opted_out": 0.005,
        "undelivered": 0.1,
        "never": 0.1,
        "late": 0.2,
        "twice": 0.2,
        "disorder": 0.5,
    },
}
"""Shares (0 to 1) of texts, numbers or minutes that meet a fault; invented, no measurement of any operator."""

RETRY_AFTER = 30.0  # seconds
SIGNATURE_HEADER = "X-Sandbox-Signature"

on_accept: Callable[[dict[str, Any]], None] | None = None
"""Called in this process with the log line of each accepted text, unless the provider has a hook of its own."""


class Sandbox(Provider):
    """The simulated operator. Sends nothing to anybody."""

    name: ClassVar[str] = "sandbox"
    settings_help: ClassVar[dict[str, str]] = {
        "profile": "calm (everything arrives), ordinary or rough. Each share below overrides the profile's.",
        "seed": "Any text; another seed gives another course of events.",
        "latency_ms": "Milliseconds that each call takes. Default 0.",
        "operators": 'Number prefix -> operator, like {"091": "VinaPhone"} or {"+8491": "VinaPhone"}.',
        "country": "Country code that stands for the 0 of a national prefix. Default 84.",
        "down": "Share of minutes in which connections of a text are refused.",
        "throttled": "Share of minutes in which a text is told to come back later.",
        "lost_answer": "Share of texts that are accepted while the answer is lost.",
        "invalid": "Share of numbers that do not exist.",
        "opted_out": "Share of numbers whose holders told the operator to stop.",
        "undelivered": "Share of accepted texts that do not arrive.",
        "undelivered_by_operator": 'The same for single operators, like {"Viettel": 0.01}.',
        "nothing_arrives": 'Operators at which nothing arrives, and the error told, like {"Viettel": "dead_number"}.',
        "never": "Share of accepted texts without any report.",
        "late": "Share of reports that come a day late.",
        "twice": "Share of reports that come twice.",
        "disorder": 'Share of texts whose "on its way" comes after the final report.',
        "report_parts": "Whether each part of a long text is reported apart.",
        "log": "File to which one JSON line is added for each accepted text.",
        "secret": "Secret of the webhook signature.",
    }
    secret_settings: ClassVar[frozenset[str]] = frozenset({"secret"})
    number_settings: ClassVar[Mapping[str, tuple[float, float]]] = {
        **dict.fromkeys(PROFILES["rough"], (0, 1)),
        "latency_ms": (0, 100_000),
        "country": (1, 999),
    }
    object_settings: ClassVar[frozenset[str]] = frozenset({"operators", "undelivered_by_operator", "nothing_arrives"})

    @classmethod
    def problems(cls, settings: Mapping[str, Any]) -> list[str]:
        found = super().problems(settings)
        if (settings.get("profile") or "calm") not in list(PROFILES):
            found.append(_no_profile(settings["profile"]))
        shares = settings.get("undelivered_by_operator")
        if isinstance(shares, dict) and not all(is_number(share, 0, 1) for share in shares.values()):
            found.append("A share in the setting undelivered_by_operator is not a number from 0 to 1. Correct it.")
        return found

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        profile = str(settings.get("profile") or "calm")
        if profile not in PROFILES:
            raise ValueError(_no_profile(profile))
        self.on_accept: Callable[[dict[str, Any]], None] | None = None
        given = {**PROFILES[profile], **{name: share for name, share in settings.items() if share not in (None, "")}}
        self._shares = {name: float(given.get(name, 0)) for name in PROFILES["rough"]}
        self._seed = str(settings.get("seed", ""))
        self._latency = float(settings.get("latency_ms") or 0) / 1000
        country = str(settings.get("country") or "84")
        self._operators = {
            prefix if prefix.startswith("+") else f"+{country}{prefix.removeprefix('0')}": str(operator)
            for prefix, operator in dict(settings.get("operators") or {}).items()
        }
        self._lengths = sorted({len(prefix) for prefix in self._operators}, reverse=True)
        self._log: int | None = None

    async def open(self) -> None:
        if self.settings.get("log") and self._log is None:
            self._log = os.open(str(self.settings["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    async def close(self) -> None:
        log, self._log = self._log, None
        if log is not None:
            os.close(log)

    async def send(self, m: Outgoing) -> Accepted:
        """Accept, or fail as the shares say.

        Whether a number is refused for good follows from the number, whether the line is down or busy from the text
        and the minute (so a later attempt may pass), everything after acceptance from the text.
        """
        if self._latency:
            await asyncio.sleep(self._latency)
        minute = int(m.at.timestamp() // 60)
        if self._happens("down", f"{m.key}:{minute}"):
            raise SendError("The sandbox refused the connection. The text will be tried again.", "unreachable_provider")
        if self._happens("throttled", f"{m.key}:{minute}"):
            raise SendError(
                "The sandbox asks for fewer texts at a time. The text will be tried again.",
                "throttled",
                retry_after=RETRY_AFTER,
            )
        if m.expires_at is not None and m.expires_at <= m.at:
            raise SendError("The text's time was over before it was sent.", "expired", permanent=True)
        if self._happens("invalid", m.to):
            raise SendError("The number does not exist. Ask for the right number.", "bad_number", permanent=True)
        if self._happens("opted_out", m.to):
            raise SendError(
                "The holder of the number has told the operator to stop. Send nothing more to it.",
                "opted_out",
                permanent=True,
                opted_out=True,
            )
        self._note(m)
        reports = self._reports(m)
        if self._happens("lost_answer", m.key):
            raise SendError(
                "The sandbox's answer was lost, so it may have the text. It will not be sent again.",
                "timeout",
                taken="maybe",
                reports=reports,
            )
        return Accepted(provider_id=_provider_id(m), reports=reports)

    def operator_of(self, number: str) -> str:
        """The operator of the longest prefix of `number` (E.164) in the settings; empty when there is none."""
        for length in self._lengths:
            operator = self._operators.get(number[:length])
            if operator is not None:
                return operator
        return ""

    def sign(self, url: str, body: bytes) -> str:
        """The signature that `verify` asks for: HMAC-SHA256 of URL and body under the route's secret, in hex."""
        key = str(self.settings.get("secret") or "").encode()
        return hmac.new(key, url.encode() + b"\n" + body, hashlib.sha256).hexdigest()

    def verify(self, url: str, headers: Mapping[str, str], body: bytes, params: Mapping[str, Any]) -> bool:
        given = next((value for name, value in headers.items() if name.lower() == SIGNATURE_HEADER.lower()), "")
        if not given or not self.settings.get("secret"):
            return False
        return hmac.compare_digest(self.sign(url, body).encode(), given.encode())

    def read_report(self, payload: Mapping[str, Any]) -> Report:
        part = payload.get("part")
        return Report(
            message_id=read_uuid(payload.get("id")),
            provider_id=str(payload.get("provider_id") or ""),
            status=str(WORDS.get(str(payload.get("status") or "").upper(), UNKNOWN)),
            error_code=str(payload.get("error") or ""),
            operator=str(payload.get("operator") or ""),
            part=int(part) if part else None,
        )

    def read_inbound(self, payload: Mapping[str, Any]) -> Inbound | None:
        if payload.get("kind") != "inbound" or not payload.get("from") or not payload.get("id"):
            return None
        return Inbound(
            str(payload["from"]), str(payload.get("to") or ""), str(payload.get("body") or ""), str(payload["id"])
        )

    def _draw(self, what: str, about: object) -> float:
        """A number from 0 up to, not including, 1: always the same for the same seed, question and subject."""
        digest = hashlib.blake2b(f"{self._seed}|{what}|{about}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / 2**56

    def _happens(self, what: str, about: object) -> bool:
        share = self._shares[what]
        return share > 0 and self._draw(what, about) < share

    def _note(self, m: Outgoing) -> None:
        """Write the accepted text down at the far end: one line in one write, so that processes can share a file."""
        line = {"kind": "text", "at": m.at.isoformat(), "to": m.to, "key": m.key, "body": m.body, "id": str(m.id)}
        if self.settings.get("log"):
            if self._log is None:
                raise RuntimeError("The provider is not open.")
            os.write(self._log, (json.dumps(line, ensure_ascii=False) + "\n").encode())
        hook = self.on_accept or on_accept
        if hook is not None:
            hook(line)

    def _reports(self, m: Outgoing) -> tuple[LaterReport, ...]:
        """The delivery reports of an accepted text, in the order in which they arrive."""
        if self._happens("never", m.key):
            return ()
        operator = self.operator_of(m.to)
        lost = (self.settings.get("undelivered_by_operator") or {}).get(operator, self._shares["undelivered"])
        # Most phones are on and near: minutes. The cube puts the slow tail at about two hours.
        done = m.at + timedelta(seconds=20 + 7200 * self._draw("delay", m.key) ** 3)
        word, error = "DELIVRD", ""
        if self._draw("undelivered", m.key) < float(lost):
            word, error = "UNDELIV", "unreachable"
        if operator in (down := self.settings.get("nothing_arrives") or {}):
            word, error = "UNDELIV", str(down[operator])
        if m.expires_at is not None and done > m.expires_at:
            done, word, error = m.expires_at, "EXPIRED", "expired"
        told = done + timedelta(seconds=1 + 20 * self._draw("told", m.key))
        if self._happens("late", m.key):
            told += timedelta(hours=20 + 10 * self._draw("lateness", m.key))
        left = told + timedelta(seconds=5) if self._happens("disorder", m.key) else m.at + timedelta(seconds=2)
        first = m.at + timedelta(seconds=1)
        parts = range(1, m.segments + 1) if self.settings.get("report_parts") and m.segments > 1 else (None,)
        reports = []
        for part in parts:
            reports.append(_report(m, left, "ENROUTE", first, operator, "", part))
            reports.append(_report(m, told, word, done, operator, error, part))
            if self._happens("twice", m.key):
                reports.append(_report(m, told + timedelta(minutes=1), word, done, operator, error, part))
        return tuple(sorted(reports, key=lambda report: report.at))


def _no_profile(name: object) -> str:
    return f'There is no sandbox profile "{name}". Choose one of: {", ".join(PROFILES)}.'


def _provider_id(m: Outgoing) -> str:
    return f"SB{m.id.hex}"


def _report(
    m: Outgoing, arrives: datetime, word: str, at: datetime, operator: str, error: str, part: int | None
) -> LaterReport:
    payload: dict[str, Any] = {
        "kind": "report",
        "id": str(m.id),
        "provider_id": _provider_id(m),
        "status": word,
        "at": at.isoformat(),
        "operator": operator,
        "error": error,
    }
    if part is not None:
        payload["part"] = part
    return LaterReport(arrives, payload)
