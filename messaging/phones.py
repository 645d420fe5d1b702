"""What becomes of texts tells about numbers: whose network they are on, and whether texts still arrive there."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from messaging.batches import batched
from messaging.bulk import update_rows
from messaging.models import InboundMessage, OperatorOutage, OperatorPrefix, OutboundMessage, Phone
from messaging.statuses import Status

ABOUT_THE_NUMBER = frozenset({"bad_number", "dead_number", "landline"})
"""Our error codes (data/*_errors.csv) that say something about the number itself: nobody has it, or it takes no SMS.

A phone that is off, full or out of reach ("unreachable", "expired"), a blocked or filtered text and a fault of the
route say nothing of the kind.
"""
DEAD_AFTER = 3
"""So many local days with such a failure, without a sign of life between them: one may be the operator's mistake."""
LOOK_BACK = timedelta(days=7)
"""How long a failure that no pass has counted yet is looked for."""
HISTORY = timedelta(days=400)
"""Failures that are older count no more."""
COUNTED = ["failures", "failed_on", "last_error", "dead_since", "proven_at"]


def operator_of(numbers: Iterable[str], on: date) -> dict[str, str]:
    """The operator of each of `numbers` (E.164): what delivery reports said, else the holder of its prefix on the
    local day `on`, a guess, for numbers are portable. Numbers of which nothing is known are left out."""
    wanted = sorted(set(numbers))
    found: dict[str, str] = {}
    for some in batched(wanted):
        reported = Phone.objects.filter(number__in=some).exclude(operator="")
        found.update(reported.values_list("number", "operator"))
    guess = prefixes(on) if len(found) < len(wanted) else {}
    lengths = sorted({len(prefix) for prefix in guess}, reverse=True)
    for number in wanted:
        if number not in found:
            operator = next((guess[number[:n]] for n in lengths if number[:n] in guess), "")
            if operator:
                found[number] = operator
    return found


def prefixes(on: date) -> dict[str, str]:
    """Number prefix (E.164) -> the operator that holds it on the local day `on`."""
    rows = OperatorPrefix.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)
    return dict(rows.order_by("valid_from").values_list("prefix", "operator"))


def dead(numbers: Iterable[str]) -> set[str]:
    """Which of `numbers` no longer take texts."""
    found: set[str] = set()
    for some in batched(sorted(set(numbers))):
        found.update(dead_numbers().filter(number__in=some))
    return found


def dead_numbers() -> QuerySet[Phone, str]:
    """The numbers that no longer take texts, for use inside another query."""
    return Phone.objects.filter(dead_since__isnull=False).values_list("number", flat=True)


def learn(operators: Mapping[str, str], delivered: Mapping[str, datetime], now: datetime) -> None:
    """Keep what reports told: number -> operator, and number -> when a text arrived there, which clears its failures.

    Writes only what is new. To be called inside the transaction that applies the reports; rows are locked and made
    in the order of their numbers.
    """
    known: dict[str, tuple[str, bool]] = {}
    for some in batched(sorted(operators.keys() | delivered.keys())):
        rows = Phone.objects.filter(number__in=some).values_list("number", "operator", "failures", "dead_since")
        known.update({number: (operator, bool(failures or died)) for number, operator, failures, died in rows})
    moved = {n: o for n, o in operators.items() if n in known and known[n][0] != o}
    alive = {n for n in delivered if n in known and known[n][1]}
    changed = list(Phone.objects.filter(number__in=moved.keys() | alive).select_for_update().order_by("number"))
    for phone in changed:
        if phone.number in moved:
            phone.operator, phone.operator_at = moved[phone.number], now
        if phone.number in alive:
            _clear(phone, delivered[phone.number])
    update_rows(changed, ["operator", "operator_at", *COUNTED])
    new = [Phone(number=n, operator=operators[n], operator_at=now) for n in sorted(operators.keys() - known.keys())]
    Phone.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["number"], update_fields=["operator", "operator_at"], batch_size=500
    )


def works(number: str, now: datetime) -> bool:
    """`number` works, by a text from it or a person's word: its failures until now count no more. True if any did."""
    failed = Phone.objects.filter(~Q(failures=0) | Q(dead_since__isnull=False), number=number)
    return failed.update(failures=0, failed_on=None, last_error="", dead_since=None, proven_at=now) > 0


def count_failures(now: datetime) -> Counter[str]:
    """Count the failures that are about a number and that no pass has counted. Returns how many `died` and `revived`.

    - A failure for good with a code of `ABOUT_THE_NUMBER`, by the provider's refusal or by a report, counts; several
      on one local day count once. On the third such day in a row the number is dead: the gateway refuses it.
    - A delivery, a text from the number or a person's word (`works`) begins the count anew and revives the number.
    - What failed in an outage of the number's operator does not count (`outages`).
    - Everything is counted from the texts themselves, so a second pass, or two at the same time, change nothing.
    """
    looked_at = Phone.objects.filter(number=OuterRef("to"), failed_on__gte=OuterRef("day"))
    recent = failures().filter(final_at__gt=now - LOOK_BACK, final_at__lte=now)
    fresh = recent.annotate(day=TruncDate("final_at", tzinfo=settings.ZONE)).filter(~Exists(looked_at))
    return recount(fresh.order_by().values_list("to", flat=True), now)


def failures() -> QuerySet[OutboundMessage]:
    """The texts whose failing says something about their numbers."""
    return OutboundMessage.objects.filter(
        status__in=[Status.FAILED, Status.UNDELIVERED], error_code__in=sorted(ABOUT_THE_NUMBER)
    )


def recount(numbers: Iterable[str], now: datetime) -> Counter[str]:
    """Count the failures of `numbers` again, from the beginning; the rules are those of `count_failures`."""
    counts: Counter[str] = Counter(died=0, revived=0)
    for some in batched(sorted(set(numbers))):
        with transaction.atomic():
            Phone.objects.bulk_create([Phone(number=number) for number in some], ignore_conflicts=True)
            rows = list(Phone.objects.filter(number__in=some).select_for_update().order_by("number"))
            _count(rows, now, counts)
            update_rows(rows, COUNTED)
    return counts


def _count(rows: Collection[Phone], now: datetime, counts: Counter[str]) -> None:
    numbers = [row.number for row in rows]
    since = now - HISTORY
    life = _signs_of_life(numbers, since)
    operators = operator_of(numbers, now.astimezone(settings.ZONE).date())
    outages = list(OperatorOutage.objects.filter(started_at__lte=now).exclude(ended_at__lt=since))
    failed: defaultdict[str, list[tuple[datetime, str, str]]] = defaultdict(list)
    ends = failures().filter(to__in=numbers, queued_at__gt=since, final_at__lte=now).order_by("final_at")
    for to, at, code, operator in ends.values_list("to", "final_at", "error_code", "operator"):
        assert at is not None  # or it would not be before `now`
        failed[to].append((at, code, operator or operators.get(to, "")))
    for row in rows:
        was_dead = row.dead_since is not None
        proven = max([moment for moment in (row.proven_at, life.get(row.number)) if moment], default=since)
        days: dict[date, str] = {}
        for at, code, operator in failed[row.number]:
            day = at.astimezone(settings.ZONE).date()
            row.failed_on = max(day, row.failed_on or day)
            if at > proven and not any(covers(outage, operator, at) for outage in outages):
                days[day] = code
        row.failures, row.last_error = len(days), next(reversed(days.values()), "")
        row.dead_since = (row.dead_since or now) if len(days) >= DEAD_AFTER else None
        row.proven_at = proven if proven != since else row.proven_at
        counts["died"] += row.dead_since is not None and not was_dead
        counts["revived"] += row.dead_since is None and was_dead


def covers(outage: OperatorOutage, operator: str, at: datetime) -> bool:
    """Whether a text to `operator` that ended at `at` fell into `outage`."""
    over = outage.ended_at is not None and outage.ended_at < at
    return outage.operator == operator and outage.started_at <= at and not over


def _signs_of_life(numbers: Collection[str], since: datetime) -> dict[str, datetime]:
    """When a text last arrived at or came from each number."""
    arrived = OutboundMessage.objects.filter(to__in=numbers, queued_at__gt=since, status=Status.DELIVERED)
    found = dict(arrived.order_by().values_list("to").annotate(Max("final_at")))
    heard = InboundMessage.objects.filter(number__in=numbers, received_at__gt=since).order_by()
    for number, at in heard.values_list("number").annotate(Max("received_at")):
        found[number] = max(at, found.get(number) or at)
    return {number: at for number, at in found.items() if at}


def _clear(phone: Phone, at: datetime) -> None:
    phone.failures, phone.failed_on, phone.last_error, phone.dead_since, phone.proven_at = 0, None, "", None, at
