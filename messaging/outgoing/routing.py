"""Which way a text leaves: routes in their order, number prefixes, and the route that ships with the product."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db.models import BooleanField, Case, Q, Value, When
from django.utils.translation import gettext as _

from messaging import providers
from messaging.models import MessageClass, OperatorPrefix, Route, RouteBucket, RouteHealth

SANDBOX = "sandbox"
SINCE_EVER = date(1900, 1, 1)
_PREFIX = re.compile(r"\+[0-9]{1,14}")


def may_send(route: Route) -> bool:
    """Whether texts may leave by `route` in this deployment.

    Without LIVE_SENDING only by the sandbox; with it by every other route, so that no simulated delivery is ever
    counted among real ones.
    """
    return route.enabled and (route.provider != SANDBOX) == bool(settings.LIVE_SENDING)


def routes_for(now: datetime) -> list[Route]:
    """Every route that may send, best first: those that neither rest nor are paused, then by their order.

    A paused or resting route stays in the list, last: its texts wait for it rather than find no way at all.
    """
    sandbox = Q(provider=SANDBOX)
    routes = Route.objects.filter(~sandbox if settings.LIVE_SENDING else sandbox, enabled=True)
    waits = Case(
        When(Q(health__paused=True) | Q(health__resting_until__gt=now), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    return list(routes.annotate(waits=waits).order_by("waits", "priority", "id"))


def choose(routes: Sequence[Route], to: str, message_class: str) -> Route | None:
    """The first of `routes` that takes the number (E.164) and the class; None when none does."""
    for route in routes:
        if route.message_classes and message_class not in route.message_classes:
            continue
        if route.prefixes and not to.startswith(tuple(route.prefixes)):
            continue
        return route
    return None


def problems(route: Route) -> list[str]:
    """Why `route` cannot work as it is set up, a sentence each: provider, its settings, prefixes and classes."""
    found = providers.problems(route.provider, route.settings)
    return [*found, *prefix_problems(route.prefixes), *class_problems(route.message_classes)]


def prefix_problems(prefixes: object) -> list[str]:
    """Why `prefixes` cannot be a route's list of number prefixes, a sentence each."""
    if isinstance(prefixes, list) and all(isinstance(one, str) and _PREFIX.fullmatch(one) for one in prefixes):
        return []
    return [_('The number prefixes are not a list of prefixes with + and country code. Write them like ["+8491"].')]


def class_problems(classes: object) -> list[str]:
    """Why `classes` cannot be a route's list of message classes, a sentence each."""
    if isinstance(classes, list) and all(one in MessageClass.values for one in classes):
        return []
    known = ", ".join(f'"{one}"' for one in MessageClass.values)
    return [_("The message classes are not a list of known classes. Choose among: [%(known)s].") % {"known": known}]


def load_prefixes(rows: Iterable[Mapping[str, object]], country: str = "84") -> int:
    """Load `prefix, operator, valid_from, valid_to` (ISO dates or empty); national prefixes (091) become +8491.

    Safe to run again: a row is known by its prefix and first day. Returns how many rows were given.
    """
    found: dict[tuple[str, date], OperatorPrefix] = {}
    for row in rows:
        prefix = str(row["prefix"])
        prefix = prefix if prefix.startswith("+") else f"+{country}{prefix.removeprefix('0')}"
        first = _day(row.get("valid_from")) or SINCE_EVER
        found[prefix, first] = OperatorPrefix(
            prefix=prefix, operator=str(row["operator"]), valid_from=first, valid_to=_day(row.get("valid_to"))
        )
    OperatorPrefix.objects.bulk_create(
        [found[key] for key in sorted(found)],
        update_conflicts=True,
        unique_fields=["prefix", "valid_from"],
        update_fields=["operator", "valid_to"],
    )
    return len(found)


def operators(on: date) -> dict[str, str]:
    """Number prefix (E.164) -> the operator that holds it on `on`. A guess: numbers are portable."""
    rows = OperatorPrefix.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)
    return dict(rows.order_by("valid_from").values_list("prefix", "operator"))


def ensure_sandbox_route() -> Route:
    """The route to the simulated operator, with its bucket and health; made when missing, never changed."""
    route, _created = Route.objects.get_or_create(
        name=SANDBOX,
        defaults={
            "provider": SANDBOX,
            "sender": str(settings.BRAND)[:20],
            "settings": {"profile": "ordinary", "seed": "1"},
            "rate": 200,
            "concurrency": 100,
            "price": 400,
            "priority": 100,
        },
    )
    RouteBucket.objects.get_or_create(route=route)
    RouteHealth.objects.get_or_create(route=route)
    return route


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else date.fromisoformat(str(value)) if value else None
