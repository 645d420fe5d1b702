"""Whatever became known until the last moment stops a text, also one that waits for another attempt (D4)."""

from datetime import timedelta

import pytest

from messaging.models import OutboundMessage
from messaging.outgoing import dispatch, gateway
from tests.messaging.texts import make_route, queue, send_all, state

HERE = "tests.messaging.test_the_last_check_stops_a_text"
asked: list[list[str]] = []
refused: dict[str, str] = {}


def no_more(keys, now):
    asked.append(sorted(keys))
    return {key: refused[key] for key in keys if key in refused}


def broken(keys, now):
    raise RuntimeError("nobody knows")


@pytest.fixture(autouse=True)
def above(settings):
    settings.BEFORE_SEND = f"{HERE}.no_more"
    asked.clear()
    refused.clear()


def test_only_the_refused_text_stays(now, route, far_end):
    queue(now, 3)
    refused["test:1"] = "ended_loss"
    counts = send_all(now)
    assert (counts["sent"], counts["canceled"]) == (2, 1)
    assert sorted(line["key"] for line in far_end) == ["test:0", "test:2"]
    text = OutboundMessage.objects.get(key="test:1")
    assert (text.status, text.error_code, text.attempts, text.final_at) == ("canceled", "ended_loss", 0, now)


def test_a_text_that_waits_for_another_attempt_is_asked_again(now, db, far_end):
    make_route(settings={"down": 1})
    queue(now)
    assert send_all(now)["again"] == 1
    assert state() == "queued"
    refused["test:0"] = "ended_loss"
    assert send_all(now, 3600)["canceled"] == 1
    assert (state(), far_end) == ("canceled", [])
    assert asked == [["test:0"], ["test:0"]]


def test_an_old_check_is_asked_again(now, route, far_end, settings, monkeypatch):
    """The check takes six seconds the first time: its answer is too old, and the text is asked about again."""
    queue(now)
    time = [now]

    def slow(keys, at):
        if not asked:
            time[0] += timedelta(seconds=6)
        return no_more(keys, at)

    monkeypatch.setattr(f"{HERE}.slow", slow, raising=False)
    settings.BEFORE_SEND = f"{HERE}.slow"
    counts = dispatch.dispatch_all(now, lambda: time[0])
    assert (counts["stale"], counts["sent"], len(asked)) == (1, 1, 2)
    assert len(far_end) == 1
    assert OutboundMessage.objects.get().attempts == 1, "a call that never started is no attempt"


def test_nothing_leaves_when_nobody_can_answer(now, route, far_end, settings):
    settings.BEFORE_SEND = f"{HERE}.broken"
    queue(now)
    assert send_all(now)["errors"] == 1
    text = OutboundMessage.objects.get()
    assert (text.status, text.lease, far_end) == ("queued", None, [])


def test_a_text_whose_time_is_over_is_not_sent(now, route, far_end):
    queue(now, expires_at=now + timedelta(hours=1))
    assert send_all(now, 3600)["expired"] == 1
    assert (state(), far_end) == ("expired", [])


def test_a_canceled_text_is_not_sent(now, route, far_end):
    queue(now, 2)
    assert gateway.cancel(["test:0", "other"], now, "by_hand") == 1
    assert gateway.cancel(["test:0"], now, "again") == 0
    send_all(now)
    assert [line["key"] for line in far_end] == ["test:1"]
    assert OutboundMessage.objects.get(key="test:0").error_code == "by_hand"
    assert gateway.cancel(["test:1"], now, "too late") == 0
