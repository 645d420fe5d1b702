"""A server in the shape of Kannel's smsbox: sendsms by GET, its sentences and its status codes (1.4.5)."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fake_http import FakeServer, Fault

USER, PASSWORD = "tram", "mat-khau"
ACCEPTED, QUEUED = "0: Accepted for delivery", "3: Queued for later delivery"


@dataclass(frozen=True)
class KannelText:
    body: str
    query: dict[str, str]


class FakeKannel(FakeServer):
    """`script([Fault("word", word=QUEUED)])` answers as when the SMSC is away."""

    accepted: list[KannelText]

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of a `kannel` route that leads here."""
        url = f"{self.base_url}/cgi-bin/sendsms"
        return {"url": url, "username": USER, "password": PASSWORD, "timeout": 5} | more

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/cgi-bin/sendsms", self.receive)

    def denied(self, request: web.Request) -> web.Response | None:
        if (request.query.get("username"), request.query.get("password")) == (USER, PASSWORD):
            return None
        return web.Response(status=403, text="Authorization failed for sendsms")

    async def take(self, request: web.Request) -> KannelText | web.Response:
        query = dict(request.query)
        if not query.get("to"):
            return web.Response(status=400, text="Missing receiver number, rejected")
        return KannelText(query.get("text", ""), query)

    def yes(self, text: KannelText, word: str) -> web.Response:
        return web.Response(status=202, text=word if word[:2] in ("0:", "3:") else ACCEPTED)

    def no(self, fault: Fault) -> web.Response:
        return web.Response(status=fault.status, text=str(fault.code or ""), headers=fault.headers)
