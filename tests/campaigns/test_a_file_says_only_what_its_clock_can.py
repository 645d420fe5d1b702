"""A campaign file with days, ages or readers that do not go with its anchor is refused, with what to write instead."""

import pytest

from campaigns.content.files import LibraryFileError, Offset, StepFile, parse_campaign

FILE = """
code = "sample"
anchor = "{anchor}"
topic = "sample"
message_class = "service"
priority = 20
name = {{ vi = "Thử", en = "Trial" }}
description = {{ vi = "Thử", en = "Trial" }}

[[step]]
key = "first"
{days}
time = "11:45"
{catch_up}
source = "C1"
confidence = "S"
vi = "Chào {{ten}}."
"""
AROUND = 'from = "-2d"\nuntil = "1d"'
AGES = 'age_from = "6m"\nage_until = "36m"'
DAYS = {
    "gestation": 'from = "6w"\nuntil = "12w6d"',
    "birth": 'from = "1m20d"\nuntil = "3m"',
    "visit": AROUND,
    "calendar": f'{AROUND}\nmonth_day = "06-01"\n{AGES}',
    "session": f'{AROUND}\nservice = "immunisation"\n{AGES}',
    "enrollment": 'from = "0d"\nuntil = "60d"',
    "hand": "",
}


def parse(anchor: str, *changes: tuple[str, str]) -> StepFile:
    content = FILE.format(anchor=anchor, days=DAYS[anchor], catch_up="" if anchor == "hand" else 'catch_up = "skip"')
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    return parse_campaign(content, "sample.toml").steps[0]


def add(line: str) -> tuple[str, str]:
    return ('key = "first"', f'key = "first"\n{line}')


@pytest.mark.parametrize("anchor", DAYS)
def test_every_anchor_has_its_days(anchor: str) -> None:
    assert (parse(anchor).key, parse(anchor).goes_first) == ("first", False)
    assert parse(anchor, add("goes_first = true")).goes_first, "whatever it is counted from"


def test_the_days_and_ages_come_out_as_they_were_written() -> None:
    step = parse("calendar", ('"6m"', '"2m15d"'), add("without_mother = true"))
    assert (step.start, step.until, step.month_day) == (Offset(0, -2), Offset(0, 1), "06-01")
    assert (step.age_from, step.age_until_months, step.without_mother) == (Offset(2, 15), 36, True)
    assert parse("session").service == "immunisation"
    assert (parse("hand").start, parse("hand").until, parse("hand").catch_up) == (Offset(), Offset(), "skip")


def test_a_visit_type_needs_no_group_where_visits_are_what_is_counted_from() -> None:
    assert parse("visit", add('visit = "growth"')).visit == "growth"


@pytest.mark.parametrize("role", ["grandmother", "other", "village_worker", "station"])
def test_everybody_who_follows_can_be_the_reader(role: str) -> None:
    assert parse("visit", add(f'role = "{role}"')).role == role


def test_the_day_and_the_mother_can_be_named_where_there_are_any() -> None:
    assert parse("session", ("{ten}", "{ten} {me} {ngay}")).texts[0].body == "Chào {ten} {me} {ngay}."


@pytest.mark.parametrize(
    ("anchor", "change", "field", "advice"),
    [
        ("gestation", ('"6w"', '"-2d"'), '"from"', "begin at 0d"),
        ("birth", ('"1m20d"', '"-2d"'), '"from"', "begin at 0d"),
        ("enrollment", ('"0d"', '"-1d"'), '"from"', "begin at 0d"),
        ("gestation", ('"12w6d"', '"3m"'), '"until"', "weeks and days"),
        ("visit", ('"1d"', '"1m"'), '"until"', "count days"),
        ("session", ('"1d"', '"1m"'), '"until"', "count days"),
        ("visit", ('"1d"', '"-3d"'), '"until"', "window"),
        ("birth", add('month_day = "06-01"'), '"month_day"', "calendar"),
        ("session", add('month_day = "06-01"'), '"month_day"', "calendar"),
        ("calendar", add('service = "growth"'), '"service"', "session"),
        ("visit", add('age_from = "6m"'), '"age_from"', "calendar or session"),
        ("birth", add('age_until = "36m"'), '"age_until"', "calendar or session"),
        ("calendar", ('month_day = "06-01"\n', ""), '"month_day"', "Write"),
        ("calendar", ('"06-01"', '"02-29"'), '"month_day"', "every year"),
        ("calendar", ('"06-01"', '"1/6"'), '"month_day"', "06-01"),
        ("session", ('service = "immunisation"\n', ""), '"service"', "Write"),
        ("session", ('"immunisation"', '"dentist"'), '"service"', "vitamin_a"),
        ("calendar", ('age_until = "36m"\n', ""), '"age_until"', "Write"),
        ("calendar", ('"36m"', '"900d"'), '"age_until"', '"36m"'),
        ("calendar", ('"6m"', '"-6d"'), '"age_until"', "negative"),
        ("calendar", ('"36m"', '"6m"'), '"age_until"', "correct"),
        ("hand", add('from = "0d"'), '"from"', "away"),
        ("hand", add('until = "0d"'), '"until"', "away"),
        ("enrollment", add('role = "station"'), '"role"', "grandmother"),
        ("hand", add('role = "village_worker"'), '"role"', "grandmother"),
        ("gestation", add("without_mother = true"), '"without_mother"', "away"),
        ("visit", add('without_mother = true\nrole = "station"'), '"without_mother"', "family"),
        ("birth", add('without_mother = "yes"'), '"without_mother"', "true"),
        ("gestation", add("goes_first = 1"), '"goes_first"', "true"),
        ("birth", ("{ten}", "{ngay}"), '"vi"', "{ngay}"),
        ("calendar", ("{ten}.", '{ten}."\nvi_discreet = "{ngay}.'), '"vi_discreet"', "{ngay}"),
    ],
)
def test_what_does_not_go_together_is_named(anchor: str, change: tuple[str, str], field: str, advice: str) -> None:
    with pytest.raises(LibraryFileError) as caught:
        parse(anchor, change)
    sentence = str(caught.value)
    assert sentence.startswith('sample.toml, step "first": ')
    assert field in sentence
    assert advice in sentence
    assert sentence.endswith((".", "}.", '".'))


def test_a_broadcast_is_not_made_by_a_file() -> None:
    with pytest.raises(LibraryFileError, match='"anchor" cannot be "broadcast"'):
        parse("visit", ('anchor = "visit"', 'anchor = "broadcast"'))
