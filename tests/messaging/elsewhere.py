"""Another process that dispatches from the database of the test: `python -m tests.messaging.elsewhere dispatch ISO`."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that works on the database of the running test."""
    from django.db import connection

    there = connection.settings_dict
    url = f"sqlite:///{there['NAME']}"
    if connection.vendor == "postgresql":
        sign_in = there["USER"] + (f":{there['PASSWORD']}" if there["PASSWORD"] else "")
        url = f"postgres://{sign_in}@{there['HOST'] or '127.0.0.1'}:{there['PORT'] or 5432}/{there['NAME']}"
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url, "LOG_LEVEL": "WARNING"}
    return {**os.environ, **settings, **more}


def start(*words: str, **more: str) -> "subprocess.Popen[str]":
    """A process of this file with `words` as its arguments; the caller waits for it or kills it."""
    command = [sys.executable, "-m", "tests.messaging.elsewhere", *words]
    return subprocess.Popen(command, cwd=ROOT, env=environment(**more), text=True, stdout=subprocess.PIPE)


def main(verb: str, now: str) -> None:
    django.setup()
    from messaging.outgoing import dispatch

    if verb != "dispatch":
        raise SystemExit(f"There is no verb {verb}. Say dispatch.")
    print(dispatch.dispatch_all(datetime.fromisoformat(now))["sent"])


if __name__ == "__main__":
    main(*sys.argv[1:])
