"""A campaign back in the words of its file: field by field, as a spreadsheet shows it and a difference names it."""

from campaigns.content.clocks import CALENDAR, HAND, SESSION
from campaigns.content.fields import LANGUAGES
from campaigns.content.files import SAME, CampaignFile, StepFile
from campaigns.content.offsets import format_offset
from campaigns.schedule.timeline import Offset

HEAD = (
    "code", "anchor", "topic", "message_class", "priority",
    *(f"{name}.{language}" for name in ("name", "description") for language in LANGUAGES),
)  # fmt: skip
"""What a campaign says of itself; names and descriptions by language."""
TEXTS = tuple(f"{language}{kind}" for language in LANGUAGES for kind in ("", "_discreet"))
RULES = (
    "from", "until", "month_day", "service", "age_from", "age_until", "time", "role", "catch_up", "topic", "group",
    "visit", "condition", "indicator", "source", "confidence", "without_mother",
)  # fmt: skip
"""Everything else that a step says, beside its key."""
TRUE = "true"


def spell_head(campaign: CampaignFile) -> dict[str, str]:
    """Every field of HEAD; "" where there is nothing (Khmer)."""
    said = {name: str(getattr(campaign, name)) for name in HEAD if "." not in name}
    for name, words in (("name", campaign.name), ("description", campaign.description)):
        said |= {f"{name}.{language}": words.get(language, "") for language in LANGUAGES}
    return {name: said[name] for name in HEAD}


def spell_step(step: StepFile, anchor: str) -> dict[str, str]:
    """Every field of a step, "" where it has none; what is read back from it is the same step.

    A discreet wording equal to the plain one is "=", as in the files.
    """
    said = dict.fromkeys(("key", *RULES, *TEXTS), "")
    plain = ("key", "month_day", "service", "role", "catch_up", "topic", "group", "visit", "condition", "indicator")
    said |= {name: getattr(step, name) for name in (*plain, "source", "confidence")}
    said["time"] = f"{step.time:%H:%M}"
    said["without_mother"] = TRUE if step.without_mother else ""
    if anchor != HAND:
        said |= {"from": format_offset(step.start, anchor), "until": format_offset(step.until, anchor)}
    if anchor in (CALENDAR, SESSION):
        said["age_from"] = format_offset(step.age_from)
        said["age_until"] = format_offset(Offset(step.age_until_months))
    for text in step.texts:
        said[text.language] = text.body
        said[f"{text.language}_discreet"] = SAME if text.discreet_body == text.body else text.discreet_body
    return said
