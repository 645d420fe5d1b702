"""A text that breaks the check, the call or the storing does not take the others of its chunk with it."""

from datetime import timedelta

import pytest

from messaging.models import Attempt, OutboundMessage, RouteHealth
from messaging.outgoing import lastcheck, outcome, poison, wire
from messaging.providers.base import Accepted
from messaging.providers.sandbox import Sandbox
from tests.messaging.texts import make_route, queue, send_all, state

HERE = "tests.messaging.test_a_poisoned_text_stands_alone"
pytestmark = pytest.mark.django_db
bad: set[str] = set()
asked: list[int] = []


def choke(keys, now):
    asked.append(len(keys))
    if bad & set(keys):
        raise ZeroDivisionError("one of them")
    return {}


@pytest.fixture(autouse=True)
def above(settings):
    settings.BEFORE_SEND = f"{HERE}.choke"
    bad.clear()
    asked.clear()


def test_the_others_leave_and_it_fails_at_last(now, far_end):
    make_route(concurrency=16)
    bad.update({"test:3", "test:9"})
    queue(now, 16)
    counts = send_all(now)
    assert (counts["sent"], counts["again"]) == (14, 2)
    text = OutboundMessage.objects.get(key="test:3")
    assert (text.status, text.error_code, text.attempts, text.lease) == ("queued", "poison", 1, None)
    assert text.send_after - now >= timedelta(seconds=30)
    assert RouteHealth.objects.get().failures == 0, "it is no fault of the route"
    at = now
    for n in range(2, outcome.MOST_ATTEMPTS + 1):
        at += timedelta(hours=1)
        queue(at, key=f"another:{n}")
        assert send_all(at)["sent"] == 1
        assert OutboundMessage.objects.get(key="test:3").attempts == n
    assert (state("test:3"), state("test:9")) == ("failed", "failed")
    assert OutboundMessage.objects.get(key="test:3").error_code == "poison"
    tried = Attempt.objects.filter(message__key="test:3")
    assert list(tried.values_list("code", "taken")) == [("poison", "no")] * outcome.MOST_ATTEMPTS
    assert len(far_end) == 14 + outcome.MOST_ATTEMPTS - 1


def test_a_broken_check_is_held_against_nobody(now, far_end):
    make_route(concurrency=64)
    bad.update(f"test:{n}" for n in range(64))
    queue(now, 64)
    assert send_all(now)["errors"] == 1
    assert set(OutboundMessage.objects.values_list("status", "attempts", "lease", "error_code")) == {
        ("queued", 0, None, "")
    }
    assert (far_end, Attempt.objects.count()) == ([], 0)
    assert len(asked) <= 8 + 2 * poison.MOST_IN_A_ROW, "it is not asked about every text alone"


def test_a_check_that_fails_at_its_very_end_counts_one_attempt(now, far_end, monkeypatch):
    make_route()
    queue(now, 5)
    update, broken = lastcheck.update_rows, []

    def breaks_once(rows, fields):
        update(rows, fields)
        if rows and not broken:
            broken.append(len(rows))
            raise ValueError("not stored after all")

    monkeypatch.setattr(lastcheck, "update_rows", breaks_once)
    assert send_all(now)["sent"] == len(far_end) == 5
    assert (broken, set(OutboundMessage.objects.values_list("attempts", flat=True))) == ([5], {1})


def test_a_call_that_cannot_be_built(now, far_end, monkeypatch):
    make_route()
    queue(now, 5)
    build = wire.as_outgoing

    def cannot(route, row, at):
        if row.key == "test:2":
            raise ValueError("no such thing")
        return build(route, row, at)

    monkeypatch.setattr(wire, "as_outgoing", cannot)
    counts = send_all(now)
    assert (counts["sent"], counts["again"]) == (4, 1)
    assert (state("test:2"), OutboundMessage.objects.get(key="test:2").error_code) == ("queued", "poison")


def test_an_adapter_that_raises_leaves_its_text_in_doubt(now, far_end, monkeypatch):
    """It may have raised after the provider took the text, so it is not sent again."""
    make_route()
    queue(now, 5)
    send = Sandbox.send

    async def falls(self, m):
        if m.key == "test:2":
            raise KeyError("what")
        return await send(self, m)

    monkeypatch.setattr(Sandbox, "send", falls)
    counts = send_all(now)
    assert (counts["sent"], counts["doubtful"]) == (4, 1)
    assert Attempt.objects.values_list("message__key", "code", "taken").get() == ("test:2", "adapter_fault", "maybe")


def test_an_answer_that_cannot_be_stored_takes_no_other_with_it(now, monkeypatch):
    make_route()
    queue(now, 6)

    async def strange(self, m):
        return Accepted(f"id-{m.key}\0", price=object() if m.key == "test:4" else None)  # type: ignore[arg-type]

    monkeypatch.setattr(Sandbox, "send", strange)
    counts = send_all(now)
    assert (counts["sent"], counts["doubtful"]) == (5, 1)
    assert (state("test:4"), state("test:1")) == ("sending", "sent")
    assert OutboundMessage.objects.get(key="test:1").provider_id == "id-test:1"
