"""A provider's HTTP server on the loopback address: accepts texts, fails on command. Each shape inherits it."""

import asyncio
import json
import socket
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of a plain yes.

    - "status": answered with `status`, error `code` and `headers`; the text is not taken. `body` replaces the JSON.
    - "hang": taken, then no answer for `seconds`.
    - "drop": taken, then the connection breaks in the middle of the answer.
    - "drop_before": the connection breaks before anything was taken or answered.
    - "malformed": taken, answered as a yes with `body` that is no JSON.
    - "word": taken, answered as a yes with the status `word`.
    - "none": as if there were no fault; to let some requests pass in a script.
    """

    kind: Literal["status", "hang", "drop", "drop_before", "malformed", "word", "none"]
    status: int = 500
    code: int | str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    seconds: float = 5.0
    word: str = "queued"


class FakeServer(ABC):
    """`with FakeX() as fake:` a server of its own thread on a free port, until the block ends."""

    MALFORMED = '{"sid": "SM'

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self.base_url = ""
        self.accepted: list[Any] = []
        self.requests = 0
        self._faults: deque[Fault] = deque()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=type(self).__name__, daemon=True)
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

    def script(self, faults: Iterable[Fault]) -> None:
        """What happens to the next requests, in this order; afterwards all is well again."""
        self._faults.extend(faults)

    @abstractmethod
    def add_routes(self, app: web.Application) -> None:
        """Say where texts are handed over (`self.receive`) and what else is answered."""

    @abstractmethod
    async def take(self, request: web.Request) -> Any:
        """The text in `request`, to be kept among `accepted`; or the answer to a request that holds none."""

    @abstractmethod
    def yes(self, text: Any, word: str) -> web.Response: ...

    @abstractmethod
    def no(self, fault: Fault) -> web.Response:
        """The provider's own refusal with `fault.code`."""

    def denied(self, request: web.Request) -> web.Response | None:
        """The answer to somebody who has not signed in; None: go on."""
        return None

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """One text handed over."""
        self.requests += 1
        await request.read()
        fault = self._faults.popleft() if self._faults else Fault("none")
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault.kind == "drop_before":
            return cut(request)
        denied = self.denied(request)
        if denied is not None:
            return denied
        if fault.kind == "status":
            if fault.body is not None:
                return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
            return self.no(fault)
        text = await self.take(request)
        if isinstance(text, web.Response):
            return text
        self.accepted.append(text)
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "drop":
            answer = web.StreamResponse(status=200, headers={"Content-Length": "400"})
            await answer.prepare(request)
            await answer.write(b'{"sid": "SM')
            return cut(request, answer)
        if fault.kind == "malformed":
            body = self.MALFORMED if fault.body is None else fault.body
            return web.Response(status=self.yes(text, "").status, text=body, content_type="application/json")
        return self.yes(text, fault.word)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self) -> str:
        app = web.Application()
        self.add_routes(app)
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


def closed_port() -> int:
    """A port on 127.0.0.1 at which nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def as_json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status, text=json.dumps(body, ensure_ascii=False), content_type="application/json", headers=headers
    )


def cut(request: web.Request, answer: web.StreamResponse | None = None) -> web.StreamResponse:
    """Break the connection."""
    if request.transport is not None:
        request.transport.close()
    return answer or web.Response()
