"""What every test may use: a fixed clock, the people, and files of their own."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def now() -> datetime:
    """21 November 2026, 10:00 in Vietnam: a Saturday in the sending hours."""
    return datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
