"""Delivery reports a second: through the webhook beside an empty view of the same server, and applied to their texts.

    .venv/bin/python -m tests.benchmarks.bench_receipts [TEXTS]

Both views are called over real HTTP with the same signed bodies, by turns, three times; the ratio of the medians
counts. The server is that of the Procfile, on a PostgreSQL database made for the run; its client shares the machine.
Then every report is applied, beside one bare UPDATE of the same texts.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

import aiohttp

from tests.benchmarks.database import own_database
from tests.benchmarks.server import Server, free_port, serving

NOW = datetime.now(UTC).replace(microsecond=0)
SECRET = "the secret of the benchmark"
CLIENTS = 16
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


def through_the_webhook(route, rows, server: Server) -> None:
    calls = reports(route, rows, server.url)
    part = len(calls) // ROUNDS
    seconds: dict[str, list[float]] = {"empty view": [], "webhook": []}
    cpus: dict[str, list[float]] = {"empty view": [], "webhook": []}
    asyncio.run(post(server.url, [("/empty", body, headers) for _path, body, headers in calls[:500]]))  # warm
    for n in range(ROUNDS):
        some = calls[n * part : (n + 1) * part]
        for name, calling in (
            ("empty view", [("/empty", body, headers) for _path, body, headers in some]),
            ("webhook", some),
        ):
            before = server.cpu()
            seconds[name].append(asyncio.run(post(server.url, calling)))
            cpus[name].append(server.cpu() - before)
    rates = {name: part / statistics.median(taken) for name, taken in seconds.items()}
    costs = {name: statistics.median(taken) / part * 1000 for name, taken in cpus.items()}
    for name, rate in rates.items():
        print(f"{name:13} {rate:8.0f} requests/s, {costs[name]:.2f} ms of CPU of the server each")
    faster, cheaper = rates["webhook"] / rates["empty view"], costs["empty view"] / costs["webhook"]
    print(f"ratio of rates {faster:.2f}, of CPU {cheaper:.2f}")


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
    start, cpu = time.perf_counter(), time.process_time()
    count = receipts.fold(datetime.now(UTC) + timedelta(seconds=1))
    cpu, rate = time.process_time() - cpu, count / (time.perf_counter() - start)
    assert OutboundMessage.objects.filter(status="delivered").count() == count
    print(f"bare UPDATE   {bare:8.0f} rows/s")
    print(f"applied       {rate:8.0f} reports/s, ratio {rate / bare:.2f}, {cpu / count * 1000:.2f} ms of CPU each")


def main(count: int) -> None:
    port = free_port()
    os.environ["PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    with own_database("mam_bench_receipts"):
        route, rows = texts(count)
        with serving(port) as server:
            through_the_webhook(route, rows, server)
        applied()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
