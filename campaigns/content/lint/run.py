"""All rules over a folder of campaign files, and the faults in the order of the files."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from campaigns.content.files import SAMPLE_FILE, CampaignFile, LibraryFileError, load_file, load_sample_values
from campaigns.content.lint import discretion, form, latecomers, presumption, reading, rhythm, windows, wording
from campaigns.content.lint.findings import Finding


def lint(folder: Path) -> list[Finding]:
    """Every fault of the campaigns in `folder`; none when they are sound.

    - format: a file that cannot be read, with the sentence of its reader; the other files are looked at all the same.
    - names: the file is called as its campaign, and no code and no step key stands twice in the library.
    - the rules of `form`, `wording`, `reading`, `presumption`, `discretion`, `windows`, `rhythm` and `latecomers`,
      each said there.
    Raises LibraryFileError when the sample values are missing or wrong: nothing can be measured without them.
    """
    longest = load_sample_values(folder).longest
    library: list[CampaignFile] = []
    findings: list[Finding] = []
    for file in sorted(folder.glob("*.toml")):
        if file.name == SAMPLE_FILE:
            continue
        try:
            campaign = load_file(file)
        except LibraryFileError as error:
            findings.append(Finding(file.name, "", "format", str(error)))
            continue
        if campaign.code != file.stem:
            findings.append(
                Finding(file.name, "", "names", f'The campaign is called "{campaign.code}". Name the file like it.')
            )
        library.append(campaign)
    findings.extend(_twice(library))
    for room in (rhythm, latecomers):
        findings.extend(room.check(library))
    return _in_order([*findings, *_alone(library, longest)])


def lint_campaign(campaign: CampaignFile, longest: Mapping[str, str]) -> list[Finding]:
    """The faults of one campaign that can be seen without the others: not those of `rhythm` and `latecomers`."""
    return _in_order([*_twice([campaign]), *_alone([campaign], longest)])


def _alone(library: list[CampaignFile], longest: Mapping[str, str]) -> Iterator[Finding]:
    for room in (wording, reading, presumption, discretion, windows):
        yield from room.check(library)
    yield from form.check(library, longest)


def _in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(set(findings), key=lambda item: (item.file, item.step, item.rule))


def _twice(library: list[CampaignFile]) -> Iterator[Finding]:
    codes = Counter(campaign.code for campaign in library)
    keys = Counter(step.key for campaign in library for step in campaign.steps)
    for campaign in library:
        if codes[campaign.code] > 1:
            yield Finding(campaign.code, "", "names", "Two files have this code. Give one of them another.")
        for step in campaign.steps:
            if keys[step.key] > 1:
                yield Finding(campaign.code, step.key, "names", "Two steps have this key. Give one of them another.")
