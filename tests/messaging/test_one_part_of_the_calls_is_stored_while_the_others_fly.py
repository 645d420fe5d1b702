"""A pass is told of no more answers at once than it asked for, so that its calls do not all begin and end together;
but where something went wrong it is told all there is."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.models import OutboundMessage, Route
from messaging.outgoing import dispatch
from messaging.outgoing.wire import Wire
from messaging.providers.base import Accepted
from tests.messaging.texts import make_route, queue

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


class Question:
    """BEFORE_SEND and the clock of a pass, which goes on while it is asked. `sizes`: about how many it was asked."""

    takes = timedelta(0)

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.at = NOW

    def clock(self) -> datetime:
        return self.at

    def __call__(self, keys: list[str], now: datetime) -> dict[str, str]:
        self.sizes.append(len(keys))
        self.at += self.takes
        return {}


question: Question


def asked(keys: list[str], now: datetime) -> dict[str, str]:
    return question(keys, now)


@pytest.mark.django_db
@pytest.mark.parametrize(("milliseconds", "part"), [(1, 2), (30, 4)])
def test_a_slow_question_is_asked_about_more_texts_at_once(settings, milliseconds: int, part: int) -> None:
    global question
    question = Question()
    question.takes = timedelta(milliseconds=milliseconds)
    settings.BEFORE_SEND = f"{__name__}.asked"
    route = make_route(concurrency=8)
    queue(NOW, 24)
    assert dispatch.dispatch_route(route, NOW, question.clock)["sent"] == 24
    assert question.sizes == [8, *[part] * (16 // part)]
