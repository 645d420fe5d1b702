"""Reads campaign files: TOML in, plain records out, every fault named by file, step and field."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

from campaigns.content import regions
from campaigns.content.clocks import ANCHORS, AT_ONCE, HAND, ROLES, VISIT, check_placeholders, check_reader, read_clock
from campaigns.content.fields import LANGUAGES, PLACEHOLDERS, Fields, LibraryFileError
from campaigns.content.offsets import format_offset, parse_offset
from campaigns.content.rendering import placeholders
from campaigns.schedule.timeline import Offset
from recipients.sentences import _

__all__ = [
    "CampaignFile",
    "LibraryFileError",
    "Offset",
    "SampleValues",
    "StepFile",
    "TextFile",
    "format_offset",
    "load_file",
    "load_folder",
    "load_sample_values",
    "parse_campaign",
    "parse_offset",
    "read_campaign",
    "read_step",
]

SAME = "="
SAMPLE_FILE = "sample_values.toml"
MESSAGE_CLASSES = ("service", "social", "promotional", "emergency")
CATCH_UPS = ("skip", "send_latest", "always")
FLAGS = ("without_mother", "goes_first")
CONDITIONS = ("", "low_birth_weight")
CONFIDENCES = ("S", "GK")

_DEFAULTS = ("topic", "time", "role", "catch_up", "indicator", "confidence")
_CAMPAIGN_KEYS = {"code", "anchor", "message_class", "priority", "name", "description", "step"}
_DAY_KEYS = {"from", "until", "month_day", "service", "age_from", "age_until"}
_STEP_KEYS = {"key", "group", "visit", "condition", "source", *FLAGS} | _DAY_KEYS
_TEXT_KEYS = {key for language in LANGUAGES for key in (language, f"{language}_discreet")}


@dataclass(frozen=True)
class TextFile:
    """One text in one language.

    `discreet_body` is for eyes that should learn nothing; empty when there is none, and then `body` never stands in.
    In a file "=" says that `body` itself gives nothing away, and comes out of here as a copy of it.
    """

    language: str
    body: str
    discreet_body: str


@dataclass(frozen=True)
class StepFile:
    """One step: due on `start`, may be sent to the end of the day `until` (local dates).

    `month_day`, `service` and the ages are those of `clocks.Clock`. `visit`: in a campaign counted from visits the
    only type that it is about, elsewhere the recorded visit that silences its group.
    """

    key: str
    start: Offset
    until: Offset
    time: time
    role: str
    catch_up: str
    group: str
    visit: str
    topic: str
    condition: str
    indicator: str
    source: str
    confidence: str
    texts: tuple[TextFile, ...]
    month_day: str = ""
    service: str = ""
    age_from: Offset = AT_ONCE
    age_until_months: int = 0
    without_mother: bool = False
    goes_first: bool = False

    def text(self, language: str) -> TextFile | None:
        """The text in `language`, or None when the file has none."""
        return next((text for text in self.texts if text.language == language), None)


@dataclass(frozen=True)
class CampaignFile:
    """One campaign as its file says it; names and descriptions by language."""

    code: str
    anchor: str
    topic: str
    message_class: str
    priority: int
    name: Mapping[str, str]
    description: Mapping[str, str]
    steps: tuple[StepFile, ...]


@dataclass(frozen=True)
class SampleValues:
    """Placeholder values: `usual` for a rehearsal, `longest` for measuring the worst case; with words of the region."""

    usual: Mapping[str, str]
    longest: Mapping[str, str]


def load_folder(path: Path) -> list[CampaignFile]:
    """Every campaign of a folder, in the order of priority and code.

    Raises LibraryFileError at the first fault, also when two files carry the same code.
    """
    campaigns: dict[str, CampaignFile] = {}
    for file in sorted(path.glob("*.toml")):
        if file.name == SAMPLE_FILE:
            continue
        campaign = load_file(file)
        if campaign.code in campaigns:
            raise LibraryFileError(f'{file.name}: the code "{campaign.code}" is taken by another file. Choose another.')
        campaigns[campaign.code] = campaign
    return sorted(campaigns.values(), key=lambda campaign: (campaign.priority, campaign.code))


def load_file(path: Path) -> CampaignFile:
    """One campaign from one file. Raises LibraryFileError."""
    return parse_campaign(path.read_text(encoding="utf-8"), path.name)


def load_sample_values(folder: Path, region: str = regions.SOUTH) -> SampleValues:
    """The placeholder values shipped beside the campaigns, for a reader in `region`. Raises LibraryFileError."""
    table = _toml((folder / SAMPLE_FILE).read_text(encoding="utf-8"), SAMPLE_FILE)
    values = {}
    for name in ("usual", "longest"):
        section = table.get(name, {})
        missing = sorted(PLACEHOLDERS - set(section))
        if missing:
            raise LibraryFileError(f'{SAMPLE_FILE}, "{name}": no value for {", ".join(missing)}. Add it.')
        values[name] = {key: str(value) for key, value in section.items()}
    return SampleValues(
        usual={**regions.words(region), **values["usual"]}, longest={**regions.LONGEST, **values["longest"]}
    )


def parse_campaign(content: str, file: str) -> CampaignFile:
    """One campaign from the content of a file called `file`. Raises LibraryFileError."""
    table = _toml(content, file)
    fields = Fields(table, file)
    fields.only(_CAMPAIGN_KEYS | set(_DEFAULTS))
    anchor = fields.choice("anchor", ANCHORS)
    steps: list[StepFile] = []
    for number, raw in enumerate(fields.tables("step"), start=1):
        step = read_step(raw, table, anchor, f'{file}, step "{raw.get("key", number)}"')
        if any(step.key == other.key for other in steps):
            fields.fail(_('the step key "%(value)s" is there twice. Give each step its own key.'), value=step.key)
        steps.append(step)
    return read_campaign(fields, steps)


def read_campaign(fields: Fields, steps: Sequence[StepFile]) -> CampaignFile:
    """What a campaign says of itself, with its steps. Raises LibraryFileError."""
    return CampaignFile(
        code=fields.slug("code"),
        anchor=fields.choice("anchor", ANCHORS),
        topic=fields.slug("topic"),
        message_class=fields.choice("message_class", MESSAGE_CLASSES),
        priority=fields.number("priority"),
        name=fields.by_language("name"),
        description=fields.by_language("description"),
        steps=tuple(steps),
    )


def read_step(raw: Mapping[str, Any], campaign: Mapping[str, Any], anchor: str, where: str) -> StepFile:
    """One step; what it leaves out of the `_DEFAULTS` comes from its campaign. Raises LibraryFileError."""
    defaults = {"role": "mother", "indicator": ""} | ({"catch_up": "skip"} if anchor == HAND else {})
    defaults |= {key: campaign[key] for key in _DEFAULTS if key in campaign}
    fields = Fields(defaults | dict(raw), where)
    fields.only(_STEP_KEYS | set(_DEFAULTS) | _TEXT_KEYS)
    clock = read_clock(fields, anchor)
    role, without_mother = fields.choice("role", ROLES), fields.flag("without_mother")
    check_reader(fields, anchor, role, without_mother)
    group, visit = fields.optional("group"), fields.optional("visit")
    if visit and not group and anchor != VISIT:
        fields.fail(_('"visit" silences a group, and there is no "group". Add it.'), "group")
    condition = fields.optional("condition")
    if condition not in CONDITIONS:
        fields.fail(
            _('"condition" cannot be "%(value)s". Use %(allowed)s; exclusions go by topic.'),
            "condition",
            value=condition,
            allowed=" or ".join(CONDITIONS[1:]),
        )
    return StepFile(
        key=fields.slug("key"),
        start=clock.start,
        until=clock.until,
        time=fields.send_time("time"),
        role=role,
        catch_up=fields.choice("catch_up", CATCH_UPS),
        group=group,
        visit=visit,
        topic=fields.slug("topic"),
        condition=condition,
        indicator=fields.optional("indicator"),
        source=fields.text("source"),
        confidence=fields.choice("confidence", CONFIDENCES),
        texts=_texts(fields, anchor),
        month_day=clock.month_day,
        service=clock.service,
        age_from=clock.age_from,
        age_until_months=clock.age_until_months,
        without_mother=without_mother,
        goes_first=fields.flag("goes_first"),
    )


def _texts(fields: Fields, anchor: str) -> tuple[TextFile, ...]:
    """The texts of a step; Vietnamese is a must, the other languages may wait for their translator."""
    fields.text("vi")
    texts = []
    for language in LANGUAGES:
        body, discreet = fields.body(language), fields.body(f"{language}_discreet")
        check_placeholders(fields, anchor, language, placeholders(body))
        check_placeholders(fields, anchor, f"{language}_discreet", placeholders(discreet))
        if discreet and not body:
            fields.fail(
                _('"%(name)s_discreet" stands without "%(name)s". Add the plain wording.'), language, name=language
            )
        if body:
            texts.append(TextFile(language, body, body if discreet == SAME else discreet))
    return tuple(texts)


def _toml(content: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise LibraryFileError(f"{file}: this is not TOML ({error}). Correct that line.") from error
