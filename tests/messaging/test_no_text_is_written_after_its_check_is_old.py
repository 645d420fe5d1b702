"""A connection or a token that takes its time makes the last check old: then the text is not written (D4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from messaging.models import OutboundMessage, Route
from messaging.outgoing.wire import Stale, Wire
from messaging.providers.base import Accepted
from tests.fake_aggregators import FakeEsms, FakeFpt
from tests.fake_http import FakeServer
from tests.fake_twilio import FakeTwilio
from tests.messaging.test_http_json_keeps_the_contract import LIKE_ESMS, LIKE_FPT, with_base

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
LATER = NOW + timedelta(seconds=6)
SECRET = {"secret": "0123456789abcdef"}


def text(n: int = 0) -> OutboundMessage:
    return OutboundMessage(key=f"test:{n}", to=f"+8491234000{n}", body="Lời nhắn", encoding="UCS-2", segments=1)


class Clock:
    """Shows these moments one after the other, then the last for ever."""

    def __init__(self, *moments: datetime) -> None:
        self.moments = list(moments)

    def __call__(self) -> datetime:
        return self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]


@contextmanager
def wire_to(server: FakeServer, shape: dict[str, object], clock: Clock) -> Iterator[Wire]:
    settings = with_base(shape | SECRET, server.base_url)
    with Wire(Route(pk=1, provider="http_json", settings=settings), clock) as wire:
        yield wire


def outcome(wire: Wire, checked_at: datetime, n: int = 0) -> object:
    wire.start([text(n)], checked_at)
    ((_row, answer),) = wire.answers()
    return answer


def test_when_the_connection_stands_too_late() -> None:
    with FakeEsms() as server, wire_to(server, LIKE_ESMS, Clock(NOW, LATER)) as wire:
        assert isinstance(outcome(wire, NOW), Stale)
        assert (server.requests, server.accepted) == (0, [])
        assert isinstance(outcome(wire, LATER), Accepted), "a new check, and it leaves"


def test_by_twilios_client_too() -> None:
    with FakeTwilio() as server:
        route = Route(pk=1, provider="twilio", settings=server.settings(), sender="MAM")
        with Wire(route, Clock(NOW, LATER)) as wire:
            assert isinstance(outcome(wire, NOW), Stale)
            assert server.accepted == []


def test_when_the_token_came_too_late_it_serves_the_next() -> None:
    with FakeFpt() as server, wire_to(server, LIKE_FPT, Clock(NOW, NOW, LATER)) as wire:
        assert isinstance(outcome(wire, NOW), Stale)
        assert server.accepted == []
        assert isinstance(outcome(wire, LATER, 1), Accepted)
        assert len(server.accepted) == 1
