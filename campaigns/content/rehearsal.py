"""A campaign as one mother's phone would show it: nobody is registered and nothing is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.content import regions
from campaigns.content.files import load_sample_values
from campaigns.content.library import FOLDER
from campaigns.content.parameters import day_and_month, session_day
from campaigns.content.rendering import choose, for_phone, render
from campaigns.models import Campaign, Holiday, Revision, Step
from campaigns.schedule.caps import has_room
from campaigns.schedule.duetime import Clock
from campaigns.schedule.facts import hours_of
from campaigns.schedule.gates import QUESTIONS, QUESTIONS_FROM
from campaigns.schedule.live import timing
from campaigns.schedule.room import rank
from campaigns.schedule.sendtime import Hours, at, is_open, local_day, next_opening
from campaigns.schedule.timeline import Fate, place
from messaging.models import MessageClass
from messaging.text.segments import measure
from recipients.errors import Refusal
from recipients.gestation import MAX_GESTATION_DAYS
from recipients.models import Session

LIFE = timedelta(days=366 * 6)
SAMPLE_SESSION_DAY = 10
SAMPLE_SERVICES = (Session.Service.IMMUNISATION, Session.Service.GROWTH)
"""The sample station holds these on this day of each month; its vitamin A is given in the rounds of June and December.
A station that lists vitamin A days as well would invite twice."""
Anchor = Campaign.Anchor
KINDS = {
    Anchor.GESTATION: (Anchor.GESTATION, Anchor.ENROLLMENT),
    Anchor.BIRTH: (Anchor.BIRTH, Anchor.CORRECTED, Anchor.CALENDAR, Anchor.SESSION, Anchor.ENROLLMENT),
}
"""Which campaigns a rehearsal shows: those of the pregnancy or those of the child, and the welcome."""


@dataclass(frozen=True)
class Rehearsed:
    """One text on the phone; `day` and `moment` are local."""

    day: date
    moment: time
    campaign: str
    step: str
    text: str
    encoding: str
    segments: int
    language: str
    """Of the text: not the one asked for where the step has no words in that."""

    def as_json(self) -> dict[str, Any]:
        when = {"date": self.day.isoformat(), "time": f"{self.moment:%H:%M}"}
        return when | {key: value for key, value in asdict(self).items() if key not in ("day", "moment", "language")}


@dataclass(frozen=True)
class Planned:
    """A step of one campaign on the calendar, before the sending hours and the daily limit have had their say.

    `values`: what belongs to this occasion alone (the day of a session).
    """

    step: Step
    campaign: Campaign
    due_at: datetime
    last_day: date
    values: Mapping[str, str] = field(default_factory=dict)


def rehearse(
    anchor_kind: str,
    anchor: date,
    *,
    registered: date | None = None,
    language: str = "vi",
    script: str = "diacritics",
    region: str = regions.SOUTH,
    library: Path = FOLDER,
) -> list[Rehearsed]:
    """Every text that a mother gets, in the order of day, time, campaign and step.

    - `anchor_kind` "gestation" with the LMP-equivalent gives the campaigns of pregnancy: until a birth is recorded
      nothing about a child may be said. "birth" with the date of birth gives those of the child, by age, by the
      calendar and by the sessions of the sample station, on the 10th of each month. Both begin with the welcome.
    - From the newest revision of each campaign that nobody has discarded, with the shipped sample values and the words
      of `region`.
    - `registered`: the local day on which she enters, before the sending hours; without it she is there from the
      anchor on. What lies behind her is caught up by each step's policy, as the planner does.
    - What would expire inside a holiday goes earlier. Holidays, sending hours, the limits a day and a week and the
      last day of each step apply as at release, so a date here is the day on which her phone would ring; on it her
      own minute (SPREAD_MINUTES) comes after the time shown.
    - Steps with a condition on the child (low birth weight) are left out: the sample child is healthy, and born at
      term. Topic exclusions do not apply.
    Raises Refusal when no campaign is loaded.
    """
    revisions = _newest_revisions(anchor_kind)
    registered = registered or anchor
    holidays = frozenset(Holiday.objects.values_list("day", flat=True))
    hours = {name: hours_of(name, holidays) for name in MessageClass.values}
    planned = [item for revision in revisions for item in _plan(revision, anchor, registered, holidays)]
    values = load_sample_values(library, region).usual
    lines = []
    for item, sent_at in release(planned, at(registered, time.min, settings.ZONE), hours):
        here = sent_at.astimezone(settings.ZONE)
        words = _words(item.step, language, script, {**values, **item.values})
        if words is not None:
            text, spoken = words
            size = measure(text)
            lines.append(
                Rehearsed(
                    here.date(),
                    here.time(),
                    item.campaign.code,
                    item.step.key,
                    text,
                    size.encoding,
                    size.segments,
                    spoken,
                )
            )
    return sorted(lines, key=lambda line: (line.day, line.moment, line.campaign, line.step))


def release(planned: Sequence[Planned], entry: datetime, hours: Mapping[str, Hours]) -> list[tuple[Planned, datetime]]:
    """When each planned text would leave, for one person; those whose window closes first are absent.

    The same rules as the release pass: not before `entry`, inside the `hours` of its class and off holidays, no more
    than `caps` allows, by class, then the smallest priority first, then what goes first in its campaign, then the
    window that closes first, then the one due first; the rest waits for the next opening. Today's room is kept for what
    falls due later today, goes before and cannot wait as long (`schedule.room`).
    """
    waiting = [(max(item.due_at, entry), item) for item in planned]
    sent_on: list[date] = []
    sent = []
    while waiting:
        now = min(ready for ready, _item in waiting)
        due = [item for ready, item in waiting if ready == now]
        waiting = [(ready, item) for ready, item in waiting if ready != now]
        today = local_day(now, settings.ZONE)
        for item in sorted(due, key=_turn):
            theirs = hours[item.campaign.message_class]
            if item.last_day < today:
                continue
            if not is_open(now, theirs):
                waiting.append((next_opening(now, theirs), item))
            elif not has_room(today, sent_on) or _kept(item, waiting, now, today):
                tomorrow = at(today + timedelta(days=1), time.min, settings.ZONE)
                waiting.append((next_opening(tomorrow, theirs), item))
            else:
                sent_on.append(today)
                sent.append((item, now))
    return sent


def _turn(item: Planned) -> tuple[object, ...]:
    return *rank(item.campaign, item.step), item.last_day, item.due_at, item.step.position


def _kept(item: Planned, waiting: Sequence[tuple[datetime, Planned]], now: datetime, today: date) -> bool:
    return item.last_day > today and any(
        now < ready == other.due_at
        and local_day(ready, settings.ZONE) == today
        and rank(other.campaign, other.step) < rank(item.campaign, item.step)
        and other.last_day < item.last_day
        for ready, other in waiting
    )


def _newest_revisions(anchor_kind: str) -> list[Revision]:
    newest: dict[int, Revision] = {}
    revisions = Revision.objects.filter(campaign__anchor__in=KINDS[Anchor(anchor_kind)]).select_related("campaign")
    for revision in revisions.exclude(state=Revision.State.DISCARDED).order_by("number"):
        newest[revision.campaign_id] = revision
    if not newest:
        raise Refusal("no_campaign", _("No campaign is loaded. Run load_reference first."))
    return list(newest.values())


def _plan(revision: Revision, anchor: date, registered: date, holidays: frozenset[date]) -> list[Planned]:
    campaign = revision.campaign
    day_zero = registered if campaign.anchor == Anchor.ENROLLMENT else anchor
    rows = revision.steps.filter(role=Step.Role.MOTHER).order_by("position").prefetch_related("texts")
    steps = {step.key: step for step in rows if not step.condition}
    timings = [timing(step) for step in steps.values()]
    placed = place(timings, day_zero, registered, registered + LIFE, sessions=_sample_sessions(anchor))
    clock = Clock(holidays, registered + LIFE)
    planned = []
    for item in placed:
        if item.fate not in (Fate.DUE, Fate.CATCH_UP):
            continue
        step = steps[item.key]
        due_at = clock.moment(item.due_on, item.last_day, step, campaign.message_class, preferred=False)
        own = {"ngay": day_and_month(session_day(step, item.due_on))} if step.service else {}
        last_day = min(item.last_day, _last_day(step, campaign.anchor, anchor))
        planned.append(Planned(step, campaign, due_at, last_day, own))
    return planned


def _last_day(step: Step, anchor_kind: str, anchor: date) -> date:
    """The last day on which nothing but the step's own window holds it: the questions of a pregnancy go until it is
    held, its other texts until the questions begin."""
    if anchor_kind != Anchor.GESTATION:
        return anchor + LIFE
    days = MAX_GESTATION_DAYS if step.topic == QUESTIONS else QUESTIONS_FROM
    return anchor + timedelta(days=days - 1)


def _sample_sessions(anchor: date) -> dict[str, list[date]]:
    first = anchor.year * 12 + anchor.month - 1
    months = range(first, first + 12 * (LIFE.days // 365 + 1))
    days = [date(month // 12, month % 12 + 1, SAMPLE_SESSION_DAY) for month in months]
    return dict.fromkeys((service.value for service in SAMPLE_SERVICES), days)


def _words(step: Step, language: str, script: str, values: Mapping[str, str]) -> tuple[str, str] | None:
    chosen = choose({text.language: text for text in step.texts.all()}, language, discreet=False)
    return (for_phone(render(chosen[0], values), script), chosen[1]) if chosen else None
