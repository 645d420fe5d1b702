"""The live revisions with their steps and texts, read once for a pass."""

from dataclasses import dataclass, field

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

    def for_role(self, role: str) -> list[Step]:
        """The steps that go to one role."""
        return [step for step in self.steps.values() if step.role == role]


def live_campaigns() -> dict[int, LiveCampaign]:
    """Every campaign that has a live revision, by its id; three queries."""
    revisions = Revision.objects.filter(state=Revision.State.LIVE).select_related("campaign")
    found = {revision.pk: LiveCampaign(revision.campaign, revision.pk) for revision in revisions}
    for step in Step.objects.filter(revision__in=found).order_by("position").prefetch_related("texts"):
        found[step.revision_id].steps[step.key] = step
    return {live.campaign.pk: live for live in found.values()}


def timing(step: Step) -> Timing:
    """A step as the timeline understands it."""
    return Timing(
        key=step.key,
        topic=step.topic,
        start=Offset(step.from_months, step.from_days),
        until=Offset(step.until_months, step.until_days),
        catch_up=step.catch_up,
    )


def wording(step: Step, person: Person) -> tuple[str, str] | None:
    """The words of a step for a person and the language they are in, or None where there are none for her."""
    texts = {text.language: text for text in step.texts.all()}
    return rendering.choose(texts, person.language, rendering.needs_discretion(person.discreet, person.phone_holder))
