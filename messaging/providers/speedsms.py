"""SpeedSMS, a Vietnamese aggregator: speedsms.vn/sms-api, sms/send and its webhook.

It takes 60 calls in 60 seconds, so its route has a rate of 1.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import aiohttp

from messaging.providers.base import UNKNOWN, Accepted, Inbound, Outgoing, Report, SendError, WebhookAnswer
from messaging.providers.errors import Known, failure, foreign, read_table
from messaging.providers.http import Answer, HttpProvider, lost, refusal, retry_after, seconds_left
from messaging.statuses import Status

URL = "https://api.speedsms.vn/index.php/sms/send"
ERRORS = read_table("speedsms")
MINUTE = 60.0
"""It takes 60 calls in 60 seconds; when it does not say how long to wait, a minute is enough."""


class SpeedSms(HttpProvider):
    """SMS through SpeedSMS."""

    name: ClassVar[str] = "speedsms"
    title: ClassVar[str] = "SpeedSMS"
    settings_help: ClassVar[dict[str, str]] = {
        "access_token": "API access token of the account.",
        "sms_type": "2 random number, 3 brand name (default), 4 brand name of SpeedSMS, 5 Android phone of yours.",
        "secret": "Part of the webhook address that is entered at SpeedSMS: 16 to 64 letters, digits, - and _.",
        "url": f"Another server of SpeedSMS's shape. Empty: {URL}",
        "timeout": "Seconds to wait for a connection, at most 4, and again for an answer. Default 20.",
    }
    secret_settings: ClassVar[frozenset[str]] = frozenset({"access_token", "secret"})
    required_settings: ClassVar[frozenset[str]] = frozenset({"access_token", "secret"})
    one_webhook: ClassVar[bool] = True
    number_settings: ClassVar[Mapping[str, tuple[float, float]]] = {"timeout": (0.1, 50), "sms_type": (2, 5)}
    address_settings: ClassVar[frozenset[str]] = frozenset({"url"})

    async def send(self, m: Outgoing) -> Accepted:
        """One POST, never repeated. It takes neither an id of ours nor a moment of expiry.

        - "success" with our number among invalidPhone: nothing was sent.
        - "error": read in the table; one that it does not know may have taken the text.
        - 429: 60 calls in 60 seconds are over; X-Rate-Limit-Reset says how many seconds are left.
        """
        seconds_left(m)
        answer = await self.call(
            "POST",
            str(self.settings.get("url") or URL),
            auth=aiohttp.BasicAuth(str(self.settings.get("access_token") or ""), "x"),
            json={
                "to": [m.to.removeprefix("+")],
                "content": m.body,
                "sms_type": int(float(self.settings.get("sms_type") or 3)),
                "sender": m.sender,
            },
        )
        if not 200 <= answer.status < 300:
            raise refusal(self.title, answer, m.at, _wait(answer, m.at))
        said = answer.json
        if not isinstance(said, dict) or said.get("status") not in ("success", "error"):
            raise lost(self.title, "no status", "unreadable_answer", {"answer": answer.text[:300]})
        found = said.get("data")
        data = found if isinstance(found, dict) else {}
        if said["status"] == "error":
            raise _refused(said)
        if _among(m.to, data.get("invalidPhone")):
            raise failure(self.title, ERRORS["105"], raw=said)
        if not data.get("tranId"):
            raise lost(self.title, "no tranId", "unreadable_answer", said)
        price = data.get("totalPrice")
        return Accepted(
            provider_id=str(data["tranId"]),
            price=Decimal(str(price)) if isinstance(price, int | float) else None,
        )

    def webhook_answer(self) -> WebhookAnswer:
        return WebhookAnswer(200)

    def read_report(self, payload: Mapping[str, Any]) -> Report:
        """`status`: 0 arrived, 1 to 63 not yet (the operator still tries), 64 and more it will not arrive.

        The payload knows only SpeedSMS's own id.
        """
        word = str(payload.get("status") if payload.get("status") is not None else "")
        status = UNKNOWN
        if payload.get("type") == "report" and word.isascii() and word.isdigit():
            number = int(word)
            status = Status.DELIVERED if number == 0 else Status.SENT if number < 64 else Status.UNDELIVERED
        return Report(
            message_id=None,
            provider_id=str(payload.get("tranId") or ""),
            status=str(status),
            error_code=foreign("speedsms", word) if status == Status.UNDELIVERED else "",
        )

    def read_inbound(self, payload: Mapping[str, Any]) -> Inbound | None:
        """A text from a phone; SpeedSMS names neither an id nor the number that it was sent to."""
        if payload.get("type") not in ("incoming", "sms") or not payload.get("phone") or "content" not in payload:
            return None
        number = str(payload["phone"]).strip().removeprefix("+")
        return Inbound(f"+{number}" if number.startswith("84") else number, "", str(payload["content"]), "")


def _refused(said: Mapping[str, Any]) -> SendError:
    code = str(said.get("code") or "")
    known = ERRORS.get(code) or Known(foreign("speedsms", code) or "provider_refused", False, taken="maybe")
    return failure(SpeedSms.title, known, said=f"{code}: {said.get('message') or 'no words'}"[:200], raw=dict(said))


def _among(number: str, invalid: object) -> bool:
    """Whether `number` is in a list of invalid ones, however SpeedSMS writes it."""
    if not isinstance(invalid, list):
        return False
    national = number.removeprefix("+84")
    return any(str(one).removeprefix("+").removeprefix("84").removeprefix("0") == national for one in invalid)


def _wait(answer: Answer, now: datetime) -> float | None:
    if answer.status != 429:
        return None
    left = retry_after(answer.headers.get("X-Rate-Limit-Reset") or answer.headers.get("Retry-After"), now)
    return MINUTE if left is None else left
