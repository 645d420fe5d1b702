"""The words: kind, clear without diacritics, read in the South and in the North, no brand, no result of a test."""

import re
from collections.abc import Iterator, Sequence

from campaigns.content import regions
from campaigns.content.files import CampaignFile
from campaigns.content.lint.findings import Finding, Words, words_of, written
from messaging.text.plain import to_plain

UNKIND = re.compile(r"phải|bắt buộc|lỗi|tại chị|chết|tử vong|nguy hiểm|dị tật|[Đđ]ừng|[Cc]ấm|!!")
BRANDS = frozenset(
    {
        "vinamilk", "friso", "similac", "enfa", "enfamil", "abbott", "nestle", "nan", "aptamil", "meiji", "dielac",
        "gold", "milo", "pediasure", "lactogen", "nutifood", "morinaga", "humana", "hipp", "gerber",
    }
)  # fmt: skip
"""Of formula and foods for small children (Decree 100/2014/ND-CP forbids their advertising), compared without
diacritics."""
RESULT = re.compile(r"\bhiv\b|giang mai|dương tính|âm tính|positive|negative|syphilis")
MISREAD = {
    r"\bđừng\b": "dùng (use)",
    r"\bmất\b": "mắt (eye)",
    r"\bđuối\b": "dưới (under)",
    r"\bhóc\b": "học (learn)",
    r"\bbế bé\b": "be be",
    r"\b(bé|chị|mẹ) ngủ\b": "ngu (stupid)",
    r"\b(bé|con|chậm|đà) lớn\b": "a rude word",
    r"\bđủ m[ẹá]\b": "a rude word",
    r"\btrông\b": "trong (inside)",
    r"\bmờ mắt\b": "mở mắt (open your eyes)",
    r"\btiểu\b": "tiêu (loose stools)",
    r"\bchỉ (ra|đi|ăn|uống|cho)\b": "chị (you)",
}
"""Marked words that read otherwise without diacritics."""
MISREAD_PLAIN = {
    r"khong may\b": "không may (unlucky)",
    r"\bvo oi\b": "vợ ơi (oh wife)",
    r"\bra mau\b": "ra mau (come out quickly)",
    r"\btay sung\b": "tay súng (gunman)",
    r"\bcho be tron\b": "cho bé trốn (let the child hide)",
}
"""The same, looked for in the plain form itself, whatever the marks were."""


def check(library: Sequence[CampaignFile]) -> Iterator[Finding]:
    """kind, plain-reading, region (Vietnamese; see content/regions.py); brands, results (every language)."""
    for words in words_of(library):
        if words.language == "vi":
            yield from _kind(words)
            yield from _plain_reading(words)
        yield from _names_nothing(words)
    for words in written(library, "vi"):
        yield from (words.fault("region", sentence) for sentence in regions.loose_words(words.body))


def _kind(words: Words) -> Iterator[Finding]:
    """No order, blame or fear: what to do and what is gained by it."""
    if found := UNKIND.search(words.body):
        yield words.fault("kind", f'says "{found[0]}", which orders, blames or frightens. Say what helps.')


def _plain_reading(words: Words) -> Iterator[Finding]:
    """Read without diacritics, as on an old phone, it means what it meant."""
    plain = to_plain(words.lower)
    found = [(re.search(pattern, words.lower), read) for pattern, read in MISREAD.items()]
    found += [(re.search(pattern, plain), read) for pattern, read in MISREAD_PLAIN.items()]
    for match, read in found:
        if match:
            yield words.fault(
                "plain-reading", f'says "{match[0]}", which without diacritics reads {read}. Use another word.'
            )


def _names_nothing(words: Words) -> Iterator[Finding]:
    plain = set(re.findall(r"\w+", to_plain(words.lower)))
    if brands := sorted(BRANDS & plain):
        yield words.fault("brands", f'names "{brands[0]}", a brand. Take it away.')
    if result := RESULT.search(words.lower):
        yield words.fault("results", f'speaks of "{result[0]}", a result of a test. Take it away.')
