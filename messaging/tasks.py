"""The beat of the gateway: each task is one verb, carries no state and may run anywhere, any number of times (D5)."""

from celery import shared_task
from django.utils import timezone

from messaging import callbacks, outages, phones, retention
from messaging.incoming import inbound, receipts
from messaging.models import Route
from messaging.outgoing import dispatch, failover, settle

BEAT = 5  # seconds; a pass that could not start within one beat is left to the next


@shared_task
def dispatch_all() -> int:
    """One task for each route that has texts due, so that a slow one does not hold up the others."""
    now = timezone.now()
    failover.move(now)
    routes = dispatch.due(now)
    for route in routes:
        dispatch_route.apply_async((route.pk,), expires=BEAT)
    return len(routes)


@shared_task
def dispatch_route(route_id: int) -> dict[str, int]:
    """A pass that leaves texts behind is followed by the next at once, behind the tasks of other routes."""
    counts = dispatch.dispatch_route(Route.objects.get(pk=route_id), timezone.now())
    if counts["more"]:
        dispatch_route.apply_async((route_id,), expires=BEAT)
    return dict(counts)


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


@shared_task
def watch_numbers() -> dict[str, int]:
    now = timezone.now()
    return dict(outages.watch_operators(now) + phones.count_failures(now))


@shared_task
def tell_callers() -> dict[str, int]:
    now = timezone.now()
    return {"made": callbacks.gather(now), **callbacks.tell(timezone.now)}


@shared_task
def forget_finished() -> dict[str, int]:
    return dict(retention.forget(timezone.now()))
