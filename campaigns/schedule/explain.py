"""Why a person got, gets or does not get a text on a local day: read from the ledger and the pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns import record
from campaigns.models import Campaign, Enrollment, Pause, Reason, ScheduledMessage, Step
from campaigns.schedule import because, toldloss
from campaigns.schedule.conditions import applies
from campaigns.schedule.facts import Facts, gather, with_facts
from campaigns.schedule.gates import ASLEEP, Verdict, judge
from campaigns.schedule.live import LiveCampaign, live_campaigns, timing
from campaigns.schedule.locally import local
from campaigns.schedule.pauses import active, holding
from campaigns.schedule.sendtime import at, local_day
from campaigns.schedule.timeline import Fate, Placed, place
from campaigns.schedule.upcoming import Coming, ahead, followed
from recipients.errors import Refusal
from recipients.models import Person

AHEAD_DAYS = 120
"""How far the next text is looked for."""
FARTHEST = timedelta(days=10 * 366)
"""No pregnancy and no child is followed for longer."""

FROM_THE_SUBJECT = frozenset(
    {Campaign.Anchor.GESTATION, Campaign.Anchor.BIRTH, Campaign.Anchor.CORRECTED, Campaign.Anchor.CALENDAR}
)
"""Campaigns whose days follow from the dates of a pregnancy or child alone, also when nothing was planned."""

State = ScheduledMessage.State


@dataclass(frozen=True)
class Why:
    """One answer about one day.

    `kind`: got (it left her way), told (face to face), waiting, will (falls due then), not. `campaign` is None, and
    `when` too, where the answer is about the day itself. `text` are the words, where it is known which they are.
    """

    campaign: Campaign | None
    step_key: str
    kind: str
    when: datetime | None
    sentence: str
    text: str = ""


def why(person: Person, on: date, now: datetime) -> list[Why]:
    """Everything that there is to say about a person's texts on the local day `on`, in the language of the moment.

    - Her own texts, and as a child's main caregiver those about this child that would go to the mother (record.of).
    - From the ledger: what fell due on the day, was decided for good on it, left on it; and from today on, what waits
      meanwhile, with what holds it as of `now`. What ended for the same reason is told once, with its number.
    - Computed, never stored: what will fall due; what falls on the day and will not go, or was never planned.
    - A day without any of these is said to be one, with the next text that is known.
    Refusal: too_far, for a day more than ten years away.
    """
    today = local_day(now, settings.ZONE)
    if abs(on - today) > FARTHEST:
        raise Refusal("too_far", _("This day lies too far away. Choose one within ten years."), field="date")
    live = live_campaigns()
    enrollments = followed(person, today)
    answers = _ledger(person, on, today, live, now)
    coming = ahead(enrollments, now, max((on - today).days, 0) + AHEAD_DAYS)
    if on >= today:
        answers += [_of_coming(item, person) for item in coming if local_day(item.due_at, settings.ZONE) == on]
    answers += _not_in_the_ledger(enrollments, on, today, live)
    answers.sort(key=lambda answer: answer.when or now)
    return answers or [_nothing(person, on, coming, enrollments, now)]


def _ledger(person: Person, on: date, today: date, live: dict[int, LiveCampaign], now: datetime) -> list[Why]:
    day = (at(on, time.min, settings.ZONE), at(on + timedelta(days=1), time.min, settings.ZONE))
    that_day = Q(due_on=on) | Q(sms__sent_at__range=day) | (~Q(state=State.WAITING) & Q(decided_at__range=day))
    if on >= today:
        that_day |= Q(state=State.WAITING, due_on__lte=on, last_day__gte=on)
    mine = record.of(person).filter(that_day)
    rows = list(with_facts(mine, now).select_related("sms", "person__unit").distinct().order_by("due_at", "pk"))
    facts = gather(rows, live, now)
    verdicts = judge([row for row in rows if row.state == State.WAITING], live, facts, now)
    for row in rows:
        verdict = verdicts.get(row.pk)
        if verdict and verdict.final:
            row.state, row.reason = State.SKIPPED, verdict.reason
    shown = {each.row.pk: each.text for each in record.with_words(rows, facts.to, now, private=False)}
    over: dict[tuple[int, str], list[ScheduledMessage]] = {}
    for row in rows:
        if row.state == State.SKIPPED:
            over.setdefault((row.enrollment_id, row.reason), []).append(row)
    several = {alike[0].pk: alike for alike in over.values() if len(alike) > 1}
    told_with_another = {row.pk for alike in several.values() for row in alike[1:]}
    answers = []
    for row in rows:
        if row.pk in told_with_another:
            continue
        answer = _of_row(row, verdicts.get(row.pk), facts, now)
        if row.pk in several:
            start = because.several(len(several[row.pk]), _name(row.campaign))
        else:
            start = because.named(row.due_on, "" if answer.text else shown[row.pk])
        answers.append(replace(answer, sentence=because.joined(start, answer.sentence)))
    return answers


def _of_row(row: ScheduledMessage, verdict: Verdict | None, facts: Facts, now: datetime) -> Why:
    if row.state == State.TOLD:
        kind, when, sentence = "told", row.decided_at, because.told(row)
    elif row.state == State.SKIPPED:
        pause = facts.paused.get(row.pk) if verdict else _pause_of(row)
        kind, when, sentence = "not", row.due_at if verdict else row.decided_at, because.skipped(row, pause)
    elif row.sms is not None:
        kind, sentence = because.handed_over(row, row.sms)
        when = row.sms.sent_at or row.decided_at
    elif row.due_at > now:
        kind, when, sentence = "will", row.due_at, _will(row, row.due_at, facts.to[row.pk], row.step)
    else:
        kind, (when, sentence) = "waiting", _waiting(row, verdict, facts, now)
    return Why(row.campaign, row.step_key, kind, when, sentence, row.sms.body if row.sms else "")


def _of_coming(item: Coming, person: Person) -> Why:
    each, step = item.enrollment, item.step
    row = ScheduledMessage(
        person=each.person, enrollment=each, campaign=item.campaign, step_key=step.key, topic=step.topic
    )
    text = item.text if item.reader.pk == person.pk else ""
    return Why(item.campaign, step.key, "will", item.due_at, _will(row, item.due_at, item.reader, step), text)


def _will(row: ScheduledMessage, due_at: datetime, reader: Person, step: Step) -> str:
    """With what would hold it if its day were today; a child's main caregiver reads in the mother's place."""
    in_her_place = reader.pk != row.person_id
    found = list(record.door(reader).obstacles)
    if row.topic in {*row.person.excluded_topics, *reader.excluded_topics}:
        found.append(because.joined(*because.reason_words(Reason.TOPIC_EXCLUDED)))
    if in_her_place and not step.without_mother:
        found.append(because.joined(*because.reason_words(Reason.MOTHERS_OWN)))
    told = toldloss.held([row], {row.pk: reader})
    if pause := told.get(row.pk) or holding(active(), row, reader.pk):
        found.append(because.joined(*because.reason_words(Reason.PAUSED, pause)))
    return because.will(due_at, found, reader.name if in_her_place else "")


def _waiting(row: ScheduledMessage, verdict: Verdict | None, facts: Facts, now: datetime) -> tuple[datetime, str]:
    """What holds a due row as of `now`; what release alone can tell (words, caps, routes) as it told it last."""
    if verdict is not None:
        reason, again = verdict.reason, verdict.retry_at
    elif row.reason and row.not_before and row.not_before > now:
        reason, again = Reason(row.reason), row.not_before
    else:
        return row.due_at, because.waits(row, None, None, None)
    shown = None if reason in ASLEEP or again <= now else again
    return row.due_at, because.waits(row, reason, shown, facts.paused.get(row.pk))


def _pause_of(row: ScheduledMessage) -> Pause | None:
    """The pause that held a row when it ended, if it can still be told."""
    if row.reason != Reason.PAUSED or row.decided_at is None:
        return None
    if told := toldloss.held([row], {row.pk: row.person}, row.decided_at):
        return told[row.pk]
    held = Pause.objects.filter(Q(ended_at=None) | Q(ended_at__gte=row.decided_at), started_at__lte=row.decided_at)
    return holding(held.select_related("unit", "started_by"), row)


def _not_in_the_ledger(
    enrollments: list[Enrollment], on: date, today: date, live: dict[int, LiveCampaign]
) -> list[Why]:
    """What falls on the day by the facts of now and has no row: its campaign ended, or it was never planned."""
    answers = []
    rows = ScheduledMessage.objects.filter(enrollment__in=enrollments)
    known = set(rows.values_list("enrollment", "step_key", "occurrence"))
    for enrollment in enrollments:
        campaign = live.get(enrollment.campaign_id)
        if campaign is None or enrollment.campaign.anchor not in FROM_THE_SUBJECT:
            continue
        placed = [
            each
            for each in _falling(enrollment, campaign, on)
            if (enrollment.pk, each.key, each.occurrence) not in known
        ]
        over = enrollment.ends or ("" if enrollment.active else enrollment.ended_reason)  # type: ignore[attr-defined]
        if placed and over:
            sentence = because.ended(_name(enrollment.campaign), Reason(over))
            answers.append(Why(enrollment.campaign, placed[0].key, "not", None, sentence))
        elif not over and on < today:
            answers += [_never(enrollment, each) for each in placed]
    return answers


def _falling(enrollment: Enrollment, live: LiveCampaign, on: date) -> Iterable[Placed]:
    here = local([enrollment.child_id] if enrollment.child_id else [])
    steps = [
        here.timing(timing(step), enrollment.child_id, on) for step in live.steps.values() if applies(step, enrollment)
    ]
    laid = place(
        [step for step in steps if step is not None], enrollment.anchor_date, on, on, occurrence=enrollment.occurrence
    )
    return [each for each in laid if each.due_on == on and each.fate == Fate.DUE]


def _never(enrollment: Enrollment, placed: Placed) -> Why:
    entered = local_day(enrollment.enrolled_at, settings.ZONE)
    late = placed.last_day < entered
    sentence = (
        because.before_entry(placed.due_on, entered, placed.last_day) if late else because.never_planned(placed.due_on)
    )
    return Why(enrollment.campaign, placed.key, "not", None, sentence)


def _nothing(
    person: Person, on: date, coming: Sequence[Coming], enrollments: list[Enrollment], now: datetime
) -> Why:  # fmt: skip
    rows = with_facts(record.of(person).filter(due_on__gt=on), now).filter(Q(ends="") | ~Q(state=State.WAITING))
    found = [(row.due_on, _name(row.campaign)) for row in rows.order_by("due_on", "pk")[:1]]
    later = ((local_day(item.due_at, settings.ZONE), _name(item.campaign)) for item in coming)
    found += [each for each in later if each[0] > on][:1]
    follows = any(each.active and not each.ends for each in enrollments)  # type: ignore[attr-defined]
    upcoming = min(found) if found else None
    return Why(None, "", "not", None, because.nothing(on, upcoming, AHEAD_DAYS, follows))


def _name(campaign: Campaign) -> str:
    """In the language of the moment, else in Vietnamese, else the code."""
    return campaign.name.get(get_language() or "") or str(campaign)
