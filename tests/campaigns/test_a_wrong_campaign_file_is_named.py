"""A fault in a campaign file names the file, the step and the field, and says what to write."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.content.files import (
    LibraryFileError,
    Offset,
    format_offset,
    load_folder,
    load_sample_values,
    parse_campaign,
    parse_offset,
)

GOOD = """
code = "sample"
anchor = "gestation"
topic = "anc"
message_class = "service"
priority = 20
name = { vi = "Khám thai", en = "Visits" }
description = { vi = "Nhắc", en = "Reminders" }

[[step]]
key = "first"
from = "6w"
until = "12w6d"
time = "11:45"
catch_up = "skip"
source = "C1"
confidence = "S"
vi = "Chào {ten}."
vi_discreet = "="
"""
SECOND = GOOD[GOOD.index("[[step]]") :]


def test_a_good_file_comes_out_whole() -> None:
    campaign = parse_campaign(GOOD, "sample.toml")
    (step,) = campaign.steps
    assert (campaign.code, campaign.priority, campaign.name["en"]) == ("sample", 20, "Visits")
    assert (step.start, step.until, step.time) == (Offset(0, 42), Offset(0, 90), time(11, 45))
    assert (step.role, step.topic, step.condition, step.group) == ("mother", "anc", "", "")
    assert (step.text("vi").body, step.text("vi").discreet_body, step.text("en")) == (
        "Chào {ten}.",
        "Chào {ten}.",
        None,
    )


def test_without_a_discreet_wording_there_is_none() -> None:
    (step,) = parse_campaign(GOOD.replace('vi_discreet = "="', ""), "sample.toml").steps
    assert step.text("vi").discreet_body == ""


def test_a_step_takes_what_it_leaves_out_from_its_campaign() -> None:
    content = GOOD.replace('time = "11:45"\n', "").replace('topic = "anc"', 'topic = "anc"\ntime = "18:45"')
    assert parse_campaign(content, "sample.toml").steps[0].time == time(18, 45)


@pytest.mark.parametrize(
    ("old", "new", "field", "advice"),
    [
        ('key = "first"\n', "", '"key"', "Write"),
        ('key = "first"', 'key = "First visit"', '"key"', "lower case"),
        ('from = "6w"', 'from = "6weeks"', '"from"', "12w6d"),
        ('from = "6w"', 'from = "6w9d"', '"from"', "a week more"),
        ('from = "6w"', 'from = "1m"', '"from"', "weeks and days"),
        ('from = "6w"', 'from = "13w"', '"until"', "window"),
        ('time = "11:45"', 'time = "21:00"', '"time"', "07:30 to 20:30"),
        ('time = "11:45"', 'time = "11.45"', '"time"', "11:45"),
        ('time = "11:45"', "time = 11:45:00", '"time"', "quotation marks"),
        ('catch_up = "skip"', 'catch_up = "later"', '"catch_up"', "send_latest"),
        ('source = "C1"\n', "", '"source"', "Write"),
        ('source = "C1"', 'source = "C1"\nrole = "uncle"', '"role"', "husband"),
        ('source = "C1"', 'source = "C1"\ncondition = "not:iron"', '"condition"', "low_birth_weight"),
        ('source = "C1"', 'source = "C1"\nvisit = "anc1"', '"visit"', "group"),
        ('source = "C1"', 'source = "C1"\nuntill = "3w"', '"untill"', "Correct"),
        ("{ten}", "{name}", '"vi"', "brand, coso, dauso, hotline, me, ngay, sdt, ten, vien_sat"),
        ("{ten}", "{ten", '"vi"', "{ten}"),
        ("Chào {ten}.", "Chào {ten}. ", '"vi"', "Take them away"),
        ("Chào {ten}.", "Cha\u0300o {ten}.", '"vi"', "NFC"),
        ('vi = "Chào {ten}."\n', "", '"vi"', "Write"),
        ('vi_discreet = "="', 'en_discreet = "Hello."', '"en_discreet"', "Add"),
    ],
)
def test_a_fault_names_file_step_and_field(old: str, new: str, field: str, advice: str) -> None:
    assert old in GOOD
    with pytest.raises(ValueError) as caught:
        parse_campaign(GOOD.replace(old, new), "sample.toml")
    sentence = str(caught.value)
    assert sentence.startswith('sample.toml, step "')
    assert field in sentence
    assert advice in sentence
    assert sentence.endswith((".", "}."))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('code = "sample"\n', "", '"code"'),
        ('anchor = "gestation"', 'anchor = "moon"', '"anchor"'),
        ("priority = 20", 'priority = "high"', '"priority"'),
        ('name = { vi = "Khám thai", en = "Visits" }', 'name = "Visits"', '"name"'),
        (SECOND, "", "[[step]]"),
        (SECOND, SECOND + SECOND, '"first"'),
        ('code = "sample"', "code = sample", "TOML"),
    ],
)
def test_a_fault_of_the_campaign_names_file_and_field(old: str, new: str, field: str) -> None:
    with pytest.raises(LibraryFileError) as caught:
        parse_campaign(GOOD.replace(old, new), "sample.toml")
    assert str(caught.value).startswith("sample.toml: ")
    assert field in str(caught.value)


def test_two_files_cannot_share_a_code(tmp_path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    with pytest.raises(LibraryFileError, match=r"b\.toml.*sample"):
        load_folder(tmp_path)


def test_sample_values_must_be_complete(tmp_path) -> None:
    (tmp_path / "sample_values.toml").write_text('[usual]\nten = "Hoa"\n', encoding="utf-8")
    with pytest.raises(LibraryFileError, match="brand, coso, dauso, hotline, me, ngay, sdt, vien_sat"):
        load_sample_values(tmp_path)


@given(months=st.integers(0, 60), days=st.integers(0, 30))
def test_an_offset_of_age_is_read_back(months: int, days: int) -> None:
    assert parse_offset(format_offset(Offset(months, days))) == Offset(months, days)


@given(days=st.integers(-30, 310))
def test_an_offset_of_gestation_is_read_back(days: int) -> None:
    assert parse_offset(format_offset(Offset(0, days), "gestation")) == Offset(0, days)


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        ("12w6d", Offset(0, 90)),
        ("6w", Offset(0, 42)),
        ("1m20d", Offset(1, 20)),
        ("180d", Offset(0, 180)),
        ("-2d", Offset(0, -2)),
    ],
)
def test_offsets_are_spelt_as_in_the_clinical_table(raw: str, offset: Offset) -> None:
    assert parse_offset(raw) == offset


@pytest.mark.parametrize("raw", ["", "6", "w", "6w7d", "1m31d", "-0d", "-1w", "-", "3d1m", "6 w", "1w2m", "6W"])
def test_other_spellings_are_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r'^".*'):
        parse_offset(raw)
