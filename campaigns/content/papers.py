"""The pages of docs/ that follow from the library: docs/library.md (its tables) and docs/rehearsal.md (whole)."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from campaigns.content import regions
from campaigns.content.clocks import BIRTH, FAMILY, GESTATION, at_term
from campaigns.content.files import CampaignFile, StepFile, load_folder, load_sample_values
from campaigns.content.library import FOLDER
from campaigns.content.lint.findings import written
from campaigns.content.offsets import format_offset
from campaigns.content.overview import campaigns_by_reader, sizes, texts_by_source, topics_by_stage
from campaigns.content.rehearsal import Rehearsed, rehearse
from campaigns.content.rendering import FALLBACK_LANGUAGE, render
from recipients.gestation import age_in_months, gestational_age

LMP, BORN = date(2025, 1, 6), date(2025, 10, 13)
"""A life whose every holiday is in the shipped list; the child is born on the due date."""
NAMES = {"husband": "Nam", "grandmother": "Lan"}
"""Given names of the sample family; the mother's is in the sample values."""
_BEGIN, _END = "<!-- {name}: made by manage.py library_docs -->", "<!-- end of {name} -->"
_INTRO = """# A whole life, rehearsed

Every text that a mother gets from the shipped library, on the day on which her phone would ring: first a pregnancy
registered at its beginning, then a child registered at birth. Sample names, a station with sessions of immunisation and
weighing on the 10th of each month, holidays, sending hours and the limits a day and a week as in a deployment. After it
what husband, grandmother and village health worker get, by the day on which it falls due. The sample family reads the
words of the South; at the end stand the texts that a family in the North reads in other words.

All of it is a draft until a clinical reviewer has approved it. This page is made by `manage.py library_docs`
(`make papers`); do not edit it.
"""


def library_page(page: str, folder: Path = FOLDER) -> str:
    """docs/library.md with its tables made anew; everything between them stays. ValueError without their place."""
    library, longest = load_folder(folder), load_sample_values(folder).longest
    tables = {
        "stages": topics_by_stage(library),
        "campaigns": campaigns_by_reader(library),
        "sizes": sizes(library, longest),
        "sources": texts_by_source(library),
    }
    for name, table in tables.items():
        begin, end = _BEGIN.format(name=name), _END.format(name=name)
        if page.count(begin) != 1 or page.count(end) != 1:
            raise ValueError(f'The page has no place for "{name}". Write the lines {begin} and {end} once each.')
        before, rest = page.split(begin)
        page = f"{before}{begin}\n\n{table}\n\n{end}{rest.split(end)[1]}"
    return page


def rehearsal_page(folder: Path = FOLDER) -> str:
    """docs/rehearsal.md, from the newest revisions. Raises Refusal when no campaign is loaded."""
    pregnancy, childhood = rehearse(GESTATION, LMP, library=folder), rehearse(BIRTH, BORN, library=folder)
    library = load_folder(folder)
    parts = [
        _INTRO,
        f"## Pregnancy: last period {LMP:%d/%m/%Y}, due {BORN:%d/%m/%Y}\n",
        _mothers(pregnancy, GESTATION),
        f"\n## Childhood: born {BORN:%d/%m/%Y}\n",
        _mothers(childhood, BIRTH),
        "\n## Husband, grandmother, village health worker\n",
        _others(library, folder),
        "\n## In the words of the North\n",
        _in_the_north(library, folder),
    ]
    return "\n".join(parts) + "\n"


def _mothers(lines: Sequence[Rehearsed], anchor: str) -> str:
    rows = ["| day | age | text | step |", "|---|---|---|---|"]
    for line in lines:
        age = gestational_age(LMP, line.day) if anchor == GESTATION else f"{age_in_months(BORN, line.day)}m"
        rows.append(f"| {line.day:%d/%m/%Y} {line.moment:%H:%M} | {age} | {line.text} | {line.campaign}/{line.step} |")
    parts = sum(line.segments for line in lines)
    return "\n".join([*rows, "", f"{len(lines)} texts, {parts} parts with diacritics."])


def _others(library: Sequence[CampaignFile], folder: Path) -> str:
    values = dict(load_sample_values(folder).usual)
    rows = ["| reader | from | text | step |", "|---|---|---|---|"]
    steps = [(c, s) for c in library if at_term(c.anchor) in (GESTATION, BIRTH) for s in c.steps if s.role != FAMILY[0]]
    for campaign, step in sorted(steps, key=_turn):
        text = step.text("vi")
        assert text is not None, "Vietnamese is a must"
        since = format_offset(step.start, campaign.anchor)
        when = since if campaign.anchor == GESTATION else f"{since} after birth"
        reader = step.role.replace("_", " ")
        words = render(text.body, values | {"ten": NAMES.get(step.role, "")})
        rows.append(f"| {reader} | {when} | {words} | {campaign.code}/{step.key} |")
    return "\n".join(rows)


def _in_the_north(library: Sequence[CampaignFile], folder: Path) -> str:
    values = load_sample_values(folder, regions.NORTH).usual
    rows = ["| text | step |", "|---|---|"]
    for words in written(library, FALLBACK_LANGUAGE):
        if not words.discreet and len(regions.forms(words.body)) > 1:
            named = dict(values) | {"ten": NAMES.get(words.step.role, values["ten"])}
            rows.append(f"| {render(words.body, named)} | {words.campaign.code}/{words.step.key} |")
    return "\n".join(rows)


def _turn(item: tuple[CampaignFile, StepFile]) -> tuple[str, bool, int, int]:
    campaign, step = item
    return step.role, at_term(campaign.anchor) == BIRTH, step.start.months * 31 + step.start.days, step.start.days
