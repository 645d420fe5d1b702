"""Hands what is due to the gateway, or records why not; and answers dispatch's last question before the call."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from campaigns.content.rendering import needs_discretion
from campaigns.models import Enrollment, Reason, ScheduledMessage
from campaigns.schedule import numbers, turns, wake
from campaigns.schedule.facts import Facts, gather, load
from campaigns.schedule.gates import CLOCK, Verdict, judge, retry_at, within
from campaigns.schedule.live import LiveCampaign, live_campaigns
from campaigns.schedule.room import Room, rank_of, turn
from campaigns.schedule.sendtime import local_day
from campaigns.schedule.words import render
from messaging.bulk import AT_ONCE, update_rows, update_values
from messaging.models import OutboundMessage
from messaging.outgoing import gateway
from recipients.mains import main_caregivers
from recipients.models import Person

BATCH = 1000
"""People decided in one transaction."""
KEY_PREFIX = "scheduled:"
State = ScheduledMessage.State

CAPS = (Reason.FREQUENCY_CAP, Reason.NUMBER_CAP)
OUT_OF_TURN = frozenset(
    {
        Reason.PAUSED, Reason.NO_CONSENT, Reason.NO_PHONE, Reason.DEAD_NUMBER, Reason.OPTED_OUT, Reason.NOT_AGREED,
        Reason.CANNOT_READ, Reason.TOPIC_EXCLUDED, Reason.NO_TEXT, Reason.NO_PARAMETER, Reason.NO_ROUTE,
        Reason.NOT_REGISTERED, Reason.NO_TAIL, Reason.STEP_REMOVED, Reason.MOTHERS_OWN,
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
    live = live_campaigns()
    wake.wake(live, now)
    due = turns.due_rows(now)
    people, asked = turns.people_of(due), set[int]()
    while people:
        some, people = people[:BATCH], people[BATCH:]
        with transaction.atomic():
            batch = turns.claim(due, some, live, now, asked)
            decided, facts, room = _decide(batch.rows, live, now)
            counts.update(decided)
            waiting_on, free = _behind(batch, facts, room, live)
            _hold_all(waiting_on, now)
            counts.update(verdict.reason for verdict in waiting_on.values())
        people += free
        asked.update(free)
    return counts


def _decide(
    rows: list[ScheduledMessage], live: dict[int, LiveCampaign], now: datetime
) -> tuple[Counter[str], Facts, Room]:
    rows.sort(key=lambda row: _turn(row, live))
    facts = gather(rows, live, now)
    verdicts = judge(rows, live, facts, now)
    # Also of what now waits for the hour alone: by then it would no longer be known what had held it.
    timed = {pk for pk, verdict in verdicts.items() if verdict.reason in CLOCK and not verdict.final}
    verdicts |= _superseded([row for row in rows if row.pk in timed or row.pk not in verdicts], live, facts, now)
    texts: dict[int, gateway.Text] = {}
    for row, outcome in render([row for row in rows if row.pk not in verdicts], live, facts):
        if isinstance(outcome, Reason):
            verdicts[row.pk] = Verdict(outcome, False, retry_at(outcome, row, facts, now))
        else:
            texts[row.pk] = outcome
    fitting = [row for row in rows if row.pk in texts]
    room = Room.of(fitting, facts, now, waiting_counts=True)
    carried = _fit(fitting, texts, room, facts, live, verdicts)
    answers = gateway.send_many([texts[pk] for pk in texts if pk not in verdicts and pk not in carried], now)
    for row in rows:
        row.decided_at = now
        sms = _carrier(row, carried, texts, answers)
        if sms is not None:
            row.state, row.reason, row.not_before, row.sms_id = State.RELEASED, "", None, sms
            reader = facts.to[row.pk].pk
            row.reader_id = None if reader == row.person_id else reader
        else:
            verdict = verdicts.get(row.pk) or _refused(row, carried, texts, answers, facts, now)
            verdicts[row.pk] = verdict
            _hold(row, verdict)
    _write(rows, verdicts, facts, now)
    return Counter(row.reason or str(row.state) for row in rows), facts, room


def _behind(
    batch: turns.Batch, facts: Facts, room: Room, live: dict[int, LiveCampaign]
) -> tuple[dict[int, Verdict], list[int]]:
    """What is behind the decided rows: verdicts by row where these took the last room, or wait for an hour that holds
    all of the class; and the people whose others are to be asked now."""
    first = {row.person_id: row for row in batch.rows if row.person_id in batch.behind}
    verdicts: dict[int, Verdict] = {}
    free = []
    for person, rows in batch.behind.items():
        decided, theirs = first.get(person), {}
        for row in rows:
            campaign = live[row.campaign].campaign
            full = room.full_for(person, campaign, row.last_day, facts)
            if full is None and decided is not None and decided.reason in CLOCK and decided.not_before is not None:
                alike = campaign.message_class == decided.campaign.message_class
                again = within(row.last_day, decided.not_before)
                full = Verdict(Reason(decided.reason), False, again) if alike else None
            if full is not None:
                theirs[row.pk] = full
        if len(theirs) == len(rows):
            verdicts |= theirs
        else:
            free.append(person)
    return verdicts, free


def _hold_all(verdicts: Mapping[int, Verdict], now: datetime) -> None:
    keys = sorted(verdicts)
    held = [_held_as(verdicts[pk]) for pk in keys]
    for first in range(0, len(keys), AT_ONCE):
        some = held[first : first + AT_ONCE]
        states, reasons, again = (list(column) for column in zip(*some, strict=True))
        values = {"state": states, "reason": reasons, "not_before": again, "decided_at": [now] * len(some)}
        update_values(ScheduledMessage, keys[first : first + AT_ONCE], values)


def _held_as(verdict: Verdict) -> tuple[str, str, datetime | None]:
    """State, reason and when it is asked again."""
    state = State.SKIPPED if verdict.final else State.WAITING
    return state.value, verdict.reason.value, None if verdict.final else verdict.retry_at


def _turn(row: ScheduledMessage, live: dict[int, LiveCampaign]) -> tuple[object, ...]:
    return turn(rank_of(row, live), row.last_day, row.due_at, row.pk)


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
    rows: Sequence[ScheduledMessage], texts: Mapping[int, gateway.Text], room: Room, facts: Facts,
    live: dict[int, LiveCampaign], verdicts: dict[int, Verdict],
) -> dict[int, UUID | int]:  # fmt: skip
    """Adds verdicts for what finds no room (caps), and answers what the same words to the number carry: an equal text
    of today (twins, two women on one phone) leaves once, here for another row of the batch or earlier for another."""
    room.keep_for_later(rows, live)
    carried: dict[int, UUID | int] = {}
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        text = texts[row.pk]
        if (text.to, text.words) in room.said_today:
            by = room.said_today[text.to, text.words]
            carried[row.pk] = by
            room.carry(row, facts, by)
        elif (text.to, text.words) in first:
            carried[row.pk] = first[text.to, text.words]
            room.carry(row, facts, first[text.to, text.words])
        elif refusal := room.kept(row, facts, live) or room.take(row, facts):
            verdicts[row.pk] = refusal
        else:
            first[text.to, text.words] = row.pk
    return carried


def _carrier(
    row: ScheduledMessage, carried: Mapping[int, UUID | int], texts: Mapping[int, gateway.Text],
    answers: Mapping[str, OutboundMessage | gateway.Refused],
) -> UUID | None:  # fmt: skip
    """The text that takes a row to its phone: its own, or the equal one of another row."""
    by = carried.get(row.pk, row.pk)
    if isinstance(by, UUID):
        return by
    answer = answers.get(texts[by].key) if by in texts else None
    return answer.pk if isinstance(answer, OutboundMessage) else None


def _refused(
    row: ScheduledMessage, carried: Mapping[int, UUID | int], texts: Mapping[int, gateway.Text],
    answers: Mapping[str, OutboundMessage | gateway.Refused], facts: Facts, now: datetime,
) -> Verdict:  # fmt: skip
    by = carried.get(row.pk, row.pk)
    answer = answers.get(texts[by].key) if isinstance(by, int) else None
    reasons = {
        "opted_out": Reason.OPTED_OUT, "bad_number": Reason.NO_PHONE, "dead_number": Reason.DEAD_NUMBER,
        "not_registered": Reason.NOT_REGISTERED, "no_tail": Reason.NO_TAIL,
    }  # fmt: skip
    reason = reasons.get(answer.code, Reason.NO_ROUTE) if isinstance(answer, gateway.Refused) else Reason.NO_ROUTE
    return Verdict(reason, False, retry_at(reason, row, facts, now))


HELD = ["state", "reason", "not_before", "decided_at"]
WRITTEN = ["state", "reason", "not_before", "sms", "reader", "decided_at", "revision", "step", "language"]


def _write(rows: list[ScheduledMessage], verdicts: Mapping[int, Verdict], facts: Facts, now: datetime) -> None:
    update_rows([row for row in rows if row.state == State.RELEASED], WRITTEN)
    _hold_all({row.pk: verdicts[row.pk] for row in rows if row.state != State.RELEASED}, now)
    _plan_again({row.enrollment_id for row in rows if row.reason == Reason.REDATED and facts.days[row.pk]})


def _hold(row: ScheduledMessage, verdict: Verdict) -> None:
    row.state, row.reason, row.not_before = _held_as(verdict)


def still_wanted(keys: list[str], now: datetime) -> dict[str, str]:
    """Which of the gateway's messages must not go, each with the reason (setting BEFORE_SEND).

    - Asked by dispatch inside the transaction that marks them as being sent; what it refuses ends or waits again in
      the ledger in that same transaction. The caps are asked again too, by what has left by now or goes with them.
    - Keys that are not ours (replies, another system's) are none of our business. A key of ours whose row has been
      taken back or handed over anew must not go either.
    - A text that carries several rows goes while the row whose key it has is wanted; when it does not go, the others
      wait again and go by themselves (one that release adds to it at this moment: `wake`).
    """
    ours = {key: int(key.removeprefix(KEY_PREFIX).partition(".")[0]) for key in keys if key.startswith(KEY_PREFIX)}
    if not ours:
        return {}
    handed = ScheduledMessage.objects.filter(sms__key__in=ours, state=State.RELEASED)
    mine = list(handed.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    numbers.lock_all_about(mine)  # only now the facts: a loss that was being written is waited for and then seen
    live = live_campaigns()
    rows = load(mine, live, now, "sms")
    facts = gather(rows, live, now)
    verdicts = judge(rows, live, facts, now)
    for row in rows:
        instead = facts.substitutes.get(row.pk)
        if row.pk not in verdicts and row.sms is not None and row.sms.to != facts.to[row.pk].phone:
            verdicts[row.pk] = Verdict(Reason.NUMBER_CHANGED, final=False, retry_at=now)
        elif row.pk not in verdicts and instead is not None and row.step_id != instead.pk:
            verdicts[row.pk] = Verdict(Reason.PAUSED, final=False, retry_at=now)  # next time with the words instead
    _other_words_now([row for row in rows if row.pk not in verdicts], live, facts, verdicts, now)
    carriers = {row.key: row for row in rows if row.sms is not None and row.key == row.sms.key}
    room = Room.of(rows, facts, now, waiting_counts=False)
    room.count_others(set(keys) - ours.keys())
    refused: dict[str, str] = {}
    for key in sorted(ours, key=lambda key: _turn(carriers[key], live) if key in carriers else ()):
        carrier = carriers.get(key)
        if carrier is None:
            refused[key] = "taken_back"
        elif verdict := verdicts.get(carrier.pk) or room.take(carrier, facts):
            verdicts[carrier.pk] = verdict
            refused[key] = verdict.reason
    for row in rows:
        if row.pk not in verdicts and row.sms is not None and row.sms.key in refused:
            verdicts[row.pk] = Verdict(Reason.COVERED, False, now)
    _take_back(rows, verdicts, now)
    redated = {pk for pk, verdict in verdicts.items() if verdict.reason == Reason.REDATED and facts.days[pk]}
    _plan_again({row.enrollment_id for row in rows if row.pk in redated})
    return refused


def _other_words_now(
    rows: list[ScheduledMessage], live: dict[int, LiveCampaign], facts: Facts, verdicts: dict[int, Verdict],
    now: datetime,
) -> None:  # fmt: skip
    """Whoever reads the phone with her, or was told to be discreet since: the words are chosen anew. So are those that
    were written on a former day, since a value in them may count no longer."""
    again = [
        row
        for row in rows
        if needs_discretion(facts.to[row.pk].discreet, facts.to[row.pk].phone_holder) or _of_former_day(row, facts)
    ]
    for row, outcome in render(again, live, facts) if again else []:
        if row.sms is not None and not (isinstance(outcome, gateway.Text) and outcome.words == row.sms.words):
            verdicts[row.pk] = Verdict(Reason.NUMBER_CHANGED, final=False, retry_at=now)


def _of_former_day(row: ScheduledMessage, facts: Facts) -> bool:
    return row.decided_at is not None and local_day(row.decided_at, settings.ZONE) != facts.today


def _plan_again(enrollments: Collection[int]) -> None:
    """Has the planner lay these enrollments on the calendar anew."""
    if not enrollments:
        return
    mine = Enrollment.objects.filter(pk__in=enrollments).select_for_update(no_key=True).order_by("pk")
    Enrollment.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(laid=False)


def _take_back(rows: Iterable[ScheduledMessage], verdicts: Mapping[int, Verdict], now: datetime) -> None:
    """Ends locked rows or lets them wait. They let go of their texts, whose keys are spent; the next has a key of its
    own."""
    taken = [row for row in rows if row.pk in verdicts]
    people, phones = set(), set()
    for row in taken:
        _hold(row, verdicts[row.pk])
        if row.reason not in CAPS and row.sms is not None:
            people.add(row.reader_id or row.person_id)
            phones.add(row.sms.to)
        row.sms, row.reader, row.release_number, row.decided_at = None, None, row.release_number + 1, now
    update_rows(taken, [*HELD, "sms", "reader", "release_number"])
    if people:
        _give_room(people, phones)


def _give_room(people: Collection[int], phones: Collection[str]) -> None:
    """What found no room beside a text that does not go now, for the same reader or number, is asked again at once:
    today may be its last day."""
    near = list(Person.objects.order_by().filter(Q(pk__in=people) | Q(phone__in=phones)).values_list("pk", flat=True))
    mothers = list(main_caregivers().filter(person__in=near).values_list("child__mother", flat=True))
    full = ScheduledMessage.objects.filter(
        person__in=[*near, *mothers], state=State.WAITING, reason__in=CAPS, not_before__isnull=False
    )
    mine = full.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("pk")
    ScheduledMessage.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(not_before=None)
