"""A revision of the database as the records of its campaign file, and such records as rows."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import MISSING, asdict, fields
from typing import Any

from campaigns.content.files import CampaignFile, StepFile, TextFile
from campaigns.models import Campaign, Revision, Step, StepText
from campaigns.schedule.timeline import Offset


def file_of(revision: Revision) -> CampaignFile:
    """The campaign as a file would say it with the steps and texts of this revision."""
    steps = revision.steps.order_by("position", "pk").prefetch_related("texts")
    return campaign_file(revision.campaign, map(step_file, steps))


def campaign_file(campaign: Campaign, steps: Iterable[StepFile]) -> CampaignFile:
    """The campaign as a file would say it with these steps."""
    return CampaignFile(
        code=campaign.code,
        anchor=campaign.anchor,
        topic=campaign.topic,
        message_class=campaign.message_class,
        priority=campaign.priority,
        name=campaign.name,
        description=campaign.description,
        steps=tuple(steps),
    )


def checksum_of(file: CampaignFile) -> str:
    """SHA-256 of what a revision holds: anchor, class, and every field of every step and text.

    A field that came later counts only where it is filled, so that a newer version of the product makes no drafts of
    files that did not change.
    """
    content = {"anchor": file.anchor, "class": file.message_class, "steps": [_held(step) for step in file.steps]}
    return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()


_CAME_LATER = {field.name: field.default for field in fields(StepFile) if field.default is not MISSING}


def _held(step: StepFile) -> dict[str, Any]:
    unused = {name for name, default in _CAME_LATER.items() if getattr(step, name) == default}
    return {name: value for name, value in asdict(step).items() if name not in unused}


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
        goes_first=step.goes_first,
    )


def write(revision: Revision, steps: Iterable[StepFile]) -> None:
    """Steps in their order as the rows of a revision that has none yet, with their texts."""
    steps = list(steps)
    rows = [row_of(revision, position, step) for position, step in enumerate(steps, start=1)]
    Step.objects.bulk_create(rows)
    StepText.objects.bulk_create(text for row, step in zip(rows, steps, strict=True) for text in texts_of(row, step))


def texts_of(row: Step, step: StepFile) -> list[StepText]:
    """The texts of a step of a file as rows that are not saved."""
    return [
        StepText(step=row, language=text.language, body=text.body, discreet_body=text.discreet_body)
        for text in step.texts
    ]


def row_of(revision: Revision, position: int, step: StepFile) -> Step:
    """A step of a file as a row that is not saved."""
    return Step(
        revision=revision,
        key=step.key,
        position=position,
        from_months=step.start.months,
        from_days=step.start.days,
        until_months=step.until.months,
        until_days=step.until.days,
        month_day=step.month_day,
        service=step.service,
        age_from_months=step.age_from.months,
        age_from_days=step.age_from.days,
        age_until_months=step.age_until_months,
        without_mother=step.without_mother,
        goes_first=step.goes_first,
        send_time=step.time,
        role=step.role,
        catch_up=step.catch_up,
        topic=step.topic,
        group=step.group,
        visit_type=step.visit,
        condition=step.condition,
        indicator=step.indicator,
        source=step.source,
        confidence=step.confidence,
    )
