"""Twilio, through its official asynchronous client; also any server of Twilio's shape (`base_url`)."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator
from twilio.rest import Client

from messaging.providers.base import UNKNOWN, Accepted, CannotTell, Inbound, Outgoing, Provider, Report, read_uuid
from messaging.providers.http import (
    NOT_CONNECTED,
    Answer,
    code_of,
    is_address,
    lost,
    new_session,
    seconds_left,
    unreachable,
)
from messaging.providers.twilio_errors import NAME, Refused, error_code, refusal
from messaging.providers.twilio_list import find_message
from messaging.statuses import Status

LONGEST_VALIDITY = 36_000  # seconds; twilio.com/docs/api/errors/90007

WORDS: Mapping[str, str] = {
    "accepted": Status.SENT,
    "scheduled": Status.SENT,
    "queued": Status.SENT,
    "sending": Status.SENT,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
"""Twilio's words -> ours. What Twilio has in its queue has left us: `sent`."""
SAID = ("sid", "status", "num_segments", "price", "price_unit", "error_code")
"""What is kept of its answer."""


class _HttpClient(AsyncTwilioHttpClient):
    """Twilio's client on a pool of our own, towards `base_url` when the route names one."""

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(pool_connections=False)
        self._base = urlsplit(base_url) if base_url else None
        self.session = new_session(timeout)

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request. Raises `Refused` unless it is answered 2xx.

        Unlike the parent's it keeps the time-outs of the session (the parent passes None, which means for ever), and
        writes no numbers and texts into the log.
        """
        if self._base is not None:
            path = urlsplit(url)
            url = urlunsplit((self._base.scheme, self._base.netloc, path.path, path.query, ""))
        if auth:
            headers = {**(headers or {}), "Authorization": aiohttp.encode_basic_auth(*auth)}
        async with self.session.request(
            method,
            url,
            params=params,
            data=urlencode(data).encode() if data else None,  # a form of aiohttp's own costs ten times that
            headers=headers,
            allow_redirects=False,
        ) as answer:
            text = await answer.text()
        if not 200 <= answer.status < 300:
            raise Refused(Answer(answer.status, text, answer.headers))
        return Response(answer.status, text, answer.headers)


class Twilio(Provider):
    """SMS by Twilio's Messages resource."""

    name: ClassVar[str] = "twilio"
    settings_help: ClassVar[dict[str, str]] = {
        "account_sid": "Account SID (AC...).",
        "auth_token": "Auth token: signs in, and checks the signature of webhooks.",
        "api_key": "API key SID (SK...), if the route signs in with a key. The auth token still checks webhooks.",
        "api_secret": "Secret of the API key.",
        "messaging_service_sid": "Messaging service (MG...). When set, it chooses the sender.",
        "base_url": "Another server of Twilio's shape, such as http://127.0.0.1:8080. Empty: Twilio.",
        "timeout": "Seconds to wait for a connection, at most 4, and again for an answer. Default 20.",
    }
    secret_settings: ClassVar[frozenset[str]] = frozenset({"auth_token", "api_secret"})
    required_settings: ClassVar[frozenset[str]] = frozenset({"account_sid", "auth_token"})
    number_settings: ClassVar[Mapping[str, tuple[float, float]]] = {"timeout": (0.1, 50)}

    _http: _HttpClient | None = None
    _client: Client | None = None

    @classmethod
    def problems(cls, settings: Mapping[str, Any]) -> list[str]:
        found = super().problems(settings)
        if settings.get("api_key") and not settings.get("api_secret"):
            found.append("The setting api_secret is missing. Fill in the secret of the API key, or remove api_key.")
        if settings.get("base_url") and not is_address(settings["base_url"]):
            found.append("The setting base_url is no address. Write it like http://127.0.0.1:8080.")
        return found

    async def open(self) -> None:
        s = self.settings
        self._http = _HttpClient(str(s.get("base_url") or ""), float(s.get("timeout") or 20))
        # Empty strings would make the client look into the environment of the process for another account.
        self._client = Client(
            username=str(s.get("api_key") or s.get("account_sid") or "missing"),
            password=str((s.get("api_secret") if s.get("api_key") else s.get("auth_token")) or "missing"),
            account_sid=str(s.get("account_sid") or "missing"),
            http_client=self._http,
        )
        self._messages = self._client.api.v2010.absolute_url(f"/Accounts/{self._client.account_sid}/Messages.json")

    async def close(self) -> None:
        http, self._http, self._client = self._http, None, None
        if http is not None:
            await http.close()

    async def send(self, m: Outgoing) -> Accepted:
        """One POST of the Messages resource, never repeated here.

        What a failure means for "does Twilio have it?":
        - no connection (refused, no such host, TLS, time-out of connecting): no;
        - 4xx and 3xx: Twilio read it and said no; 429 with its Retry-After;
        - 503 that Twilio itself answered (an error in JSON, or Retry-After): no, it asks to come back; a bare 503 may
          be a proxy that lost the answer: maybe;
        - anything else (other 5xx, time-out after connecting, broken connection, unreadable answer): maybe.
        """
        left = seconds_left(m)
        if self._client is None:
            raise RuntimeError("The provider is not open.")
        service = str(self.settings.get("messaging_service_sid") or "")
        form = {"To": m.to, "Body": m.body, "SmartEncoded": "False"}  # it arrives as it was approved and counted
        form |= {"MessagingServiceSid": service} if service else {"From": m.sender}
        if m.callback_url:
            form["StatusCallback"] = m.callback_url
        if left is not None:
            form["ValidityPeriod"] = str(min(int(left), LONGEST_VALIDITY))
        try:
            # `messages.create_async` makes an object of each answer, at a third more of the CPU for a text.
            answer = await self._client.request_async("POST", self._messages, data=form)
        except Refused as refused:
            raise refusal(refused.answer, m.at) from None
        except NOT_CONNECTED as error:
            raise unreachable(NAME, error) from error
        except Exception as error:  # whatever it was, it came after the request may have left
            raise lost(NAME, type(error).__name__, code_of(error)) from error
        try:
            said = json.loads(answer.text)
            sid = said["sid"]
        except (ValueError, KeyError, TypeError):
            sid = None
        if not sid:
            raw = {"http": answer.status_code, "answer": answer.text[:300]}
            raise lost(NAME, "no sid", "unreadable_answer", raw)
        return _accepted(said)

    async def find(self, m: Outgoing, now: datetime) -> Accepted | None:
        """Look the text up in the account's list: by number, moment and words; exactly one is an answer."""
        if self._client is None:
            raise RuntimeError("The provider is not open.")
        try:
            message = await find_message(self._client, m, now)
        except CannotTell:
            raise
        except Exception as error:
            raise CannotTell(f"Twilio's list could not be read ({type(error).__name__}).") from error
        return _accepted({name: getattr(message, name) for name in SAID}) if message else None

    def verify(self, url: str, headers: Mapping[str, str], body: bytes, params: Mapping[str, Any]) -> bool:
        """Twilio's signature over the public URL (with or without its port) and the posted parameters."""
        token = str(self.settings.get("auth_token") or "")
        given = next((value for name, value in headers.items() if name.lower() == SIGNATURE_HEADER.lower()), "")
        if not token or not given or not given.isascii():
            return False
        signed: Any = params
        if "bodySHA256=" in urlsplit(url).query:
            signed = body.decode("utf-8", "replace")
        return bool(RequestValidator(token).validate(url, signed, given))

    def read_report(self, payload: Mapping[str, Any]) -> Report:
        """A status callback. Our id is in its URL: the webhook stores it in the payload as "message_id" (or "id")."""
        word = str(payload.get("MessageStatus") or payload.get("SmsStatus") or "").lower()
        code = error_code(payload.get("ErrorCode"))
        status = _end(WORDS.get(word, UNKNOWN), code)
        return Report(
            message_id=read_uuid(payload.get("message_id") or payload.get("id")),
            provider_id=str(payload.get("MessageSid") or payload.get("SmsSid") or ""),
            status=str(status),
            error_code=code,
        )

    def read_inbound(self, payload: Mapping[str, Any]) -> Inbound | None:
        word = str(payload.get("SmsStatus") or payload.get("MessageStatus") or "received").lower()
        sid = str(payload.get("MessageSid") or payload.get("SmsSid") or "")
        if word not in ("received", "receiving") or "Body" not in payload or not payload.get("From") or not sid:
            return None
        return Inbound(str(payload["From"]), str(payload.get("To") or ""), str(payload["Body"]), sid)


def _accepted(said: Mapping[str, Any]) -> Accepted:
    word, code = str(said.get("status") or ""), error_code(said.get("error_code"))
    return Accepted(
        provider_id=str(said["sid"]),
        status=_end(WORDS.get(word, Status.SENT), code),
        error_code=code,
        price=_price(said.get("price")),
    )


def _end(status: str, code: str) -> str:
    """Twilio has no word of its own for a text whose time was over."""
    return Status.EXPIRED if code == "expired" and status in (Status.FAILED, Status.UNDELIVERED) else status


def _price(said: object) -> Decimal | None:
    """Twilio writes what it takes from the account, below zero; here it is a cost, in its own currency (raw)."""
    try:
        return abs(Decimal(str(said))) if said else None
    except InvalidOperation:
        return None
