"""A revision of the database as the records of its campaign file, and as the table that the reader of files takes."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from campaigns.content.clocks import CALENDAR, HAND, SESSION
from campaigns.content.files import CampaignFile, StepFile, TextFile, format_offset
from campaigns.content.library import checksum_of
from campaigns.models import Revision, Step
from campaigns.schedule.timeline import Offset

_PLAIN = ("role", "catch_up", "group", "visit", "topic", "condition", "indicator", "source", "confidence")


def file_of(revision: Revision) -> CampaignFile:
    """The campaign as a file would say it with the steps and texts of this revision."""
    campaign = revision.campaign
    steps = revision.steps.order_by("position", "pk").prefetch_related("texts")
    return CampaignFile(
        code=campaign.code,
        anchor=campaign.anchor,
        topic=campaign.topic,
        message_class=campaign.message_class,
        priority=campaign.priority,
        name=campaign.name,
        description=campaign.description,
        steps=tuple(step_file(step) for step in steps),
    )


def fingerprint(file: CampaignFile) -> str:
    """Changes with every word and every field: tells whether somebody speaks of what she has read."""
    return checksum_of(file)[:16]


def fingerprint_of(step: StepFile) -> str:
    """The same of one step: what an editor hands back, to show with what she began."""
    return hashlib.sha256(json.dumps(asdict(step), default=str, sort_keys=True).encode()).hexdigest()[:16]


def step_file(step: Step) -> StepFile:
    """One row with its texts as the reader of files would give it."""
    texts = sorted(step.texts.all(), key=lambda text: text.pk)
    return StepFile(
        key=step.key,
        start=Offset(step.from_months, step.from_days),
        until=Offset(step.until_months, step.until_days),
        time=step.send_time,
        role=step.role,
        catch_up=step.catch_up,
        group=step.group,
        visit=step.visit_type,
        topic=step.topic,
        condition=step.condition,
        indicator=step.indicator,
        source=step.source,
        confidence=step.confidence,
        texts=tuple(TextFile(text.language, text.body, text.discreet_body) for text in texts),
        month_day=step.month_day,
        service=step.service,
        age_from=Offset(step.age_from_months, step.age_from_days),
        age_until_months=step.age_until_months,
        without_mother=step.without_mother,
    )


def table_of(step: StepFile, anchor: str) -> dict[str, Any]:
    """The step as the table of a file that says all for itself; `files.read_step` reads the same step back."""
    table: dict[str, Any] = {"key": step.key, "time": f"{step.time:%H:%M}"}
    table |= {name: getattr(step, name) for name in _PLAIN}
    if anchor != HAND:
        table |= {"from": format_offset(step.start, anchor), "until": format_offset(step.until, anchor)}
    if anchor == CALENDAR:
        table["month_day"] = step.month_day
    if anchor == SESSION:
        table["service"] = step.service
    if anchor in (CALENDAR, SESSION):
        table |= {"age_from": format_offset(step.age_from), "age_until": f"{step.age_until_months}m"}
    table["without_mother"] = step.without_mother
    for text in step.texts:
        table |= {text.language: text.body, f"{text.language}_discreet": text.discreet_body}
    return table
