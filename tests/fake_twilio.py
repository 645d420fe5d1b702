"""A server in Twilio's shape on the loopback address: accepts texts, fails on command, sends signed callbacks."""

import asyncio
import base64
import json
import secrets
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web
from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "5" * 32
TOKEN = "a-token-that-only-the-tests-know"


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of a plain 201.

    - "status": answered with `status`, error `code` and `headers`; the text is not taken. `body` replaces the JSON.
    - "hang": taken, then no answer for `seconds`.
    - "drop": taken, then the connection breaks in the middle of the answer.
    - "drop_before": the connection breaks before anything was taken or answered.
    - "malformed": taken, answered 201 with `body` that is no JSON.
    - "word": taken, answered 201 with the status `word`.
    - "none": as if there were no fault; to let some requests pass in a script.
    """

    kind: Literal["status", "hang", "drop", "drop_before", "malformed", "word", "none"]
    status: int = 500
    code: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    seconds: float = 5.0
    word: str = "queued"


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


class FakeTwilio:
    """`with FakeTwilio() as twilio:` a server of its own thread on a free port, until the block ends."""

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self.base_url = ""
        self.accepted: list[AcceptedText] = []
        self.requests = 0
        self._faults: deque[Fault] = deque()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-twilio", daemon=True)
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self.base_url = self._run(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of a `twilio` route that leads here."""
        return {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": self.base_url, "timeout": 5} | more

    def script(self, faults: Iterable[Fault]) -> None:
        """What happens to the next requests, in this order; afterwards all is well again."""
        self._faults.extend(faults)

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

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self) -> str:
        app = web.Application()
        app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", self._create)
        app.router.add_get("/2010-04-01/Accounts/{account}/Messages.json", self._list)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        hanging = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        form = {name: str(value) for name, value in (await request.post()).items()}
        fault = self._faults.popleft() if self._faults else Fault("none")
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault.kind == "drop_before":
            return _cut(request)
        if not _signed_in(request):
            return _error(401, 20003, "Authenticate")
        if fault.kind == "status":
            if fault.body is not None:
                return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
            return _error(fault.status, fault.code, "Scripted", fault.headers)
        if not form.get("To"):
            return _error(400, 21604, "A 'To' phone number is required.")
        if not form.get("Body"):
            return _error(400, 21602, "Message body is required.")
        text = AcceptedText(
            sid="SM" + secrets.token_hex(16),
            to=form["To"],
            from_=form.get("From", ""),
            service=form.get("MessagingServiceSid", ""),
            body=form["Body"],
            callback=form.get("StatusCallback", ""),
            form=form,
            at=datetime.now(UTC),
        )
        self.accepted.append(text)
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "drop":
            answer = web.StreamResponse(status=201, headers={"Content-Length": "400"})
            await answer.prepare(request)
            await answer.write(b'{"sid": "SM')
            return _cut(request, answer)
        if fault.kind == "malformed":
            return web.Response(status=201, text=fault.body or '{"sid": "SM', content_type="application/json")
        return _json(201, _resource(text, fault.word))

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if not _signed_in(request):
            return _error(401, 20003, "Authenticate")
        to = request.query.get("To")
        return _json(200, {"messages": [_resource(text, "sent") for text in self.accepted if to in (None, text.to)]})


def closed_port() -> int:
    """A port on 127.0.0.1 at which nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


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


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=json.dumps(body), content_type="application/json", headers=headers)


def _error(status: int, code: int | None, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body: dict[str, Any] = {"status": status, "message": message}
    return _json(status, body | ({"code": code} if code is not None else {}), headers)


def _cut(request: web.Request, answer: web.StreamResponse | None = None) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    return answer or web.Response()
