"""A campaign back in the words of its file: as the reader of files takes it, and field by field in letters."""

from typing import Any

from campaigns.content.clocks import CALENDAR, HAND, SESSION
from campaigns.content.fields import LANGUAGES
from campaigns.content.files import FLAGS, SAME, CampaignFile, StepFile
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
    "visit", "condition", "indicator", "source", "confidence", *FLAGS,
)  # fmt: skip
"""Everything else that a step says, beside its key."""
TRUE = "true"
_PLAIN = ("role", "catch_up", "group", "visit", "topic", "condition", "indicator", "source", "confidence")


def table_of(step: StepFile, anchor: str) -> dict[str, Any]:
    """The step as the table of a file that says all for itself; `files.read_step` reads the same step back.

    A field that such a campaign does not have is absent. A discreet wording stands in full.
    """
    table: dict[str, Any] = {"key": step.key, "time": f"{step.time:%H:%M}"}
    table |= {name: getattr(step, name) for name in _PLAIN}
    if anchor != HAND:
        table |= {"from": format_offset(step.start, anchor), "until": format_offset(step.until, anchor)}
    if anchor == CALENDAR:
        table["month_day"] = step.month_day
    if anchor == SESSION:
        table["service"] = step.service
    if anchor in (CALENDAR, SESSION):
        table |= {"age_from": format_offset(step.age_from), "age_until": format_offset(Offset(step.age_until_months))}
    table |= {name: getattr(step, name) for name in FLAGS}
    for text in step.texts:
        table |= {text.language: text.body, f"{text.language}_discreet": text.discreet_body}
    return table


def spell_step(step: StepFile, anchor: str) -> dict[str, str]:
    """Every field of a step in letters, "" where it has none, for spreadsheets, forms and differences.

    A discreet wording equal to the plain one is "=", as in the files.
    """
    said = dict.fromkeys(("key", *RULES, *TEXTS), "") | table_of(step, anchor)
    said |= {name: TRUE if getattr(step, name) else "" for name in FLAGS}
    same = [text.language for text in step.texts if text.discreet_body == text.body]
    return said | {f"{language}_discreet": SAME for language in same}


def spell_head(campaign: CampaignFile) -> dict[str, str]:
    """Every field of HEAD; "" where there is nothing (Khmer)."""
    said = {name: str(getattr(campaign, name)) for name in HEAD if "." not in name}
    for name, words in (("name", campaign.name), ("description", campaign.description)):
        said |= {f"{name}.{language}": words.get(language, "") for language in LANGUAGES}
    return {name: said[name] for name in HEAD}
