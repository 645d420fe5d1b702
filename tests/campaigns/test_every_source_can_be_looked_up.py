"""A reviewer who reads a code behind a text finds the document; docs/library.md counts what rests on each."""

from campaigns.content import sources
from campaigns.content.files import load_folder
from campaigns.content.library import FOLDER
from campaigns.content.overview import texts_by_source

STEPS = [step for campaign in load_folder(FOLDER) for step in campaign.steps]


def test_each_source_of_the_library_is_named_in_both_languages():
    for step in STEPS:
        for language in ("vi", "en"):
            assert sources.words(step.source, language), f"{step.key}: {step.source}"


def test_no_source_stands_in_the_file_for_nothing():
    assert set(sources.known()) == {step.source for step in STEPS}


def test_where_no_document_was_found_no_step_says_that_a_source_says_it():
    without = {code for code, said in sources.known().items() if "no document yet" in said["en"]}
    assert without
    assert {step.key for step in STEPS if step.source in without and step.confidence == "S"} == set()


def test_a_document_written_out_stands_for_itself():
    assert sources.words("QĐ 776/QĐ-BYT 2017, điều 3", "vi") == ""
    assert sources.words("C1", "km") == sources.words("C1", "en")


def test_the_table_counts_each_step_once():
    rows = [line.split("|") for line in texts_by_source(load_folder(FOLDER)).splitlines()[2:]]
    assert sum(int(cell.strip() or 0) for row in rows for cell in row[3:5]) == len(STEPS)
