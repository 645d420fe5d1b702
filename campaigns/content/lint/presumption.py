"""What a text takes for granted: a living child, an earlier dose or visit, a mother who lives and breastfeeds."""

import re
from collections.abc import Iterator, Sequence

from campaigns.content.clocks import BIRTH, HAND, VISIT
from campaigns.content.files import CampaignFile
from campaigns.content.lint.findings import Finding, Words, about_a_child, words_of

CHILD = frozenset({"con", "bé", "cháu", "chúc", "mừng"})
KICKS = "Con đạp"
"""The one use of "con" before a birth: movement is asked for in the words that women use."""
CONGRATULATION = re.compile(r"chúc mừng|congratulat")
CONDOLENCE = re.compile(r"chia buồn|condolence|sorry for|thoughts are with")
COUNTED = re.compile(r"khám (thai )?lần \d|mũi \d|\blần \d|(visit|dose) (number )?\d")
EARLIER = re.compile(r"tiếp tục|lần trước|đã tiêm|đã uống|như đã|cân đo lại|có hẹn|tái khám|as before|last time")
MOTHER = frozenset({"mẹ", "chị", "sữa", "bú", "vợ"})
MOTHER_ENGLISH = re.compile(r"mother|breast|wife|\b(she|her)\b")
MILK = re.compile(r"\bbú\b|sữa")


def check(library: Sequence[CampaignFile]) -> Iterator[Finding]:
    """living-child, congratulation, condolence, counted, earlier-service, without-mother, excluded-topics."""
    for words in words_of(library):
        yield from _child(words)
        yield from _earlier(words)
        yield from _mother(words)
        if words.language == "vi" and not words.discreet:
            yield from _topics(words)


def _child(words: Words) -> Iterator[Finding]:
    """Before a recorded live birth no word presumes one; a condolence is sent by hand only (design D12)."""
    if words.language == "vi" and not about_a_child(words.campaign, words.step):
        said = sorted(CHILD & set(re.findall(r"\w+", words.body.replace(KICKS, "").lower())))
        if said:
            yield words.fault("living-child", f'says "{said[0]}" before a birth is recorded. Say it without a child.')
    if CONGRATULATION.search(words.lower) and words.campaign.anchor != BIRTH:
        yield words.fault("congratulation", "congratulates without a recorded birth. Take it away.")
    if CONDOLENCE.search(words.lower) and words.campaign.anchor != HAND:
        yield words.fault("condolence", "is a condolence and would go by itself. Move it to a campaign sent by hand.")


def _earlier(words: Words) -> Iterator[Finding]:
    """No visit or dose is numbered, and none presumed: she may have come late, or nobody wrote it down."""
    if found := COUNTED.search(words.lower):
        yield words.fault(
            "counted", f'counts ("{found[0]}"), and a late entrant had other ones. Say it without a number.'
        )
    if words.campaign.anchor != VISIT and (found := EARLIER.search(words.lower)):
        yield words.fault(
            "earlier-service", f'presumes an earlier service ("{found[0]}"). Say it so that it always holds.'
        )


def _mother(words: Words) -> Iterator[Finding]:
    """What goes on after her death names neither her nor breastfeeding."""
    if not words.step.without_mother:
        return
    said = sorted(MOTHER & words.words) if words.language == "vi" else MOTHER_ENGLISH.findall(words.lower)
    if said or "me" in words.placeholders:
        yield words.fault("without-mother", "names the mother and would go on after her death. Speak of the family.")


def _topics(words: Words) -> Iterator[Finding]:
    """Texts about what some women are marked with carry its topic, so that the mark keeps them away."""
    if MILK.search(words.lower) and words.step.topic not in ("breastfeeding", "danger-signs"):
        yield words.fault("excluded-topics", 'speaks of feeding. Set topic = "breastfeeding", which some do not get.')
    if "viên sắt" in words.lower and words.step.topic != "iron":
        yield words.fault("excluded-topics", 'speaks of iron tablets. Set topic = "iron", which some do not get.')
