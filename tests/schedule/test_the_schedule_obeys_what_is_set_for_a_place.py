"""Ages, services, closed days and the length of iron as they are set for a province, commune or station."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.local import setting
from campaigns.models import Parameter, ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.explain import why
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due, still_wanted
from campaigns.schedule.upcoming import coming
from recipients import sessions
from recipients.models import AdminUnit, Child, Facility
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
JUNE = Line("june", day=-3, open_for=4, month_day="06-01", age_from=(6, 0), age_until=36, topic="vitamin-a")
FIVE_IN_ONE = Line("five-in-one", day=-2, open_for=2, service="immunisation", age_from=(2, 0), age_until=12)
BEFORE = date(2026, 5, 27)


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)


NOON = on(date(2026, 11, 21))
TODAY = NOON.date()


def born(unit: AdminUnit, months: int, number: int) -> Child:
    """A child who is so many months old on the first of June."""
    year, month = divmod(2026 * 12 + 5 - months, 12)
    days = (BEFORE - date(year, month + 1, 1)).days
    return people.be_an(unit, on(BEFORE), days=days, name=f"Yến {number}", phone=f"070792440{number}")


def walk(first: date, days: int) -> None:
    for number in range(days):
        derive(on(first + timedelta(days=number)))
        plan(on(first + timedelta(days=number)))


def due() -> set[int]:
    return set(ScheduledMessage.objects.values_list("enrollment__child", flat=True))


def put(unit: AdminUnit | None, name: str, value: str, at: date = BEFORE, **days: date) -> Parameter:
    return setting.set_value(name, unit, value, now=on(at), **days)


@pytest.fixture
def rounds(unit) -> AdminUnit:
    publish([JUNE], code="vitamin-a", anchor="calendar")
    return unit


def test_a_province_gives_vitamin_a_to_five_years_another_to_three(rounds):
    elsewhere = people.commune("07210", "Xã Yên Thế", people.province("24", "Tỉnh Bắc Ninh"))
    old, young = born(rounds, 50, 1), born(rounds, 20, 2)
    old_there, young_there = born(elsewhere, 50, 3), born(elsewhere, 20, 4)
    put(rounds.parent, "vitamin_a_age", "6-60")
    walk(BEFORE, 8)
    assert due() == {old.pk, young.pk, young_there.pk}
    assert old_there.pk not in due()


def test_a_commune_has_its_own_ages_within_its_province(rounds):
    other = people.commune(people.LONG_CHAU, "Phường Long Châu")
    put(rounds.parent, "vitamin_a_age", "6-60")
    put(rounds, "vitamin_a_age", "12-24")
    here = [born(rounds, months, number) for number, months in enumerate((8, 20, 50))]
    there = [born(other, months, number + 3) for number, months in enumerate((8, 50))]
    walk(BEFORE, 8)
    assert due() == {here[1].pk, *(child.pk for child in there)}


def test_for_everybody_and_only_in_the_round_for_which_it_counts(rounds):
    child = born(rounds, 50, 1)
    later = put(None, "vitamin_a_age", "6-60", valid_from=date(2026, 6, 2))
    walk(BEFORE, 6)
    assert due() == set()
    setting.take_back(later, now=on(date(2026, 6, 1)))
    put(None, "vitamin_a_age", "6-60", at=date(2026, 6, 1))
    walk(date(2026, 6, 1), 1)
    assert due() == {child.pk}


@pytest.mark.parametrize("late", [False, True], ids=["registered", "comes late"])
def test_a_round_is_for_the_ages_of_its_own_day_also_where_its_text_goes_before(rounds, late):
    put(rounds.parent, "vitamin_a_age", "6-60", valid_from=date(2026, 6, 1))
    if late:
        walk(BEFORE, 3)
    person = born(rounds, 50, 1).mother
    before, day = on(date(2026, 5, 28)), on(date(2026, 5, 29))
    if not late:
        derive(before)
        plan(before)
        assert [answer.kind for answer in why(person, day.date(), before)] == ["will"]
    assert schedule(day)["released"] == 1


@pytest.mark.parametrize("meanwhile", [0, 3])
def test_set_after_the_day_was_planned_the_round_is_still_told(rounds, meanwhile: int):
    child = born(rounds, 50, 1)
    walk(BEFORE, 1 + meanwhile)
    put(rounds.parent, "vitamin_a_age", "6-60", at=BEFORE + timedelta(days=meanwhile))
    walk(BEFORE + timedelta(days=meanwhile), 3)
    assert due() == {child.pk}


def test_who_comes_late_is_caught_up_with_by_the_ages_of_the_place(rounds):
    put(rounds, "vitamin_a_age", "12-60")
    walk(BEFORE, 4)
    old, _young = born(rounds, 50, 1), born(rounds, 8, 2)
    walk(date(2026, 5, 31), 2)
    assert due() == {old.pk}


def test_narrowed_after_the_hand_over_it_does_not_leave(rounds):
    born(rounds, 30, 1)
    day = date(2026, 5, 29)
    schedule(on(day))
    row = ScheduledMessage.objects.get()
    assert row.state == "released"
    put(rounds, "vitamin_a_age", "6-24", at=day)
    assert still_wanted([row.key], on(day)) == {row.key: "redated"}


def test_what_is_ahead_is_shown_by_the_ages_of_the_place(rounds):
    child = born(rounds, 40, 1)
    walk(date(2026, 5, 1), 1)
    person, now = child.mother, on(date(2026, 5, 1))
    assert coming(person, now) == []
    put(rounds, "vitamin_a_age", "6-60", at=date(2026, 5, 1))
    assert [item.step_key for item in coming(person, now)] == ["june"]
    assert [answer.kind for answer in why(person, date(2026, 5, 29), now)] == ["will"]


# --- sessions ---------------------------------------------------------------------------------


@pytest.fixture
def station(unit) -> Facility:
    publish([FIVE_IN_ONE], code="sessions", anchor="session")
    return people.station(unit)


@pytest.fixture
def baby(unit) -> Child:
    """Two months old today."""
    return people.be_an(unit, NOON, days=61)


def hold(station: Facility, *days: int, service: str = "immunisation") -> None:
    for day in days:
        sessions.set_session(station, service=service, day=TODAY + timedelta(days=day))


def passes(*days: int) -> None:
    for day in days:
        derive(NOON + timedelta(days=day))
        plan(NOON + timedelta(days=day))


def reminded() -> list[int]:
    """Days from today of every due reminder."""
    rows = ScheduledMessage.objects.order_by("due_on").values_list("due_on", flat=True)
    return [(day - TODAY).days for day in rows]


def put_now(unit: AdminUnit | None, name: str, value: str, first: int = 0, last: int | None = None) -> Parameter:
    ends = None if last is None else TODAY + timedelta(days=last)
    return put(unit, name, value, TODAY, valid_from=TODAY + timedelta(days=first), valid_to=ends)


def test_closed_on_the_day_the_first_open_session_after_counts(unit, station, baby):
    hold(station, 3, 10)
    put_now(unit.parent, "closed", "yes", 2, 5)
    passes(*range(12))
    assert reminded() == [8]


def test_closed_after_it_was_planned_the_reminder_moves(unit, station, baby):
    hold(station, 3, 10)
    passes(0, 1)
    assert reminded() == [1]
    closed = put_now(unit, "closed", "yes", 2, 5)
    assert release_due(NOON + timedelta(days=1))["redated"] == 1
    passes(1, 2, 8)
    assert reminded() == [8]
    setting.take_back(closed, now=NOON + timedelta(days=1))
    passes(2)
    assert reminded() == [1]


def test_a_station_that_stays_open_says_so(unit, station, baby):
    hold(station, 3)
    put_now(unit.parent, "closed", "yes", 2, 5)
    put_now(unit, "closed", "no", 2, 5)
    passes(0, 1, 2)
    assert reminded() == [1]


def test_whoever_was_old_enough_on_closed_days_is_called_after_them(unit, station):
    people.be_an(unit, NOON, days=61)
    hold(station, -20, 3, 5, 12)
    put_now(unit, "closed", "yes", 1, 6)
    passes(*range(13))
    assert reminded() == [10]


def test_a_service_that_is_not_offered_calls_nobody(unit, station, baby):
    hold(station, 3)
    put_now(unit, "services", "growth, vitamin_a")
    passes(0, 1, 2)
    assert reminded() == []
    assert coming(baby.mother, NOON) == []
    put_now(unit, "services", "immunisation")
    passes(2)
    assert reminded() == [1]


def test_ages_that_are_not_vaccinated_here_are_not_called(unit, station, baby):
    hold(station, 3)
    put_now(None, "immunisation_months", "3, 4, 9")
    passes(0, 1, 2)
    assert reminded() == []
    assert coming(baby.mother, NOON) == []
    put_now(unit, "immunisation_months", "2, 3, 4")
    assert [item.step_key for item in coming(baby.mother, NOON)] == ["five-in-one"]
    passes(2)
    assert reminded() == [1]


def test_the_stations_vitamin_a_days_follow_the_ages_too(unit):
    publish(
        [Line("two-years", day=-2, open_for=2, service="vitamin_a", age_from=(24, 0), age_until=30)],
        code="days", anchor="session",
    )  # fmt: skip
    people.be_an(unit, NOON, days=740)
    hold(people.station(unit), 3, service="vitamin_a")
    put_now(unit, "vitamin_a_age", "6-24")
    passes(0, 1)
    assert reminded() == []
    put_now(unit, "vitamin_a_age", "6-36")
    passes(1)
    assert reminded() == [1]


# --- iron -------------------------------------------------------------------------------------


def test_texts_about_iron_end_with_the_days_that_are_set(unit):
    publish([Line("iron", day=20, open_for=10, topic="iron")], anchor="birth")
    child = people.be_an(unit, NOON, days=20)
    put_now(unit, "iron_days", "14")
    assert coming(child.mother, NOON) == []
    schedule(NOON)
    row = ScheduledMessage.objects.get()
    assert (row.state, row.reason) == ("waiting", "not_meant")
    put_now(unit, "iron_days", "42")
    schedule(NOON + timedelta(days=1))
    row.refresh_from_db()
    assert (row.state, row.reason) == ("released", "")


def test_other_texts_after_birth_and_iron_before_it_go_on(unit):
    publish([Line("play", day=20, topic="play")], anchor="birth", code="play")
    publish([Line("iron", day=84, topic="iron")], code="iron")
    people.be_an(unit, NOON, days=20)
    people.lan(unit, NOON)
    put_now(unit, "iron_days", "14")
    assert schedule(NOON)["released"] == 2


def test_without_a_rule_no_query_more_and_nothing_else(unit, station, baby, django_assert_max_num_queries):
    hold(station, 3)
    passes(0, 1)
    assert reminded() == [1]
    Parameter.objects.create(name="hotline", value="111")
    with django_assert_max_num_queries(20):
        plan(NOON + timedelta(days=1))
