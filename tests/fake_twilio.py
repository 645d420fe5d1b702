"""A server in Twilio's shape on the loopback address: accepts texts, fails on command, sends signed callbacks."""

import base64
import secrets
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.fake_http import FakeServer, Fault, as_json, closed_port

__all__ = ["ACCOUNT", "TOKEN", "AcceptedText", "FakeTwilio", "Fault", "closed_port"]

ACCOUNT = "AC" + "5" * 32
TOKEN = "a-token-that-only-the-tests-know"


@dataclass(frozen=True)
class AcceptedText:
    """One text that the server took. Each POST that is taken is one more, whatever it holds."""

    sid: str
    to: str
    from_: str
    service: str
    body: str
    callback: str
    form: dict[str, str]
    at: datetime


class FakeTwilio(FakeServer):
    """`with FakeTwilio() as twilio:` a server of its own thread on a free port, until the block ends."""

    accepted: list[AcceptedText]

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of a `twilio` route that leads here."""
        return {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": self.base_url, "timeout": 5} | more

    def callback(self, text: AcceptedText, word: str, error_code: int | None = None) -> dict[str, str]:
        """The parameters of a status callback about `text`."""
        params = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "From": text.from_ or text.service,
            "MessageSid": text.sid,
            "MessageStatus": word,
            "SmsSid": text.sid,
            "SmsStatus": word,
            "To": text.to,
        }
        return params | ({"ErrorCode": str(error_code)} if error_code else {})

    def sign(self, url: str, params: dict[str, str]) -> str:
        """The value of X-Twilio-Signature for a POST of `params` to `url`."""
        return RequestValidator(TOKEN).compute_signature(url, params)

    def report(
        self, text: AcceptedText, *words: str, error_code: int | None = None, through: str | None = None
    ) -> list[int]:
        """POST one signed callback for each word, in order, to the text's StatusCallback; the HTTP codes answered.

        `through` is another scheme and host to connect to; the signature stays the one of the public URL.
        """
        codes = []
        for word in words:
            params = self.callback(text, word, error_code)
            url = text.callback
            if through:
                there, path = urllib.parse.urlsplit(through), urllib.parse.urlsplit(url)
                url = urllib.parse.urlunsplit((there.scheme, there.netloc, path.path, path.query, ""))
            request = urllib.request.Request(url, urllib.parse.urlencode(params).encode())
            request.add_header("X-Twilio-Signature", self.sign(text.callback, params))
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    codes.append(answer.status)
            except urllib.error.HTTPError as error:
                codes.append(error.code)
        return codes

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", self.receive)
        app.router.add_get("/2010-04-01/Accounts/{account}/Messages.json", self._list)

    def denied(self, request: web.Request) -> web.Response | None:
        return None if _signed_in(request) else _error(401, 20003, "Authenticate")

    async def take(self, request: web.Request) -> AcceptedText | web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not form.get("To"):
            return _error(400, 21604, "A 'To' phone number is required.")
        if not form.get("Body"):
            return _error(400, 21602, "Message body is required.")
        return AcceptedText(
            sid="SM" + secrets.token_hex(16),
            to=form["To"],
            from_=form.get("From", ""),
            service=form.get("MessagingServiceSid", ""),
            body=form["Body"],
            callback=form.get("StatusCallback", ""),
            form=form,
            at=datetime.now(UTC),
        )

    def yes(self, text: AcceptedText, word: str) -> web.Response:
        return as_json(201, _resource(text, word))

    def no(self, fault: Fault) -> web.Response:
        return _error(fault.status, fault.code, "Scripted", fault.headers)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if not _signed_in(request):
            return _error(401, 20003, "Authenticate")
        to = request.query.get("To")
        newest_first = sorted(self.accepted, key=lambda text: text.at, reverse=True)
        shown = [text for text in newest_first if to in (None, text.to)][: int(request.query.get("PageSize", 50))]
        return as_json(200, {"messages": [_resource(text, "sent") for text in shown]})


def _resource(text: AcceptedText, word: str) -> dict[str, Any]:
    return {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": text.body,
        "date_created": text.at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        "date_sent": None,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": text.from_ or None,
        "messaging_service_sid": text.service or None,
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": word,
        "to": text.to,
    }


def _signed_in(request: web.Request) -> bool:
    wanted = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    return request.headers.get("Authorization") == wanted


def _error(status: int, code: int | str | None, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body: dict[str, Any] = {"status": status, "message": message}
    return as_json(status, body | ({"code": code} if code is not None else {}), headers)
