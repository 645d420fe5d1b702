"""What other systems are told by their own address: the ends of their texts, and texts that begin with their words."""

import logging
import random
import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from messaging import callers, submissions
from messaging.batches import batched
from messaging.models import ApiToken, Callback, InboundMessage, OutboundMessage
from messaging.models.texts import TOLD_OF
from messaging.posting import Post, Posted, post_all
from messaging.statuses import FINAL, RANK
from messaging.text.plain import to_plain

log = logging.getLogger(__name__)

STATUS, INBOUND = "status", "inbound"
BATCH = 500
AT_ONCE = 8
"""Calls to one system at the same time."""
LEASE = timedelta(minutes=2)
"""How long a row stays out of other hands: longer than a round of calls may take (`posting.TIMEOUT`)."""
LONGEST_PASS = timedelta(seconds=20)
SLOW = 2.0
"""Seconds for a call after which a system is slow."""
GIVEN_UP = timedelta(hours=24)
"""How long a system is tried that does not answer."""
FIRST_WAIT = 30.0  # seconds
LONGEST_WAIT = 3600.0
LATE_INBOUND = timedelta(days=3)
"""How long a text from a phone is looked for that no pass has handed on yet."""
_FIRST_WORD = re.compile(r"\w+")

Clock = Callable[[], datetime]


def gather(now: datetime) -> int:
    """Write down what other systems are to be told. Returns how many reports were made.

    - Every final state of their texts, and `unknown`; not `sent`, which is no news for a system that asks us to send.
      A late report that corrects an end is told too.
    - A text from a phone whose first word, without case and diacritics, is one of `inbound_prefixes`; others are none
      of their business.
    - Only from the time on at which the system has an address.

    From the tables: a text carries the state that was told last, written in the same transaction as the report.
    """
    made = 0
    for token in ApiToken.objects.order_by("id"):
        to_tell = OutboundMessage.objects.filter(~Q(told=F("status")), caller=token, status__in=TOLD_OF)
        while rows := _next(token, to_tell, now):
            made += rows if token.callback_url else 0
    return made + _gather_inbound(now)


def tell(clock: Clock) -> Counter[str]:
    """Post what is due to the systems it is for. Counts `told`, `again` and `given_up`.

    - At least once, and nothing twice on purpose: a lease keeps other workers away, and what a system has taken (any
      2xx answer) is done. It may come twice when its answer is lost, and a later state may come first: the payload
      carries an id, the time and the rank of the state.
    - An answer that is no 2xx, a redirect or none at all: again after 30 s, then twice as long each time, at most an
      hour; after a day it is given up and shown.
    - All systems side by side, each with `AT_ONCE` calls; one that takes nothing of a round, or is slow, is left until
      the next pass, so that the others wait for it once. A pass ends after `LONGEST_PASS`.
    """
    counts: Counter[str] = Counter(told=0, again=0, given_up=0)
    resting: set[int] = set()
    start = clock()
    while clock() - start < LONGEST_PASS:
        rows = _claim(resting, clock())
        if not rows:
            break
        answers = post_all([_post(row, clock()) for row in rows])
        went: defaultdict[int, list[Posted]] = defaultdict(list)
        for row, answer in zip(rows, answers, strict=True):
            counts[_save(row, answer, clock())] += 1
            went[row.token_id].append(answer)
        resting |= {token for token, theirs in went.items() if _is_left(theirs)}
    return counts


def _is_left(answers: Sequence[Posted]) -> bool:
    return not any(answer.taken for answer in answers) or max(answer.seconds for answer in answers) > SLOW


def _next(token: ApiToken, to_tell: QuerySet[OutboundMessage], now: datetime) -> int:
    """Write down the next reports and up to which state they go, under one lock; how many texts that were."""
    with transaction.atomic():
        rows = list(to_tell.select_for_update(skip_locked=True, of=("self",)).order_by("id")[:BATCH])
        if token.callback_url:
            reports = [_report(token, STATUS, f"{row.id}:{row.status}", _status(row), now) for row in rows]
            Callback.objects.bulk_create(reports, ignore_conflicts=True)
        OutboundMessage.objects.filter(id__in=[row.id for row in rows]).update(told=F("status"))
    return len(rows)


def _gather_inbound(now: datetime) -> int:
    made = 0
    for token in ApiToken.objects.exclude(callback_url="").exclude(inbound_prefixes=[]).order_by("id"):
        words = {to_plain(str(word)).upper() for word in token.inbound_prefixes}
        recent = InboundMessage.objects.filter(
            received_at__gt=max(now - LATE_INBOUND, token.created_at), received_at__lte=now
        )
        theirs = {f"{row.pk}": row for row in recent.order_by("id") if _first_word(row.body) in words}
        known: set[str] = set()
        for some in batched(sorted(theirs)):
            told = Callback.objects.filter(token=token, kind=INBOUND, about__in=some)
            known.update(told.values_list("about", flat=True))
        new = [_report(token, INBOUND, pk, _inbound(row), now) for pk, row in theirs.items() if pk not in known]
        Callback.objects.bulk_create(new, ignore_conflicts=True, batch_size=BATCH)
        made += len(new)
    return made


def _report(token: ApiToken, kind: str, about: str, payload: dict[str, object], now: datetime) -> Callback:
    return Callback(token=token, kind=kind, about=about, payload=payload, made_at=now, next_at=now)


def _status(row: OutboundMessage) -> dict[str, object]:
    return {
        "type": "sms.status",
        "id": str(row.id),
        "key": submissions.own_key(row),
        "to": row.to,
        "status": str(row.status),
        "rank": RANK[row.status],
        "final": row.status in FINAL,
        "error_code": row.error_code,
        "operator": row.operator,
        "segments": row.segments,
        "cost": None if row.cost is None else f"{row.cost:f}",
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        "final_at": row.final_at.isoformat() if row.final_at else None,
    }


def _inbound(row: InboundMessage) -> dict[str, object]:
    return {
        "type": "sms.inbound",
        "id": row.pk,
        "from": row.number,
        "to": row.to,
        "text": row.body,
        "received_at": row.received_at.isoformat(),
    }


def _first_word(body: str) -> str:
    found = _FIRST_WORD.search(to_plain(body))
    return found[0].upper() if found else ""


def _claim(resting: set[int], now: datetime) -> list[Callback]:
    """The next reports of each system, under our lease."""
    claimed: list[Callback] = []
    open_to = ApiToken.objects.filter(enabled=True).exclude(callback_url="").exclude(pk__in=resting)
    for token in open_to.order_by("id"):
        with transaction.atomic():
            due = Callback.objects.filter(
                Q(leased_until=None) | Q(leased_until__lte=now), token=token, done_at=None, given_up_at=None,
                next_at__lte=now,
            )  # fmt: skip
            rows = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("next_at", "id")[:AT_ONCE])
            for row in rows:
                row.token, row.leased_until = token, now + LEASE
            Callback.objects.filter(pk__in=[row.pk for row in rows]).update(leased_until=now + LEASE)
        claimed += rows
    return claimed


def _post(row: Callback, now: datetime) -> Post:
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{row.token.prefix}/{row.kind}/{row.about}")
    return Post(row.token.callback_url, f"msg_{name.hex}", row.payload, row.token.secrets.get(callers.SECRET, ""), now)


def _save(row: Callback, answer: Posted, now: datetime) -> str:
    """Store what came of one call, if the lease is still ours."""
    mine = Callback.objects.filter(pk=row.pk, leased_until=row.leased_until, done_at=None)
    attempts = row.attempts + 1
    if answer.taken:
        mine.update(done_at=now, leased_until=None, attempts=attempts, last_error="")
        return "told"
    over = now - row.made_at >= GIVEN_UP
    mine.update(
        leased_until=None, attempts=attempts, last_error=answer.error[:200], next_at=now + wait_before(row, attempts),
        given_up_at=now if over else None,
    )  # fmt: skip
    if over:
        log.warning("A report to %s was given up after %d attempts: %s", row.token.name, attempts, answer.error)
    return "given_up" if over else "again"


def wait_before(row: Callback, attempts: int) -> timedelta:
    """Time until the next attempt after so many: 30 s, 1 min, 2 min ... at most an hour; up to a quarter more."""
    base = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=base * (1 + random.Random(f"{row.about}:{attempts}").random() / 4))
