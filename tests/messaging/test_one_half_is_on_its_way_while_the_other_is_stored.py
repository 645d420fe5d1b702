"""A pass is told of no more answers at once than it asked for, so that its calls do not all begin and end together;
but where something went wrong it is told all there is."""

from datetime import UTC, datetime

from messaging.models import OutboundMessage, Route
from messaging.outgoing.wire import Wire
from messaging.providers.base import Accepted

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


def begun(wire: Wire, count: int = 8) -> None:
    texts = [
        OutboundMessage(key=f"test:{n}", to=f"+8491234000{n}", body="Lời nhắn", encoding="UCS-2", segments=1)
        for n in range(count)
    ]
    wire.start(texts, NOW)


def wire_to(**settings: object) -> Wire:
    return Wire(Route(pk=1, provider="sandbox", settings=settings), lambda: NOW)


def test_the_second_half_waits_for_the_next_time() -> None:
    with wire_to() as wire:
        begun(wire)
        told = [wire.answers(many=4), wire.answers(many=4)]
        assert [len(some) for some in told] == [4, 4]
        assert [row.key for some in told for row, _answer in some] == [f"test:{n}" for n in range(8)]
        assert all(isinstance(answer, Accepted) for some in told for _row, answer in some)
        assert (wire.flying, wire.answers(many=4)) == (0, [])


def test_what_is_started_leaves_although_answers_are_waiting() -> None:
    with wire_to() as wire:
        begun(wire, 6)
        assert len(wire.answers(many=3)) == 3
        begun(wire, 3)
        assert len(wire.answers(many=3)) == 3
        assert len(wire.answers(many=9)) == 3


def test_of_a_route_that_fails_all_is_told_at_once() -> None:
    with wire_to(down=1) as wire:
        begun(wire)
        assert len(wire.answers(many=4)) == 8
