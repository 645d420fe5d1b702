"""Hands what is due to the gateway, or records why not; and answers dispatch's last question before the call."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from campaigns.content.rendering import needs_discretion
from campaigns.models import Enrollment, Reason, ScheduledMessage
from campaigns.schedule import numbers, wake
from campaigns.schedule.facts import Facts, gather, with_facts
from campaigns.schedule.gates import Verdict, judge, retry_at
from campaigns.schedule.live import LiveCampaign, live_campaigns
from campaigns.schedule.room import Room, rank
from campaigns.schedule.sendtime import local_day, minute_of
from campaigns.schedule.words import render
from messaging.batches import batched
from messaging.bulk import update_rows
from messaging.models import OutboundMessage
from messaging.outgoing import gateway

BATCH = 500
KEY_PREFIX = "scheduled:"
State = ScheduledMessage.State

OUT_OF_TURN = frozenset(
    {
        Reason.PAUSED, Reason.NO_CONSENT, Reason.NO_PHONE, Reason.OPTED_OUT, Reason.NOT_AGREED, Reason.CANNOT_READ,
        Reason.TOPIC_EXCLUDED, Reason.NO_TEXT, Reason.NO_PARAMETER, Reason.NO_ROUTE, Reason.STEP_REMOVED,
    }
)  # fmt: skip
"""What was held for one of these and has missed its day comes in a heap when it is set free: of a topic the latest."""


def release_due(now: datetime) -> Counter[str]:
    """Decides every row that is due, number by number; returns how many were released and why others were not.

    Each batch is one transaction. A number is decided by one worker at a time: everybody on it is locked, so two
    workers cannot both find room for a text; and so are the rows, so the planner does not move one under our hands.
    What another holds is left to it. What was decided no longer counts as due, so the loop ends.
    """
    counts: Counter[str] = Counter()
    wake.wake(now)
    live = live_campaigns()
    while True:
        with transaction.atomic():
            rows = _claim(now)
            counts.update(_decide(rows, live, now))
        if not rows:
            return counts


def _claim(now: datetime) -> list[ScheduledMessage]:
    due = ScheduledMessage.objects.filter(
        Q(not_before=None) | Q(not_before__lte=now), state=State.WAITING, due_at__lte=now
    )
    due = due.alias(minute=F("person_id") % settings.SPREAD_MINUTES).filter(_their_minute(now))
    wanted = due.order_by("due_at").values_list("person", flat=True)[:BATCH]
    mine = numbers.lock_numbers_of(set(wanted))
    rows = due.filter(person__in=mine).select_for_update(skip_locked=True).order_by("pk")
    keys = list(rows.values_list("pk", flat=True)) if mine else []
    return list(with_facts(ScheduledMessage.objects.filter(pk__in=keys), now)) if keys else []


def _their_minute(now: datetime) -> Q:
    """A province does not fire in one minute: each person has her own minute after the time that is due."""
    turn = Q()
    for minute in range(settings.SPREAD_MINUTES):
        turn |= Q(minute=minute, due_at__lte=now - minute_of(minute, settings.SPREAD_MINUTES))
    return turn


def _decide(rows: list[ScheduledMessage], live: dict[int, LiveCampaign], now: datetime) -> Counter[str]:
    if not rows:
        return Counter()
    rows.sort(key=_turn)
    facts = gather(rows, live, now)
    verdicts = judge(rows, live, facts, now)
    verdicts |= _superseded([row for row in rows if row.pk not in verdicts], live, facts, now)
    texts: dict[int, gateway.Text] = {}
    for row, outcome in render([row for row in rows if row.pk not in verdicts], live, facts):
        if isinstance(outcome, Reason):
            verdicts[row.pk] = Verdict(outcome, False, retry_at(outcome, row, facts, now))
        else:
            texts[row.pk] = outcome
    carried = _fit([row for row in rows if row.pk in texts], texts, facts, verdicts, now)
    answers = gateway.send_many([texts[pk] for pk in texts if pk not in verdicts and pk not in carried], now)
    for row in rows:
        row.decided_at = now
        sms = _carrier(row, carried, texts, answers)
        if sms is not None:
            row.state, row.reason, row.not_before, row.sms = State.RELEASED, "", None, sms
        else:
            _hold(row, verdicts.get(row.pk) or _refused(row, carried, texts, answers, facts, now))
    _write(rows, facts, now)
    return Counter(row.reason or str(row.state) for row in rows)


def _turn(row: ScheduledMessage) -> tuple[object, ...]:
    return *rank(row.campaign), row.last_day, row.due_at, row.pk


def _superseded(
    rows: Iterable[ScheduledMessage], live: dict[int, LiveCampaign], facts: Facts, now: datetime
) -> dict[int, Verdict]:
    """What was set free comes without a flood: of a topic that sends its latest, the others are superseded."""
    heaps: dict[tuple[int, str], list[ScheduledMessage]] = {}
    for row in rows:
        step = live[row.campaign_id].steps[row.step_key]
        if step.catch_up == step.CatchUp.SEND_LATEST and row.pk not in facts.substitutes:
            heaps.setdefault((row.enrollment_id, row.topic), []).append(row)
    today = local_day(now, settings.ZONE)
    late: dict[int, Verdict] = {}
    for heap in heaps.values():
        latest = max(heap, key=lambda row: (row.due_on, row.pk))
        for row in heap:
            if row is not latest and row.reason in OUT_OF_TURN and row.due_on < today:
                late[row.pk] = Verdict(Reason.SUPERSEDED, True, now)
    return late


def _fit(
    rows: Iterable[ScheduledMessage], texts: Mapping[int, gateway.Text], facts: Facts, verdicts: dict[int, Verdict],
    now: datetime,
) -> dict[int, OutboundMessage | int]:  # fmt: skip
    """Adds verdicts for what finds no room (caps), and answers what the same words to the number carry: an equal text
    of today (twins, two women on one phone) leaves once, here for another row of the batch or earlier for another."""
    room = Room.of(rows, facts, now, waiting_counts=True)
    room.keep_for_later(rows)
    carried: dict[int, OutboundMessage | int] = {}
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        text = texts[row.pk]
        if (text.to, text.body) in room.said_today:
            by = room.said_today[text.to, text.body]
            carried[row.pk] = by
            room.carry(row, facts, by.pk)
        elif (text.to, text.body) in first:
            carried[row.pk] = first[text.to, text.body]
            room.carry(row, facts, first[text.to, text.body])
        elif refusal := room.kept(row, facts) or room.take(row, facts):
            verdicts[row.pk] = refusal
        else:
            first[text.to, text.body] = row.pk
    return carried


def _carrier(
    row: ScheduledMessage, carried: Mapping[int, OutboundMessage | int], texts: Mapping[int, gateway.Text],
    answers: Mapping[str, OutboundMessage | gateway.Refused],
) -> OutboundMessage | None:  # fmt: skip
    """The text that takes a row to its phone: its own, or the equal one of another row."""
    by = carried.get(row.pk, row.pk)
    if isinstance(by, OutboundMessage):
        return by
    answer = answers.get(texts[by].key) if by in texts else None
    return answer if isinstance(answer, OutboundMessage) else None


def _refused(
    row: ScheduledMessage, carried: Mapping[int, OutboundMessage | int], texts: Mapping[int, gateway.Text],
    answers: Mapping[str, OutboundMessage | gateway.Refused], facts: Facts, now: datetime,
) -> Verdict:  # fmt: skip
    by = carried.get(row.pk, row.pk)
    answer = answers.get(texts[by].key) if isinstance(by, int) else None
    reasons = {"opted_out": Reason.OPTED_OUT, "bad_number": Reason.NO_PHONE}
    reason = reasons.get(answer.code, Reason.NO_ROUTE) if isinstance(answer, gateway.Refused) else Reason.NO_ROUTE
    return Verdict(reason, False, retry_at(reason, row, facts, now))


WRITTEN = ["state", "reason", "not_before", "sms", "decided_at", "revision", "step", "language"]


def _write(rows: list[ScheduledMessage], facts: Facts, now: datetime) -> None:
    """Released rows are written one by one; the held ones share a few verdicts."""
    update_rows([row for row in rows if row.state == State.RELEASED], WRITTEN)
    alike: dict[tuple[str, str, datetime | None], list[int]] = {}
    for row in rows:
        if row.state != State.RELEASED:
            alike.setdefault((row.state, row.reason, row.not_before), []).append(row.pk)
    for (state, reason, not_before), keys in alike.items():
        for some in batched(keys):
            ScheduledMessage.objects.filter(pk__in=some).update(
                state=state, reason=reason, not_before=not_before, decided_at=now
            )
    _plan_again({row.enrollment_id for row in rows if row.reason == Reason.REDATED and facts.days[row.pk]})


def _hold(row: ScheduledMessage, verdict: Verdict) -> None:
    row.state, row.reason = (State.SKIPPED if verdict.final else State.WAITING), verdict.reason
    row.not_before = None if verdict.final else verdict.retry_at


def still_wanted(keys: list[str], now: datetime) -> dict[str, str]:
    """Which of the gateway's messages must not go, each with the reason (setting BEFORE_SEND).

    - Asked by dispatch inside the transaction that marks them as being sent; what it refuses ends or waits again in
      the ledger in that same transaction. The caps are asked again too, by what has left by now.
    - Keys that are not ours (replies, another system's) are none of our business. A key of ours whose row has been
      taken back or handed over anew must not go either.
    - A text that carries several rows goes while the row whose key it has is wanted; when it does not go, the others
      wait again and go by themselves.
    """
    ours = {key: int(key.removeprefix(KEY_PREFIX).partition(".")[0]) for key in keys if key.startswith(KEY_PREFIX)}
    if not ours:
        return {}
    handed = ScheduledMessage.objects.filter(sms__key__in=ours, state=State.RELEASED)
    mine = list(handed.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    numbers.lock_all_about(mine)  # only now the facts: a loss that was being written is waited for and then seen
    rows = list(with_facts(handed.filter(pk__in=mine), now).select_related("sms").order_by("pk"))
    live = live_campaigns()
    facts = gather(rows, live, now)
    verdicts = judge(rows, live, facts, now)
    for row in rows:
        if row.pk not in verdicts and row.sms is not None and row.sms.to != facts.to[row.pk].phone:
            verdicts[row.pk] = Verdict(Reason.NUMBER_CHANGED, final=False, retry_at=now)
    _no_longer_discreet([row for row in rows if row.pk not in verdicts], live, facts, verdicts, now)
    carriers = {row.key: row for row in rows if row.sms is not None and row.key == row.sms.key}
    room = Room.of(rows, facts, now, waiting_counts=False)
    refused: dict[str, str] = {}
    for key in sorted(ours, key=lambda key: _turn(carriers[key]) if key in carriers else ()):
        carrier = carriers.get(key)
        if carrier is None:
            refused[key] = "taken_back"
        elif verdict := verdicts.get(carrier.pk) or room.take(carrier, facts):
            verdicts[carrier.pk] = verdict
            refused[key] = verdict.reason
    for row in rows:
        sms = row.sms
        assert sms is not None
        if row.pk in verdicts:
            _take_back(row, verdicts[row.pk], now)
        elif sms.key in refused:
            _take_back(row, Verdict(Reason.COVERED, False, now), now)
    redated = {pk for pk, verdict in verdicts.items() if verdict.reason == Reason.REDATED and facts.days[pk]}
    _plan_again({row.enrollment_id for row in rows if row.pk in redated})
    return refused


def _no_longer_discreet(
    rows: list[ScheduledMessage], live: dict[int, LiveCampaign], facts: Facts, verdicts: dict[int, Verdict],
    now: datetime,
) -> None:  # fmt: skip
    """Whoever reads the phone with her, or was told to be discreet since: the words are chosen anew."""
    shared = [row for row in rows if needs_discretion(facts.to[row.pk].discreet, facts.to[row.pk].phone_holder)]
    for row, outcome in render(shared, live, facts) if shared else []:
        if row.sms is not None and not (isinstance(outcome, gateway.Text) and outcome.body == row.sms.body):
            verdicts[row.pk] = Verdict(Reason.NUMBER_CHANGED, final=False, retry_at=now)


def _plan_again(enrollments: Collection[int]) -> None:
    """Has the planner lay these enrollments on the calendar anew."""
    if not enrollments:
        return
    mine = Enrollment.objects.filter(pk__in=enrollments).select_for_update(no_key=True).order_by("pk")
    Enrollment.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(planned_anchor=None)


def _take_back(row: ScheduledMessage, verdict: Verdict, now: datetime) -> None:
    """Ends the row or lets it wait. It lets go of the text, whose key is spent; the next has a key of its own."""
    ScheduledMessage.objects.filter(pk=row.pk, sms=row.sms_id).update(
        state=State.SKIPPED if verdict.final else State.WAITING,
        reason=verdict.reason,
        not_before=None if verdict.final else verdict.retry_at,
        sms=None,
        release_number=F("release_number") + 1,
        decided_at=now,
    )
