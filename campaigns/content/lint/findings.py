"""What the linter says of a campaign file, and the texts that it reads, one by one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from campaigns.content import regions
from campaigns.content.clocks import BIRTH, CALENDAR, CORRECTED, HAND, SESSION
from campaigns.content.files import CampaignFile, StepFile
from campaigns.schedule.timeline import Timing

_WORD = re.compile(r"\w+")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CHILD_TOPICS = ("immunisation", "vitamin-a")


@dataclass(frozen=True)
class Finding:
    """One fault: where it is, which rule it breaks, and a sentence: what is wrong, then what to do.

    `file` is the campaign's code, or the name of a file that cannot be read; `step` is empty for a whole file.
    """

    file: str
    step: str
    rule: str
    sentence: str


@dataclass(frozen=True)
class Words:
    """One wording of one step: in a language, plain or discreet."""

    campaign: CampaignFile
    step: StepFile
    language: str
    discreet: bool
    body: str

    @property
    def name(self) -> str:
        """The field of the file: "vi" or "vi_discreet"."""
        return f"{self.language}_discreet" if self.discreet else self.language

    @property
    def lower(self) -> str:
        return self.body.lower()

    @property
    def words(self) -> set[str]:
        """The words (in Vietnamese: syllables) in small letters, placeholders' names included."""
        return set(_WORD.findall(self.lower))

    @property
    def placeholders(self) -> set[str]:
        return set(_PLACEHOLDER.findall(self.body))

    def filled(self, values: Mapping[str, str]) -> str:
        return _PLACEHOLDER.sub(lambda match: values[match[1]], self.body)

    def fault(self, rule: str, sentence: str) -> Finding:
        return Finding(self.campaign.code, self.step.key, rule, f'"{self.name}" {sentence}')


def words_of(library: Sequence[CampaignFile], language: str = "") -> Iterator[Words]:
    """Every wording of every step as phones get it, in the words of each region; of one `language` or of all."""
    for words in written(library, language):
        yield from (replace(words, body=body) for body in regions.forms(words.body).values())


def written(library: Sequence[CampaignFile], language: str = "") -> Iterator[Words]:
    """The same as it stands in the files, words of the regions in braces."""
    for campaign in library:
        for step in campaign.steps:
            for text in step.texts:
                if language in ("", text.language):
                    yield Words(campaign, step, text.language, False, text.body)
                    if text.discreet_body:
                        yield Words(campaign, step, text.language, True, text.discreet_body)


def about_a_child(campaign: CampaignFile, step: StepFile) -> bool:
    """Whether a step is only ever sent when a live birth has been recorded."""
    by_hand = campaign.anchor == HAND and step.topic in _CHILD_TOPICS
    return by_hand or campaign.anchor in (BIRTH, CORRECTED, CALENDAR, SESSION)


def timing_of(step: StepFile) -> Timing:
    """The days of a step, as the timeline wants them."""
    return Timing(
        step.key, step.topic, step.start, step.until, step.catch_up, step.month_day, step.service, step.age_from,
        step.age_until_months,
    )  # fmt: skip
