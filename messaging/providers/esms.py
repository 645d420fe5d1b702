"""eSMS (ViHAT), a Vietnamese aggregator: developers.esms.vn, SendMultipleMessage_V4_post_json and its callbacks."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from messaging.providers.base import (
    UNKNOWN,
    Accepted,
    CannotTell,
    Inbound,
    Outgoing,
    Report,
    SendError,
    WebhookAnswer,
    read_uuid,
)
from messaging.providers.errors import Known, failure, foreign, read_table
from messaging.providers.http import HttpProvider, lost, refusal, seconds_left
from messaging.providers.secretpath import report_address
from messaging.statuses import Status

URL = "https://rest.esms.vn/MainService.svc/json/"
ERRORS = read_table("esms")
CUSTOMER_CARE, ADVERTISING = "2", "1"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""The zone of the times in eSMS's lists."""
EARLIER, LATER, SETTLED = timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=5)
"""How far its clock may differ, how long after our call its copy may be made, how long its list may lag."""
PAGE = 500  # texts, the most that it lists at once
MOST_PAGES = 20

WORDS: Final[Mapping[str, str]] = {
    "1": Status.SENT,  # waits for approval
    "2": Status.SENT,  # waits to be sent
    "4": Status.FAILED,  # refused
    "5": Status.SENT,  # finished: says nothing about arrival, see `read_report`
    "7": Status.SENT,  # with the operator, which has not reported yet
}
"""SendStatus -> ours."""

OPERATORS: Final[Mapping[str, str]] = {
    "1": "Viettel",
    "2": "MobiFone",
    "3": "VinaPhone",
    "4": "Vietnamobile",
    "5": "Gmobile",
    "6": "Itel",
    "7": "Wintel",
}
"""telcoid -> the operator as the prefix table names it; Gtel is Gmobile, Reddi is Wintel."""


class Esms(HttpProvider):
    """SMS by brand name through eSMS."""

    name: ClassVar[str] = "esms"
    title: ClassVar[str] = "eSMS"
    settings_help: ClassVar[dict[str, str]] = {
        "api_key": "ApiKey of the account.",
        "secret_key": "SecretKey of the account.",
        "secret": "Part of the addresses that eSMS calls: 16 to 64 letters, digits, - and _.",
        "sandbox": "1: eSMS checks each text and sends none. For a trial only, since it says yes all the same.",
        "sms_type": "Type of texts that are not promotional: 2 customer care (default), 8 fixed number.",
        "short_number_key": "PrivateKey of a rented 8x40 number: checks the signature of texts from phones.",
        "base_url": f"Another server of eSMS's shape. Empty: {URL}",
        "timeout": "Seconds to wait for a connection, at most 4, and again for an answer. Default 20.",
    }
    secret_settings: ClassVar[frozenset[str]] = frozenset({"secret_key", "secret", "short_number_key"})
    required_settings: ClassVar[frozenset[str]] = frozenset({"api_key", "secret_key", "secret"})
    number_settings: ClassVar[Mapping[str, tuple[float, float]]] = {
        "timeout": (0.1, 50),
        "sandbox": (0, 1),
        "sms_type": (2, 8),
    }
    address_settings: ClassVar[frozenset[str]] = frozenset({"base_url"})
    webhook_methods: ClassVar[frozenset[str]] = frozenset({"GET"})

    async def send(self, m: Outgoing) -> Accepted:
        """One POST, never repeated.

        - CodeResult 100: taken. Every other is read in the table; one that it does not know may have taken the text.
        - Our id is the RequestId: eSMS refuses it a second time for 24 hours (124), so a copy cannot get out, and the
          text is in doubt, since nobody says what became of the first.
        - Promotional texts go as type 1, everything else as `sms_type`. eSMS wants 30 numbers in a request of type 1
          (107): this route can be used for single ones only where the account may.
        - Everything beyond ASCII goes as Unicode: "without diacritics" here means ASCII, not GSM-7.
        - It takes no moment of expiry; a text that waits there may arrive late.
        """
        seconds_left(m)
        body = self._signed_in() | {
            "Phone": _national(m.to),
            "Content": m.body,
            "Brandname": m.sender,
            "SmsType": self._sms_type(m),
            "IsUnicode": "0" if m.body.isascii() and m.encoding != "UCS-2" else "1",
            "Sandbox": "1" if str(self.settings.get("sandbox") or "0") == "1" else "0",
            "RequestId": str(m.id),
        }
        if m.callback_url:
            body["CallbackUrl"] = report_address(m.callback_url, m.id, self.secret)
        answer = await self.call("POST", self._url("SendMultipleMessage_V4_post_json/"), json=body)
        if not 200 <= answer.status < 300:
            raise refusal(self.title, answer, m.at)
        said = answer.json
        if not isinstance(said, dict) or not said.get("CodeResult"):
            raise lost(self.title, "no CodeResult", "unreadable_answer", {"answer": answer.text[:300]})
        if str(said["CodeResult"]) != "100":
            raise _refused(said)
        if not said.get("SMSID"):
            raise lost(self.title, "no SMSID", "unreadable_answer", said)
        return Accepted(provider_id=str(said["SMSID"]))

    async def find(self, m: Outgoing, now: datetime) -> Accepted | None:
        """Look the text up in the list of what was sent: by number, moment and words; exactly one is an answer."""
        try:
            listed = await self._listed(m)
        except SendError as error:
            raise CannotTell(error.sentence) from error
        phones = {_national(m.to), m.to.removeprefix("+")}
        close = [one for one in listed if str(one.get("Phone")) in phones and one.get("Content") == m.body]
        if len(close) > 1:
            raise CannotTell(f"eSMS lists {len(close)} texts that could be this one.")
        if close:
            price = close[0].get("SellPrice")
            return Accepted(
                provider_id=str(close[0].get("ReferenceId") or ""),
                status=_status("", close[0].get("SendStatus")),
                price=Decimal(str(price)) if isinstance(price, int | float) else None,
            )
        if now < m.at + LATER + SETTLED:
            raise CannotTell("eSMS's list may not show the newest texts yet. Ask again later.")
        return None

    def verify(self, url: str, headers: Mapping[str, str], body: bytes, params: Mapping[str, Any]) -> bool:
        """The secret in the address; for a text from a phone also eSMS's own signature, where its key is known.

        base64(MD5(cpid + smsid + content + receiverTime + PrivateKey)), as its page on 8x40 numbers has it.
        """
        genuine = super().verify(url, headers, body, params)
        key = str(self.settings.get("short_number_key") or "")
        if not genuine or not key or "sender" not in params:
            return genuine
        signed = "".join(str(params.get(name) or "") for name in ("cpid", "smsid", "content", "receiverTime")) + key
        wanted = base64.b64encode(hashlib.md5(signed.encode(), usedforsecurity=False).digest())
        return hmac.compare_digest(wanted, str(params.get("sign") or "").encode())

    def webhook_answer(self) -> WebhookAnswer:
        return WebhookAnswer(200)

    def read_report(self, payload: Mapping[str, Any]) -> Report:
        """A callback, judged by how many it counts: SendStatus 5 ("finished") stands beside failures too.

        - SendFailed above 0: undelivered. Otherwise SendSuccess above 0: delivered. Neither: as SendStatus says.
        """
        failed, arrived = _count(payload.get("SendFailed")), _count(payload.get("SendSuccess"))
        status = Status.UNDELIVERED if failed else Status.DELIVERED if arrived else ""
        return Report(
            message_id=read_uuid(payload.get("RequestId")),
            provider_id=str(payload.get("SMSID") or ""),
            status=_status(status, payload.get("SendStatus")),
            operator=OPERATORS.get(str(payload.get("telcoid") or ""), ""),
        )

    def read_inbound(self, payload: Mapping[str, Any]) -> Inbound | None:
        """A text to a rented 8x40 number."""
        if not payload.get("sender") or "content" not in payload or not payload.get("smsid"):
            return None
        number = str(payload["sender"]).strip().removeprefix("+")
        return Inbound(
            f"+{number}" if number.startswith("84") else number,
            str(payload.get("serviceNumber") or ""),
            str(payload["content"]),
            str(payload["smsid"]),
        )

    async def _listed(self, m: Outgoing) -> list[dict[str, Any]]:
        """What eSMS lists of the minutes about `m.at`. Raises `CannotTell` when it cannot be read to its end."""
        first, last = (moment.astimezone(VIETNAM) for moment in (m.at - EARLIER, m.at + LATER))
        body = self._signed_in() | {
            "SmsType": int(self._sms_type(m)),
            "From": first.strftime("%Y-%m-%d %H:%M:%S"),
            "To": last.strftime("%Y-%m-%d %H:%M:%S"),
            "PageSize": PAGE,
        }
        found: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            said = (await self.call("POST", self._url("GetSmsSentData_V2"), json=body | {"Page": page})).json
            rows = said.get("SentData") if isinstance(said, dict) and str(said.get("CodeResult")) == "100" else None
            if not isinstance(rows, list):
                raise CannotTell("eSMS's list cannot be read.")
            found += [row for row in rows if isinstance(row, dict)]
            if len(rows) < PAGE:
                return found
        raise CannotTell("eSMS's list of these minutes is too long.")

    def _signed_in(self) -> dict[str, Any]:
        return {"ApiKey": self.settings.get("api_key") or "", "SecretKey": self.settings.get("secret_key") or ""}

    def _sms_type(self, m: Outgoing) -> str:
        return ADVERTISING if m.message_class == "promotional" else str(self.settings.get("sms_type") or CUSTOMER_CARE)

    def _url(self, function: str) -> str:
        return urljoin(str(self.settings.get("base_url") or URL).rstrip("/") + "/", function)


def _status(counted: str, word: object) -> str:
    return str(counted or WORDS.get(str(word if word is not None else ""), UNKNOWN))


def _refused(said: Mapping[str, Any]) -> SendError:
    code = str(said["CodeResult"])
    known = ERRORS.get(code) or Known(foreign("esms", code), False, taken="maybe")
    return failure(Esms.title, known, said=f"{code}: {said.get('ErrorMessage') or 'no words'}"[:200], raw=dict(said))


def _count(value: object) -> int:
    return int(str(value)) if str(value).isdecimal() else 0


def _national(number: str) -> str:
    """+84912... as eSMS writes numbers: 0912...; those of other countries as digits."""
    return f"0{number[3:]}" if number.startswith("+84") else number.removeprefix("+")
