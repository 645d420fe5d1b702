"""Messages a second through dispatch on PostgreSQL, beside the bare client of the provider in the same run.

    .venv/bin/python -m tests.benchmarks.bench_dispatch [TEXTS]

Dispatch claims rows and tokens, asks once more, writes the intent down, calls and stores the answer. The bare client
(the official asynchronous one of Twilio) only calls. Both keep 64 calls in flight towards the same provider, another
process that answers after 50 ms; they run three times by turns, and the ratio of the medians counts. Then the texts of
the scheduler, each of which is asked about by BEFORE_SEND, and the seconds of CPU of this process.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from tests.benchmarks.database import own_database

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
AT_ONCE = 64
AIM = 0.8
ROUNDS = 3
WORDS = "Chị Lan ơi, chị nhớ uống viên sắt mỗi ngày và khám thai."
PEOPLE = 2_000  # with a text due to each


class Provider:
    """The provider's process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.provider_50ms"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self._said()}"

    def _said(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def taken(self) -> int:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._said()

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()


async def bare(url: str, count: int) -> None:
    """The client alone: `count` texts, `AT_ONCE` at a time."""
    from twilio.http.async_http_client import AsyncTwilioHttpClient
    from twilio.rest import Client

    there = urlsplit(url)

    class Elsewhere(AsyncTwilioHttpClient):
        async def request(self, method, url, *args, **more):
            path = urlsplit(url)
            return await super().request(
                method, urlunsplit((there.scheme, there.netloc, path.path, path.query, "")), *args, **more
            )

    async with Elsewhere() as http:
        client = Client("AC" + "1" * 32, "token", http_client=http)
        rest = iter(range(count))

        async def work() -> None:
            for n in rest:
                await client.messages.create_async(
                    to=f"+8491{n:07d}", body=WORDS, from_="MAM", smart_encoded=False,
                    status_callback=f"http://127.0.0.1:8000/sms/1/status?m={uuid.UUID(int=n)}",
                )  # fmt: skip

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def queue(route, count: int, turn: int) -> None:
    from messaging.models import OutboundMessage

    OutboundMessage.objects.bulk_create(
        [
            OutboundMessage(
                key=f"bench:{turn}:{n}", to=f"+8491{n:07d}", body=WORDS, encoding="UCS-2", segments=1, route=route,
                send_after=NOW, queued_at=NOW,
            )
            for n in range(count)
        ],
        batch_size=2000,
    )  # fmt: skip


def send(route, now: datetime = NOW) -> dict[str, int]:
    """Passes until nothing is due; the counts of all."""
    from messaging.outgoing.dispatch import dispatch_route, running_from

    clock, total = running_from(now), {}
    while True:
        counts = dispatch_route(route, clock(), clock)
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
        if not counts["more"]:
            return {name: count for name, count in total.items() if count}


def timed(work, *args) -> tuple[float, float, object]:
    """Seconds, seconds of CPU, result."""
    start, cpu = time.perf_counter(), time.process_time()
    result = work(*args)
    return time.perf_counter() - start, time.process_time() - cpu, result


def main(count: int) -> None:
    os.environ["LIVE_SENDING"] = "1"
    os.environ.setdefault("SECRET_KEY", "a key for a benchmark and nothing else")
    with own_database("mam_bench_dispatch"), Provider() as provider, ExitStack() as changed:
        from django.db import connection
        from django.test import override_settings

        from messaging.models import OutboundMessage, Route

        route = Route.objects.create(
            name="twilio", provider="twilio", sender="MAM", rate=100_000, concurrency=AT_ONCE,
            settings={"account_sid": "AC1", "auth_token": "t", "base_url": provider.url},
        )  # fmt: skip
        rates: dict[str, list[float]] = {"bare client": [], "dispatch": []}
        cpus: dict[str, list[float]] = {"bare client": [], "dispatch": []}
        with override_settings(BEFORE_SEND=""):
            for turn in range(ROUNDS):
                queue(route, count, turn)
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE messaging_outboundmessage")
                before = provider.taken()
                for name, work, args in (
                    ("bare client", lambda: asyncio.run(bare(provider.url, count)), ()),
                    ("dispatch", send, (route,)),
                ):
                    seconds, cpu, result = timed(work, *args)
                    rates[name].append(count / seconds)
                    cpus[name].append(cpu / count * 1000)
                assert result == {"sent": count}, result
                assert provider.taken() - before == 2 * count
        print(
            f"{count} texts, {AT_ONCE} calls in flight, an answer after 50 ms: at most {AT_ONCE / 0.05:,.0f} a second"
        )
        for name, each in rates.items():
            print(
                f"{name:12} {statistics.median(each):7,.0f} a second ({', '.join(f'{one:,.0f}' for one in each)}), "
                f"{statistics.median(cpus[name]):.2f} ms of CPU each"
            )
        ratio = statistics.median(rates["dispatch"]) / statistics.median(rates["bare client"])
        cheaper = statistics.median(cpus["bare client"]) / statistics.median(cpus["dispatch"])
        print(f"ratio of rates {ratio:.2f} (aim {AIM}), of CPU {cheaper:.2f}; dispatch with the gateway alone")

        changed.enter_context(override_settings(BEFORE_SEND="campaigns.schedule.release.still_wanted"))
        released = make_scheduled()
        seconds, cpu, result = timed(send, route)
        print(
            f"asked about  {released / seconds:7,.0f} a second of the scheduler's texts with BEFORE_SEND, "
            f"{cpu / released * 1000:.2f} ms of CPU each; {result}"
        )
        assert not OutboundMessage.objects.filter(status__in=["queued", "sending"]).exists()


def make_scheduled() -> int:
    """A text for each of `PEOPLE`, released by the scheduler and queued; how many."""
    from campaigns.schedule.release import release_due
    from messaging.models import OutboundMessage
    from tests.benchmarks import bench_release

    rows = bench_release.begin()
    bench_release.grow(rows, bench_release.FIRST + 1, bench_release.FIRST + PEOPLE)
    bench_release.make_due(bench_release.DUE, rows[-1])  # so that everybody is one of those who are due
    release_due(NOW)
    return OutboundMessage.objects.filter(status="queued").count()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500)
