"""The token bucket of a route: how many segments may leave (D6). One row, one truth for all machines."""

from datetime import datetime, timedelta

from messaging.models import Route, RouteBucket

BURST = 5.0
"""Seconds of a route's rate that may leave at once: as long as the beat between two passes, so that waiting for the
beat loses no speed."""
CLOCK_CORRECTED = timedelta(minutes=2)
"""A clock that runs back by less is another machine's; by more, it was set right."""


def capacity(rate: float) -> float:
    """Most tokens that a bucket holds, in segments; never less than one, or nothing could ever leave."""
    return max(1.0, rate * BURST)


def locked(route: Route) -> RouteBucket:
    """The bucket of `route`, locked until the end of the transaction; made when missing."""
    return RouteBucket.objects.select_for_update().get_or_create(route=route)[0]


def fill(bucket: RouteBucket, rate: float, now: datetime) -> None:
    """Add what the time since the last filling brings (`rate` segments a second), up to the capacity.

    - A bucket that was never filled is full.
    - A clock that runs back is no time passed, and the later moment stays: with two clocks that differ the time
      between them is not counted twice. When it ran back by more than `CLOCK_CORRECTED` it is counted on from there.
    """
    if bucket.filled_at is None:
        bucket.tokens, bucket.filled_at = capacity(rate), now
        return
    passed = now - bucket.filled_at
    if passed > timedelta(0):
        bucket.tokens = min(capacity(rate), bucket.tokens + passed.total_seconds() * rate)
        bucket.filled_at = now
    elif -passed > CLOCK_CORRECTED:
        bucket.filled_at = now


def take(bucket: RouteBucket, segments: int) -> bool:
    """Take the tokens of one text. False when not even one is left; the last text may leave the bucket in debt."""
    if bucket.tokens < 1:
        return False
    bucket.tokens -= segments
    return True
