"""What the library holds at a glance: texts by topic and stage, by campaign and reader, by their size on the air."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from campaigns.content.clocks import BIRTH, ENROLLMENT, GESTATION, HAND, VISIT, at_term
from campaigns.content.files import CampaignFile, StepFile
from campaigns.content.lint.findings import words_of
from campaigns.content.sources import known as known_sources
from campaigns.content.sources import words as source_words
from messaging.text.plain import to_plain
from messaging.text.segments import measure

STAGES = (
    "weeks 5-13", "weeks 14-27", "weeks 28-42", "days 0-28", "months 1-5", "months 6-11", "months 12-23",
    "months 24-59", "any",
)  # fmt: skip
"""Where a step falls due; "any" is what is counted from a visit or from registration, or sent by hand."""
TAIL = "x" * 36
"""As many characters as short words on how to stop take; the gateway puts them behind some texts."""
_WEEKS = (14, 28)
_MONTHS = (1, 6, 12, 24)


def stage_of(campaign: CampaignFile, step: StepFile) -> str:
    """The stage in which a step falls due. For days of the year and sessions the age from which they are for."""
    if campaign.anchor in (VISIT, ENROLLMENT, HAND):
        return "any"
    if campaign.anchor == GESTATION:
        return STAGES[sum(step.start.days >= weeks * 7 for weeks in _WEEKS)]
    age = step.start if at_term(campaign.anchor) == BIRTH else step.age_from
    months = age.months + age.days // 29
    return STAGES[3 + sum(months >= limit for limit in _MONTHS)]


def texts_by_source(library: Sequence[CampaignFile]) -> str:
    """A Markdown table: source, what it is, texts that the source itself says, texts of general knowledge."""
    count = Counter((step.source, step.confidence) for campaign in library for step in campaign.steps)
    used = {code for code, _confidence in count}
    codes = [code for code in known_sources() if code in used] + sorted(used - known_sources().keys())
    rows = [
        [f"`{code}`", source_words(code, "en"), *(str(count[code, confidence] or "") for confidence in ("S", "GK"))]
        for code in codes
    ]
    return "\n".join(_table(["source", "what it is", "the source says it", "general knowledge"], rows))


def topics_by_stage(library: Sequence[CampaignFile]) -> str:
    """A Markdown table: topic, texts in each stage, sum; the topics with most texts first."""
    cells = Counter((step.topic, stage_of(campaign, step)) for campaign in library for step in campaign.steps)
    sums = Counter(step.topic for campaign in library for step in campaign.steps)
    rows = [
        [topic, *(str(cells[topic, stage] or "") for stage in STAGES), str(total)]
        for topic, total in sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    ]
    everything = [str(sum(cells[topic, stage] for topic in sums)) for stage in STAGES]
    rows.append(["all", *everything, str(sums.total())])
    return "\n".join(_table(["topic", *STAGES, "all"], rows))


def campaigns_by_reader(library: Sequence[CampaignFile]) -> str:
    """A Markdown table: campaign, what it counts from, its steps for each reader."""
    roles = list(dict.fromkeys(step.role for campaign in library for step in campaign.steps))
    rows = []
    for campaign in library:
        by_role = Counter(step.role for step in campaign.steps)
        name = f"`{campaign.code}`: {campaign.name['en']}"
        rows.append([name, campaign.anchor, *(str(by_role[role] or "") for role in roles), str(len(campaign.steps))])
    return "\n".join(_table(["campaign", "counted from", *(role.replace("_", " ") for role in roles), "all"], rows))


def sizes(library: Sequence[CampaignFile], longest: Mapping[str, str]) -> str:
    """A Markdown table: Vietnamese wordings by their SMS parts with the longest values, alone and with how to stop."""
    counts: Counter[tuple[str, int]] = Counter()
    for words in words_of(library, "vi"):
        text = words.filled(longest)
        for form, body in (
            ("without diacritics", to_plain(text)), ("without diacritics, and how to stop", f"{to_plain(text)} {TAIL}"),
            ("with diacritics", text), ("with diacritics, and how to stop", f"{text} {TAIL}"),
        ):  # fmt: skip
            counts[form, measure(body).segments] += 1
    parts = range(1, max(size for _form, size in counts) + 1)
    rows = [[form, *(str(counts[form, size] or "") for size in parts)] for form in dict.fromkeys(f for f, _ in counts)]
    return "\n".join(_table(["form", *(f"{size} part{'s' if size > 1 else ''}" for size in parts)], rows))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
