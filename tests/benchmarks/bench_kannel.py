"""Texts a second from REST to delivered through Kannel itself, beside Kannel alone, in one run on the same line.

    .venv/bin/python -m tests.benchmarks.bench_kannel [TEXTS]

The line is Kannel (bearerbox and smsbox) in front of an SMSC over SMPP that reports every text after 0.1 s. Kannel
alone: a bare client hands the texts to sendsms, 64 at a time, and counts Kannel's "delivered" reports. Ours: the texts
come in by REST (one by one, a hundred and all in one call, beside an empty view of the same server), then dispatch
sends them with the same 64 at a time, the webhooks take Kannel's reports and another process applies them, until every
row is `delivered`. The server is that of the Procfile, the database PostgreSQL; all of it shares the machine.
"""

import asyncio
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import aiohttp

from tests.benchmarks.bench_dispatch import WORDS, send, timed
from tests.benchmarks.database import own_database
from tests.benchmarks.server import Server, cpu_of, free_port, serving
from tests.messaging.kannel_running import PASSWORD, USER, running_kannel
from tests.smsc import Smsc

AT_ONCE = 64
CLIENTS = 16
SINGLES = 300
SECRET = "the-secret-of-the-benchmark"
LONGEST = 60.0  # seconds that anything may take


def smsc(port: int, line) -> None:
    """The operator's process: answers with the number of parts it has taken, until nobody asks any more."""
    with Smsc(port) as operator:
        line.send(True)
        while line.recv():
            line.send(len(operator.parts))


@contextmanager
def operator(port: int) -> Iterator[object]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=smsc, args=(port, there), daemon=True)
    process.start()
    assert here.poll(LONGEST), "The SMSC did not start."
    here.recv()
    try:
        yield here
    finally:
        here.send(False)
        process.join(20)


class Reports(asyncio.Protocol):
    """Takes Kannel's reports and does nothing with them but count those that say delivered."""

    delivered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head, self._read = self._read[:end], self._read[end + 4 :]
            Reports.delivered += b"type=1 " in head.partition(b"\r\n")[0]
            self._out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")  # type: ignore[attr-defined]


async def kannel_alone(url: str, count: int) -> tuple[float, float]:
    """Texts a second that Kannel takes, and from the first submit to the last report."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Reports, "127.0.0.1", 0)
    there = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/?type=%d"
    rest = iter(range(count))

    async def work(session: aiohttp.ClientSession) -> None:
        for n in rest:
            query = (
                f"?username={USER}&password={PASSWORD}&from=MAM&to=%2B8491{n:07d}&text={quote(WORDS)}&charset=UTF-8"
                f"&coding=2&dlr-mask=31&dlr-url={quote(there, safe='')}"
            )
            async with session.get(url + query) as answer:
                assert answer.status == 202, await answer.text()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        start = time.perf_counter()
        await asyncio.gather(*(work(session) for _ in range(AT_ONCE)))
        taken = time.perf_counter()
        while Reports.delivered < count and time.perf_counter() - start < LONGEST:
            await asyncio.sleep(0.01)
        ended = time.perf_counter()
    server.close()
    assert Reports.delivered == count, f"{Reports.delivered} of {count} reports came"
    return count / (taken - start), count / (ended - start)


async def post(url: str, bodies: list[object], token: str, wanted: int) -> float:
    """Seconds for one call with each of `bodies`, `CLIENTS` at a time."""
    rest = iter(bodies)
    headers = {"Authorization": f"Bearer {token}"}

    async def client(session: aiohttp.ClientSession) -> None:
        for body in rest:
            async with session.post(url, json=body, headers=headers) as answer:
                assert answer.status == wanted, (answer.status, await answer.text())

    async with aiohttp.ClientSession() as session:
        start = time.perf_counter()
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
        return time.perf_counter() - start


def accepted(server: Server, token: str, count: int) -> None:
    """Hand in `count` texts three times over, in calls of one, a hundred and up to a thousand."""
    texts = [{"key": f"{{}}:{n}", "to": f"+8491{n:07d}", "text": WORDS} for n in range(count)]

    def calls(name: str, size: int, of: int) -> list[object]:
        own = [text | {"key": text["key"].format(name)} for text in texts[:of]]
        return [{"messages": own[at : at + size]} for at in range(0, of, size)]

    api = f"{server.url}/api/v1/sms/messages"
    singles = min(SINGLES, count)
    one_by_one = [body["messages"][0] for body in calls("one", 1, singles)]  # type: ignore[index]
    asyncio.run(post(f"{server.url}/empty", one_by_one[:50], token, 204))  # warm
    empty = 0.0
    for name, url, bodies, of, wanted in (
        ("empty view", f"{server.url}/empty", one_by_one, singles, 204),
        ("REST, one a call", api, one_by_one, singles, 201),
        ("REST, 100 a call", f"{api}/batch", calls("hundred", 100, count), count, 200),
        ("REST, 1,000 a call", f"{api}/batch", calls("all", 1000, count), count, 200),
    ):
        cpu = server.cpu()
        rate = of / asyncio.run(post(url, bodies, token, wanted))
        cpu = (server.cpu() - cpu) / of * 1000
        empty = empty or rate
        print(
            f"{name:20} {rate:7,.0f} a second, {cpu:.2f} ms of CPU of the server each, {rate / empty:.2f} of the view"
        )


def fold() -> None:
    """The worker's part: apply reports until the process is ended."""
    import django

    django.setup()
    from messaging.incoming import receipts

    while True:
        if not receipts.fold(datetime.now(UTC)):
            time.sleep(0.05)


def delivered(route, count: int, server: Server) -> float:
    """Texts a second from the first row claimed to the last row delivered."""
    from django.utils import timezone

    from messaging.models import OutboundMessage, Receipt

    OutboundMessage.objects.exclude(pk__in=OutboundMessage.objects.values("pk")[:count]).delete()
    worker = subprocess.Popen([sys.executable, "-c", "from tests.benchmarks.bench_kannel import fold; fold()"])
    try:
        while cpu_of(worker.pid) < 1 and worker.poll() is None:  # until it has started
            time.sleep(0.1)
        folding, serving_, start = cpu_of(worker.pid), server.cpu(), time.perf_counter()
        seconds, cpu, counts = timed(send, route, timezone.now())
        assert counts == {"sent": count}, counts
        rows = OutboundMessage.objects.exclude(status="delivered")
        while (left := rows.count()) and time.perf_counter() - start < LONGEST:
            time.sleep(0.05)
        ended = time.perf_counter()
        assert not left, f"{left} of {count} are not delivered"
        each = 1000 / count
        print(
            f"ours: sent {count / seconds:,.0f} a second, delivered {count / (ended - start):,.0f}; CPU each: dispatch "
            f"{cpu * each:.2f}, webhooks {(server.cpu() - serving_) * each:.2f}, folding "
            f"{(cpu_of(worker.pid) - folding) * each:.2f} ms, {Receipt.objects.count() / count:.1f} reports"
        )
        return count / (ended - start)
    finally:
        worker.terminate()
        worker.wait()


def main(count: int) -> None:
    port, line = free_port(), free_port()
    os.environ |= {"LIVE_SENDING": "1", "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    os.environ.setdefault("SECRET_KEY", "a key for a benchmark and nothing else")
    with (
        tempfile.TemporaryDirectory() as folder,
        own_database("mam_bench_kannel"),
        operator(line),
        running_kannel(Path(folder), line, f"http://127.0.0.1:{port}/") as kannel,
        serving(port) as server,
    ):
        from django.test import override_settings
        from django.utils import timezone

        from messaging import callers
        from messaging.models import Route

        route = Route.objects.create(
            name="kannel", provider="kannel", sender="MAM", rate=100_000, concurrency=AT_ONCE,
            settings=kannel.settings(secret=SECRET),
        )  # fmt: skip
        _row, token, _key = callers.make_token("bench", ["send", "read"], now=timezone.now(), per_minute=100_000)
        accepted(server, token, count)
        taken, reported = asyncio.run(kannel_alone(kannel.url, count))
        print(f"Kannel alone: takes {taken:,.0f} a second, submit to report {reported:,.0f}")
        with override_settings(BEFORE_SEND=""):
            rate = delivered(route, count, server)
        print(f"ratio {rate / reported:.2f} (submit to delivered, of Kannel's own)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
