"""The live revisions with their steps and texts, read once for a pass."""

from dataclasses import dataclass, field
from functools import lru_cache

from campaigns.content import rendering
from campaigns.models import Campaign, Revision, Step
from campaigns.schedule.timeline import Offset, Timing
from recipients.models import Person


@dataclass(frozen=True)
class LiveCampaign:
    """A campaign as it is sent today. `steps` by key, in the order of the timeline."""

    campaign: Campaign
    revision_id: int
    steps: dict[str, Step] = field(default_factory=dict)


def live_campaigns() -> dict[int, LiveCampaign]:
    """Every campaign that has a live revision, by its id; one query once their steps are known."""
    revisions = Revision.objects.filter(state=Revision.State.LIVE).select_related("campaign")
    return {
        revision.campaign_id: LiveCampaign(revision.campaign, revision.pk, steps_of(revision.pk))
        for revision in revisions
    }


@lru_cache(maxsize=256)
def steps_of(revision_id: int) -> dict[str, Step]:
    """The steps of a revision by key, with their texts. Kept, since what is live never changes (the database sees
    to that); so only of revisions that are or were live."""
    steps = Step.objects.filter(revision=revision_id).order_by("position").prefetch_related("texts")
    return {step.key: step for step in steps}


def timing(step: Step) -> Timing:
    """A step as the timeline understands it."""
    return Timing(
        key=step.key,
        topic=step.topic,
        start=Offset(step.from_months, step.from_days),
        until=Offset(step.until_months, step.until_days),
        catch_up=step.catch_up,
        month_day=step.month_day,
        service=step.service,
        age_from=Offset(step.age_from_months, step.age_from_days),
        age_until_months=step.age_until_months,
    )


def wording(step: Step, person: Person, discreet: bool = False) -> tuple[str, str] | None:
    """The words of a step for a person and the language they are in, or None where there are none for her. They are
    the discreet ones where others read the phone, where she asks for it, and where `discreet` says so."""
    quiet = discreet or rendering.needs_discretion(person.discreet, person.phone_holder)
    return said(step, person.language, quiet)


def said(step: Step, language: str, quiet: bool) -> tuple[str, str] | None:
    """The same for a reader of whom only this is known."""
    return rendering.choose({text.language: text for text in step.texts.all()}, language, quiet)
