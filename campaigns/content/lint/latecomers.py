"""What somebody gets who enters late: the current text of each subject, never a flood."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from campaigns.content.clocks import BIRTH, GESTATION, at_term
from campaigns.content.files import CampaignFile, StepFile
from campaigns.content.lint.findings import Finding, timing_of
from campaigns.schedule.timeline import Fate, place

MOST = {GESTATION: 9, BIRTH: 6}
"""Steps that a mother gets at once beside the welcome: with two in seven days a month of texts, and most in the last
weeks before the birth, where what closes first goes first."""
ENTRIES = {GESTATION: range(5 * 7, 42 * 7), BIRTH: range(0, 5 * 365, 7)}
"""Days after the anchor on which somebody may be registered."""
_TODAY = date(2027, 3, 1)


def check(library: Sequence[CampaignFile]) -> Iterator[Finding]:
    """flood: told once for each anchor, with the day of entry on which most arrives."""
    for anchor, most in MOST.items():
        mine = [campaign for campaign in library if at_term(campaign.anchor) == anchor]
        worst = max(((_arriving(mine, day), day) for day in ENTRIES[anchor]), key=lambda item: len(item[0]))
        steps, day = worst
        if len(steps) > most:
            campaign, step = steps[-1]
            others = ", ".join(other.key for _campaign, other in steps)
            yield Finding(
                campaign.code, step.key, "flood",
                f"Who enters on day {day} of {anchor} gets {len(steps)} texts at once ({others}), and {most} are "
                'enough. Set catch_up = "skip" where it can be missed.',
            )  # fmt: skip


def _arriving(library: Sequence[CampaignFile], days_in: int) -> list[tuple[CampaignFile, StepFile]]:
    arriving = []
    for campaign in library:
        steps = {step.key: step for step in campaign.steps if step.role == "mother" and not step.condition}
        placed = place([timing_of(step) for step in steps.values()], _TODAY - timedelta(days=days_in), _TODAY, _TODAY)
        arriving += [(campaign, steps[each.key]) for each in placed if each.fate in (Fate.CATCH_UP, Fate.DUE)]
    return arriving
