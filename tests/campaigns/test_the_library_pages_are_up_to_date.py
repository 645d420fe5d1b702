"""docs/library.md and docs/rehearsal.md say what the library says, and name nothing that is not there."""

import re
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from campaigns.content import library
from campaigns.content.files import load_folder
from campaigns.content.library import FOLDER
from campaigns.content.lint.findings import words_of
from campaigns.content.overview import STAGES, stage_of, topics_by_stage
from campaigns.content.papers import library_page
from campaigns.management.commands import library_docs
from campaigns.models import Step
from campaigns.reference import load_holidays

PAGE = library_docs.DOCS / "library.md"


@pytest.fixture
def loaded(db, now):
    library.load(now)
    load_holidays()


@pytest.fixture
def pages(loaded, tmp_path, monkeypatch):
    """A copy of the pages, which the command may write."""
    for name in ("library.md", "rehearsal.md"):
        shutil.copy(library_docs.DOCS / name, tmp_path)
    monkeypatch.setattr(library_docs, "DOCS", tmp_path)
    return tmp_path


def test_the_pages_are_what_the_library_says(loaded, capsys):
    call_command("library_docs", "--check")
    assert capsys.readouterr().out == "Up to date.\n"


@pytest.mark.parametrize("name", ["library.md", "rehearsal.md"])
def test_a_page_that_was_changed_is_named_and_made_anew(pages, capsys, name):
    page = (pages / name).read_text()
    (pages / name).write_text(re.sub(r"\| .*danger-signs.* \|", "| forged |", page, count=1))
    with pytest.raises(CommandError, match=f"^{re.escape(name)}: not what the library says"):
        call_command("library_docs", "--check")
    call_command("library_docs")
    assert capsys.readouterr().out == f"Written: {name}.\n"
    assert (pages / name).read_text() == page


def test_what_people_wrote_between_the_tables_stays(pages):
    (pages / "library.md").write_text((pages / "library.md").read_text() + "\nA remark.\n")
    call_command("library_docs")
    assert (pages / "library.md").read_text().endswith("\nA remark.\n")


def test_a_page_without_a_place_for_a_table_is_refused(pages):
    (pages / "library.md").write_text("# Nothing\n")
    with pytest.raises(CommandError, match="no place for"):
        call_command("library_docs")


def test_without_a_library_there_is_a_sentence(db):
    with pytest.raises(CommandError, match="load_reference"):
        call_command("library_docs", "--check")


def test_every_campaign_and_step_that_the_page_names_is_there():
    steps = {f"{campaign.code}/{step.key}" for campaign in load_folder(FOLDER) for step in campaign.steps}
    codes = {step.split("/")[0] for step in steps}
    requirements = PAGE.read_text().split("## Where the plans' requirements are met")[1]
    named = re.findall(r"`([a-z0-9-]+(?:/[a-z0-9-]+)?)`", requirements)
    assert len(named) > 80
    assert [name for name in named if name not in steps | codes] == []


def test_every_requirement_on_content_has_a_row():
    rows = set(re.findall(r"^\| (R\d\d) ", PAGE.read_text(), re.MULTILINE))
    assert rows == {"R02", "R03", "R04", "R05", "R06", "R08", "R09", "R10", "R19", "R22"}


def test_every_step_stands_in_one_stage_and_the_table_counts_it():
    campaigns = load_folder(FOLDER)
    assert {stage_of(campaign, step) for campaign in campaigns for step in campaign.steps} == set(STAGES)
    last = topics_by_stage(campaigns).splitlines()[-1].strip("| ").split(" | ")
    numbers = [int(number) for number in last[1:]]
    assert numbers[-1] == sum(numbers[:-1]) == sum(len(campaign.steps) for campaign in campaigns)


def test_a_new_step_changes_the_tables(tmp_path: Path):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    steps = (tmp_path / "loss.toml").read_text().split("[[step]]")
    (tmp_path / "loss.toml").write_text("[[step]]".join([*steps, steps[1].replace('"condolence"', '"second"')]))
    page = PAGE.read_text()
    assert library_page(page) == page
    assert library_page(page, tmp_path) != page


def test_the_rehearsal_shows_every_text_for_a_mother_of_a_healthy_child(loaded):
    shown = set(
        re.findall(r"\| ([a-z0-9-]+/[a-z0-9-]+) \|$", (library_docs.DOCS / "rehearsal.md").read_text(), re.MULTILINE)
    )
    family = {
        f"{words.campaign.code}/{words.step.key}"
        for words in words_of(load_folder(FOLDER))
        if words.campaign.anchor in ("gestation", "birth") and not words.step.condition
    }
    assert family - shown == set()
    sessions = {step for step in shown if step.startswith("immunisation-days/")}
    assert len(sessions) == 8, "nothing takes the room of a day of immunisation"
    assert Step.objects.exclude(condition="").count() == 3
