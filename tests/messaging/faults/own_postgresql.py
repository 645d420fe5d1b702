"""A PostgreSQL server of the test's own, on loopback, with the tables of the test database: it may be restarted."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests.fake_http import closed_port
from tests.services import POSTGRESQL

NAME = "mam"
OPTIONS = "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=40"


class Server:
    """`restart` ends every connection and transaction at once, as a crash does, and begins again."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self.programs, self.folder, self.port = programs, folder, port

    def run(self, program: str, *words: str) -> None:
        """PostgreSQL refuses to run as root."""
        other = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        command = [*other, str(self.programs / program), *words]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=60)

    def control(self, *words: str) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-w", "-t", "30", *words)

    def restart(self) -> None:
        self.control("-m", "immediate", "restart")


@contextmanager
def own_postgresql() -> Iterator[Server]:
    """Django's connection leads to a server of our own, with empty tables, until the end of the block."""
    assert POSTGRESQL, "The programs of PostgreSQL are not in /usr/lib/postgresql. Install postgresql."
    folder = Path(tempfile.mkdtemp(prefix="mam-postgresql-"))
    if os.getuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    server = Server(POSTGRESQL[-1].parent, folder, closed_port())
    there = dict(connection.settings_dict)
    try:
        server.run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8")
        server.control("-o", OPTIONS.format(port=server.port), "start")
        try:
            _copy_tables(server, there)
            connection.close()
            connection.settings_dict.update(HOST="127.0.0.1", PORT=server.port, USER="postgres", PASSWORD="", NAME=NAME)
            yield server
        finally:
            connection.close()
            connection.settings_dict.update(there)
            server.control("-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_tables(server: Server, there: dict[str, str]) -> None:
    """The tables of the database of the running test, as its migrations have made them."""
    here = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres"]
    source = ["-h", there["HOST"] or "127.0.0.1", "-p", str(there["PORT"] or 5432), "-U", there["USER"]]
    password = {**os.environ, "PGPASSWORD": there["PASSWORD"]}
    dump = [str(server.programs / "pg_dump"), *source, "--schema-only", "--no-owner", "--no-privileges", there["NAME"]]
    tables = subprocess.run(dump, check=True, env=password, capture_output=True, timeout=60).stdout
    subprocess.run([str(server.programs / "createdb"), *here, NAME], check=True, timeout=60)
    read = [str(server.programs / "psql"), *here, "-q", "-v", "ON_ERROR_STOP=1", "-d", NAME]
    subprocess.run(read, check=True, input=tables, stdout=subprocess.DEVNULL, timeout=60)
