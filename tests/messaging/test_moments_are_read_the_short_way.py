"""A moment is read from PostgreSQL as it was written, whatever the zone; what cannot be read is refused as before."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DataError, connection

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MOMENTS = [
    datetime(2026, 2, 28, 23, 59, 59, 999999, UTC),
    datetime(2026, 2, 28, 17, tzinfo=UTC),
    datetime(2026, 3, 1, 0, 30, 0, 1200, HANOI),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 1, UTC),
]


def read(written):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [written])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("moment", MOMENTS)
def test_it_is_the_moment_that_was_written_in_utc(moment):
    found = read(moment)
    assert found == moment
    assert found.tzinfo is UTC


def test_nothing_stays_nothing():
    assert read(None) is None


def test_another_zone_of_the_connection_is_kept():
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'Asia/Kathmandu'")
        try:
            assert read(MOMENTS[1]).replace(tzinfo=UTC) - MOMENTS[1] == timedelta(hours=5, minutes=45)
        finally:
            cursor.execute("SET TIME ZONE 'UTC'")


@pytest.mark.parametrize("written", ["infinity", "0044-03-15 12:00:00+00 BC", "12026-01-01 00:00:00+00"])
def test_what_python_cannot_hold_is_refused_as_before(written):
    with pytest.raises(DataError):
        read(written)
