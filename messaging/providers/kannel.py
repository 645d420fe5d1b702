"""Kannel's sendsms over HTTP: SMPP and modem routes through the engine that operators know (user guide 1.4.5).

What its configuration must have, or texts are lost: `max-messages = 10` and `concatenation = true` in the sendsms-user
(otherwise a long text is cut), `max-messages = 0` in the sms-service (otherwise the phone gets our HTTP answer as SMS).
Of a text in parts it asks the SMSC for a report about the first part alone, so "delivered" says no more than that.
Inbound: `get-url = "<this site>/sms/<route>/inbound/<secret>?from=%p&to=%P&text=%b&charset=%C&coding=%c&id=%I"`.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from messaging.providers.base import UNKNOWN, Accepted, Inbound, Outgoing, Report, WebhookAnswer, read_uuid
from messaging.providers.errors import OURS, failure, foreign
from messaging.providers.http import Answer, HttpProvider, lost, refusal, seconds_left
from messaging.providers.secretpath import report_address
from messaging.statuses import Status

ALL_REPORTS = 31  # delivered 1, not delivered 2, queued at the SMSC 4, SMSC took it 8, SMSC refused it 16

WORDS: Final[Mapping[str, str]] = {
    "1": Status.DELIVERED,
    "2": Status.UNDELIVERED,
    "4": Status.SENT,
    "8": Status.SENT,
    "16": Status.FAILED,
}
"""Kannel's types of delivery reports -> ours."""

STATES: Final[Mapping[str, str]] = {
    "EXPIRED": Status.EXPIRED,
    "DELETED": Status.FAILED,
    "UNDELIV": Status.UNDELIVERED,
    "REJECTD": Status.FAILED,
}
"""The SMSC's own word in a report that it did not arrive (SMPP 3.4, appendix B) is more exact than type 2."""

NACKS: Final[Mapping[int, str]] = {
    0x0A: "route_misconfigured",  # source address
    0x0B: "bad_number",  # destination address
    0x14: "throttled",  # queue full
    0x58: "throttled",
}
"""SMPP command status of a refused submit_sm (SMPP 3.4, 5.1.3) -> our word; the others are `kannel_0x...`."""

_STATE = re.compile(r"stat:(\w+)")
_ERR = re.compile(r"err:(\w+)")
_NACK = re.compile(r"NACK/0x([0-9a-f]+)/", re.IGNORECASE)

SAID: Final = (  # what smsbox answers besides 202 -> our word
    ("Not routable", "route_misconfigured"),  # no SMSC of its configuration takes it: the route's trouble, 403
    ("Authorization failed", "auth_failed"),
    ("Temporal failure", "provider_busy"),  # 503: bearerbox is away
    ("denied by white- and/or black-lists", "blocked"),
    ("Empty receiver number", "bad_number"),
    ("Missing receiver number", "bad_number"),
    ("Empty text", "empty_text"),
    ("misformed", "route_misconfigured"),
    ("Sender missing", "route_misconfigured"),
)


class Kannel(HttpProvider):
    """A `sendsms-user` of a Kannel."""

    name: ClassVar[str] = "kannel"
    title: ClassVar[str] = "Kannel"
    settings_help: ClassVar[dict[str, str]] = {
        "url": "Address of sendsms, like http://127.0.0.1:13013/cgi-bin/sendsms.",
        "username": "Name of the sendsms-user.",
        "password": "Its password.",
        "smsc": "smsc-id of the connection that this route uses. Empty: Kannel chooses.",
        "secret": "Part of the addresses that Kannel calls: 16 to 64 letters, digits, - and _.",
        "timeout": "Seconds to wait for a connection, at most 4, and again for an answer. Default 20.",
    }
    secret_settings: ClassVar[frozenset[str]] = frozenset({"password", "secret"})
    required_settings: ClassVar[frozenset[str]] = frozenset({"url", "username", "password", "secret"})
    number_settings: ClassVar[Mapping[str, tuple[float, float]]] = {"timeout": (0.1, 50)}
    address_settings: ClassVar[frozenset[str]] = frozenset({"url"})
    webhook_methods: ClassVar[frozenset[str]] = frozenset({"GET"})

    async def send(self, m: Outgoing) -> Accepted:
        """One GET of sendsms, never repeated.

        - 202 "0: Accepted for delivery" and "3: Queued for later delivery" (the SMSC is away; Kannel keeps it): taken.
        - 403 is the route's trouble (password, no SMSC for it), never the text's. 503 "Temporal failure": not taken.
        - UCS-2 needs `coding=2`, or Vietnamese arrives as question marks; GSM-7 goes as `coding=0`, and Kannel writes
          its extension characters and @ itself. Both are handed over as UTF-8.
        - Kannel names no id of its own: ours is the provider's id too.
        """
        left = seconds_left(m)
        query = {
            "username": self.settings.get("username") or "",
            "password": self.settings.get("password") or "",
            "to": m.to,
            "text": m.body,
            "charset": "UTF-8",
            "coding": "2" if m.encoding == "UCS-2" else "0",
            "priority": _priority(m),
        }
        if m.sender:
            query["from"] = m.sender
        if self.settings.get("smsc"):
            query["smsc"] = self.settings["smsc"]
        if left is not None:
            query["validity"] = max(1, int(left // 60))  # minutes
        if m.callback_url:
            query["dlr-mask"] = ALL_REPORTS
            # Kannel fills in the escapes itself: type of report, the SMSC's words, smsc-id.
            query["dlr-url"] = (
                f"{report_address(m.callback_url, m.id, self.secret)}?id={m.id}&type=%d&answer=%A&smsc=%i"
            )
        answer = await self.call("GET", str(self.settings.get("url") or ""), params=query)
        if not 200 <= answer.status < 300:
            raise _refused(answer, m)
        if not answer.text.startswith(("0:", "3:", "Sent")):
            raise lost(self.title, "an answer of another program", "unreadable_answer", {"answer": answer.text[:300]})
        return Accepted(provider_id=str(m.id))

    def read_query(self, query: str) -> dict[str, str]:
        """As bytes first: an inbound text comes in the charset that Kannel names beside it, UTF-16BE for UCS-2."""
        raw = {
            name: value.encode("latin-1")
            for name, value in parse_qsl(query, keep_blank_values=True, encoding="latin-1")
        }
        charset = raw.get("charset", b"").decode("ascii", "replace")
        return {name: _decode(value, charset if name == "text" else "") for name, value in raw.items()}

    def webhook_answer(self) -> WebhookAnswer:
        """200 with nothing in it: smsbox takes any other status for a failure and calls again."""
        return WebhookAnswer(200)

    def read_report(self, payload: Mapping[str, Any]) -> Report:
        """Reports come in no fixed order: "delivered" is often there before "the SMSC took it"."""
        status = WORDS.get(str(payload.get("type") or ""), UNKNOWN)
        said = str(payload.get("answer") or "")
        code = ""
        if status == Status.UNDELIVERED and (state := _STATE.search(said)):
            status = STATES.get(state[1].upper(), status)
            err = _ERR.search(said)
            code = "expired" if status == Status.EXPIRED else foreign("kannel", err[1]) if err else ""
        if status == Status.FAILED and (nack := _NACK.search(said)):
            number = int(nack[1], 16)
            code = NACKS.get(number) or foreign("kannel", f"{number:#x}")
        about = read_uuid(payload.get("id"))
        return Report(message_id=about, provider_id=str(about or ""), status=str(status), error_code=code)

    def read_inbound(self, payload: Mapping[str, Any]) -> Inbound | None:
        if not payload.get("from") or "text" not in payload:
            return None
        return Inbound(
            str(payload["from"]), str(payload.get("to") or ""), str(payload["text"]), str(payload.get("id") or "")
        )


def _refused(answer: Answer, m: Outgoing) -> Exception:
    for words, code in SAID:
        if words in answer.text and answer.status != 429:
            raw = {"http": answer.status, "answer": answer.text[:300]}
            return failure(Kannel.title, OURS[code], said=answer.text[:120], raw=raw)
    return refusal(Kannel.title, answer, m.at)


def _priority(m: Outgoing) -> int:
    """SMPP's priority, 0 to 3: emergencies before answers and visits, those before the rest."""
    return 3 if m.message_class == "emergency" else 2 if m.priority < 50 else 1


def _decode(value: bytes, charset: str) -> str:
    """`value` in UTF-8, or in `charset` where it is named; GSM is what Kannel calls its own UTF-8."""
    name = charset if charset.upper() not in ("", "GSM", "GSM-7", "BINARY") else "utf-8"
    try:
        return value.decode(name)
    except (LookupError, UnicodeDecodeError):
        return value.decode("utf-8", "replace")
