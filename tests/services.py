"""The services that some tests need. Where one is not there, its tests are not chosen, and tests/run.py says so.

Under CI they are chosen all the same: without its service such a test fails.
"""

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import redis

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), "")
BEARERBOX, SMSBOX = (
    shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin") or "" for name in ("bearerbox", "smsbox")
)
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3].split(".")[0]))


@cache
def redis_answers() -> bool:
    try:
        return bool(redis.Redis.from_url(REDIS, socket_connect_timeout=3).ping())
    except redis.RedisError:
        return False


THERE: dict[str, Callable[[], bool]] = {
    "chromium": lambda: bool(CHROMIUM),
    "kannel": lambda: bool(BEARERBOX and SMSBOX),
    "postgresql": lambda: bool(POSTGRESQL),
    "redis": redis_answers,
}


def can_run(item: pytest.Item) -> bool:
    """Whether what its mark `needs` names is there, and a browser if it opens one; or has to be."""
    needs = [service for mark in item.iter_markers("needs") for service in mark.args]
    needs += ["chromium"] if "browser" in getattr(item, "fixturenames", ()) else []
    return os.environ.get("CI") == "true" or all(THERE[service]() for service in needs)
