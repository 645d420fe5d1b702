"""The shipped library: the linter finds nothing, and every correction of the clinical review that applies is in it."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from campaigns.content.files import CONDITIONS, CampaignFile, StepFile, load_folder, load_sample_values
from campaigns.content.lint import windows
from campaigns.content.lint.findings import words_of
from campaigns.content.lint.run import lint
from campaigns.models import Step
from campaigns.schedule import gates
from campaigns.schedule.conditions import CONDITIONS as PLANNED
from campaigns.schedule.timeline import Offset, due_date
from recipients.models import Visit

FOLDER = Path(__file__).parents[2] / "campaigns" / "library"
LIBRARY = load_folder(FOLDER)
SAMPLES = load_sample_values(FOLDER)
STEPS = [(campaign, step) for campaign in LIBRARY for step in campaign.steps]


def step(code: str, key: str) -> StepFile:
    return next(s for c, s in STEPS if (c.code, s.key) == (code, key))


def vietnamese(code: str, key: str) -> str:
    return step(code, key).text("vi").body


def all_vietnamese(anchor: str) -> str:
    return "\n".join(words.body for words in words_of(LIBRARY, "vi") if words.campaign.anchor == anchor)


# What there is


def test_the_linter_finds_no_fault() -> None:
    assert [f"{found.file}/{found.step} {found.rule}: {found.sentence}" for found in lint(FOLDER)] == []


def test_the_campaigns_and_at_least_180_steps() -> None:
    assert [c.code for c in LIBRARY] == [
        "welcome", "loss", "visits", "immunisation-days", "vitamin-a", "vitamin-a-days", "growth-days",
        "antenatal-visits", "sick-child", "newborn-ahead", "newborn-at-home", "breastfeeding", "mother-after-birth",
        "safe-at-home", "iron", "family-and-child", "family-in-pregnancy", "notices", "nutrition-1000-days",
        "two-to-five", "pregnancy-wellbeing", "senses-and-air", "first-milestones", "play-and-milestones",
    ]  # fmt: skip
    assert len(STEPS) >= 180


def test_the_keys_of_what_was_published_stay() -> None:
    # A key is for life: the ledger of every deployment knows it (campaign, step).
    first = Path(__file__).with_name("first_library_keys.txt").read_text().split()
    assert len(first) == 118
    assert set(first) <= {f"{c.code}/{s.key}" for c, s in STEPS}


@pytest.mark.parametrize(("campaign", "step"), STEPS, ids=[s.key for _, s in STEPS])
def test_a_step_is_complete_and_fits_its_table(campaign: CampaignFile, step: StepFile) -> None:
    assert step.visit in {"", *Visit.Type.values}
    for field, value in (("key", step.key), ("topic", step.topic), ("source", step.source), ("group", step.group)):
        assert len(value) <= Step._meta.get_field(field).max_length, field


def test_the_longest_values_are_as_long_as_the_longest_real_ones() -> None:
    assert {name: len(SAMPLES.longest[name]) for name in ("ten", "coso", "sdt")} == {"ten": 27, "coso": 32, "sdt": 12}


def test_the_linter_ends_a_pregnancy_where_the_gates_do() -> None:
    assert windows.QUESTIONS == gates.QUESTIONS
    assert windows.TELLS_UNTIL == gates.QUESTIONS_FROM - 1
    assert gates.past_term(windows.ASKS_UNTIL + 1, gates.QUESTIONS)
    assert not gates.past_term(windows.ASKS_UNTIL, gates.QUESTIONS)


def test_a_visit_silences_only_its_own_reminders() -> None:
    groups = {(s.group, s.visit) for c, s in STEPS if s.group and c.anchor != "visit"}
    assert groups == {
        ("anc-1", "anc1"),
        ("anc-2", "anc2"),
        ("anc-3", "anc3"),
        ("anc-4", "anc4"),
        ("home-visit", "postnatal"),
    }


def test_the_conditions_of_files_are_those_of_the_planner() -> None:
    assert set(CONDITIONS) == set(PLANNED)


def test_iron_rich_food_is_about_iron() -> None:
    assert step("iron", "iron-rich-food").topic == "iron"


def test_danger_signs_and_water_come_back_at_every_age() -> None:  # C24: once is too little; C23
    signs = [s.start.months // 12 for c, s in STEPS if (c.code, s.topic) == ("sick-child", "danger-signs")]
    water = [s.start.months // 12 for c, s in STEPS if c.code == "safe-at-home" and s.key.startswith("water")]
    assert (signs, water) == ([0, 0, 1, 2, 4], [0, 1, 2, 3, 4])


def test_the_last_text_says_that_it_is_the_last() -> None:  # R04
    last = max((s for c, s in STEPS if c.anchor == "birth"), key=lambda s: (s.start.months, s.start.days))
    assert last.key == "good-bye-at-five"
    assert "tin cuối" in last.text("vi").body


def test_every_reader_of_the_family_and_the_village_has_words_in_pregnancy_and_after() -> None:  # R08, R09, E9
    roles = {(c.anchor, s.role) for c, s in STEPS if c.anchor in ("gestation", "birth")}
    assert roles == {
        (a, r) for a in ("gestation", "birth") for r in ("mother", "husband", "grandmother", "village_worker")
    }


# The corrections of the clinical review, row by row


def test_what_is_needed_at_birth_is_said_before_it() -> None:  # N01-N03, N04
    for key in ("newborn-first-day", "first-week-home-care", "newborn-danger-signs-ahead", "mother-danger-signs-ahead"):
        assert 36 * 7 <= step("antenatal-visits", key).start.days < 40 * 7
    assert "vitamin K1" in vietnamese("antenatal-visits", "newborn-first-day")
    assert "24 giờ đầu" in vietnamese("antenatal-visits", "newborn-first-day")


def test_nobody_is_told_that_she_will_soon_meet_her_child() -> None:  # P20, P11
    assert not re.search(r"sắp gặp|con khỏe|[Tt]rò chuyện với con|hai mẹ con", all_vietnamese("gestation"))


def test_asking_for_news_leaves_room_for_sad_news() -> None:  # P24
    text = "Chị {ten}, trạm mong tin chị. Dù có tin vui hay chuyện buồn, mời chị gọi {sdt}."
    assert vietnamese("antenatal-visits", "ask-for-news") == text
    assert step("antenatal-visits", "ask-for-news").start.days > 40 * 7


def test_past_the_due_date_she_is_sent_to_hospital_the_same_day() -> None:  # P25
    past = step("antenatal-visits", "past-due-date")
    assert (past.start.days, past.until.days) == (40 * 7 + 4, 41 * 7 + 3)
    assert re.search(r"chưa sinh.*bệnh viện.*ngay hôm nay", past.text("vi").body)


def test_less_movement_and_early_labour_are_danger_signs() -> None:  # P17
    text = vietnamese("antenatal-visits", "danger-signs-late")
    assert "Con đạp ít hẳn hoặc ngừng đạp" in text
    assert "đau bụng từng cơn trước tuần 37" in text
    assert step("antenatal-visits", "danger-signs-late").until.days < 37 * 7
    assert not re.search(r"không máy", all_vietnamese("gestation"))


def test_tests_and_tetanus_are_open_to_late_entrants() -> None:  # P02, P07
    tests, tetanus = step("antenatal-visits", "blood-tests"), step("antenatal-visits", "tetanus")
    assert tests.until.days >= 40 * 7
    assert tetanus.until.days >= 39 * 7
    assert (tests.catch_up, tetanus.catch_up) == ("always", "always")
    assert "cần mấy mũi" in tetanus.text("vi").body


def test_danger_signs_come_back_at_every_stage() -> None:  # P05
    starts = [s.start.days // 7 for c, s in STEPS if c.code == "antenatal-visits" and s.topic == "danger-signs"]
    assert [any(low <= week < high for week in starts) for low, high in ((6, 14), (14, 28), (28, 36), (36, 41))] == [
        True
    ] * 4


def test_the_morphology_scan_is_at_18_to_22_weeks() -> None:  # P10
    scan = step("antenatal-visits", "morphology-scan")
    assert "18-22 tuần" in scan.text("vi").body
    assert scan.start.days >= 17 * 7
    assert scan.until.days < 23 * 7


def test_nobody_fasts_without_an_appointment() -> None:  # P13
    assert "hỏi nơi làm xét nghiệm" in vietnamese("antenatal-visits", "glucose-test")
    assert "nhịn" not in all_vietnamese("gestation")


def test_first_milk_is_no_vaccine() -> None:  # P22
    assert step("antenatal-visits", "colostrum").topic == "breastfeeding"
    for anchor in ("gestation", "birth"):
        assert not re.search(r"vắc ?xin", all_vietnamese(anchor))


def test_jaundice_is_told_by_its_time_and_its_spread() -> None:  # N04
    for code, key in (("breastfeeding", "newborn-danger-signs"), ("antenatal-visits", "newborn-danger-signs-ahead")):
        assert "vàng da trong 24 giờ đầu hoặc lan tới tay chân" in vietnamese(code, key)


def test_labour_calls_115() -> None:  # P23
    assert "115" in vietnamese("antenatal-visits", "labour-signs")


def test_no_honey_and_no_food_before_six_full_months() -> None:  # C06, C07
    assert "dưới 1 tuổi không dùng mật ong" in vietnamese("breastfeeding", "bf-no-early-food")
    assert "dưới 1 tuổi không dùng mật ong" in vietnamese("nutrition-1000-days", "food-begins")
    begins = step("nutrition-1000-days", "food-begins")
    assert begins.start == Offset(6, 0)
    for number in range(366):
        born = date(2027, 3, 1) + timedelta(days=number)
        assert (due_date(born, begins.start) - born).days >= 180
        assert due_date(born, step("breastfeeding", "bf-no-early-food").until) < due_date(born, begins.start)


def test_half_a_bowl_is_125_ml() -> None:  # C08, C11
    for key in ("food-six-to-eight", "food-nine-to-eleven"):
        assert "nửa {bát} (125ml)" in vietnamese("nutrition-1000-days", key)
    assert not re.search(r"nửa (bát|chén) \(?250", all_vietnamese("birth"))


def test_no_date_is_invented() -> None:  # C15
    for words in words_of(LIBRARY):
        assert "ngay" not in words.placeholders or words.campaign.anchor in ("visit", "session")
