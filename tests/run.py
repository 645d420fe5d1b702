"""Runs every test on SQLite, and those of a database on PostgreSQL and Redis where they can be reached; says which ran.

Exit code 0 only when every run passed. With CI=true a missing service is a failure. PostgreSQL is looked for at
TEST_POSTGRES_URL (default: the local server), Redis at TEST_REDIS_URL (without a
database number).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from tests.services import REDIS, THERE

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_URLS = [
    os.environ.get("TEST_POSTGRES_URL", ""),
    "postgres://postgres@127.0.0.1:5432/postgres",
    f"postgres://{os.environ.get('USER', 'postgres')}@127.0.0.1:5432/postgres",
]


def postgres() -> str:
    """The first address at which a server lets us create databases, or ""."""
    for url in filter(None, POSTGRES_URLS):
        try:
            with psycopg.connect(url.replace("postgres://", "postgresql://"), connect_timeout=3) as connection:
                may_create = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = user")
                if (may_create.fetchone() or [False])[0]:
                    return url
        except psycopg.Error:
            continue
    return ""


def redis_url() -> str:
    """The address of a Redis that answers, or ""."""
    return f"{REDIS}/13" if THERE["redis"]() else ""


def pytest(title: str, environment: dict[str, str], arguments: list[str]) -> int:
    """One run of the whole suite with its own folder for files."""
    print(f"\n=== {title} ===", flush=True)
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "BROKER_URL")}
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.call(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-n",
                os.environ.get("TEST_PROCESSES") or str(max(2, len(os.sched_getaffinity(0)))),
                "--dist",
                "worksteal",
                *arguments,
            ],
            cwd=ROOT,
            env={**inherited, "VAR_DIR": folder, "LIVE_SENDING": "0", **environment},
        )


def main() -> int:
    """Runs the suites and prints what ran, what could not and the verdict."""
    database, broker, missing = postgres(), redis_url(), []
    runs: list[tuple[str, dict[str, str]]] = [("SQLite, file-system broker", {})]
    if database and broker:
        runs.append(("PostgreSQL, Redis broker", {"DATABASE_URL": database, "BROKER_URL": broker}))
    missing += [] if database else ["PostgreSQL (set TEST_POSTGRES_URL)"]
    missing += [] if broker else ["Redis (set TEST_REDIS_URL)"]
    missing += [] if THERE["chromium"]() else ["Chromium (apt install chromium): no page was opened in a browser"]
    missing += [] if THERE["kannel"]() else ["Kannel (apt install kannel): no text went over SMPP"]
    under_ci = os.environ.get("CI") == "true"
    if missing and under_ci:
        print(f"CI needs every service; not reached: {', '.join(missing)}.")
        return 1
    codes = {title: pytest(title, environment, sys.argv[1:]) for title, environment in runs}
    print("\nRan on: " + "; ".join(f"{title}: {'passed' if code == 0 else 'FAILED'}" for title, code in codes.items()))
    if missing:
        print(f"Not tested, since not reached: {', '.join(missing)}.")
    return max(codes.values())


if __name__ == "__main__":
    sys.exit(main())
