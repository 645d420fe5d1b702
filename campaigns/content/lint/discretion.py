"""Discreet words tell a stranger who picks up the phone nothing of her condition."""

import re
from collections.abc import Iterator, Sequence

from campaigns.content.clocks import ENROLLMENT
from campaigns.content.files import CampaignFile
from campaigns.content.lint.findings import Finding, Words, about_a_child, words_of
from messaging.text.plain import to_plain

_PREGNANCY, _CHILDHOOD = "pregnancy", "childhood"
SECRETS = {
    _PREGNANCY: frozenset(
        {"thai", "bầu", "nghén", "con", "bé", "sinh", "đẻ", "ối", "hiv", "giang", "gan", "bú", "sữa"}
    ),
    _CHILDHOOD: frozenset({"thai", "bầu", "sinh", "đẻ", "hiv", "giang", "gan", "sản", "dịch"}),
}
"""That there is a child is no secret after a recorded birth; how it was born, and what is hers alone, is."""
SECRETS_PLAIN = {_PREGNANCY: frozenset({"thai", "con", "bau", "hiv"}), _CHILDHOOD: frozenset({"thai", "bau", "hiv"})}
SECRETS_ENGLISH = {
    _PREGNANCY: re.compile(
        r"pregnan|antenatal|birth|baby|newborn|labour|midwife|due date|week \d|hepatitis|womb|scan|breast"
    ),
    _CHILDHOOD: re.compile(r"pregnan|antenatal|birth|newborn|labour|midwife|womb|hepatitis|discharge"),
}
TELLS = re.compile(r"sức khỏe|chị|anh|bà|tiêm|khám|chăm|gia đình|health text|mother|family|child|care")
"""What the first text to an unknown phone leaves out beside: who reads it, and what it is about."""


def check(library: Sequence[CampaignFile]) -> Iterator[Finding]:
    """discreet: the condition's words, read with and without diacritics, and the mother's name."""
    for words in words_of(library):
        if not words.discreet:
            continue
        told = _told(words)
        if told:
            yield words.fault(
                "discreet", f'tells a stranger too much ("{told}"). Say it in words that give nothing away.'
            )


def _told(words: Words) -> str:
    subject = _CHILDHOOD if about_a_child(words.campaign, words.step) else _PREGNANCY
    if "me" in words.placeholders:
        return "{me}"
    if words.campaign.anchor == ENROLLMENT:
        found = TELLS.search(words.body)
        named = sorted(words.placeholders - {"hotline"})
        if found or named:
            return found[0] if found else f"{{{named[0]}}}"
    if words.language == "vi":
        marked = sorted(SECRETS[subject] & words.words)
        plain = sorted(SECRETS_PLAIN[subject] & set(re.findall(r"\w+", to_plain(words.lower))))
        return (marked or plain or [""])[0]
    english = SECRETS_ENGLISH[subject].search(words.lower)
    return english[0] if english and words.language == "en" else ""
