"""The form of a text: its size on the air, its punctuation, its languages, and values that do not always exist."""

import re
from collections.abc import Iterator, Mapping, Sequence

from campaigns.content.clocks import ENROLLMENT, FAMILY, SESSION
from campaigns.content.files import CampaignFile
from campaigns.content.lint.findings import Finding, Words, words_of
from campaigns.content.targets import indicators
from messaging.text.plain import to_plain
from messaging.text.segments import GSM_7, measure
from messaging.text.tidy import tidy

MOST_PARTS_PLAIN, MOST_PARTS = 1, 2
"""SMS parts without and with diacritics, with the longest values; how to stop is counted apart (docs/library.md)."""
LANGUAGES = WITH_PLAIN_FORM = ("vi", "en")
ENDS = (".", "?", "!", "\u17d4")
"""The last is the Khmer full stop."""
_URGENT = re.compile(r"\bNGAY\b|AT ONCE|ban đêm|at night")
_SUBJECT = {"ngay", "me"}


def check(library: Sequence[CampaignFile], longest: Mapping[str, str]) -> Iterator[Finding]:
    """size, tidy, languages, indicator, placeholders: see `_size`, `_tidy`, `_languages`, `_values`."""
    for words in words_of(library):
        yield from _size(words, longest)
        yield from _tidy(words)
        yield from _values(words)
    named = indicators()
    for campaign in library:
        yield from _languages(campaign)
        yield from _indicators(campaign, named)


def _size(words: Words, longest: Mapping[str, str]) -> Iterator[Finding]:
    """One part of 160 GSM-7 septets without diacritics, two of 67 UCS-2 units with, the longest values put in. Khmer,
    which has no form without, has the two parts alone."""
    text = words.filled(longest)
    plain, full = measure(to_plain(text)), measure(text)
    if words.language in WITH_PLAIN_FORM and (plain.encoding != GSM_7 or plain.segments > MOST_PARTS_PLAIN):
        yield words.fault(
            "size",
            f"takes {plain.units} units and {plain.segments} parts without diacritics ({plain.encoding}) with the "
            "longest names. Shorten it to one part of 160.",
        )
    if full.segments > MOST_PARTS:
        over = full.units - MOST_PARTS * 67
        yield words.fault("size", f"takes {full.segments} parts with the longest names. Shorten it by {over}.")


def _tidy(words: Words) -> Iterator[Finding]:
    if tidy(words.body) != words.body:
        yield words.fault("tidy", "has typographic signs or blanks that cost parts. Write plain signs.")
    if not words.body.endswith(ENDS):
        yield words.fault("tidy", "does not end as a sentence. End it with a full stop.")


def _values(words: Words) -> Iterator[Finding]:
    """Values are known to exist where they stand, and nobody is sent to a telephone that sleeps."""
    if "hotline" in words.placeholders and words.campaign.anchor != ENROLLMENT:
        yield words.fault(
            "placeholders", "promises the hotline, which keeps hours. Write {sdt}, or 115 if it is urgent."
        )
    if {"sdt", "hotline"} & words.placeholders and _URGENT.search(words.body):
        yield words.fault("placeholders", "sends her to a station that sleeps at night. Write 115.")
    if words.campaign.anchor == SESSION and not {"ngay", "coso"} <= words.placeholders:
        yield words.fault("placeholders", "does not say when and where. Write {ngay} and {coso}.")
    staff = words.step.role not in FAMILY
    if staff and "ten" in words.placeholders:
        yield words.fault("placeholders", "calls staff by name. Name the mother with {me} instead.")
    if not staff and "me" in words.placeholders:
        yield words.fault("placeholders", "names the mother to her own family. Take {me} away.")
    if staff and not words.discreet and "me" not in words.placeholders:
        yield words.fault("placeholders", "does not tell staff whom it is about. Write {me}.")


def _languages(campaign: CampaignFile) -> Iterator[Finding]:
    """Vietnamese and English, each with discreet words, and the same subject in both."""
    for step in campaign.steps:
        texts = {text.language: text for text in step.texts}
        for language in LANGUAGES:
            text = texts.get(language)
            if text is None or not text.discreet_body:
                name = language if text is None else f"{language}_discreet"
                yield Finding(
                    campaign.code, step.key, "languages",
                    f'"{name}" is missing, so some phones get nothing. Write it (discreet: "=" if the words give '
                    "nothing away).",
                )  # fmt: skip
        said = [set(re.findall(r"\{(\w+)\}", texts[name].body)) & _SUBJECT for name in LANGUAGES if name in texts]
        if len(said) == 2 and said[0] != said[1]:
            yield Finding(
                campaign.code, step.key, "languages",
                '"vi" and "en" do not name the same day or mother. Use {ngay} and {me} in both or in neither.',
            )  # fmt: skip


def _indicators(campaign: CampaignFile, named: frozenset[str]) -> Iterator[Finding]:
    """The indicator of a step, if it serves one, is one that a plan names (data/plan_targets.csv)."""
    for step in campaign.steps:
        if step.indicator and step.indicator not in named:
            yield Finding(
                campaign.code, step.key, "indicator",
                f'The indicator "{step.indicator}" is in no plan. Use one of {", ".join(sorted(named))}.',
            )  # fmt: skip
