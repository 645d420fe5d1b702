"""The beat of the gateway: each task is one verb, carries no state and may run anywhere, any number of times (D5)."""

from celery import shared_task
from django.utils import timezone

from messaging.incoming import inbound, receipts
from messaging.models import Route
from messaging.outgoing import dispatch, routing, settle

BEAT = 5  # seconds; a pass that could not start within one beat is left to the next


@shared_task
def dispatch_all() -> int:
    """One task for each route, so that a slow one does not hold up the others."""
    routes = routing.routes_for(timezone.now())
    for route in routes:
        dispatch_route.apply_async((route.pk,), expires=BEAT)
    return len(routes)


@shared_task
def dispatch_route(route_id: int) -> dict[str, int]:
    return dict(dispatch.dispatch_route(Route.objects.get(pk=route_id), timezone.now()))


@shared_task
def settle_doubtful() -> dict[str, int]:
    now = timezone.now()
    return {"doubtful": settle.settle_doubtful(now), "silent": settle.expire_silent(now)}


@shared_task
def fold_receipts() -> int:
    return receipts.fold(timezone.now())


@shared_task
def handle_inbound() -> int:
    return inbound.handle(timezone.now())
