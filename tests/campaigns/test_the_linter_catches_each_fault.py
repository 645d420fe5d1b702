"""Every rule of the linter finds the fault that it is there for, and says what to do; a sound file passes."""

import json
import re
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from campaigns.content.library import FOLDER
from campaigns.content.lint.findings import Finding
from campaigns.content.lint.reading import sentences
from campaigns.content.lint.run import lint

PREGNANCY = """
code = "trial"
anchor = "gestation"
topic = "wellbeing"
message_class = "service"
priority = 50
name = { vi = "Thử", en = "Trial" }
description = { vi = "Thử", en = "Trial" }
[[step]]
key = "one"
from = "12w"
until = "20w"
time = "11:45"
catch_up = "skip"
source = "C1"
confidence = "GK"
vi = "Mời chị đến {coso} kiểm tra sức khỏe nhé."
vi_discreet = "Mời chị ghé {coso} nhé."
en = "Please come to {coso} for a check."
en_discreet = "Please come by {coso}."
"""
CHILD = PREGNANCY.replace('"gestation"', '"birth"').replace('"12w"', '"12m"').replace('"20w"', '"14m"')
SESSION = CHILD.replace('"birth"', '"session"').replace(
    'from = "12m"\nuntil = "14m"',
    'from = "-2d"\nuntil = "-1d"\nservice = "growth"\nage_from = "3m"\nage_until = "6m"',
).replace("đến {coso}", "đến {coso} ngày {ngay}").replace("ghé {coso}", "ghé {coso} ngày {ngay}").replace(
    "{coso} for", "{coso} on {ngay} for").replace("by {coso}", "by {coso} on {ngay}")  # fmt: skip
WELCOME = (
    CHILD.replace('"birth"', '"enrollment"').replace('"12m"', '"0d"').replace('"14m"', '"60d"')
    .replace('catch_up = "skip"', 'catch_up = "always"')
    .replace("Mời chị ghé {coso} nhé.", "Muốn ngừng, gọi {hotline}.")
    .replace("Please come by {coso}.", "To stop, call {hotline}.")
)  # fmt: skip
STEP = PREGNANCY[PREGNANCY.index("[[step]]") :]
VI, EN = "Mời chị đến {coso} kiểm tra sức khỏe nhé.", "Please come to {coso} for a check."
DISCREET, DISCREET_EN = "Mời chị ghé {coso} nhé.", "Please come by {coso}."
IN_SESSION = "Mời chị đến {coso} ngày {ngay} kiểm tra sức khỏe nhé."


def another(key: str, start: str = "12w", until: str = "20w") -> str:
    """A second step of the same campaign."""
    return STEP.replace('"one"', f'"{key}"').replace('"12w"', f'"{start}"').replace('"20w"', f'"{until}"')


def found(folder: Path, content: str, name: str = "trial.toml") -> list[Finding]:
    """What the linter says of one file alone; the silence around a single step apart."""
    shutil.copy(FOLDER / "sample_values.toml", folder)
    (folder / name).write_text(content)
    return [finding for finding in lint(folder) if finding.rule != "gap"]


def change(content: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in content
        content = content.replace(old, new)
    return content


@pytest.mark.parametrize("content", [PREGNANCY, CHILD, SESSION], ids=["pregnancy", "child", "session"])
def test_a_sound_file_passes(tmp_path: Path, content: str) -> None:
    assert found(tmp_path, content) == []


def vi(words: str) -> str:
    return change(PREGNANCY, (VI, words))


def en(words: str) -> str:
    return change(PREGNANCY, (EN, words))


FAULTS = [
    # form
    ("size", vi("Mời chị đến {coso} kiểm tra sức khỏe, "
        "mang theo sổ, thẻ BHYT, nước uống và một người thân đi cùng cho vui nhé.")),
    ("size", change(PREGNANCY, (DISCREET, "Mời chị ghé {coso} " + "nhé " * 40 + "."))),
    ("tidy", vi("Mời chị đến {coso} kiểm tra sức khỏe nhé")),
    ("tidy", vi("Mời chị đến {coso} – kiểm tra sức khỏe nhé.")),
    ("languages", change(PREGNANCY, (f'en_discreet = "{DISCREET_EN}"\n', ""))),
    ("languages", change(PREGNANCY, (f'en = "{EN}"\n', ""), (f'en_discreet = "{DISCREET_EN}"\n', ""))),
    ("languages", change(SESSION, ("{coso} on {ngay} for", "{coso} for"))),
    ("placeholders", vi("Chị gọi {hotline} hỏi nhé.")),
    ("placeholders", vi("Ra huyết: chị đi khám NGAY, gọi {sdt}.")),
    ("placeholders", vi("Chị {me} đến {coso} nhé.")),
    ("placeholders", change(PREGNANCY, ('time = "11:45"', 'time = "11:45"\nrole = "station"'))),
    ("placeholders", change(PREGNANCY, ('time = "11:45"', 'time = "11:45"\nrole = "station"'), (VI, "{ten}, {me}."))),
    ("placeholders", change(SESSION, (IN_SESSION, VI), ("{coso} on {ngay} for", "{coso} for"))),
    ("indicator", change(PREGNANCY, ('source = "C1"', 'source = "C1"\nindicator = "HAPPY"'))),
    # wording
    ("kind", vi("Chị phải đến {coso} khám.")),
    ("kind", vi("Không khám là nguy hiểm.")),
    ("plain-reading", vi("Chị đừng bỏ bữa nhé.")),
    ("plain-reading", vi("Thấy không máy thì chị đi khám nhé.")),
    ("plain-reading", vi("Chị ngủ đủ giấc nhé.")),
    ("plain-reading", vi("Đau đầu, mờ mắt: chị đến {coso} nhé.")),
    ("plain-reading", change(CHILD, (VI, "Bé chỉ ra ao khi có người lớn."))),
    ("plain-reading", change(CHILD, (VI, "Bé tiểu ít thì mời hỏi {coso}."))),
    ("plain-reading", change(CHILD, (VI, "Nhờ người trông bé nhé."))),
    ("plain-reading", change(CHILD, (VI, "Bé chậm lớn thì mời hỏi {coso}."))),
    ("plain-reading", change(CHILD, (VI, "Nhà có ao: phòng bé đuối nước nhé."))),
    ("region", change(CHILD, (VI, "Cho bé ăn bằng thìa nhé."))),
    ("region", change(CHILD, (VI, "Bé ốm, mời hỏi {coso} nhé."))),
    ("brands", change(CHILD, (VI, "Chọn Similac cho bé."))),
    ("results", vi("Kết quả dương tính: chị đến {coso} nhé.")),
    ("results", en("Your test was positive. Come to {coso}.")),
    # reading
    ("reading", vi(" ".join(["nhé"] * 29) + ".")),
    ("reading", en(" ".join(["so"] * 27) + ".")),
    ("reading", en("Come for your immunoprophylaxis.")),
    ("reading", vi("Sản phụ đến {coso} nhé.")),
    # presumption
    ("living-child", vi("Chị trò chuyện với con mỗi ngày nhé.")),
    ("congratulation", vi("Chúc mừng chị!")),
    ("congratulation", en("Congratulations!")),
    ("condolence", change(CHILD, (VI, "Trạm xin chia buồn cùng gia đình."))),
    ("counted", vi("Mời chị khám thai lần 3 tại {coso}.")),
    ("counted", change(CHILD, (VI, "Bé tiêm mũi 2 tại {coso}."))),
    ("earlier-service", vi("Chị tiếp tục uống viên sắt nhé.")),
    ("earlier-service", change(CHILD, (VI, "Mời đưa bé tái khám tại {coso}."))),
    ("without-mother", change(CHILD, ('source = "C1"', 'source = "C1"\nwithout_mother = true'))),
    ("without-mother", change(
        CHILD, ('source = "C1"', 'source = "C1"\nwithout_mother = true'), ("chị", "cô"), (EN, "Let the mother rest."),
    )),
    ("excluded-topics", change(CHILD, (VI, "Cho bé bú thêm nhé."))),
    ("excluded-topics", vi("Chị uống viên sắt mỗi ngày nhé.")),
    # discretion
    ("discreet", change(PREGNANCY, (DISCREET, "Mời chị khám thai tại {coso}."))),
    ("discreet", change(PREGNANCY, (DISCREET, "Chị còn mệt thì ghé {coso} nhé."))),
    ("discreet", change(PREGNANCY, (DISCREET_EN, "Come for your antenatal check."))),
    ("discreet", change(CHILD, (DISCREET, "Sau khi sinh, mời chị ghé {coso}."))),
    ("discreet", change(CHILD, (DISCREET, "Mời đưa bé ghé {coso} nhé."))),
    ("discreet", change(CHILD, (DISCREET, "Mời mang sổ tiêm đến {coso} nhé."))),
    ("discreet", change(CHILD, (DISCREET_EN, "Please bring your child to {coso}."))),
    ("discreet", change(CHILD, (DISCREET_EN, "Measles vaccine at {coso}."))),
    ("discreet", change(PREGNANCY, (DISCREET, "Chị uống viên sắt nhé."))),
    ("discreet", change(WELCOME, ("Muốn ngừng, gọi {hotline}.", "Tin sức khỏe miễn phí. Muốn ngừng, gọi {hotline}."))),
    ("discreet", change(WELCOME, ("To stop, call {hotline}.", "{ten}: to stop, call {hotline}."))),
    # windows
    ("window", change(PREGNANCY, ('"20w"', '"13w2d"'))),
    ("end", change(PREGNANCY, ('"20w"', '"42w"'))),
    ("end", change(PREGNANCY, ('"20w"', '"43w"'), ('source = "C1"', 'source = "C1"\ntopic = "outcome"'))),
    ("end", change(PREGNANCY, ('"12w"', '"4w6d"'))),
    ("end", change(CHILD, ('"14m"', '"60m1d"'))),
    ("group", change(PREGNANCY, ('source = "C1"', 'source = "C1"\ntopic = "anc"'))),
    ("group", change(PREGNANCY, ('source = "C1"', 'source = "C1"\ngroup = "anc-1"'))),
    ("ages", SESSION + change(
        SESSION[SESSION.index("[[step]]"):], ('"one"', '"two"'), ('"3m"', '"5m"'), ('"6m"', '"9m"'))),
    ("welcome", WELCOME),
    ("welcome", change(WELCOME, ('catch_up = "always"', 'catch_up = "skip"'))),
    # rhythm
    ("collision", PREGNANCY + another("two")),
    ("collision", CHILD + another("two", "365d", "14m")),
    ("collision", PREGNANCY + change(another("two"), ('key = "two"', 'key = "two"\nrole = "husband"'))),
    ("appointments", PREGNANCY + another("two", "12w4d")),
    ("appointments", CHILD + another("two", "12m4d", "14m")),
    ("three-in-seven-days", PREGNANCY + another("two", "12w3d") + another("three", "12w6d")),
    ("crowded-out", PREGNANCY + "".join(another(f"s{n}", f"12w{n}d", "14w") for n in range(1, 7))),
    ("flood", change(PREGNANCY, ('"skip"', '"always"')) + "".join(
        change(another(f"s{n}", f"{12 + n}w", "36w"), ('"skip"', '"always"')) for n in range(1, 12))),
    # the file
    ("format", change(PREGNANCY, ("{coso}", "{nobody}"))),
    ("names", change(PREGNANCY, ('code = "trial"', 'code = "other"'))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "content"), FAULTS, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(FAULTS)])
def test_a_fault_is_found_and_its_place_said(tmp_path: Path, rule: str, content: str) -> None:
    findings = [finding for finding in found(tmp_path, content) if finding.rule == rule]
    assert findings
    for finding in findings:
        assert finding.file in ("trial", "trial.toml")
        assert finding.sentence.rstrip(")").endswith((".", '."'))
        assert len(finding.sentence) > 30


def test_a_key_that_two_campaigns_have_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(change(CHILD, ('code = "trial"', 'code = "other"')))
    assert {(f.file, f.rule) for f in found(tmp_path, PREGNANCY)} == {("other", "names"), ("trial", "names")}


def test_a_broken_file_does_not_hide_the_faults_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("not toml")
    rules = {(f.file, f.rule) for f in found(tmp_path, change(PREGNANCY, ("nhé.", "nhé")))}
    assert rules == {("broken.toml", "format"), ("trial", "tidy")}


@pytest.mark.parametrize(
    ("starts", "days"),
    [
        (["14w1d", "14w6d", "15w4d"], 20),
        (["1m20d", "1m26d"], 20),
        (["7m12d", "7m20d", "7m28d"], 30),
        (["13m20d", "14m5d", "14m18d"], 50),
        ([f"{month}m10d" for month in (41, 42, 43)], 120),
    ],
    ids=["pregnancy", "60 days", "12 months", "24 months", "60 months"],
)
def test_a_silence_is_found(tmp_path: Path, starts: list[str], days: int) -> None:
    for file in FOLDER.glob("*.toml"):
        blocks = file.read_text().split("[[step]]")
        kept = [block for block in blocks if not any(f'from = "{start}"' in block for start in starts)]
        if len(kept) > 1 or file.name == "sample_values.toml":
            (tmp_path / file.name).write_text("[[step]]".join(kept))
    gaps = [finding for finding in lint(tmp_path) if finding.rule == "gap"]
    assert len(gaps) == 1, "one silence, told once"
    said = re.search(r"for (\d+) days.* Add a step\.$", gaps[0].sentence)
    assert said
    assert abs(int(said[1]) - days) <= 5


def test_only_steps_for_every_child_fill_a_silence(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    campaign = tmp_path / "breastfeeding.toml"
    campaign.write_text(
        change(campaign.read_text(), ('key = "bf-no-water"', 'key = "bf-no-water"\ncondition = "low_birth_weight"'))
    )
    assert [finding.rule for finding in lint(tmp_path)] == ["gap"]


def test_a_sentence_ends_at_a_stop_and_an_amount_is_one_word() -> None:
    assert sentences("Ra huyết, sốt: chị đi viện NGAY. Gọi {sdt}!") == [
        ["Ra", "huyết", "sốt"],
        ["chị", "đi", "viện", "NGAY"],
        ["Gọi", "{sdt}"],
    ]
    assert sentences("2-3 bữa, 3/4 bát.") == [["2-3", "bữa", "3/4", "bát"]]


def test_the_command_says_that_there_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("lint_library")
    assert capsys.readouterr().out == "No fault found.\n"
    call_command("lint_library", "--json")
    assert json.loads(capsys.readouterr().out) == []


def test_the_command_names_file_step_and_rule_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found(tmp_path, vi("Chị phải đến {coso} khám."))
    with pytest.raises(SystemExit) as ended:
        call_command("lint_library", "--folder", str(tmp_path))
    assert ended.value.code == 1
    assert "trial/one   kind\n" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("lint_library", "--folder", str(tmp_path), "--json")
    assert {"file": "trial", "step": "one", "rule": "kind"}.items() <= next(
        item for item in json.loads(capsys.readouterr().out) if item["rule"] == "kind"
    ).items()


def test_the_command_wants_a_folder_with_sample_values(tmp_path: Path) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(CommandError):
            call_command("lint_library", "--folder", str(folder))
