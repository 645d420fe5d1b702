"""How every route is doing, for the person who looks after them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Literal

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet, Sum

from messaging.models import OutboundMessage, Route, RouteHealth
from messaging.outgoing import routing
from messaging.outgoing.health import FAILURES
from messaging.statuses import NOT_ARRIVED, Status

State = Literal["off", "not_live", "paused", "draining", "resting", "probing", "sends"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A route at a moment. The figures of today are those of `left_today`."""

    route: Route
    health: RouteHealth
    state: State
    waiting: int
    oldest: datetime | None
    """Since when the first of the waiting texts could have left; None when nothing is due."""
    sent: int
    delivered: int
    lost: int
    cost: Decimal


def standings(routes: Iterable[Route], now: datetime) -> list[Standing]:
    """Of each route, in their order; three queries."""
    routes = list(routes)
    healths = {health.route_id: health for health in RouteHealth.objects.filter(route__in=routes)}
    queued = OutboundMessage.objects.filter(route__in=routes, status=Status.QUEUED).values("route").order_by()
    queues: dict[int, Any] = {
        row["route"]: row
        for row in queued.annotate(waiting=Count("pk"), oldest=Min("send_after", filter=Q(send_after__lte=now)))
    }
    left = left_today(now).filter(route__in=routes).values("route").order_by()
    days: dict[int, Any] = {
        row["route"]: row
        for row in left.annotate(
            sent=Count("pk", filter=Q(sent_at__isnull=False)),
            delivered=Count("pk", filter=Q(status=Status.DELIVERED)),
            lost=Count("pk", filter=Q(status__in=NOT_ARRIVED)),
            total=Sum("cost"),
        )
    }
    found = []
    for route in routes:
        health = healths.get(route.pk) or RouteHealth(route=route)
        queue: dict[str, Any] = queues.get(route.pk, {})
        day: dict[str, Any] = days.get(route.pk, {})
        found.append(
            Standing(
                route, health, _state(route, health, now), queue.get("waiting", 0), queue.get("oldest"),
                day.get("sent", 0), day.get("delivered", 0), day.get("lost", 0), day.get("total") or Decimal(0),
            )
        )  # fmt: skip
    return found


def left_today(now: datetime) -> QuerySet[OutboundMessage]:
    """What a provider took since local midnight and has ended or waits for its report: by two indexes, since an index
    on when a text left would cost every text, and a table of years is not read for a page. What was given up as
    `unknown` on the same day is not among them; a route waits three days for a report unless it is set otherwise."""
    midnight = datetime.combine(now.astimezone(settings.ZONE), time(), settings.ZONE)
    ended = Q(final_at__gte=midnight, sending_at__gte=midnight)
    return OutboundMessage.objects.filter(ended | Q(status=Status.SENT, sent_at__gte=midnight))


def _state(route: Route, health: RouteHealth, now: datetime) -> State:
    if not route.enabled:
        return "off"
    if not routing.may_send(route):
        return "not_live"
    if health.paused:
        return "paused"
    if health.draining:
        return "draining"
    if health.resting_until and health.resting_until > now:
        return "resting"
    return "probing" if health.failures >= FAILURES else "sends"
