"""The kill switch: while nearly everything to one operator fails, nothing is held against its numbers."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf, Substr

from messaging import phones
from messaging.models import OperatorOutage, OutboundMessage, Phone
from messaging.statuses import NOT_ARRIVED, Status

WINDOWS = (timedelta(hours=1), timedelta(days=1))
"""The shorter finds an outage sooner, the longer finds that of an operator to which few texts go."""
TRIED = 20
"""Fewer texts within a window tell nothing about an operator."""
SHARE = 0.8
"""From this share of failures on, nearly everything fails."""
LATEST = 20
"""Of so many texts that ended last, half must have been delivered for the outage to be over."""
ENOUGH = 5
"""Where fewer ended since it began, so few are enough."""

FAILED = Q(status__in=sorted(NOT_ARRIVED))


def watch_operators(now: datetime) -> Counter[str]:
    """Open and close outages by what became of the latest texts. Returns how many `opened` and `closed`.

    - Opened: at least `TRIED` texts to an operator ended within one of the `WINDOWS`, at least `SHARE` of them did not
      arrive, and the latest do not arrive again already. It began with the first of those failures; what was counted
      against numbers since then is taken back.
    - Closed: of the latest texts, half arrive. Nothing that failed between is ever counted against a number.
    - A text counts from the call to the provider on; where the holder had said stop it tells nothing.
    - The operator is the report's, else what reports said of the number before, else the holder of its prefix.
    """
    counts: Counter[str] = Counter(opened=0, closed=0)
    for outage in OperatorOutage.objects.filter(ended_at=None).order_by("operator"):
        tried, failed, _first = _figures(_ended(outage.started_at, now), now).get(outage.operator, (0, 0, None))
        still = OperatorOutage.objects.filter(pk=outage.pk, ended_at=None)
        if _arrives_again(outage.operator, outage.started_at, now):
            counts["closed"] += still.update(ended_at=now, tried=tried, failed=failed)
        else:
            still.update(tried=tried, failed=failed)
    for window in WINDOWS:
        counts["opened"] += _open(now - window, now)
    return counts


def _open(since: datetime, now: datetime) -> int:
    """Open what the texts that ended since then tell. Returns how many."""
    known = set(OperatorOutage.objects.filter(ended_at=None).values_list("operator", flat=True))
    # Those that arrived, nearly all of them, are counted only where so many did not.
    failures = _figures(_ended(since, now).filter(FAILED), now)
    suspects = {operator for operator, (n, _failed, _first) in failures.items() if n >= int(TRIED * SHARE)} - known
    suspects = {operator for operator in suspects if not _arrives_again(operator, since, now)}
    if not suspects:
        return 0
    opened = 0
    for operator, (tried, failed, first) in sorted(_figures(_ended(since, now), now).items()):
        if operator not in suspects or tried < TRIED or failed < SHARE * tried or first is None:
            continue
        _outage, made = OperatorOutage.objects.get_or_create(
            operator=operator, ended_at=None, defaults={"started_at": first, "tried": tried, "failed": failed}
        )
        opened += made
    if opened:
        phones.recount(phones.failures().filter(final_at__gte=since).values_list("to", flat=True), now)
    return opened


def _ended(since: datetime, now: datetime) -> QuerySet[OutboundMessage]:
    ended = OutboundMessage.objects.filter(FAILED | Q(status=Status.DELIVERED), sending_at__isnull=False)
    return ended.filter(final_at__gte=since, final_at__lte=now).exclude(error_code="opted_out").order_by()


def _with_network(texts: QuerySet[OutboundMessage], on: date) -> tuple[QuerySet[Any], dict[str, str]]:
    """`texts` with `network`, the operator that reports named ("" for none), and `prefix`; and what a prefix means."""
    guess = phones.prefixes(on)
    longest = max(map(len, guess), default=1)
    said = Subquery(Phone.objects.filter(number=OuterRef("to")).values("operator")[:1])
    network = Coalesce(NullIf("operator", Value("")), said, Value(""))
    return texts.annotate(network=network, prefix=Substr("to", 1, longest)), guess


def _named(network: str, prefix: str, guess: dict[str, str]) -> str:
    """The operator of a text: as reports named it, else by its prefix, the longest that the table knows."""
    if network:
        return network
    return next((guess[prefix[:n]] for n in range(len(prefix), 0, -1) if prefix[:n] in guess), "")


def _figures(ended: QuerySet[OutboundMessage], now: datetime) -> dict[str, tuple[int, int, datetime | None]]:
    """By operator: how many of the texts `ended` there are, how many did not arrive, and when the first of those."""
    texts, guess = _with_network(ended, now.astimezone(settings.ZONE).date())
    groups = texts.values("network", "prefix").annotate(
        tried=Count("pk"), failed=Count("pk", filter=FAILED), first=Min("final_at", filter=FAILED)
    )
    found: defaultdict[str, tuple[int, int, datetime | None]] = defaultdict(lambda: (0, 0, None))
    for row in groups:
        operator = _named(row["network"], row["prefix"], guess)
        tried, failed, first = found[operator]
        firsts = [moment for moment in (first, row["first"]) if moment]
        found[operator] = (tried + row["tried"], failed + row["failed"], min(firsts, default=None))
    found.pop("", None)
    return dict(found)


def _arrives_again(operator: str, since: datetime, now: datetime) -> bool:
    texts, guess = _with_network(_ended(since, now), now.astimezone(settings.ZONE).date())
    by_prefix = Q()
    for prefix, holder in guess.items():
        if holder == operator:
            by_prefix |= Q(to__startswith=prefix)
    theirs = texts.filter(Q(network=operator) | (Q(network="") & by_prefix if by_prefix else Q(pk__in=[])))
    latest = list(theirs.order_by("-final_at", "-id").values_list("status", flat=True)[:LATEST])
    return len(latest) >= ENOUGH and 2 * sum(status == Status.DELIVERED for status in latest) >= len(latest)
