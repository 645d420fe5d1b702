"""Moments are read from PostgreSQL the short way.

Of a row with some timestamps, psycopg's own reading of them (a pattern, then sums of their parts) takes most of the
time. The server writes them as ISO 8601, which Python reads at once.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql import psycopg_any


def install() -> None:
    """Every moment that this process reads in UTC, Django's zone of a connection, goes this way; what is written
    otherwise (another zone, before our era, infinity) as before."""
    loader: Any = psycopg_any.BaseTzLoader
    usual = loader.load

    def load(self: Any, data: Any) -> Any:
        written = bytes(data)
        if self.timezone is UTC and written.endswith(b"+00"):
            try:
                return datetime.fromisoformat(written.decode())
            except ValueError:
                pass
        return usual(self, data)

    loader.load = load
