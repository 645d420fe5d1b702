"""Texts a second that our REST door takes beside Jasmin's HTTP door, in one run on one machine.

    JASMIN=/path/to/a/venv .venv/bin/python -m tests.benchmarks.bench_jasmin [TEXTS]

Jasmin (0.11.1; `pip install jasmin` into a Python environment of its own, with its sources' misc/config/resource beside
it as `$JASMIN/resource`) runs with RabbitMQ and Redis of this machine and an SMSC over SMPP that takes everything. Both
get the same texts from the same clients; Jasmin one text a call, since it has no other way, ours one and a hundred a
call. Taken means: Jasmin has put it into its queue; ours has checked number, opt-out, words, price and route, and
committed it to PostgreSQL. Jasmin cannot tell of deliveries over HTTP (its issue 1236), so there is nothing to measure
from submit to delivered; how fast texts reach the SMSC is told beside. Without $JASMIN nothing is measured.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from tests.benchmarks.bench_dispatch import WORDS
from tests.benchmarks.bench_kannel import CLIENTS, LONGEST, operator, post
from tests.benchmarks.database import own_database
from tests.benchmarks.server import cpu_of, free_port, serving

SECTIONS = (
    "jcli", "http-api", "smpp-server", "router", "client-management", "amqp-broker", "redis-client", "sm-listener",
    "interceptor-client", "dlr-lookup",
)  # fmt: skip
SETTINGS = """
group -a;gid g;ok
user -a;uid u;gid g;username u;password p;ok
smppccm -a;cid smsc;host 127.0.0.1;port {smsc};username user;password pass;submit_throughput 0;ok
smppccm -1 smsc
mtrouter -a;type DefaultRoute;connector smppc(smsc);rate 0;ok
"""


@contextmanager
def jasmin(home: Path, folder: Path, smsc: int) -> Iterator[tuple[str, int]]:
    """Jasmin with one user and one line to the SMSC: the address of its HTTP door, and its process."""
    ports = {"jcli": free_port(), "http-api": free_port(), "smpp-server": free_port()}
    ports |= {"router": free_port(), "client-management": free_port()}
    lines = []
    for section in SECTIONS:
        lines += [f"[{section}]", f"log_file = {folder}/{section}.log", "log_level = ERROR"]
        lines += [f"port = {ports[section]}", "bind = 127.0.0.1"] if section in ports else []
        lines += ["authentication = False"] if section == "jcli" else []
        lines += [f"access_log = {folder}/access.log"] if section == "http-api" else []
        lines += [f"store_path = {folder}"] if section in ("router", "client-management") else []
    (folder / "jasmin.cfg").write_text("\n".join(lines))
    (folder / "resource").symlink_to(home / "resource")
    process = subprocess.Popen(
        [home / "bin" / "python", home / "bin" / "jasmind.py", "-c", folder / "jasmin.cfg"],
        env=os.environ | {"CONFIG_PATH": f"{folder}/"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _set_up(ports["jcli"], SETTINGS.format(smsc=smsc))
        yield f"http://127.0.0.1:{ports['http-api']}/send", process.pid
    finally:
        process.terminate()
        process.wait(20)


def _set_up(port: int, settings: str) -> None:
    """Types the settings into Jasmin's console, once it is there."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        with socket.socket() as console:
            if console.connect_ex(("127.0.0.1", port)):
                time.sleep(0.2)
                continue
            console.settimeout(10)
            _answer(console, "Session ref")
            for line in settings.strip().replace(";", "\n").splitlines():
                console.sendall(f"{line}\r\n".encode())
                said = _answer(console)
                assert "Error" not in said, said
            time.sleep(3)  # until it is bound to the SMSC
            return
    raise RuntimeError("Jasmin did not start.")


def _answer(console: socket.socket, *ends: str) -> str:
    """What the console says until it waits for more."""
    said = ""
    while not said.rstrip().endswith(("jcli :", ">")) and not any(end in said for end in ends):
        said += console.recv(4096).decode("utf-8", "replace")
    return said


async def hand_in(url: str, count: int) -> float:
    """Seconds in which Jasmin takes `count` texts, `CLIENTS` at a time."""
    rest = iter(range(count))
    words = WORDS.encode("utf-16-be").hex()

    async def client(session: aiohttp.ClientSession) -> None:
        for n in rest:
            form = {"username": "u", "password": "p", "from": "MAM", "to": f"8491{n:07d}", "coding": "8"}
            async with session.get(url, params=form | {"hex-content": words}) as answer:
                assert answer.status == 200, await answer.text()

    async with aiohttp.ClientSession() as session:
        start = time.perf_counter()
        await asyncio.gather(*(client(session) for _ in range(CLIENTS)))
        return time.perf_counter() - start


def theirs(home: Path, count: int) -> float:
    line = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        operator(line) as smsc,
        jasmin(home, Path(folder), line) as (url, pid),
    ):
        asyncio.run(hand_in(url, 100))  # warm
        cpu, start = cpu_of(pid), time.perf_counter()
        seconds = asyncio.run(hand_in(url, count))
        taken = count / seconds
        while time.perf_counter() - start < LONGEST:
            smsc.send(True)  # type: ignore[attr-defined]
            if smsc.recv() >= count + 100:  # type: ignore[attr-defined]
                break
            time.sleep(0.05)
        arrived = count / (time.perf_counter() - start)
        each = (cpu_of(pid) - cpu) / count * 1000
        print(
            f"Jasmin, one a call    {taken:7,.0f} a second, {each:.2f} ms of CPU each "
            f"to the SMSC, where {arrived:,.0f} a second arrive"
        )
        return taken


def ours(count: int, taken: float) -> None:
    port = free_port()
    os.environ |= {"LIVE_SENDING": "1", "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    os.environ.setdefault("SECRET_KEY", "a key for a benchmark and nothing else")
    with own_database("mam_bench_jasmin"), serving(port) as server:
        from django.utils import timezone

        from messaging import callers
        from messaging.models import Route

        settings = {"url": "http://127.0.0.1:1/", "username": "u", "password": "p", "secret": "a-secret-of-the-route"}
        Route.objects.create(name="kannel", provider="kannel", sender="MAM", rate=100_000, settings=settings)
        _row, token, _key = callers.make_token("bench", ["send", "read"], now=timezone.now(), per_minute=100_000)
        api = f"{server.url}/api/v1/sms/messages"
        for name, size in (("one", 1), ("hundred", 100)):
            of = count if size > 1 else min(count, 600)
            texts = [{"key": f"{name}:{n}", "to": f"+8491{n:07d}", "text": WORDS} for n in range(of)]
            calls = [{"messages": texts[at : at + size]} for at in range(0, of, size)]
            bodies, url, wanted = (texts, api, 201) if size == 1 else (calls, f"{api}/batch", 200)
            cpu = server.cpu()
            rate = of / asyncio.run(post(url, bodies, token, wanted))  # type: ignore[arg-type]
            each = (server.cpu() - cpu) / of * 1000
            print(
                f"ours, {size:3} a call      {rate:7,.0f} a second, {each:.2f} ms of CPU each, {rate / taken:.2f} of it"
            )


def main(count: int) -> None:
    home = os.environ.get("JASMIN")
    if not home:
        print("Nothing was measured: set JASMIN to an environment with jasmin.")
        return
    print(f"{count} texts, {CLIENTS} clients")
    ours(count, theirs(Path(home), count))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
