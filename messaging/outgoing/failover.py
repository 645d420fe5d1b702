"""A text goes another way where the first one certainly did not take it."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from messaging import phones
from messaging.batches import batched
from messaging.bulk import update_rows
from messaging.models import Attempt, OutboundMessage, Route
from messaging.outgoing import attempts, routing
from messaging.outgoing.outcome import ELSEWHERE, OF_THE_ROUTE
from messaging.outgoing.tails import StopWords
from messaging.registration.texts import Register
from messaging.statuses import Status
from messaging.text.frame import tail_for
from messaging.text.segments import measure

log = logging.getLogger(__name__)

TROUBLE = ELSEWHERE | OF_THE_ROUTE - {"throttled"}
"""Codes that say something about the route, not about the text, and that it was not taken. A route that asks for
fewer texts at a time ("throttled") keeps them: it is what it is set to, not broken."""
MOST = 5000
"""Texts that one pass looks at, the most urgent first."""
FIELDS = ["route", "body", "tail", "template", "encoding", "segments", "send_after", "error_code", "error_detail"]


def move(now: datetime) -> int:
    """Give texts that wait in vain to the next way that takes them. Returns how many were moved.

    - In vain: due, on a route that rests, is paused or switched off; or refused by the route for a reason that is the
      route's (`TROUBLE`).
    - Only texts that are `queued` and in nobody's hands: no call is under way for them, and the last one, if there was
      one, was answered with a no. A text in doubt stays where it is, also where its route sends it again.
    - Another way: a route that sends now, takes the text as it leaves there (how to stop, registered text, length),
      and was not tried for it before. Where there is none the text waits for its route.
    - Never between the sandbox and real routes: a simulated text does not reach a phone, nor a real one nobody.
    """
    usable = [route for route in routing.routes_for(now) if not getattr(route, "waits", False)]
    waiting = _waiting(usable)
    if not usable or len(usable) + len(waiting) < 2:
        return 0
    stuck = OutboundMessage.objects.filter(
        Q(leased_until=None) | Q(leased_until__lte=now),
        Q(route__in=waiting, send_after__lte=now) | Q(route__in=usable, error_code__in=sorted(TROUBLE)),
        _acceptable(usable),
        Q(attempts=0) | ~Exists(Attempt.objects.filter(message=OuterRef("pk"), taken="maybe")),
        status=Status.QUEUED,
    )
    ids = list(stuck.order_by("priority", "send_after", "id").values_list("id", flat=True)[:MOST])
    moves: Counter[tuple[str, str]] = Counter()
    desk = _Desk.of(usable, now) if ids else None
    for some in batched(sorted(ids)):
        with transaction.atomic():
            rows = stuck.filter(id__in=some).select_for_update(skip_locked=True, of=("self",)).order_by("id")
            moves += _move(list(rows.select_related("route")), desk, now) if desk else Counter()
    for (old, new), count in sorted(moves.items()):
        log.warning("%s texts that waited for the route %s leave by %s.", count, old, new)
    return moves.total()


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is known about the routes that send now."""

    routes: Sequence[Route]
    stop_words: StopWords
    register: Register

    @classmethod
    def of(cls, routes: Sequence[Route], now: datetime) -> "_Desk":
        return cls(routes, StopWords(), Register.of(routes, now))


def _waiting(usable: Sequence[Route]) -> list[int]:
    """The routes whose texts wait: of the same kind, simulated or real, as those that send."""
    simulated = Q(provider=routing.SANDBOX)
    kind = Route.objects.filter(~simulated if settings.LIVE_SENDING else simulated)
    return list(kind.exclude(pk__in=[route.pk for route in usable]).values_list("pk", flat=True))


def _acceptable(routes: Sequence[Route]) -> Q:
    """What any of `routes` may take by class and prefix, so that texts for nobody are not looked at in every pass."""
    found = Q(pk__in=[])
    for route in routes:
        taken = ~Q(route=route.pk)
        if route.message_classes:
            taken &= Q(message_class__in=route.message_classes)
        if route.prefixes:
            by_prefix = Q()
            for prefix in route.prefixes:
                by_prefix |= Q(to__startswith=prefix)
            taken &= by_prefix
        found |= taken
    return found


def _move(rows: Sequence[OutboundMessage], desk: _Desk, now: datetime) -> "Counter[tuple[str, str]]":
    moves: Counter[tuple[str, str]] = Counter()
    tried = attempts.tried([row.id for row in rows])
    today = now.astimezone(settings.ZONE).date()
    asked = any(route.operators for route in desk.routes)
    operators = phones.operator_of((row.to for row in rows), today) if asked else {}
    moved = []
    for row in rows:
        without = {row.route_id, *tried.get(row.id, ())}
        old = row.route.name
        for route in routing.ways(desk.routes, row.to, row.message_class, None, row.key, operators):
            if route.pk not in without and _goes(row, route, desk):
                break
        else:
            continue
        row.send_after = min(row.send_after, now)
        row.error_code, row.error_detail = "", ""
        row.lease = row.leased_until = None
        moved.append(row)
        moves[old, row.route.name] += 1
    update_rows(moved, [*FIELDS, "lease", "leased_until"])
    return moves


def _goes(row: OutboundMessage, route: Route, desk: _Desk) -> bool:
    """Put `row` on `route` if it takes the text with its own words how to stop; else leave it as it is."""
    words = row.words
    tail = tail_for(words, desk.stop_words.of(route, row.language, row.stop_values)) if row.tail else ""
    if row.tail and not tail:
        return False
    template = desk.register.template_for(route.pk, words + tail)
    if template is None and route.registered_only:
        return False
    size = measure(words + tail)
    if not routing.fits(route, size):
        return False
    row.route, row.body, row.tail, row.template_id = route, words + tail, tail, template
    row.encoding, row.segments = size.encoding, size.segments
    return True
