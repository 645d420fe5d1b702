"""Any number of dispatchers may work at the same time: each text leaves once."""

import json
import threading
from collections import Counter
from uuid import uuid4

import pytest
from django.db import connection

from messaging.models import OutboundMessage
from messaging.outgoing import claim, dispatch
from messaging.outgoing.lastcheck import last_check
from tests.messaging import elsewhere
from tests.messaging.texts import make_route, queue

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 200


def count_at_the_far_end(path):
    return Counter(json.loads(line)["key"] for line in path.read_text().splitlines())


def test_two_processes(now, tmp_path):
    log = tmp_path / "far-end.jsonl"
    make_route(settings={"log": str(log), "latency_ms": 5}, concurrency=7)
    queue(now, COUNT)
    workers = [elsewhere.start("dispatch", now.isoformat()) for _ in range(2)]
    sent = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert sum(sent) == COUNT
    assert count_at_the_far_end(log) == Counter(f"test:{n}" for n in range(COUNT))
    assert set(OutboundMessage.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_four_threads(now, tmp_path):
    log = tmp_path / "far-end.jsonl"
    make_route(settings={"log": str(log), "latency_ms": 5}, concurrency=7)
    queue(now, COUNT)
    sent = []
    together = threading.Barrier(4)

    def work():
        together.wait()
        sent.append(dispatch.dispatch_all(now)["sent"])
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == COUNT
    assert count_at_the_far_end(log) == Counter(f"test:{n}" for n in range(COUNT))


def test_a_dispatcher_that_was_too_slow_sends_nothing_of_what_another_has_claimed(now):
    """Its lease ran out while it worked through its claim; the rows are in another's hands."""
    route = make_route()
    queue(now, 3)
    slow, fast = uuid4(), uuid4()
    rows = claim.claim(route, slow, now)
    later = now + claim.CLAIM
    assert len(claim.claim(route, fast, later)) == 3
    assert last_check(rows, slow, later, Counter()) == []
    assert len(last_check(rows, fast, later, Counter())) == 3
    assert last_check(rows, fast, later, Counter()) == [], "what is sending is not sent again"
