"""A campaign as one mother's phone would show it: nobody is registered and nothing is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.content.files import load_sample_values
from campaigns.content.library import FOLDER
from campaigns.content.rendering import choose, for_phone, render
from campaigns.models import Campaign, Holiday, Revision, Step
from campaigns.schedule.caps import has_room
from campaigns.schedule.live import timing
from campaigns.schedule.sendtime import Hours, at, is_open, local_day, next_opening
from campaigns.schedule.timeline import Fate, place
from messaging.text.segments import measure
from recipients.errors import Refusal
from recipients.gestation import MAX_GESTATION_DAYS

LIFE = timedelta(days=366 * 6)


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
    """A step of one campaign on the calendar, before the sending hours and the daily limit have had their say."""

    step: Step
    campaign: Campaign
    due_at: datetime
    last_day: date


def rehearse(
    anchor_kind: str,
    anchor: date,
    *,
    registered: date | None = None,
    language: str = "vi",
    script: str = "diacritics",
    library: Path = FOLDER,
) -> list[Rehearsed]:
    """Every text that a mother gets, in the order of day, time, campaign and step.

    - `anchor_kind` "gestation" with the LMP-equivalent gives the campaigns of pregnancy alone: until a birth is
      recorded nothing about a child may be said. "birth" with the date of birth gives those of the child.
    - From the newest revision of each campaign, whatever its state, with the shipped sample values.
    - `registered`: the local day on which she enters, before the sending hours; without it she is there from the
      anchor on. What lies behind her is caught up by each step's policy, as the planner does.
    - Holidays, sending hours, the limits a day and a week and the last day of each step apply as at release, so a
      date here is the day on which her phone would ring.
    - Steps with a condition on the child (low birth weight) are left out: the sample child is healthy. Topic
      exclusions do not apply.
    Raises Refusal when no campaign is loaded.
    """
    revisions = _newest_revisions(anchor_kind)
    registered = registered or anchor
    planned = [item for revision in revisions for item in _plan(revision, anchor, registered)]
    hours = Hours(
        settings.SEND_FROM,
        settings.SEND_UNTIL,
        settings.ZONE,
        frozenset(Holiday.objects.values_list("day", flat=True)),
    )
    end = anchor + timedelta(days=MAX_GESTATION_DAYS) if anchor_kind == Campaign.Anchor.GESTATION else anchor + LIFE
    values = load_sample_values(library).usual
    lines = []
    for item, sent_at in release(planned, at(registered, time.min, settings.ZONE), hours):
        here = sent_at.astimezone(settings.ZONE)
        words = _words(item.step, language, script, values)
        if words is not None and here.date() < end:
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


def release(planned: Sequence[Planned], entry: datetime, hours: Hours) -> list[tuple[Planned, datetime]]:
    """When each planned text would leave, for one person; those whose window closes first are absent.

    The same rules as the release pass: not before `entry`, inside the hours and off holidays, no more than `caps`
    allows, the smallest priority first, then the window that closes first, then the one due first; the rest waits
    for the next opening.
    """
    waiting = [(max(item.due_at, entry), item) for item in planned]
    sent_on: list[date] = []
    sent = []
    while waiting:
        now = min(ready for ready, _item in waiting)
        due = [item for ready, item in waiting if ready == now]
        waiting = [(ready, item) for ready, item in waiting if ready != now]
        today = local_day(now, hours.zone)
        for item in sorted(due, key=_turn):
            if item.last_day < today:
                continue
            if not is_open(now, hours):
                waiting.append((next_opening(now, hours), item))
            elif not has_room(today, sent_on):
                waiting.append((next_opening(at(today, hours.closes, hours.zone), hours), item))
            else:
                sent_on.append(today)
                sent.append((item, now))
    return sent


def _turn(item: Planned) -> tuple[int, date, datetime, int]:
    return item.campaign.priority, item.last_day, item.due_at, item.step.position


def _newest_revisions(anchor_kind: str) -> list[Revision]:
    newest: dict[int, Revision] = {}
    revisions = Revision.objects.filter(campaign__anchor=anchor_kind).select_related("campaign")
    for revision in revisions.order_by("number"):
        newest[revision.campaign_id] = revision
    if not newest:
        raise Refusal("no_campaign", _("No campaign is loaded. Run load_reference first."))
    return list(newest.values())


def _plan(revision: Revision, anchor: date, registered: date) -> list[Planned]:
    rows = revision.steps.filter(role=Step.Role.MOTHER).order_by("position").prefetch_related("texts")
    steps = {step.key: step for step in rows if not step.condition}
    placed = place([timing(step) for step in steps.values()], anchor, registered, registered + LIFE)
    return [
        Planned(
            steps[item.key],
            revision.campaign,
            at(item.due_on, steps[item.key].send_time, settings.ZONE),
            max(item.last_day, item.due_on),
        )
        for item in placed
        if item.fate in (Fate.DUE, Fate.CATCH_UP)
    ]


def _words(step: Step, language: str, script: str, values: Mapping[str, str]) -> tuple[str, str] | None:
    chosen = choose({text.language: text for text in step.texts.all()}, language, discreet=False)
    return (for_phone(render(chosen[0], values), script), chosen[1]) if chosen else None
