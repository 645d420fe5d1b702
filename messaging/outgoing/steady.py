"""Work that must be stored although the database went away for a moment."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)
T = TypeVar("T")

GONE = (OperationalError, InterfaceError)
"""The database is away, or chose this transaction as the victim: no fault of what was to be stored."""
WAITS = (0.1, 0.5, 2.0, 5.0, 10.0)
"""Seconds before each further try: together longer than a restart of PostgreSQL takes."""


def steadily(work: Callable[[], T]) -> T:
    """The result of `work`, which is one transaction that may run twice; on a new connection when the old one broke.

    For what is known only here, like the answers of a provider. Inside a transaction of the caller an error goes up at
    once, for the whole of it is lost.
    """
    for wait in WAITS:
        try:
            return work()
        except GONE as error:
            if connection.in_atomic_block:
                raise
            log.warning("The database did not answer (%s). It is asked again in %s s.", type(error).__name__, wait)
            connection.close()
            time.sleep(wait)
    return work()
