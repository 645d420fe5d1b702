"""Whether a route works: it rests after failing in a row, and one text probes it when the rest is over."""

from datetime import datetime, timedelta

from django.db import transaction

from messaging.models import Route, RouteHealth

FAILURES = 5
"""Failures in a row after which a route rests."""
REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)


def room(route: Route, now: datetime) -> int | None:
    """How many texts the route may try now: 0 while it rests or is paused, 1 as a probe, None for any number."""
    health, _created = RouteHealth.objects.get_or_create(route=route)
    if health.paused or (health.resting_until and health.resting_until > now):
        return 0
    return 1 if health.failures >= FAILURES else None


def stopped(route: Route) -> bool:
    """Whether somebody has paused the route or switched it off meanwhile: asked before every chunk."""
    return not RouteHealth.objects.filter(route=route, paused=False, route__enabled=True).exists()


def note(route: Route, *, answered: int, failed: int, error: str, now: datetime) -> bool:
    """Write down how the calls of a chunk went. Returns whether the route may go on.

    `answered`: the provider dealt with the text, with a yes or with a no that is about this text. `failed`: it could
    not, would not now, or nobody knows. Any answer proves that the route works. The rest doubles with every further
    failure, up to `LONGEST_REST`.
    """
    rows = RouteHealth.objects.filter(route=route)
    if answered:
        rows.update(failures=0, resting_until=None, last_success_at=now)
        if failed:
            rows.update(last_error=error[:200])
        return True
    if not failed:
        return True
    with transaction.atomic():
        health = rows.select_for_update().get()
        resting = health.failures >= FAILURES
        health.failures = health.failures + 1 if resting else min(FAILURES, health.failures + failed)
        health.last_error = error[:200]
        if health.failures >= FAILURES:
            rest = REST * 2 ** min(10, health.failures - FAILURES)
            health.resting_until = now + min(LONGEST_REST, rest)
        health.save()
    return health.failures < FAILURES
