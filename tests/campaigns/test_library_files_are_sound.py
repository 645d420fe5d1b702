"""The starter library: form, timing, discretion, and every correction of the clinical review that applies."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from campaigns.content.files import CONDITIONS, CampaignFile, StepFile, load_folder, load_sample_values
from campaigns.models import Step
from campaigns.schedule.conditions import CONDITIONS as PLANNED
from campaigns.schedule.timeline import Fate, Offset, Timing, due_date, place
from messaging.text.plain import to_plain
from messaging.text.segments import measure
from messaging.text.tidy import tidy
from recipients.models import Visit

FOLDER = Path(__file__).parents[2] / "campaigns" / "library"
LIBRARY = load_folder(FOLDER)
SAMPLES = load_sample_values(FOLDER)
STEPS = [(campaign, step) for campaign in LIBRARY for step in campaign.steps]
TEXTS = [
    (f"{campaign.code}/{step.key}/{text.language}{suffix}", campaign, step, text.language, bool(suffix), body)
    for campaign, step in STEPS
    for text in step.texts
    for suffix, body in (("", text.body), ("/discreet", text.discreet_body))
]
VIETNAMESE = [item for item in TEXTS if item[3] == "vi"]
ENDS_OF_MONTHS = [date(2026, 1, 31), date(2026, 3, 15), date(2026, 8, 31), date(2027, 8, 30), date(2028, 2, 29)]


def every(texts: list) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("campaign", "step", "discreet", "body"),
        [(c, s, d, body) for _, c, s, _, d, body in texts],
        ids=[item[0] for item in texts],
    )


def filled(body: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], body)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def step(code: str, key: str) -> StepFile:
    return next(s for c, s in STEPS if (c.code, s.key) == (code, key))


def vietnamese(code: str, key: str) -> str:
    return step(code, key).text("vi").body


def about_a_child(campaign: CampaignFile, step: StepFile) -> bool:
    by_hand = campaign.anchor == "hand" and step.topic in ("immunisation", "vitamin-a")
    return campaign.anchor in ("birth", "calendar", "session") or by_hand


def all_vietnamese(anchor: str) -> str:
    return "\n".join(body for _, campaign, *_, body in VIETNAMESE if campaign.anchor == anchor)


def days_of(anchor: str, day_zero: date, roles: tuple[str, ...]) -> list[date]:
    """Of a child of ordinary weight; a text for small babies comes first and the others make room (caps)."""
    mine = [s for c, s in STEPS if c.anchor == anchor and s.role in roles and not s.condition]
    return sorted(due_date(day_zero, s.start) for s in mine)


# What there is


def test_twelve_campaigns_with_at_least_100_steps_each_with_its_own_key() -> None:
    assert [c.code for c in LIBRARY] == [
        "welcome", "loss", "visits", "immunisation-days", "vitamin-a", "vitamin-a-days", "growth-days",
        "antenatal-visits", "breastfeeding", "iron", "notices", "nutrition-1000-days",
    ]  # fmt: skip
    keys = [s.key for _, s in STEPS]
    assert len(keys) >= 100
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(("campaign", "step"), STEPS, ids=[s.key for _, s in STEPS])
def test_a_step_is_complete_and_fits_its_table(campaign: CampaignFile, step: StepFile) -> None:
    assert {text.language for text in step.texts} == {"vi", "en"}
    assert step.visit in {"", *Visit.Type.values}
    for field, value in (("key", step.key), ("topic", step.topic), ("source", step.source), ("group", step.group)):
        assert len(value) <= Step._meta.get_field(field).max_length, field
    assert step.indicator in {"", "ANC4", "FACB", "MMR", "NMR", "LBW", "EENC", "PNC1W", "IRON", "ANAEM", "EBF", "STUNT"}
    assert all(text.discreet_body for text in step.texts), "without one, a shared phone gets no text at all"


# Form


@every(TEXTS)
def test_one_part_without_diacritics_and_at_most_two_with(campaign, step, discreet, body) -> None:
    text = filled(body, SAMPLES.longest)
    assert measure(text).segments <= 2
    assert measure(to_plain(text)) == ("GSM-7", 1, measure(to_plain(text)).units)


def test_the_longest_values_are_as_long_as_the_longest_real_ones() -> None:
    assert {name: len(SAMPLES.longest[name]) for name in ("ten", "coso", "sdt")} == {"ten": 27, "coso": 32, "sdt": 12}


@every(TEXTS)
def test_a_text_is_tidy_and_ends_as_a_sentence(campaign, step, discreet, body) -> None:
    assert tidy(body) == body
    assert body.endswith((".", "?", "!"))


@every(TEXTS)
def test_no_hotline_is_promised_that_may_not_answer_at_night(campaign, step, discreet, body) -> None:
    assert ("{hotline}" in body) == (campaign.code == "welcome")
    assert ("{sdt}" not in body and "{hotline}" not in body) or not re.search(r"NGAY|AT ONCE|ban đêm", body), (
        "the station sleeps: 115"
    )


@every(VIETNAMESE)
def test_without_diacritics_it_reads_as_it_was_meant(campaign, step, discreet, body) -> None:
    # "đừng" (do not) would read "dùng" (use), "mất" (lose) "mắt" (eye), "không máy" (not moving) "unlucky",
    # "vỡ ối" (waters break) "vợ ơi" (oh wife), "ra máu" (bleeding) "ra mau" (come out quickly).
    assert not {"đừng", "mất"} & set(words(body))
    assert not re.search(r"khong may|vo oi|ra mau|tay sung|cho be tron", to_plain(body).lower())


@every(VIETNAMESE)
def test_it_is_kind(campaign, step, discreet, body) -> None:
    assert not re.search(r"phải|bắt buộc|lỗi|tại chị|chết|tử vong|nguy hiểm|dị tật|[Đđ]ừng|[Cc]ấm|!!", body)


@every(TEXTS)
def test_no_brand_is_named(campaign, step, discreet, body) -> None:
    brands = {"vinamilk", "friso", "similac", "enfa", "abbott", "nestle", "nan", "aptamil", "meiji", "dielac", "gold"}
    assert not brands & set(words(to_plain(body)))


# Timing


@pytest.mark.parametrize("anchor", ["gestation", "birth"])
@pytest.mark.parametrize("day_zero", ENDS_OF_MONTHS)
def test_never_two_texts_on_a_day_nor_three_in_seven(anchor: str, day_zero: date) -> None:
    everyone = days_of(anchor, day_zero, ("mother", "husband"))
    assert len(set(everyone)) == len(everyone)
    mother = days_of(anchor, day_zero, ("mother",))
    assert [d for d, third in zip(mother, mother[2:], strict=False) if third - d < timedelta(days=7)] == []


@pytest.mark.parametrize("day_zero", ENDS_OF_MONTHS)
def test_no_long_silence(day_zero: date) -> None:
    def longest_gap(anchor: str, first: Offset, last: Offset) -> int:
        begin, end = due_date(day_zero, first), due_date(day_zero, last)
        inside = [d for d in days_of(anchor, day_zero, ("mother",)) if begin <= d <= end]
        return max((b - a).days for a, b in zip([begin, *inside], [*inside, end], strict=True))

    assert longest_gap("gestation", Offset(0, 6 * 7), Offset(0, 41 * 7)) <= 18
    assert longest_gap("birth", Offset(0, 0), Offset(2, 0)) <= 14
    assert longest_gap("birth", Offset(2, 0), Offset(12, 0)) <= 25
    assert longest_gap("birth", Offset(12, 0), Offset(24, 0)) <= 45


def test_a_window_outlives_a_long_holiday_unless_the_clinic_says_otherwise() -> None:
    born = date(2026, 2, 1)
    by_age = [s for c, s in STEPS if c.anchor in ("gestation", "birth")]
    short = {s.key for s in by_age if (due_date(born, s.until) - due_date(born, s.start)).days < 10}
    # the second ends where the pregnancy goes on hold, the third with the first week
    assert short == {"past-due-date", "ask-for-news-again", "home-visit-village-worker"}


def test_no_step_waits_beyond_the_hold_or_the_campaign() -> None:
    for campaign, s in STEPS:
        question = Offset(0, 300) if s.topic == "outcome" else Offset(0, 293)
        last = question if campaign.anchor == "gestation" else Offset(25, 0)
        assert due_date(date(2026, 1, 1), s.until) <= due_date(date(2026, 1, 1), last), s.key


def test_a_visit_silences_only_its_own_reminders() -> None:
    groups = {(s.group, s.visit) for c, s in STEPS if s.group and c.anchor != "visit"}
    assert groups == {
        ("anc-1", "anc1"),
        ("anc-2", "anc2"),
        ("anc-3", "anc3"),
        ("anc-4", "anc4"),
        ("home-visit", "postnatal"),
    }


def test_a_late_entrant_gets_the_visit_of_her_stage_not_another_text_of_its_topic() -> None:
    assert {s.key for c, s in STEPS if c.anchor == "gestation" and s.topic == "anc"} == {
        s.key for c, s in STEPS if s.group and c.anchor == "gestation"
    }


@pytest.mark.parametrize(
    ("anchor", "days_in", "most"),
    [("gestation", 12 * 7, 6), ("gestation", 32 * 7, 7), ("birth", 20, 5), ("birth", 400, 3)],
)
def test_a_late_entrant_is_not_flooded(anchor: str, days_in: int, most: int) -> None:
    today = date(2026, 11, 21)
    arriving = [
        placed.key
        for campaign in LIBRARY
        if campaign.anchor == anchor
        for placed in place(
            [
                Timing(s.key, s.topic, s.start, s.until, s.catch_up)
                for s in campaign.steps
                if s.role == "mother" and not s.condition
            ],
            today - timedelta(days=days_in),
            today,
            today,
        )
        if placed.fate in (Fate.CATCH_UP, Fate.DUE)
    ]
    assert 0 < len(arriving) <= most, arriving


# What must not be presumed


@every([item for item in VIETNAMESE if not about_a_child(item[1], item[2])])
def test_before_a_birth_no_living_child_is_presumed(campaign, step, discreet, body) -> None:
    without_kicks = body.replace("Con đạp", "")
    assert not {"con", "bé", "cháu", "chúc", "mừng", "gặp con"} & set(words(without_kicks))


@every(TEXTS)
def test_nobody_is_congratulated_without_a_recorded_birth(campaign, step, discreet, body) -> None:
    assert campaign.anchor == "birth" or not re.search(r"chúc mừng|congratulat", body.lower())


@every(TEXTS)
def test_no_visit_or_dose_is_counted(campaign, step, discreet, body) -> None:
    assert not re.search(r"khám (thai )?lần \d|mũi \d|lần \d|(visit|dose) (number )?\d", body)


@every([item for item in VIETNAMESE if item[1].anchor == "birth"])
def test_after_a_birth_no_earlier_service_is_presumed(campaign, step, discreet, body) -> None:
    assert not re.search(r"tiếp tục|lần trước|đã tiêm|đã uống|như đã|cân đo lại|có hẹn", body)


def test_texts_on_feeding_do_not_go_to_women_marked_no_breastfeeding() -> None:
    for _, s in STEPS:
        if re.search(r"\bbú\b|sữa", s.text("vi").body.lower()) and s.topic != "danger-signs":
            assert s.topic == "breastfeeding", s.key
            assert s.role == "mother", "the mark is hers, and is not looked up for anybody else"


def test_iron_does_not_go_to_women_marked_no_iron() -> None:
    for _, s in STEPS:
        if "viên sắt" in s.text("vi").body.lower():
            assert (s.topic, s.role) == ("iron", "mother"), s.key
    assert step("iron", "iron-rich-food").topic == "iron"


def test_the_conditions_of_files_are_those_of_the_planner() -> None:
    assert set(CONDITIONS) == set(PLANNED)


# Discretion

SECRETS = {
    "gestation": {"thai", "bầu", "nghén", "con", "bé", "sinh", "đẻ", "ối", "hiv", "giang", "gan", "bú", "sữa"},
    "birth": {"thai", "bầu", "sinh", "đẻ", "hiv", "giang", "gan", "sản", "dịch"},
}
SECRETS_PLAIN = {"gestation": {"thai", "con", "bau", "hiv"}, "birth": {"thai", "bau", "hiv"}}
SECRETS_ENGLISH = {
    "gestation": r"pregnan|antenatal|birth|baby|newborn|labour|midwife|due date|week \d|hepatitis|womb|scan|breast",
    "birth": r"pregnan|antenatal|birth|newborn|labour|midwife|womb|hepatitis|discharge",
}


@every([item for item in VIETNAMESE if item[4]])
def test_a_discreet_text_tells_a_stranger_nothing(campaign, step, discreet, body) -> None:
    subject = "birth" if about_a_child(campaign, step) else "gestation"
    assert not SECRETS[subject] & set(words(body))
    assert not SECRETS_PLAIN[subject] & set(words(to_plain(body))), "read without diacritics"
    assert "{me}" not in body


@every([item for item in TEXTS if item[3] == "en" and item[4]])
def test_a_discreet_english_text_tells_a_stranger_nothing(campaign, step, discreet, body) -> None:
    assert not re.search(SECRETS_ENGLISH["birth" if about_a_child(campaign, step) else "gestation"], body.lower())
    assert "{me}" not in body


@every(TEXTS)
def test_no_result_of_a_test_is_spoken_of(campaign, step, discreet, body) -> None:
    assert not re.search(r"hiv|giang mai|dương tính|âm tính|positive|negative|syphilis", body.lower())


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
        assert "nửa bát (125ml)" in vietnamese("nutrition-1000-days", key)
    assert not re.search(r"nửa bát \(?250", all_vietnamese("birth"))


def test_no_date_and_no_condolence_are_invented() -> None:  # C15, L02
    for _, campaign, *_, body in TEXTS:
        assert "{ngay}" not in body or campaign.anchor in ("visit", "session")
        assert campaign.code == "loss" or not re.search(r"chia buồn|condolence|sorry for|thoughts are with", body)
