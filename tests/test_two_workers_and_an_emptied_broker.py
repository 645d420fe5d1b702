"""Two real workers, and a broker that loses everything in between: each text leaves once (D5)."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from django.utils import timezone

from messaging.incoming import receipts
from messaging.models import OutboundMessage
from tests.messaging import elsewhere
from tests.messaging.texts import make_route, queue
from tests.services import REDIS

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 300
BOTH = "celery,dispatch"
Empty = Callable[[], int]


def on_files(tmp_path: Path) -> tuple[str, dict[str, Any], Empty]:
    """The embedded broker: address, options, and how it is emptied (returns how many tasks were lost)."""
    folder = tmp_path / "broker"
    options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
        "processed_folder": str(folder / "processed"),
    }
    for path in options.values():
        Path(path).mkdir(parents=True, exist_ok=True)

    def empty() -> int:
        lost = 0
        for path in (folder / "messages").iterdir():
            path.unlink(missing_ok=True)
            lost += 1
        return lost

    return "filesystem://", options, empty


def on_redis(tmp_path: Path) -> tuple[str, dict[str, Any], Empty]:
    """A Redis database that nobody uses."""
    for number in range(15, 0, -1):
        url = f"{REDIS}/{number}"
        there = redis.Redis.from_url(url, socket_connect_timeout=1)
        if there.dbsize():
            continue

        def empty(there: Any = there) -> int:
            lost = there.llen("celery") + there.llen("dispatch")
            there.flushdb()
            return int(lost)

        return url, {}, empty
    pytest.fail("Every database of the Redis server is in use. Empty one, or set TEST_REDIS_URL.")


@contextmanager
def workers(*queues: str, **environment: str) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """A worker of one process for each of `queues`, which are separated by commas."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "1", "-l", "WARNING", "--without-mingle"]
    started = []
    try:
        for n, taken in enumerate(queues):
            env = elsewhere.environment(**environment)
            started.append(subprocess.Popen([*command, "-n", f"w{n}@test", "-Q", taken], cwd=elsewhere.ROOT, env=env))
        yield started
    finally:
        for worker in started:
            worker.terminate()
        for worker in started:
            try:
                worker.wait(15)
            except subprocess.TimeoutExpired:
                worker.kill()


@pytest.mark.parametrize("broker", [on_files, pytest.param(on_redis, marks=pytest.mark.needs("redis"))])
def test_each_text_leaves_once(broker: Callable[[Path], tuple[str, dict[str, Any], Empty]], tmp_path: Path) -> None:
    url, options, empty = broker(tmp_path)
    beat = Celery(broker=url)
    beat.conf.broker_transport_options = options
    log = tmp_path / "far-end.jsonl"
    # The bucket holds half of the texts: the broker is emptied while the others still wait.
    make_route(rate=COUNT / 10, concurrency=8, settings={"log": str(log), "latency_ms": 20})
    queue(timezone.now(), COUNT)
    emptied, lost = 0, 0
    end = time.monotonic() + 90
    with workers(BOTH, BOTH, BROKER_URL=url, VAR_DIR=str(tmp_path)) as running:
        while OutboundMessage.objects.exclude(status="sent").exists():
            assert time.monotonic() < end, Counter(OutboundMessage.objects.values_list("status", flat=True))
            assert all(worker.poll() is None for worker in running), "a worker has died"
            for _beat in range(3):
                beat.send_task("messaging.tasks.dispatch_all", expires=20)
            if emptied < 3 and OutboundMessage.objects.filter(status="sent").exists():
                lost += empty()
                emptied += 1
            time.sleep(0.3)
    empty()
    assert emptied
    assert lost, "nothing was in the broker when it was emptied"
    assert Counter(json.loads(line)["key"] for line in log.read_text().splitlines()) == Counter(
        f"test:{n}" for n in range(COUNT)
    )
    assert set(OutboundMessage.objects.values_list("attempts", flat=True)) == {1}


def test_a_slow_route_holds_up_no_other_pass(tmp_path: Path) -> None:
    """While a provider takes five seconds for a call, the reports of what left before are applied."""
    url, options, _empty = on_files(tmp_path)
    beat = Celery(broker=url)
    beat.conf.broker_transport_options = options
    route = make_route(settings={"latency_ms": 5000})
    left, slow = queue(timezone.now(), 2)
    OutboundMessage.objects.filter(pk=left.pk).update(status="sent", sent_at=timezone.now(), provider_id="SB1")
    sending = OutboundMessage.objects.filter(pk=slow.pk, status="sending")
    delivered = OutboundMessage.objects.filter(pk=left.pk, status="delivered")
    end = time.monotonic() + 30

    def wait_for(what: Callable[[], bool], pass_: str) -> None:
        while not what():
            assert time.monotonic() < end, f"{pass_} did not do its work"
            beat.send_task(f"messaging.tasks.{pass_}", expires=2)
            time.sleep(0.2)

    with workers("celery", "dispatch", BROKER_URL=url, VAR_DIR=str(tmp_path)):
        wait_for(sending.exists, "dispatch_all")
        now = timezone.now()
        payload = {"kind": "report", "id": str(left.id), "status": "DELIVRD", "at": now.isoformat()}
        receipts.store(route, payload, message_id=left.id, now=now)
        wait_for(delivered.exists, "fold_receipts")
        assert sending.exists(), "the report waited for the slow call"
