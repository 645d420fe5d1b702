"""The starter library beyond age and gestation: the welcome, visits, days of the year, sessions, texts by hand."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from campaigns.content import regions
from campaigns.content.clocks import ANCHORS, CALENDAR, FAMILY, ROLES, SERVICES, SESSION
from campaigns.content.fields import PLACEHOLDERS
from campaigns.content.files import CampaignFile, StepFile, load_folder
from campaigns.models import Campaign, Step
from campaigns.schedule.caps import MOST_A_WEEK
from campaigns.schedule.gates import QUESTIONS, QUESTIONS_FROM
from campaigns.schedule.timeline import Offset, Timing, due_date, place
from recipients.models import Session

LIBRARY = {campaign.code: campaign for campaign in load_folder(Path(__file__).parents[2] / "campaigns" / "library")}
STEPS = [(campaign, step) for campaign in LIBRARY.values() for step in campaign.steps]
BORN = date(2026, 1, 31)


def timings(code: str) -> list[Timing]:
    return [
        Timing(
            s.key, s.topic, s.start, s.until, s.catch_up, s.month_day, s.service, s.age_from, s.age_until_months
        )
        for s in LIBRARY[code].steps
    ]  # fmt: skip


def bodies(step: StepFile) -> list[tuple[str, str]]:
    return [(text.language, body) for text in step.texts for body in (text.body, text.discreet_body)]


def test_files_know_the_anchors_roles_and_services_of_the_tables() -> None:
    assert set(ANCHORS) == set(Campaign.Anchor.values) - {"broadcast"}
    assert set(ROLES) == set(Step.Role.values)
    assert set(SERVICES) == set(Session.Service.values)


# The welcome


def test_everybody_in_the_family_is_welcomed_first() -> None:
    welcome = LIBRARY["welcome"]
    assert {step.role for step in welcome.steps} == set(FAMILY)
    assert welcome.priority < min(c.priority for c in LIBRARY.values() if c is not welcome)
    for step in welcome.steps:
        assert (step.start, step.until, step.catch_up) == (Offset(), Offset(0, 60), "always")


@pytest.mark.parametrize("step", LIBRARY["welcome"].steps, ids=lambda step: step.key)
def test_a_welcome_says_that_it_is_free_and_ends_with_how_to_stop(step: StepFile) -> None:
    for language, body in bodies(step):
        assert ("miễn phí" if language == "vi" else "free") in body
        assert re.search(r"(ngừng|To stop).*\{hotline\}\.$", body)
        assert "dừng" not in body, "without diacritics it would read as to use"


# Visits


def test_a_missed_visit_goes_from_the_mother_to_the_village_and_to_the_station() -> None:
    steps = LIBRARY["visits"].steps
    assert [(s.start.days, s.role) for s in steps] == [
        (-2, "mother"), (3, "mother"), (7, "village_worker"), (14, "station"),
    ]  # fmt: skip
    assert {(s.group, s.visit) for s in steps} == {("visit", "")}, "one group, for visits of any kind"
    assert steps[0].until.days < 0 < steps[1].start.days


@pytest.mark.parametrize("step", LIBRARY["visits"].steps, ids=lambda step: step.key)
def test_the_words_about_a_visit_hold_for_one_of_any_kind(step: StepFile) -> None:
    for _, body in bodies(step):
        assert not re.search(r"thai|tiêm|cân|sinh|\bbé\b|pregnan|birth|vaccin|child|baby|weigh", body)


def test_the_village_worker_is_asked_to_visit_in_the_first_week() -> None:
    step = next(s for s in LIBRARY["breastfeeding"].steps if s.role == "village_worker")
    assert (step.start, step.until, step.indicator) == (Offset(), Offset(0, 7), "PNC1W")
    assert (step.group, step.visit) == ("home-visit", "postnatal"), "once visited, nobody is asked any more"


def test_a_small_baby_is_kept_warm_on_the_skin() -> None:
    small = [s for _, s in STEPS if s.condition]
    assert {s.key for s in small} == {"kangaroo-care", "small-baby-checks", "small-baby-warm"}
    assert all((s.condition, s.without_mother) == ("low_birth_weight", True) for s in small)


# Days of the year


@pytest.mark.parametrize(
    ("born", "told"),
    [
        (date(2026, 12, 2), False),
        (date(2026, 12, 1), True),
        (date(2024, 6, 2), True),
        (date(2024, 6, 1), False),
    ],
)
def test_vitamin_a_is_for_children_from_6_to_under_36_months_on_the_day(born: date, told: bool) -> None:
    today = date(2027, 5, 25)
    placed = place(timings("vitamin-a"), born, today, today)
    assert [(p.key, p.due_on, p.last_day) for p in placed] == (
        [("vitamin-a-june", today, date(2027, 6, 2))] if told else []
    )


def test_there_are_two_rounds_of_vitamin_a_in_a_year_and_else_only_the_days_of_a_station() -> None:
    placed = place(timings("vitamin-a"), date(2026, 1, 1), date(2027, 1, 1), date(2027, 12, 31))
    assert [p.occurrence for p in placed] == [20270601, 20271201]
    others = [
        s
        for c, s in STEPS
        if c.code not in ("vitamin-a", "vitamin-a-days", "notices") and "vitamin A" in s.text("vi").body
    ]
    assert [s.key for s in others] == ["vitamin-a-mother"], "hers, in the first month"


# Sessions


def test_a_child_is_called_once_to_a_session_and_to_each_age_two_days_before() -> None:
    months = [date(2026 + n // 12, n % 12 + 1, 10) for n in range(36)]
    placed = place(timings("immunisation-days"), BORN, BORN, date(2028, 12, 31), sessions={"immunisation": months})
    assert [p.due_on + timedelta(days=2) for p in placed] == [
        date(2026, 4, 10), date(2026, 5, 10), date(2026, 6, 10), date(2026, 7, 10), date(2026, 11, 10),
        date(2027, 2, 10), date(2027, 8, 10), date(2028, 2, 10),
    ]  # fmt: skip
    assert all(p.last_day == p.due_on + timedelta(days=1) for p in placed)


@pytest.mark.parametrize(
    ("code", "service", "months"),
    [("growth-days", "growth", [3, 6, 9, 12, 18, 24]), ("vitamin-a-days", "vitamin_a", [6, 12, 18, 24, 30])],
)
def test_a_child_is_called_to_its_stations_days_once_at_each_age(code: str, service: str, months: list[int]) -> None:
    monthly = [date(2026 + n // 12, n % 12 + 1, 28) for n in range(48)]
    placed = place(timings(code), BORN, BORN, date(2029, 12, 31), sessions={service: monthly})
    days = [due_date(BORN, Offset(month)) for month in months]
    called = [next(day for day in monthly if day >= old_enough) for old_enough in days]
    assert [p.due_on + timedelta(days=2) for p in placed] == called
    assert all(p.last_day == p.due_on + timedelta(days=1) for p in placed)


def test_nobody_is_called_for_vitamin_a_from_36_months() -> None:
    days = [due_date(BORN, Offset(36)) + timedelta(days=n) for n in (0, 30)]
    assert place(timings("vitamin-a-days"), BORN, BORN, date(2029, 12, 31), sessions={"vitamin_a": days}) == []


# Without the mother


def test_a_child_without_its_mother_is_still_fed_weighed_vaccinated_and_watched() -> None:
    kept = {(c.code, s.topic) for c, s in STEPS if s.without_mother and s.role == "mother"}
    assert kept >= {
        ("breastfeeding", "danger-signs"), ("nutrition-1000-days", "nutrition"), ("nutrition-1000-days", "growth"),
        ("immunisation-days", "immunisation"), ("vitamin-a", "vitamin-a"), ("visits", "visit"),
    }  # fmt: skip
    assert all(s.without_mother for c, s in STEPS if c.anchor in (CALENDAR, SESSION))


# By hand


def test_the_condolence_is_there_for_those_who_decide_about_it() -> None:
    loss = LIBRARY["loss"]
    assert (loss.anchor, [s.key for s in loss.steps]) == ("hand", ["condolence"])
    for _, body in bodies(loss.steps[0]):
        assert not re.search(r"đã dừng|stopped|tin nhắn", body), "of twins, one may live and have texts"


def test_a_notice_has_the_topic_of_the_texts_that_it_stands_for() -> None:
    topics = {s.topic for c, s in STEPS if c.code != "notices"}
    for step in LIBRARY["notices"].steps:
        assert step.topic in topics
        assert re.search(r"gọi trạm \{sdt\}", step.text("vi").body), "one thing to do"


# The end of pregnancy


def test_only_the_questions_ask_for_the_outcome_and_only_they_go_on_after_41_weeks_6_days() -> None:
    questions = {s.key for _, s in STEPS if s.topic == QUESTIONS}
    assert questions == {"ask-for-news", "ask-for-news-again"}
    later = {s.key for c, s in STEPS if c.anchor == "gestation" and s.until.days >= QUESTIONS_FROM}
    assert later == {"ask-for-news-again"}


# In every file


@pytest.mark.parametrize(("campaign", "step"), STEPS, ids=[s.key for _, s in STEPS])
def test_the_english_words_have_the_same_values_as_the_vietnamese(campaign: CampaignFile, step: StepFile) -> None:
    for language in ("vi", "en"):
        text = step.text(language)
        words = regions.WORDS if language == "vi" else set()
        assert set(re.findall(r"\{([^{}]+)\}", text.body + text.discreet_body)) <= PLACEHOLDERS | words
    assert {"ngay", "me"} & set(re.findall(r"\{(\w+)\}", step.text("vi").body)) == {"ngay", "me"} & set(
        re.findall(r"\{(\w+)\}", step.text("en").body)
    )


def test_a_reminder_leaves_room_in_its_week() -> None:
    around = [s for s in LIBRARY["visits"].steps if s.role == "mother" and -3 <= s.start.days <= 3]
    assert len(around) <= MOST_A_WEEK
