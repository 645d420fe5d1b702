"""How hard a text is to read: long sentences and long or learned words."""

import re
from collections.abc import Iterator, Sequence

from campaigns.content.files import CampaignFile
from campaigns.content.lint.findings import Finding, Words, words_of

MOST_IN_A_SENTENCE = {"vi": 28, "en": 26}
"""Vietnamese syllables (each is written as a word) and English words between two stops; a colon is a stop."""
UNMEASURED = 1000
"""For languages that are written without spaces between words."""
LONGEST_ENGLISH_WORD = 13
"""Letters: "breastfeeding" has 13."""
LEARNED = {
    "thai phụ": "phụ nữ mang thai", "sản phụ": "chị", "thai nhi": "thai", "triệu chứng": "dấu hiệu",
    "chẩn đoán": "khám", "tầm soát": "kiểm tra", "phác đồ": "cách dùng", "bệnh lý": "bệnh", "khuyến cáo": "nên",
    "bổ sung dinh dưỡng": "ăn thêm", "tuân thủ": "làm theo", "hấp thu": "dùng được", "nhi khoa": "khám trẻ",
    "can thiệp": "giúp", "tần suất": "mấy lần", "thể trạng": "sức khỏe",
}  # fmt: skip
"""Words of the profession, and what a mother says."""

_STOP = re.compile(r"[.?!:;](?=\s|$)")
_WORD = re.compile(r"\{\w+\}|[\w/-]+")


def sentences(body: str) -> list[list[str]]:
    """The words of each sentence; a placeholder is one word, an amount like "3/4" or "8-12" too."""
    return [found for part in _STOP.split(body) if (found := _WORD.findall(part))]


def check(library: Sequence[CampaignFile]) -> Iterator[Finding]:
    """reading: short sentences, common words."""
    for words in words_of(library):
        yield from _short(words)
        yield from _common(words)


def _short(words: Words) -> Iterator[Finding]:
    most = MOST_IN_A_SENTENCE.get(words.language, UNMEASURED)
    for sentence in sentences(words.body):
        if len(sentence) > most:
            yield words.fault(
                "reading", f'has a sentence of {len(sentence)} words ("{sentence[0]} {sentence[1]}..."). '
                f"Make two of it, {most} at most.",
            )  # fmt: skip


def _common(words: Words) -> Iterator[Finding]:
    if words.language == "vi":
        for learned, common in LEARNED.items():
            if learned in words.lower:
                yield words.fault("reading", f'says "{learned}", a word of the profession. Write "{common}".')
    if words.language == "en":
        long = [word for word in re.findall(r"[^\W\d_]+", words.body) if len(word) > LONGEST_ENGLISH_WORD]
        if long:
            yield words.fault("reading", f'has the long word "{long[0]}". Use a shorter one.')
