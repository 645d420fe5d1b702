"""Statuses never go back, whatever order reports come in and however often."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.incoming import receipts
from messaging.models import OutboundMessage, Receipt
from messaging.outgoing import settle
from messaging.providers import sandbox
from messaging.statuses import RANK
from tests.messaging.texts import make_route, queue, send_all, state

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
WORDS = st.lists(st.sampled_from(["ENROUTE", "ACCEPTD", "DELIVRD", "UNDELIV", "NONSENSE"]), min_size=1, max_size=6)


def report(text, word, **more):
    return {"kind": "report", "id": str(text.id), "provider_id": f"SB{text.id.hex}", "status": word} | more


def ends(route, words, order, now):
    """The states through which a sent text goes when the reports `words` come in `order`."""
    Receipt.objects.all().delete()
    OutboundMessage.objects.all().delete()
    (text,) = queue(now)
    OutboundMessage.objects.update(status="sent", provider_id=f"SB{text.id.hex}", sent_at=now)
    seen = ["sent"]
    for n in order:
        receipts.store(route, report(text, words[n]), message_id=None, now=now)
        receipts.fold(now)
        seen.append(state())
    return seen


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS, data=st.data())
def test_the_end_does_not_depend_on_order_or_replay(route, words, data):
    replay = st.lists(st.sampled_from(range(len(words))), max_size=10)
    order = data.draw(st.permutations([*range(len(words)), *data.draw(replay)]))
    straight = ends(route, words, range(len(words)), NOW)
    shuffled = ends(route, words, order, NOW)
    assert straight[-1] == shuffled[-1]
    for before, after in pairwise(shuffled):
        assert RANK[before] <= RANK[after]


@pytest.mark.django_db(transaction=True)
def test_a_report_that_is_faster_than_the_answer_stays(now, route, monkeypatch):
    queue(now)

    def report_at_once(line):
        """The phone has it and the report is folded, by another process, before the provider has answered."""

        def elsewhere():
            text = OutboundMessage.objects.get(key=line["key"])
            receipts.store(route, report(text, "DELIVRD"), message_id=None, now=now)
            receipts.fold(now)
            connection.close()

        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()

    monkeypatch.setattr(sandbox, "on_accept", report_at_once)
    assert send_all(now)["sent"] == 1
    text = OutboundMessage.objects.get()
    assert (text.status, text.sent_at, text.cost) == ("delivered", now, 400)
    assert text.provider_id


def test_a_text_that_waits_for_another_attempt_is_not_sent_after_its_report(now, route, far_end):
    (text,) = queue(now)
    receipts.store(route, report(text, "DELIVRD"), message_id=None, now=now)
    receipts.fold(now)
    assert send_all(now)["sent"] == 0
    assert (state(), far_end) == ("delivered", [])


def test_parts_are_counted_one_by_one(now, route):
    text = queue(now, body="ă" * 100)[0]
    assert text.segments == 2
    OutboundMessage.objects.update(status="sent", sent_at=now)
    receipts.store(route, report(text, "DELIVRD", part=2), message_id=None, now=now)
    receipts.fold(now)
    assert state() == "sent"
    receipts.store(route, report(text, "DELIVRD", part=2), message_id=None, now=now)
    receipts.fold(now)
    assert state() == "sent", "the same part twice is not two parts"
    receipts.store(route, report(text, "DELIVRD", part=1), message_id=None, now=now)
    receipts.fold(now)
    assert state() == "delivered"


def test_a_report_of_another_route_moves_nothing(now, route):
    (text,) = queue(now)
    OutboundMessage.objects.update(status="sent", sent_at=now)
    other = make_route("other")
    receipts.store(other, report(text, "DELIVRD"), message_id=text.id, now=now)
    receipts.fold(now)
    assert state() == "sent"


def test_no_report_is_unknown_until_a_final_one_comes(now, route):
    (text,) = queue(now)
    OutboundMessage.objects.update(status="sent", sent_at=now)
    assert settle.expire_silent(now + timedelta(hours=71)) == 0
    later = now + timedelta(hours=72)
    assert settle.expire_silent(later) == 1
    assert state() == "unknown"
    receipts.store(route, report(text, "ENROUTE"), message_id=None, now=later)
    receipts.fold(later)
    assert state() == "unknown", "it was known to be sent; that is no news"
    receipts.store(route, report(text, "DELIVRD"), message_id=None, now=later)
    receipts.fold(later)
    done = OutboundMessage.objects.get()
    assert (done.status, done.error_code) == ("delivered", "")


@pytest.mark.parametrize("payload", [{"part": "x"}, {"status": None}, {}])
def test_a_report_that_cannot_be_read_is_kept_and_changes_nothing(now, route, payload):
    (text,) = queue(now)
    OutboundMessage.objects.update(status="sent", sent_at=now)
    receipts.store(route, {"status": "DELIVRD"} | payload, message_id=text.id, now=now)
    receipts.fold(now)
    assert Receipt.objects.count() == 1
    assert state() == ("delivered" if not payload else "sent")
