"""Delivery reports: stored first as they came, applied later; they only move a text forward (D8)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from messaging import optouts, phones, statuses
from messaging.bulk import update_rows
from messaging.incoming.trust import OTHERS, counts_as
from messaging.models import OutboundMessage, Receipt, Route
from messaging.outgoing.outcome import NO_REPORT
from messaging.providers import get_provider
from messaging.providers.base import UNKNOWN, LaterReport, Provider, Report
from messaging.statuses import FINAL, Status, can_move
from messaging.storable import storable

BATCH = 500
LOOK_AGAIN = timedelta(hours=1)
"""How long a report whose text is not known is looked at in every pass. Later it waits for `rematch`."""
FIELDS = [
    "status", "error_code", "error_detail", "operator", "provider_id", "cost", "sent_at", "final_at", "lease",
    "leased_until",
]  # fmt: skip


def store(route: Route, payload: Mapping[str, Any], *, message_id: UUID | None, now: datetime) -> Receipt:
    """Keep a report as it came. `message_id`: our id from the callback's address, if it was there."""
    raw = storable(dict(payload))
    report = _read(get_provider(route.provider, route.settings), raw)
    return Receipt.objects.create(
        route=route,
        payload=raw,
        message_id_given=message_id or report.message_id,
        provider_id=report.provider_id[:80],
        status=report.status[:12],
        received_at=now,
    )


def keep(route: Route, reports: Iterable[tuple[OutboundMessage, LaterReport]]) -> None:
    """Keep reports that came ahead of their time; `fold` applies them when it has come."""
    provider = get_provider(route.provider, route.settings)
    rows = []
    for message, later in reports:
        report = _read(provider, later.payload)
        rows.append(
            Receipt(
                route=route,
                payload=later.payload,
                message=message,
                message_id_given=message.id,
                provider_id=report.provider_id[:80],
                status=report.status[:12],
                received_at=later.at,
            )
        )
    Receipt.objects.bulk_create(rows, batch_size=BATCH)


def rematch(route: Route, messages: Sequence[OutboundMessage]) -> int:
    """Give `messages`, whose provider's ids have just been stored, the reports that nobody could match before."""
    by_id = {message.provider_id: message for message in messages}
    lost = Receipt.objects.filter(route=route, message=None, provider_id__in=by_id)
    found = list(lost.order_by("id"))
    for receipt in found:
        Receipt.objects.filter(id=receipt.id, message=None).update(message=by_id[receipt.provider_id], applied_at=None)
    return len(found)


def fold(now: datetime) -> int:
    """Apply the reports that have come by `now`. Returns how many were applied.

    - In any order, any number of times, the same end: a status only rises. Parts rise one by one; `delivered` means
      all parts.
    - A report belongs to the text whose id it carries (of the same route), otherwise to the one with its provider's id.
      A report without a text is tried again for an hour, then set aside until that provider's id is stored.
    - After `no_report` only a final report counts. A report for a text that waits for another attempt proves that the
      provider has it: it is not sent again.
    - How much a report proves is the route's `report_trust`: what is only the network's acknowledgement is no delivery,
      neither for the text nor for its number.
    - An operator's "told us to stop" closes the number.
    - The operator that a report names is kept with the text and with its number.
    """
    applied, after = 0, 0
    while True:
        with transaction.atomic():
            waiting = Receipt.objects.filter(applied_at=None, received_at__lte=now, id__gt=after)
            batch = list(waiting.select_for_update(skip_locked=True).order_by("id")[:BATCH])
            if not batch:
                return applied
            applied += _apply(batch, now)
        after = batch[-1].id


def _apply(batch: Sequence[Receipt], now: datetime) -> int:
    routes = Route.objects.in_bulk({receipt.route_id for receipt in batch})
    providers = {pk: get_provider(route.provider, route.settings) for pk, route in routes.items()}
    owners = _owners(batch)
    locked = OutboundMessage.objects.filter(id__in=set(owners.values())).select_for_update().order_by("id")
    messages = {message.id: message for message in locked}
    reports = {receipt.id: _read(providers[receipt.route_id], receipt.payload) for receipt in batch}
    parts = _earlier_parts({owners[pk] for pk, report in reports.items() if pk in owners and report.part}, providers)
    changed: dict[UUID, OutboundMessage] = {}
    closing: set[str] = set()
    networks, arrived = _operators(messages.values(), routes.values(), now), {}
    seen: dict[str, str] = {}
    done, newly_matched = [], []
    for receipt in batch:
        message = messages.get(owners.get(receipt.id))  # type: ignore[arg-type]
        if message is None:
            if receipt.received_at <= now - LOOK_AGAIN:
                done.append(receipt)
            continue
        report = reports[receipt.id]
        status = report.status
        if report.part is not None:
            status = _of_parts(parts[message.id], report, message.segments)
        route = routes[receipt.route_id]
        operator = report.operator[:20] or message.operator or networks.get(message.to, "")
        status = counts_as(status, operator, route.report_trust)
        if _move(message, status, report, receipt.received_at, route):
            changed[message.id] = message
            if message.status == Status.DELIVERED and message.final_at:
                arrived[message.to] = message.final_at
        if report.operator:
            seen[message.to] = report.operator[:20]
        if report.error_code == "opted_out":
            closing.add(message.to)
        done.append(receipt)
        if receipt.message_id is None:
            receipt.message = message
            newly_matched.append(receipt)
    update_rows(changed.values(), FIELDS)
    update_rows(newly_matched, ["message"])
    phones.learn(seen, arrived, now)
    Receipt.objects.filter(id__in=[receipt.id for receipt in done]).update(applied_at=now)
    for number in sorted(closing):
        optouts.close(number, source="provider", now=now)
    return len(done)


def _operators(messages: Iterable[OutboundMessage], routes: Iterable[Route], now: datetime) -> dict[str, str]:
    """Number -> operator, where a route's trust differs by operator and a report may not name it."""
    told_apart = {route.pk for route in routes if set(route.report_trust) - {OTHERS}}
    numbers = {message.to for message in messages if message.route_id in told_apart and not message.operator}
    return phones.operator_of(numbers, now.astimezone(settings.ZONE).date()) if numbers else {}


def _owners(batch: Sequence[Receipt]) -> dict[int, UUID]:
    """Receipt id -> id of the text it is about."""
    known = {receipt.id: receipt.message_id for receipt in batch if receipt.message_id}
    rest = [receipt for receipt in batch if receipt.id not in known]
    given = {receipt.message_id_given for receipt in rest if receipt.message_id_given}
    ours = set(OutboundMessage.objects.filter(id__in=given).values_list("id", "route_id")) if given else set()
    names = {receipt.provider_id for receipt in rest if receipt.provider_id}
    theirs = {}
    if names:
        found = OutboundMessage.objects.filter(provider_id__in=names, route_id__in={r.route_id for r in rest})
        theirs = {(route, name): pk for pk, route, name in found.values_list("id", "route_id", "provider_id")}
    for receipt in rest:
        if receipt.message_id_given and (receipt.message_id_given, receipt.route_id) in ours:
            known[receipt.id] = receipt.message_id_given
        elif receipt.provider_id and (receipt.route_id, receipt.provider_id) in theirs:
            known[receipt.id] = theirs[receipt.route_id, receipt.provider_id]
    return known


def _move(message: OutboundMessage, status: str, report: Report, at: datetime, route: Route) -> bool:
    """Apply one report to `message`; whether anything changed."""
    before = (message.status, message.operator, message.provider_id)
    message.operator = report.operator[:20] or message.operator
    message.provider_id = message.provider_id or report.provider_id[:80]
    given_up = message.status == Status.UNKNOWN and message.error_code == NO_REPORT and status == Status.SENT
    if status != UNKNOWN and not given_up and can_move(message.status, status):
        message.status = Status(status)
        message.error_code, message.error_detail = report.error_code[:40], ""
        message.lease = message.leased_until = None
        message.final_at = at if status in FINAL else None
        if status != Status.FAILED:
            message.sent_at = message.sent_at or message.sending_at or at
            message.cost = route.price * message.segments if message.cost is None else message.cost
    return before != (message.status, message.operator, message.provider_id)


def _earlier_parts(about: Collection[UUID], providers: Mapping[int, Provider]) -> dict[UUID, dict[int, str]]:
    """For texts whose parts are reported apart: the best state of each part in the reports applied before."""
    states: dict[UUID, dict[int, str]] = defaultdict(dict)
    if about:
        for receipt in Receipt.objects.filter(message__in=about, applied_at__isnull=False).order_by("id"):
            provider = providers.get(receipt.route_id)
            report = _read(provider, receipt.payload) if provider else None
            if report and report.part and receipt.message_id:
                _of_parts(states[receipt.message_id], report, 0)
    return states


def _of_parts(states: dict[int, str], report: Report, expected: int) -> str:
    """The state of the text after `report` about one of its parts; `states` remembers the parts."""
    part = report.part or 0
    if report.status != UNKNOWN and (part not in states or can_move(states[part], report.status)):
        states[part] = report.status
    return statuses.fold(states.values(), expected)


def _read(provider: Provider, payload: Mapping[str, Any]) -> Report:
    """The report in our words; one that cannot be read is kept and changes nothing."""
    try:
        return provider.read_report(payload)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Report(message_id=None, provider_id="", status=UNKNOWN)
