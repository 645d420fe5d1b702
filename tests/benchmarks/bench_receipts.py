"""Delivery reports a second: through the webhook beside an empty view of the same server, and applied to their texts.

    .venv/bin/python -m tests.benchmarks.bench_receipts [TEXTS]

Both views are called over real HTTP with the same signed bodies, by turns, three times; the ratio of the medians
counts. The server is that of the Procfile, on a PostgreSQL database made for the run; its client shares the machine.
Then every report is applied, beside one bare UPDATE of the same texts.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from tests.benchmarks.database import own_database

NOW = datetime.now(UTC).replace(microsecond=0)
SECRET = "the secret of the benchmark"
CLIENTS = 16
WORKERS, THREADS = "2", "4"
ROUNDS = 3


def texts(count: int):
    """`count` texts that were sent, on the simulated operator's route."""
    from messaging.models import OutboundMessage, Route
    from messaging.outgoing import gateway

    route = Route.objects.create(name="bench", provider="sandbox", settings={"secret": SECRET}, rate=1000, price=400)
    rows = gateway.send_many(
        (gateway.Text(f"+8491{n:07d}", f"Chi nho kham thai ngay mai, so {n}", f"bench:{n}") for n in range(count)), NOW
    )
    OutboundMessage.objects.update(status="sent", sent_at=NOW, sending_at=NOW)
    return route, list(rows.values())


def reports(route, rows, url: str) -> list[tuple[str, bytes, dict[str, str]]]:
    """Path, body and headers of one signed report for each text."""
    from messaging.providers import get_provider
    from messaging.providers.sandbox import SIGNATURE_HEADER

    provider, found = get_provider(route.provider, route.settings), []
    for row in rows:
        path = f"/sms/{route.pk}/status?m={row.id}"
        payload = {"kind": "report", "id": str(row.id), "provider_id": f"SB{row.id.hex}", "status": "DELIVRD"}
        body = json.dumps(payload | {"operator": "Viettel", "at": NOW.isoformat()}).encode()
        headers = {SIGNATURE_HEADER: provider.sign(f"{url}{path}", body), "Content-Type": "application/json"}
        found.append((path, body, headers))
    return found


async def post(url: str, calls: list[tuple[str, bytes, dict[str, str]]]) -> float:
    """Seconds for all `calls`, `CLIENTS` at a time."""
    waiting = iter(calls)

    async def client(session: aiohttp.ClientSession) -> None:
        for path, body, headers in waiting:
            async with session.post(url + path, data=body, headers=headers) as answer:
                assert answer.status == 204, (answer.status, await answer.text())

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CLIENTS)) as session:
        start = time.perf_counter()
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
        return time.perf_counter() - start


def serve(port: int) -> subprocess.Popen[bytes]:
    gunicorn = Path(sys.executable).with_name("gunicorn")
    server = subprocess.Popen(
        [gunicorn, "tests.benchmarks.receipt_urls", "--bind", f"127.0.0.1:{port}", "--workers", WORKERS,
         "--threads", THREADS, "--access-logfile", "/dev/null", "--log-level", "warning"],
    )  # fmt: skip
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.2)
    raise RuntimeError("The server did not start.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def through_the_webhook(route, rows, url: str) -> None:
    calls = reports(route, rows, url)
    part = len(calls) // ROUNDS
    seconds: dict[str, list[float]] = {"webhook": [], "empty": []}
    asyncio.run(post(url, [("/empty", body, headers) for _path, body, headers in calls[:500]]))  # warm
    for n in range(ROUNDS):
        some = calls[n * part : (n + 1) * part]
        seconds["empty"].append(asyncio.run(post(url, [("/empty", body, headers) for _path, body, headers in some])))
        seconds["webhook"].append(asyncio.run(post(url, some)))
    rates = {name: part / statistics.median(taken) for name, taken in seconds.items()}
    print(f"empty view    {rates['empty']:8.0f} requests/s")
    print(f"webhook       {rates['webhook']:8.0f} reports/s, ratio {rates['webhook'] / rates['empty']:.2f}")


def applied() -> None:
    from django.db import connection

    from messaging.incoming import receipts
    from messaging.models import OutboundMessage

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        start = time.perf_counter()
        cursor.execute("UPDATE messaging_outboundmessage SET status = 'delivered', final_at = %s", [NOW])
        bare = cursor.rowcount / (time.perf_counter() - start)
        cursor.execute("UPDATE messaging_outboundmessage SET status = 'sent', final_at = NULL")
        cursor.execute("VACUUM ANALYZE")
    start = time.perf_counter()
    count = receipts.fold(datetime.now(UTC) + timedelta(seconds=1))
    rate = count / (time.perf_counter() - start)
    assert OutboundMessage.objects.filter(status="delivered").count() == count
    print(f"bare UPDATE   {bare:8.0f} rows/s")
    print(f"applied       {rate:8.0f} reports/s, ratio {rate / bare:.2f}")


def main(count: int) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    os.environ["PUBLIC_URL"] = url
    with own_database("mam_bench_receipts"):
        route, rows = texts(count)
        server = serve(port)
        try:
            through_the_webhook(route, rows, url)
        finally:
            server.terminate()
            server.wait(10)
        applied()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6000)
