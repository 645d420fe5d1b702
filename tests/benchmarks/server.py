"""The site as the Procfile serves it, for one benchmark: two processes with four threads each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKERS, THREADS = "2", "4"


class Server:
    """A site that is up at `url`, with an address `/empty` that does nothing besides."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        gunicorn = Path(sys.executable).with_name("gunicorn")
        self._process = subprocess.Popen(
            [gunicorn, "tests.benchmarks.receipt_urls", "--bind", f"127.0.0.1:{port}", "--workers", WORKERS,
             "--threads", THREADS, "--timeout", "300", "--access-logfile", "/dev/null", "--log-level", "warning"],
        )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError("The server did not start.")

    def cpu(self) -> float:
        """Seconds of CPU that its processes have used."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(cpu_of(int(child)) for child in children)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(port: int) -> Iterator[Server]:
    """The site on `port`. Its database and PUBLIC_URL are those of the environment."""
    server = Server(port)
    try:
        yield server
    finally:
        server.stop()
