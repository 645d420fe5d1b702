"""Calls over HTTP, the same for every provider: what a failure means for "does the provider have the text?"."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

import aiohttp

from messaging.providers import secretpath
from messaging.providers.base import Outgoing, Provider, SendError, may_leave
from messaging.providers.errors import OURS, failure

TIMEOUT = 20.0  # seconds
LONGEST_CONNECT = 4.0  # seconds; a text whose connection takes longer than its last check is good would never leave
LONGEST_WAIT = 3600.0  # seconds; a provider that asks for more is asked again all the same


class TooLate(aiohttp.ClientError):
    """The connection stood when the text might no longer leave (`may_leave`), so nothing was written."""


NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL, TooLate)
"""Refused, no such host, TLS, time-out of connecting, no address: nothing was said to anybody."""


class Broken(aiohttp.ClientError):
    """The connection broke after the request may have left."""


async def _only_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """aiohttp repeats a GET or PUT by itself when the connection breaks. Here that would be a second SMS."""
    try:
        return await handler(request)
    except NOT_CONNECTED:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Broken(str(error)) from error


class _Request(aiohttp.ClientRequest):
    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        if not may_leave.get()():
            raise TooLate("The connection took too long.")
        return await super().send(conn)


def new_session(timeout: float) -> aiohttp.ClientSession:
    """A session that waits `timeout` seconds for an answer, at most `LONGEST_CONNECT` of them for a connection, and
    repeats nothing.

    Connecting ends before the total, so that a time-out which is not one of connecting is known to have come after the
    request. Idle connections are dropped soon, before a server that closes them can lose a request. The pool has no
    limit: a text waits in our table or is on its way, never here, where its last check would grow old.
    """
    connect = min(timeout, LONGEST_CONNECT)
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=2 * timeout, connect=connect, sock_connect=connect, sock_read=timeout),
        request_class=_Request,
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=10),
        middlewares=(_only_once,),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, whatever its status."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class HttpProvider(Provider):
    """A provider that is called over HTTP, and whose webhooks carry a secret in their address."""

    title: ClassVar[str]
    """Its name in sentences."""
    address_settings: ClassVar[frozenset[str]] = frozenset()
    """The settings that are http addresses."""

    _session: aiohttp.ClientSession | None = None

    @classmethod
    def problems(cls, settings: Mapping[str, Any]) -> list[str]:
        found = super().problems(settings)
        for name in sorted(cls.address_settings):
            if settings.get(name) and not is_address(settings[name]):
                found.append(f"The setting {name} is no address. Write it like http://127.0.0.1:8080/.")
        return found + secretpath.problems(settings.get("secret"))

    @property
    def secret(self) -> str:
        return str(self.settings.get("secret") or "")

    async def open(self) -> None:
        self._session = new_session(float(self.settings.get("timeout") or TIMEOUT))

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def verify(self, url: str, headers: Mapping[str, str], body: bytes, params: Mapping[str, Any]) -> bool:
        return secretpath.is_genuine(url, self.secret)

    async def call(self, method: str, url: str, **more: Any) -> Answer:
        """One request, never repeated. Raises `SendError` when no answer came; any status is an answer.

        No connection: certainly not taken. Everything after that (time-out, broken connection, strange answer): maybe.
        """
        if self._session is None:
            raise RuntimeError("The provider is not open.")
        try:
            async with self._session.request(method, url, allow_redirects=False, **more) as response:
                # Whatever bytes come back: a strange character in a sentence must not put a text in doubt.
                return Answer(response.status, (await response.read()).decode("utf-8", "replace"), response.headers)
        except NOT_CONNECTED as error:
            raise unreachable(self.title, error) from error
        except asyncio.CancelledError:
            raise
        except Exception as error:  # whatever it was, it came after the request may have left
            raise lost(self.title, type(error).__name__, code_of(error)) from error


def unreachable(name: str, error: BaseException) -> SendError:
    """The error for a text that certainly did not leave."""
    return SendError(
        f"{name} could not be reached. Check the network; the text will be tried again.",
        "unreachable_provider",
        raw={"error": type(error).__name__},
    )


def lost(name: str, what: str, code: str, raw: dict[str, Any] | None = None) -> SendError:
    """The error for a text that the provider may have: in doubt."""
    return SendError(
        f"{name}'s answer was lost or could not be read ({what}), so it may have the text. "
        "It will not be sent again; a delivery report will tell.",
        code,
        taken="maybe",
        raw=raw or {"error": what},
    )


def code_of(error: BaseException) -> str:
    """Our word for a fault of the connection after the request may have left."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientError | OSError):
        return "connection_lost"
    return "unreadable_answer"


def refusal(name: str, answer: Answer, now: datetime, wait: float | None = None) -> SendError:
    """What an answer other than 2xx means, where the provider's own words say nothing more exact.

    - 429, and 503 with a time to come back: not taken. `wait`: seconds that the provider named elsewhere.
    - Any other 5xx may be a proxy that lost the answer: maybe.
    - 401 and 403 the sign-in, 404 and 405 the address: the text waits until a person has repaired the route.
    - Any other 3xx and 4xx: read and refused.
    """
    wait = wait if wait is not None else retry_after(answer.headers.get("Retry-After"), now)
    raw = {"http": answer.status, "answer": answer.text[:300]}
    if answer.status >= 500 and not (answer.status == 503 and wait is not None):
        return lost(name, f"HTTP {answer.status}", "provider_error", raw)
    code = {401: "auth_failed", 403: "auth_failed", 404: "route_misconfigured", 405: "route_misconfigured"}.get(
        answer.status, "provider_refused"
    )
    code = {429: "throttled", 503: "provider_busy"}.get(answer.status, code)
    said = f"HTTP {answer.status}: {answer.text[:120] or 'no words'}"
    return failure(name, OURS[code], said=said, retry_after=wait, raw=raw)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header (RFC 9110: seconds or a date), never negative, at most `LONGEST_WAIT`; None when
    absent or unreadable."""
    if not value:
        return None
    said = value.strip()
    if said.isascii() and said.isdigit():
        return min(LONGEST_WAIT, float(said[:9]))
    try:
        date = parsedate_to_datetime(said)
    except (ValueError, OverflowError, TypeError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(LONGEST_WAIT, max(0.0, (date - now).total_seconds()))


def seconds_left(m: Outgoing) -> float | None:
    """Seconds in which the text may still be delivered; None: no limit. Raises `SendError` when its time is over."""
    if m.expires_at is None:
        return None
    left = (m.expires_at - m.at).total_seconds()
    if left < 1:
        raise SendError("The text's time was over before it was sent.", "expired", permanent=True)
    return left


def is_address(url: object) -> bool:
    """Whether `url` is an http or https address."""
    try:
        parts = urlsplit(str(url))
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False
