"""How long each step stays open: over a holiday, to the hold, to the fifth birthday; ages and groups that fit."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from campaigns.content.clocks import BIRTH, CORRECTED, ENROLLMENT, FAMILY, GESTATION, SESSION, VISIT
from campaigns.content.files import CampaignFile, StepFile
from campaigns.content.lint.findings import Finding
from campaigns.content.offsets import format_offset
from campaigns.schedule.timeline import Offset, due_date
from recipients.gestation import CORRECTED_UNTIL_MONTHS

SHORTEST = 10
"""Days that a step counted from gestation or birth stays open: the lunar New Year is five, and a number or a consent
may be missing for some."""
FIRST_WEEK = 5
ASKS_UNTIL, TELLS_UNTIL = 42 * 7 + 6, 41 * 7 + 6
"""Days of gestation: from 42w0d only questions leave (topic "outcome"), from 43w0d nothing (design D12)."""
QUESTIONS = "outcome"
LAST_MONTH = 60
"""The service ends with the fifth birthday (R04)."""
SHORT_FOR_A_REASON = frozenset({"past-due-date", "ask-for-news-again", "home-visit-village-worker"})
"""The first two end where the pregnancy goes on hold, the third with the first week (C11)."""
_BORN = date(2026, 2, 1)


def check(library: Sequence[CampaignFile]) -> Iterator[Finding]:
    """window, end, ages, group, welcome."""
    for campaign in library:
        for step in campaign.steps:
            yield from _length(campaign, step)
            yield from _end(campaign, step)
            yield from _group(campaign, step)
        yield from _ages(campaign)
        yield from _welcome(campaign)


def _length(campaign: CampaignFile, step: StepFile) -> Iterator[Finding]:
    if campaign.anchor not in (GESTATION, BIRTH, CORRECTED) or step.key in SHORT_FOR_A_REASON:
        return
    days = (due_date(_BORN, step.until) - due_date(_BORN, step.start)).days
    if days < SHORTEST:
        yield _fault(
            campaign, step, "window", f"is open for {days} days, and a holiday may take five. Give it {SHORTEST}."
        )


def _end(campaign: CampaignFile, step: StepFile) -> Iterator[Finding]:
    if campaign.anchor == GESTATION:
        last = ASKS_UNTIL if step.topic == QUESTIONS else TELLS_UNTIL
        if step.until.days > last:
            end = format_offset(Offset(0, last), GESTATION)
            yield _fault(
                campaign, step, "end", f"stays open after {end}, when nothing of its kind leaves. End it there."
            )
        if step.start.days < FIRST_WEEK * 7:
            yield _fault(campaign, step, "end", f"begins before week {FIRST_WEEK}. Nobody is registered so early.")
    if campaign.anchor == CORRECTED and step.start.months >= CORRECTED_UNTIL_MONTHS:
        yield _fault(
            campaign, step, "end", f"goes by corrected age from {CORRECTED_UNTIL_MONTHS}m on, when the plain age "
            "counts. Move it to a campaign of birth.",
        )  # fmt: skip
    if campaign.anchor == BIRTH and due_date(_BORN, step.until) > due_date(_BORN, Offset(LAST_MONTH)):
        yield _fault(campaign, step, "end", "stays open after the fifth birthday. End it before 60m.")


def _group(campaign: CampaignFile, step: StepFile) -> Iterator[Finding]:
    """Reminders of an antenatal visit carry its group, so that the recorded visit silences them."""
    if campaign.anchor == GESTATION and step.topic == "anc" and not step.visit:
        yield _fault(
            campaign, step, "group", 'reminds of a visit and would not stop after it. Give it "group" and "visit".'
        )
    if campaign.anchor != VISIT and bool(step.group) != bool(step.visit):
        yield _fault(campaign, step, "group", 'has a "group" that nothing silences. Add "visit", or take both away.')


def _ages(campaign: CampaignFile) -> Iterator[Finding]:
    """A child is called to one age at a time."""
    if campaign.anchor != SESSION:
        return
    for younger, older in pairwise(campaign.steps):
        if due_date(_BORN, Offset(younger.age_until_months)) > due_date(_BORN, older.age_from):
            yield _fault(
                campaign, older, "ages", f'begins before "{younger.key}" ends. Let "age_from" be its "age_until".'
            )


def _welcome(campaign: CampaignFile) -> Iterator[Finding]:
    """Everybody in the family is welcomed at once and for certain."""
    if campaign.anchor != ENROLLMENT:
        return
    missing = sorted(set(FAMILY) - {step.role for step in campaign.steps})
    if missing:
        yield Finding(campaign.code, "", "welcome", f'has no words for "{missing[0]}". Add a step for that role.')
    for step in campaign.steps:
        if (step.start, step.catch_up) != (Offset(), "always"):
            yield _fault(
                campaign, step, "welcome", 'may come late or not at all. Write from = "0d", catch_up = "always".'
            )


def _fault(campaign: CampaignFile, step: StepFile, rule: str, sentence: str) -> Finding:
    return Finding(campaign.code, step.key, rule, f"The step {sentence}")
