"""The rules of the linter over one revision, and which of them nobody asks for review against."""

from functools import lru_cache

from campaigns.content.files import CampaignFile, SampleValues, load_sample_values
from campaigns.content.library import FOLDER
from campaigns.content.lint.findings import Finding
from campaigns.content.lint.run import lint_campaign

BLOCKING = frozenset(
    {"window", "end", "placeholders", "size", "living-child", "congratulation", "condolence", "without-mother"}
)
"""Rules about safety and about what cannot work: a text that would be lost, empty, cut, or about a child who was not
born. The others are advice, shown to writer and reviewer."""


@lru_cache(maxsize=1)
def samples() -> SampleValues:
    """The invented values with which texts are shown and measured."""
    return load_sample_values(FOLDER)


def findings(file: CampaignFile) -> list[Finding]:
    """What the linter says of a campaign by itself, in the order of its steps.

    Without the rules that need the whole library (how often one person hears from all campaigns together): those are
    `manage.py lint_library`'s.
    """
    places = {step.key: place for place, step in enumerate(file.steps)}
    found = lint_campaign(file, samples().longest)
    return sorted(found, key=lambda fault: (places.get(fault.step, -1), fault.rule not in BLOCKING, fault.rule))


def blocking(file: CampaignFile) -> list[Finding]:
    """The faults with which review is not asked for."""
    return [fault for fault in findings(file) if fault.rule in BLOCKING]
