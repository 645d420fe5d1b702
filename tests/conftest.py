"""What every test may use: a fixed clock, the people, and files of their own."""

from datetime import UTC, datetime

import pytest

from campaigns.schedule import wake
from campaigns.schedule.live import steps_of


@pytest.fixture
def now() -> datetime:
    """21 November 2026, 10:00 in Vietnam: a Saturday in the sending hours."""
    return datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_remembered():
    """The next test's database gives the same numbers to other revisions and changes."""
    steps_of.cache_clear()
    wake.forget()
