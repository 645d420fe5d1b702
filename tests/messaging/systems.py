"""Another system and its token, for the tests of the door; and a server of that system that listens on loopback."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import Client

from messaging import callers
from messaging.models import ApiToken

EVERYTHING = ApiToken.Scope.values
MADE = datetime(2026, 11, 20, 3, tzinfo=UTC)


def access(name: str = "Bệnh viện", scopes: Any = EVERYTHING, **more: Any) -> tuple[ApiToken, Client]:
    """A new access and an HTTP client that shows its token."""
    token, written, _signing = callers.make_token(name, scopes, now=MADE, **more)
    return token, Client(headers={"Authorization": f"Bearer {written}"})


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"/api/v1/sms/{path}", json.dumps(body), content_type="application/json")


def wish(n: int = 0, **more: Any) -> dict[str, Any]:
    return {"key": f"hen-{n}", "to": f"091{n:07d}", "text": f"Lời nhắn số {n}"} | more


class Listener:
    """A system that is told things: `calls` holds every request; `answers` the statuses to give, the last for ever."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answers = [204]
        self.headers: dict[str, str] = {}
        self.latency = 0.0

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.calls]


@contextmanager
def listening() -> Iterator[tuple[Listener, str]]:
    """A listener and its address."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(listener.latency)
            listener.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(listener.answers.pop(0) if len(listener.answers) > 1 else listener.answers[0])
            for name, value in listener.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener, f"http://127.0.0.1:{server.server_port}/sms"
    finally:
        server.shutdown()
        server.server_close()
