"""One pass at a time on a route: so its concurrency holds over any number of workers and machines."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from messaging.models import Route, RouteBucket

HOLD = timedelta(seconds=30)
"""How long a pass that says nothing more keeps the route; after the death of its worker the route waits so long."""
SAY_AGAIN = HOLD / 3


def take(route: Route, holder: UUID, now: datetime) -> bool:
    """Whether the pass `holder` has `route` from now on: nobody else has it, or did not say so for `HOLD`."""
    RouteBucket.objects.get_or_create(route=route)
    free = RouteBucket.objects.filter(Q(held_until=None) | Q(held_until__lte=now), route=route)
    return free.update(holder=holder, held_until=now + HOLD) > 0


def keep(route: Route, holder: UUID, now: datetime) -> bool:
    """Go on holding `route`. False when another pass has taken it over: this one starts no more calls."""
    return RouteBucket.objects.filter(route=route, holder=holder).update(held_until=now + HOLD) > 0


def let_go(route: Route, holder: UUID) -> None:
    """The pass has ended, the next may begin at once."""
    RouteBucket.objects.filter(route=route, holder=holder).update(holder=None, held_until=None)
