"""A text whose answer was lost is looked up in Twilio's list: exactly one by number, moment and words is an answer."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from messaging.providers.base import Accepted, CannotTell, SendError
from messaging.providers.twilio import Twilio
from tests.fake_http import Fault, closed_port
from tests.fake_twilio import FakeTwilio
from tests.messaging.provider_contract import outgoing

SENT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
LATER = SENT + timedelta(hours=1)


def send(twilio: FakeTwilio, body: str, at: datetime = SENT, to: str = "+84912000001") -> None:
    """Hand one text over at `at` by Twilio's clock, and lose the answer."""

    async def once() -> None:
        async with Twilio(twilio.settings()) as provider:
            await provider.send(outgoing(body, to=to))

    twilio.script([Fault("drop")])
    with pytest.raises(SendError):
        asyncio.run(once())
    twilio.accepted[-1] = replace(twilio.accepted[-1], at=at)


def look(twilio: FakeTwilio, body: str, now: datetime = LATER, **settings: Any) -> Accepted | None:
    async def once() -> Accepted | None:
        async with Twilio(twilio.settings(**settings)) as provider:
            return await provider.find(outgoing(body, at=SENT), now)

    return asyncio.run(once())


def test_the_one_that_fits_is_it() -> None:
    with FakeTwilio() as twilio:
        send(twilio, "Chào chị", SENT + timedelta(seconds=3))
        send(twilio, "Lời khác")
        send(twilio, "Chào chị", to="+84912000002")
        send(twilio, "Chào chị", SENT - timedelta(days=1))
        found = look(twilio, "Chào chị")
        assert found is not None
        assert (found.provider_id, found.status) == (twilio.accepted[0].sid, "sent")
        assert len(twilio.accepted) == 4, "looking sends nothing"


def test_none_that_fits_means_it_was_not_taken() -> None:
    with FakeTwilio() as twilio:
        send(twilio, "Lời khác")
        assert look(twilio, "Chào chị") is None


@pytest.mark.parametrize("minutes", [-7 * 24 * 60, -30, 30])
def test_the_same_words_at_another_time_tell_nothing_for_a_clock_may_be_wrong(minutes: int) -> None:
    with FakeTwilio() as twilio:
        send(twilio, "Chào chị", SENT + timedelta(minutes=minutes))
        with pytest.raises(CannotTell, match="clock"):
            look(twilio, "Chào chị")


def test_two_that_fit_tell_nothing() -> None:
    with FakeTwilio() as twilio:
        send(twilio, "Chào chị")
        send(twilio, "Chào chị", SENT + timedelta(minutes=1))
        with pytest.raises(CannotTell, match="2 texts"):
            look(twilio, "Chào chị")


def test_an_absence_soon_after_the_call_tells_nothing() -> None:
    with FakeTwilio() as twilio, pytest.raises(CannotTell, match="newest"):
        look(twilio, "Chào chị", SENT + timedelta(minutes=1))


def test_a_list_that_does_not_reach_back_tells_nothing() -> None:
    with FakeTwilio() as twilio:
        send(twilio, "Chào chị")
        twilio.accepted += [replace(twilio.accepted[0], body="Lời khác", at=SENT + timedelta(minutes=30))] * 200
        with pytest.raises(CannotTell, match="far enough"):
            look(twilio, "Chào chị")


def test_a_list_that_cannot_be_read_tells_nothing() -> None:
    with FakeTwilio() as twilio:
        for wrong in ({"auth_token": "wrong"}, {"base_url": f"http://127.0.0.1:{closed_port()}", "timeout": 0.5}):
            with pytest.raises(CannotTell, match="could not be read"):
                look(twilio, "Chào chị", **wrong)
