"""Discreet words tell a stranger who picks up the phone nothing of her condition."""

import re
from collections.abc import Iterator, Sequence

from campaigns.content.clocks import ENROLLMENT
from campaigns.content.files import CampaignFile
from campaigns.content.lint.findings import Finding, Words, about_a_child, words_of
from messaging.text.plain import to_plain

_PREGNANCY, _CHILDHOOD = "pregnancy", "childhood"
_ALWAYS = frozenset({"thai", "bầu", "con", "bé", "trẻ", "cháu", "sinh", "sanh", "đẻ", "hiv", "giang", "gan"})
SECRETS = {
    _PREGNANCY: _ALWAYS | {"nghén", "ối", "bú", "sữa"},
    _CHILDHOOD: _ALWAYS | {"sản", "dịch"},
}
"""What a stranger is not told. Feeding may be spoken of after a recorded birth, or nothing would be left to say."""
SECRETS_PLAIN = {_PREGNANCY: frozenset({"thai", "con", "bau", "hiv"}), _CHILDHOOD: frozenset({"thai", "bau", "hiv"})}
SECRETS_ENGLISH = {
    _PREGNANCY: re.compile(
        r"pregnan|antenatal|birth|newborn|labour|midwife|due date|week \d|hepatitis|womb|scan|breast|\b(baby|child)"
    ),
    _CHILDHOOD: re.compile(r"pregnan|antenatal|birth|newborn|labour|midwife|womb|hepatitis|discharge|\b(baby|child)"),
}
NAMED = re.compile(
    r"vắc ?xin|tiêm|(?<!muỗi )chích|uốn ván|phòng lao|bại liệt|sởi|viêm não|bạch hầu|ho gà|rubella|\d trong 1"
    r"|viên sắt|đa vi chất|thiếu máu|vitamin|đường huyết"
    r"|vaccin|immunis|tetanus|polio|measles|encephalitis|\btb\b|iron tablet|micronutrient|anaemi|blood sugar"
)
"""Vaccines, remedies and tests that tell of the condition for which they are given."""
TELLS = re.compile(r"sức khỏe|chị|anh|bà|tiêm|khám|chăm|gia đình|health text|mother|family|child|care")
"""What the first text to an unknown phone leaves out beside: who reads it, and what it is about."""


def check(library: Sequence[CampaignFile]) -> Iterator[Finding]:
    """discreet: the condition's words, read with and without diacritics, vaccines and remedies, the mother's name."""
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
    if telling := NAMED.search(words.lower):
        return telling[0]
    if words.language == "vi":
        marked = sorted(SECRETS[subject] & words.words)
        plain = sorted(SECRETS_PLAIN[subject] & set(re.findall(r"\w+", to_plain(words.lower))))
        return (marked or plain or [""])[0]
    english = SECRETS_ENGLISH[subject].search(words.lower)
    return english[0] if english and words.language == "en" else ""
