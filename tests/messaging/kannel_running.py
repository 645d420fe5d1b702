"""Kannel itself, started by a test: bearerbox and smsbox on free ports of the loopback address."""

import contextlib
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.fake_http import closed_port
from tests.services import BEARERBOX, SMSBOX

USER, PASSWORD = "tram", "mat-khau-kannel"

CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
status-password = {password}
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal
log-file = "{folder}/bearerbox.log"

group = smsc
smsc = smpp
smsc-id = SIM
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = user
smsc-password = pass
system-type = ""
max-pending-submits = 100
msg-id-type = 0x00
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
sendsms-chars = "0123456789 +-"
http-request-retry = 3
http-queue-delay = 1
log-file = "{folder}/smsbox.log"

group = sendsms-user
username = {user}
password = {password}
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
get-url = "{inbound}?from=%p&to=%P&text=%b&charset=%C&coding=%c&id=%I"
max-messages = 0
"""


class RunningKannel:
    """A Kannel that is up. `settings` lead a `kannel` route to it."""

    def __init__(self, admin: int, sendsms: int) -> None:
        self._admin = f"http://127.0.0.1:{admin}"
        self.url = f"http://127.0.0.1:{sendsms}/cgi-bin/sendsms"

    def settings(self, **more: Any) -> dict[str, Any]:
        return {"url": self.url, "username": USER, "password": PASSWORD, "smsc": "SIM"} | more

    def connected(self) -> bool:
        """Whether its connection to the SMSC is up."""
        status = fetch(f"{self._admin}/status.txt?password={PASSWORD}")
        return "(online" in status


@contextlib.contextmanager
def running_kannel(folder: Path, smsc_port: int, inbound: str) -> Iterator[RunningKannel]:
    """Kannel in front of the SMSC at `smsc_port`; texts from phones go to the address `inbound`."""
    assert all((BEARERBOX, SMSBOX)), "Kannel is not installed. Install the Debian packages kannel and kannel-extras."
    admin, boxes, sendsms = closed_port(), closed_port(), closed_port()
    configuration = folder / "kannel.conf"
    configuration.write_text(
        CONFIGURATION.format(
            admin=admin,
            boxes=boxes,
            sendsms=sendsms,
            smsc=smsc_port,
            user=USER,
            password=PASSWORD,
            folder=folder,
            inbound=inbound,
        )
    )
    kannel = RunningKannel(admin, sendsms)
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(_start(BEARERBOX, configuration, folder))
        wait_until(kannel.connected, lambda: f"bearerbox is not connected to the SMSC; see {folder}")
        started.append(_start(SMSBOX, configuration, folder))
        wait_until(lambda: bool(fetch(kannel.url)), lambda: f"smsbox does not answer; see {folder}")
        yield kannel
    finally:
        for process in reversed(started):
            process.terminate()
        for process in reversed(started):
            try:
                process.wait(5)  # bearerbox waits for its queues, which nobody needs any more
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start(program: str, configuration: Path, folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "output").open("ab") as output:
        return subprocess.Popen([program, str(configuration)], stdout=output, stderr=output, cwd=folder)


def fetch(url: str) -> str:
    """What an address answers, whatever its status; empty while nobody does."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode() or str(error.code)
    except OSError:
        return ""


def wait_until(done: Callable[[], bool], otherwise: Callable[[], object], seconds: float = 30) -> None:
    """Wait until `done`, or fail with what `otherwise` says then."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.1)
