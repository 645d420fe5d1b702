"""The timeline against a slow oracle that walks the calendar day by day."""

from calendar import monthrange
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from campaigns.schedule.timeline import Fate, Offset, Timing, anchors_due_on, due_date, place

DAYS = st.dates(date(2023, 1, 1), date(2032, 12, 31))
OFFSETS = st.builds(Offset, months=st.integers(0, 60), days=st.integers(0, 320))


def slow_months_later(day: date, months: int) -> date:
    """Month by month, remembering the day of the month that was wanted."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@given(DAYS, OFFSETS)
def test_a_due_date_is_months_and_then_days(anchor, offset):
    assert due_date(anchor, offset) == slow_months_later(anchor, offset.months) + timedelta(offset.days)


@given(DAYS, OFFSETS)
def test_the_anchors_of_a_day_are_exactly_those_that_fall_due_on_it(day, offset):
    middle = day - timedelta(days=offset.days + round(offset.months * 30.44))
    candidates = [middle + timedelta(days=shift) for shift in range(-12, 13)]
    assert anchors_due_on(day, offset) == [each for each in candidates if due_date(each, offset) == day]


def test_born_on_the_last_of_a_month():
    one_month = Offset(months=1)
    assert due_date(date(2026, 1, 31), one_month) == date(2026, 2, 28)
    assert due_date(date(2028, 1, 31), one_month) == date(2028, 2, 29)
    assert anchors_due_on(date(2026, 2, 28), one_month) == [date(2026, 1, d) for d in (28, 29, 30, 31)]
    assert anchors_due_on(date(2026, 3, 30), one_month) == []
    assert anchors_due_on(date(2026, 4, 30), one_month) == [date(2026, 3, 30), date(2026, 3, 31)]
    assert due_date(date(2024, 2, 29), Offset(months=12)) == date(2025, 2, 28)


WEEK = timedelta(weeks=1)


def step(key: str, start: int, until: int, catch_up: str = "skip", topic: str = "anc") -> Timing:
    return Timing(key, topic, Offset(days=start * 7), Offset(days=until * 7), catch_up)


def test_a_late_entrant_gets_what_is_current_of_each_topic():
    today, anchor = date(2026, 11, 21), date(2026, 11, 21) - 33 * WEEK
    steps = [
        step("first", 6, 13, "send_latest"),
        step("second", 16, 34, "send_latest"),
        step("third", 28, 40, "send_latest"),
        step("iron", 8, 40, "send_latest", topic="iron"),
        step("danger", 20, 40, "always"),
        step("rest", 20, 36, "skip"),
        step("now", 33, 36),
        step("later", 36, 39, "send_latest"),
    ]
    fates = {placed.key: placed.fate for placed in place(steps, anchor, today, today + timedelta(days=1))}
    assert fates == {
        "first": Fate.CLOSED,
        "second": Fate.SUPERSEDED,
        "third": Fate.SUPERSEDED,  # "now" is of the topic and is due today
        "iron": Fate.CATCH_UP,
        "danger": Fate.CATCH_UP,
        "rest": Fate.LATE_ENTRY,
        "now": Fate.DUE,
        "later": Fate.AHEAD,
    }


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10), st.sampled_from(["skip", "send_latest", "always"]),
                          st.sampled_from("ab")), max_size=8), st.integers(0, 45))  # fmt: skip
def test_at_most_one_step_of_a_topic_is_caught_up_with(drawn, week):
    today = date(2026, 11, 21)
    steps = [step(str(n), start, start + long, policy, topic) for n, (start, long, policy, topic) in enumerate(drawn)]
    placed = {each.key: each for each in place(steps, today - week * WEEK, today, today + timedelta(days=1))}
    for topic in "ab":
        sent = [s for s in steps if s.topic == topic and s.catch_up == "send_latest"
                and placed[s.key].fate == Fate.CATCH_UP]  # fmt: skip
        assert len(sent) <= 1
        for other in steps:
            late = placed[other.key].fate == Fate.SUPERSEDED
            assert not late or other.topic != topic or any(
                placed[s.key].due_on >= placed[other.key].due_on and placed[s.key].due_on <= today
                for s in steps if s.topic == topic and s.key != other.key
            )  # fmt: skip
    for each in steps:
        due, last, fate = placed[each.key].due_on, placed[each.key].last_day, placed[each.key].fate
        assert (fate == Fate.CLOSED) == (due < today and last < today)
        assert (fate == Fate.AHEAD) == (due > today + timedelta(days=1))
