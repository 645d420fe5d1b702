"""Which way a text leaves: routes in their order, number prefixes, and the route that ships with the product."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext as _

from messaging import providers
from messaging.models import MessageClass, OperatorPrefix, Route, RouteBucket, RouteHealth
from messaging.text.segments import GSM_7, UCS_2, Measure
from messaging.text.sender import can_be_sender, is_brand

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

    A paused or resting route stays in the list, last (`waits`): its texts wait for it rather than find no way at all.
    A drained one stays in its place (`drains`): it sends what it has.
    """
    sandbox = Q(provider=SANDBOX)
    routes = Route.objects.filter(~sandbox if settings.LIVE_SENDING else sandbox, enabled=True)
    health = {"paused": F("health__paused"), "rests": F("health__resting_until"), "drains": F("health__draining")}
    found: list[Any] = list(routes.annotate(**health).order_by("priority", "id"))
    for route in found:
        route.waits = bool(route.paused or (route.rests and route.rests > now))
    return sorted(found, key=lambda route: route.waits)


def ways(
    routes: Sequence[Route],
    to: str,
    message_class: str,
    size: Measure | None,
    key: str,
    operators: Mapping[str, str],
    back: int | None = None,
) -> list[Route]:
    """Every one of `routes` (of `routes_for`) that takes the text, best first.

    - Takes it: the class, the number (E.164) by prefix and by operator, and the size (`fits`); with None for the size
      that is asked later, once the words are as they leave by that route. A drained route takes nothing new.
    - `operators`: number -> its operator (`phones.operator_of`). A route that names its operators does not take a
      number whose operator nobody knows.
    - Best: one that neither rests nor is paused, then `back`, then the smallest order. Of routes with the same order
      those with a weight come first, in shares by it that follow from `key` alone: a retry and a simulation choose the
      same way. The others by price, the cheapest first.
    - `back`: the route by which the text came in that this one answers, so that both stand in one conversation on the
      phone; unless its sender is a brand name, to which nobody can write.
    """
    takers = [
        route
        for route in routes
        if not getattr(route, "drains", False)
        and (not route.message_classes or message_class in route.message_classes)
        and (not route.prefixes or to.startswith(tuple(route.prefixes)))
        and (not route.operators or operators.get(to) in route.operators)
        and (size is None or fits(route, size))
    ]
    if len(takers) < 2:
        return takers
    return sorted(
        takers,
        key=lambda route: (
            getattr(route, "waits", False),
            not (route.pk == back and not is_brand(route.sender)),
            route.priority,
            *_share(route, key),
            route.price,
            route.pk,
        ),
    )


def fits(route: Route, size: Measure) -> bool:
    """Whether `route` takes a text of this encoding and length."""
    return (not route.encodings or size.encoding in route.encodings) and (
        route.most_segments is None or size.segments <= route.most_segments
    )


def _share(route: Route, key: str) -> tuple[bool, float]:
    """The place of a route among its equals. The smallest of exponential draws wins with a chance in proportion to the
    weight, and a route that comes or goes moves no text but those which it takes or had (weighted rendezvous)."""
    if not route.weight:
        return True, 0.0
    digest = hashlib.blake2b(f"{route.pk}|{key}".encode(), digest_size=7).digest()
    return False, -math.log((int.from_bytes(digest, "big") + 1) / (2**56 + 1)) / route.weight


def problems(route: Route) -> list[str]:
    """Why `route` cannot work as it is set up, a sentence each: provider, its settings, sender, what it takes."""
    found = [*providers.problems(route.provider, route.settings), *sender_problems(route.sender)]
    return [
        *found, *prefix_problems(route.prefixes), *class_problems(route.message_classes),
        *operator_problems(route.operators), *encoding_problems(route.encodings),
    ]  # fmt: skip


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


def operator_problems(operators: object) -> list[str]:
    """Why `operators` cannot be a route's list of operators, a sentence each."""
    if isinstance(operators, list) and all(isinstance(one, str) and one for one in operators):
        return []
    return [_('The operators are not a list of names. Write them as in the number prefixes, like ["Viettel"].')]


def encoding_problems(encodings: object) -> list[str]:
    """Why `encodings` cannot be a route's list of encodings, a sentence each."""
    if isinstance(encodings, list) and all(one in (GSM_7, UCS_2) for one in encodings):
        return []
    return [_('The encodings are not a list of known ones. Choose among: ["GSM-7", "UCS-2"].')]


def sender_problems(sender: str) -> list[str]:
    """Why `sender` cannot be shown by a phone, a sentence each."""
    if can_be_sender(sender):
        return []
    return [
        _(
            "The sender is neither a number nor a brand name of at most 11 characters: letters without diacritics, "
            "digits, and between them space, dot, hyphen or underscore. Write it as it is registered."
        )
    ]


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
