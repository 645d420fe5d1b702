"""Hands what is due to the gateway, or records why not; and answers dispatch's last question before the call."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from campaigns.content import parameters, rendering
from campaigns.models import Enrollment, Reason, ScheduledMessage
from campaigns.schedule.caps import has_room
from campaigns.schedule.gates import ASK_AGAIN_AFTER, Verdict, hours_of, judge, live_step, with_facts
from campaigns.schedule.live import LiveCampaign, live_campaigns, wording
from campaigns.schedule.sendtime import at, local_day, next_opening
from messaging.batches import batched
from messaging.bulk import update_rows
from messaging.models import OutboundMessage
from messaging.outgoing import gateway
from messaging.statuses import Status
from recipients.models import Person

BATCH = 500
KEY_PREFIX = "scheduled:"
State = ScheduledMessage.State


def release_due(now: datetime) -> Counter[str]:
    """Decides every row that is due, people by people; returns how many were released and why others were not.

    Each batch is one transaction. The people are locked, so two workers never decide about the same person at once,
    and so are the rows, so the planner does not move one under our hands; what another holds is left to it. What was
    decided no longer counts as due, so the loop ends.
    """
    counts: Counter[str] = Counter()
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
    wanted = due.order_by("due_at").values_list("person", flat=True)[:BATCH]
    people = Person.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=set(wanted)).order_by("pk")
    locked = list(people.values_list("pk", flat=True))
    rows = due.filter(person__in=locked).select_for_update(skip_locked=True).order_by("pk")
    keys = list(rows.values_list("pk", flat=True)) if locked else []
    if not keys:
        return []
    mine = with_facts(ScheduledMessage.objects.filter(pk__in=keys), now)
    return list(mine.order_by("campaign__priority", "last_day", "due_at", "pk"))


def _decide(rows: list[ScheduledMessage], live: dict[int, LiveCampaign], now: datetime) -> Counter[str]:
    if not rows:
        return Counter()
    verdicts = judge(rows, live, now)
    texts: dict[int, gateway.Text] = {}
    for row, outcome in _render([row for row in rows if row.pk not in verdicts], live, now):
        if isinstance(outcome, Verdict):
            verdicts[row.pk] = outcome
        else:
            texts[row.pk] = outcome
    over = _cap([row for row in rows if row.pk in texts], now)
    verdicts |= over
    texts = {pk: text for pk, text in texts.items() if pk not in over}
    answers = gateway.send_many(list(texts.values()), now)
    for row in rows:
        row.decided_at = now
        answer = answers[texts[row.pk].key] if row.pk in texts else None
        if isinstance(answer, OutboundMessage):
            row.state, row.reason, row.not_before, row.sms = State.RELEASED, "", None, answer
        else:
            _hold(row, verdicts.get(row.pk) or _refused(answer, now))
    _write(rows, now)
    return Counter(row.reason or str(row.state) for row in rows)


def _write(rows: list[ScheduledMessage], now: datetime) -> None:
    """Released rows are written one by one; the held ones, many and asked again every hour, share a few verdicts."""
    released = [row for row in rows if row.state == State.RELEASED]
    update_rows(released, WRITTEN)
    alike: dict[tuple[str, str, datetime | None], list[int]] = {}
    for row in rows:
        if row.state != State.RELEASED:
            alike.setdefault((row.state, row.reason, row.not_before), []).append(row.pk)
    _plan_again({row.enrollment_id for row in rows if row.reason == Reason.REDATED})
    for (state, reason, not_before), keys in alike.items():
        for some in batched(keys):
            ScheduledMessage.objects.filter(pk__in=some).update(
                state=state, reason=reason, not_before=not_before, decided_at=now
            )


WRITTEN = ["state", "reason", "not_before", "sms", "decided_at", "revision", "step", "language"]


def _hold(row: ScheduledMessage, verdict: Verdict) -> None:
    row.state, row.reason = (State.SKIPPED if verdict.final else State.WAITING), verdict.reason
    row.not_before = None if verdict.final else verdict.retry_at


def _refused(answer: gateway.Refused | None, now: datetime) -> Verdict:
    reasons = {"opted_out": Reason.OPTED_OUT, "bad_number": Reason.NO_PHONE}
    reason = reasons.get(answer.code if answer else "", Reason.NO_ROUTE)
    return Verdict(reason, final=False, retry_at=now + ASK_AGAIN_AFTER)


def _cap(rows: Sequence[ScheduledMessage], now: datetime) -> dict[int, Verdict]:
    """Few routine texts a person (caps.py), the most important first; the same words twice leave once.

    A twin's equal step is `covered` by the one that goes: for good when that has left, until then it waits, since the
    other may be taken back. What does not fit is asked again at the next opening after today.
    """
    today = local_day(now, settings.ZONE)
    tomorrow = next_opening(at(today, settings.SEND_UNTIL, settings.ZONE), hours_of(now))
    gone = ScheduledMessage.objects.filter(
        person__in={row.person_id for row in rows},
        state=State.RELEASED,
    ).exclude(sms__status=Status.CANCELED)
    gone = gone.filter(
        Q(decided_at__gte=at(today - timedelta(days=6), time.min, settings.ZONE))
        | Q(due_on__in={row.due_on for row in rows})
    )
    sent_on: dict[int, list[date]] = defaultdict(list)
    words: dict[tuple[int, int, str, date], bool] = {}
    for person_id, campaign_id, key, due_on, at_, status in gone.values_list(
        "person", "campaign", "step_key", "due_on", "decided_at", "sms__status"
    ):
        sent_on[person_id].append(local_day(at_ or now, settings.ZONE))
        words[person_id, campaign_id, key, due_on] = status not in (Status.QUEUED, Status.SENDING)
    verdicts: dict[int, Verdict] = {}
    for row in rows:
        same = (row.person_id, row.campaign_id, row.step_key, row.due_on)
        if same in words:
            verdicts[row.pk] = Verdict(Reason.COVERED, final=words[same], retry_at=now + ASK_AGAIN_AFTER)
        elif not has_room(today, sent_on[row.person_id]):
            verdicts[row.pk] = Verdict(Reason.FREQUENCY_CAP, final=False, retry_at=tomorrow)
        else:
            sent_on[row.person_id].append(today)
            words[same] = False
    return verdicts


def _render(
    rows: Sequence[ScheduledMessage], live: dict[int, LiveCampaign], now: datetime
) -> list[tuple[ScheduledMessage, gateway.Text | Verdict]]:
    values = parameters.values_for([row.person for row in rows])
    rendered: list[tuple[ScheduledMessage, gateway.Text | Verdict]] = []
    for row in rows:
        step = live_step(row, live)
        assert step is not None, "judge() holds rows without a live step"
        row.step, row.revision_id = step, live[row.campaign_id].revision_id
        chosen = wording(step, row.person)
        if chosen is None:
            rendered.append((row, Verdict(Reason.NO_TEXT, final=False, retry_at=now + ASK_AGAIN_AFTER)))
            continue
        body, row.language = chosen
        try:
            words = rendering.for_phone(rendering.render(body, values[row.person_id]), row.person.script)
        except rendering.MissingValue:
            rendered.append((row, Verdict(Reason.NO_PARAMETER, final=False, retry_at=now + ASK_AGAIN_AFTER)))
            continue
        text = gateway.Text(
            to=str(row.person.phone), body=words, key=row.key, message_class=row.campaign.message_class,
            priority=row.campaign.priority, expires_at=at(row.last_day, settings.SEND_UNTIL, settings.ZONE),
        )  # fmt: skip
        rendered.append((row, text))
    return rendered


def still_wanted(keys: list[str], now: datetime) -> dict[str, str]:
    """Which of the gateway's messages must not go, each with the reason (setting BEFORE_SEND).

    - Asked by dispatch inside the transaction that marks them as being sent; what it refuses ends or waits again in
      the ledger in that same transaction.
    - Keys that are not ours (replies, another system's) are none of our business. A key of ours whose row has been
      taken back or handed over anew must not go either.
    """
    ours = {key: int(key.removeprefix(KEY_PREFIX).partition(".")[0]) for key in keys if key.startswith(KEY_PREFIX)}
    if not ours:
        return {}
    rows = {row.pk: row for row in _handed_over(ours.values(), now)}
    verdicts = judge(list(rows.values()), live_campaigns(), now)
    refused: dict[str, str] = {}
    for key, pk in ours.items():
        row = rows.get(pk)
        if row is None or row.key != key or row.sms is None:
            refused[key] = "taken_back"
            continue
        if pk not in verdicts and row.sms.to != row.person.phone:
            verdicts[pk] = Verdict(Reason.NUMBER_CHANGED, final=False, retry_at=now)
        if pk in verdicts:
            refused[key] = verdicts[pk].reason
            _take_back(row, verdicts[pk], now)
    return refused


def _handed_over(pks: Iterable[int], now: datetime) -> QuerySet[ScheduledMessage]:
    rows = ScheduledMessage.objects.filter(pk__in=pks, state=State.RELEASED)
    return with_facts(rows, now).select_related("sms").select_for_update(of=("self",)).order_by("pk")


def _plan_again(enrollments: Collection[int]) -> None:
    """Has the planner lay these enrollments on the calendar anew."""
    if enrollments:
        Enrollment.objects.filter(pk__in=enrollments).update(planned_anchor=None)


def _take_back(row: ScheduledMessage, verdict: Verdict, now: datetime) -> None:
    fields = {"decided_at": now, "reason": verdict.reason}
    if verdict.final:
        fields |= {"state": State.SKIPPED}
    else:
        fields |= {
            "state": State.WAITING, "not_before": verdict.retry_at, "sms": None,
            "release_number": F("release_number") + 1,
        }  # fmt: skip
    ScheduledMessage.objects.filter(pk=row.pk, sms=row.sms_id).update(**fields)
    if verdict.reason == Reason.REDATED:
        _plan_again([row.enrollment_id])
