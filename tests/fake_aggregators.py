"""Servers in the shapes of Vietnamese aggregators: eSMS, SpeedSMS, one like FPT's and one that answers a number."""

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web

from tests.fake_http import FakeServer, Fault, as_json

KEY, SECRET_KEY = "esms-key", "esms-secret"
TOKEN = "speed-token"
CLIENT, CLIENT_SECRET = "fpt-client", "fpt-secret"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""The zone of the times in eSMS's list."""


@dataclass(frozen=True)
class Text:
    """A text that a server took."""

    id: str
    to: str
    body: str
    sent: dict[str, Any]
    at: datetime | None = None


class FakeEsms(FakeServer):
    """SendMultipleMessage_V4_post_json and GetSmsSentData_V2; refuses a RequestId that it has had within 24 hours."""

    MALFORMED = '{"CodeResult": "10'
    accepted: list[Text]

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self.clock = clock
        self.listing = True
        """Whether the list shows what was taken."""

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of an `esms` route that leads here."""
        return {"api_key": KEY, "secret_key": SECRET_KEY, "base_url": self.base_url, "timeout": 5} | more

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/SendMultipleMessage_V4_post_json/", self.receive)
        app.router.add_post("/GetSmsSentData_V2", self._list)

    async def take(self, request: web.Request) -> Text | web.Response:
        sent = await request.json()
        if (sent.get("ApiKey"), sent.get("SecretKey")) != (KEY, SECRET_KEY):
            return _esms_no("101", "Authorize Failed")
        day = self.clock() - timedelta(hours=24)
        if sent["RequestId"] in [text.sent["RequestId"] for text in self.accepted if text.at and text.at > day]:
            return _esms_no("124", "Request exist 1")
        if not str(sent.get("Phone", "")).isdigit():
            return _esms_no("108", "Phone number is not in correct format")
        return Text(f"{uuid.uuid4()}84", sent["Phone"], sent["Content"], sent, self.clock())

    def yes(self, text: Text, word: str) -> web.Response:
        return as_json(200, {"CodeResult": "100", "CountRegenerate": 0, "SMSID": text.id})

    def no(self, fault: Fault) -> web.Response:
        if fault.status != 200:
            return web.Response(status=fault.status, text="", headers=fault.headers)
        return _esms_no(str(fault.code), "Scripted")

    async def _list(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if (asked.get("ApiKey"), asked.get("SecretKey")) != (KEY, SECRET_KEY):
            return _esms_no("101", "Authorize Failed")
        first, last = (datetime.fromisoformat(asked[name]).replace(tzinfo=VIETNAM) for name in ("From", "To"))
        rows = [
            {
                "Campaign": "",
                "Content": text.body,
                "Phone": text.to,
                "ReferenceId": text.id,
                "SellPrice": 790.0,
                "SendResult": 2,
                "SendStatus": 7,
                "SentTime": "/Date(1705484048995+0700)/",
                "SmsId": 29028845,
                "SmsType": 2,
            }
            for text in self.accepted
            if self.listing and text.at and first <= text.at <= last
        ]
        begin = (asked["Page"] - 1) * asked["PageSize"]
        shown = rows[begin : begin + asked["PageSize"]]
        return as_json(200, {"CodeResult": "100", "CountTotal": len(rows), "SentData": shown})


def _esms_no(code: str, words: str) -> web.Response:
    return as_json(200, {"CodeResult": code, "CountRegenerate": 0, "ErrorMessage": words})


class FakeSpeedSms(FakeServer):
    """sms/send with Basic sign-in."""

    MALFORMED = '{"status": "succ'
    accepted: list[Text]

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of a `speedsms` route that leads here."""
        return {"access_token": TOKEN, "url": f"{self.base_url}/index.php/sms/send", "timeout": 5} | more

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/index.php/sms/send", self.receive)

    def denied(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == aiohttp.BasicAuth(TOKEN, "x").encode():
            return None
        return as_json(401, {"name": "Unauthorized", "message": "Your request was made with invalid credentials."})

    async def take(self, request: web.Request) -> Text | web.Response:
        sent = await request.json()
        return Text(str(123456 + len(self.accepted)), sent["to"][0], sent["content"], sent)

    def yes(self, text: Text, word: str) -> web.Response:
        data = {"tranId": int(text.id), "totalSMS": 1, "totalPrice": 250, "invalidPhone": []}
        return as_json(200, {"status": "success", "code": "00", "data": data})

    def no(self, fault: Fault) -> web.Response:
        if fault.status == 429:
            body = {"name": "Too Many Requests", "message": "Rate limit exceeded.", "code": 0, "status": 429}
            return as_json(429, body, fault.headers)
        if fault.status != 200:
            return web.Response(status=fault.status, text="")
        return as_json(200, {"status": "error", "code": str(fault.code), "message": "Scripted", "invalidPhone": []})


class FakeFpt(FakeServer):
    """A token by OAuth, then a text in base64; refusals are {"error": 1013, "error_description": ...} with HTTP 200."""

    MALFORMED = '{"MessageId": '
    accepted: list[Text]

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[str] = []

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/oauth2/token", self._give_token)
        app.router.add_post("/api/push-brandname-otp", self.receive)

    async def take(self, request: web.Request) -> Text | web.Response:
        sent = await request.json()
        if sent.get("access_token") not in self.tokens:
            return as_json(200, {"error": 1011, "error_description": "The access token is invalid"})
        body = base64.b64decode(sent["Message"]).decode()
        return Text(str(7000 + len(self.accepted)), sent["Phone"], body, sent)

    def yes(self, text: Text, word: str) -> web.Response:
        answer = {"MessageId": int(text.id), "Phone": text.to, "BrandName": text.sent["BrandName"], "Telco": "viettel"}
        return as_json(200, answer)

    def no(self, fault: Fault) -> web.Response:
        if fault.status != 200:
            return web.Response(status=fault.status, text="", headers=fault.headers)
        return as_json(200, {"error": fault.code, "error_description": "Scripted"})

    async def _give_token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT, CLIENT_SECRET):
            return as_json(401, {"error": 1001, "error_description": "Client credentials were not found"})
        self.tokens.append(uuid.uuid4().hex)
        return as_json(200, {"access_token": self.tokens[-1], "expires_in": 86400, "token_type": "Bearer"})


class FakeNumbers(FakeServer):
    """A form in, one number out: 0 is a yes, everything else a code of its table."""

    MALFORMED = "<html>"
    accepted: list[Text]

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/apibrandname/send", self.receive)

    async def take(self, request: web.Request) -> Text | web.Response:
        sent = {name: str(value) for name, value in [*request.query.items(), *(await request.post()).items()]}
        if (sent.get("USERNAME"), sent.get("PASSWORD")) != ("tram", "mat-khau"):
            return web.Response(text="100")
        return Text(sent["IDREQ"], sent["PHONE"], sent["MESSAGE"], sent | {"at": datetime.now(UTC).isoformat()})

    def yes(self, text: Text, word: str) -> web.Response:
        return web.Response(text="0")

    def no(self, fault: Fault) -> web.Response:
        return web.Response(status=fault.status, text=str(fault.code or ""), headers=fault.headers)
