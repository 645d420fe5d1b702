"""Planner and catch-up against a slow oracle that walks every day for every pregnancy."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Enrollment, PlannerState, ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from recipients.models import Child, Person, Pregnancy
from tests import people
from tests.schedule.test_every_step_falls_on_one_day import slow_months_later
from tests.timelines import Line, publish

pytestmark = pytest.mark.django_db
FIRST = date(2026, 1, 25)
NOON = timedelta(hours=5)  # 12:00 in Vietnam


def noon(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC) + NOON


LINES = st.lists(
    st.builds(
        Line,
        key=st.sampled_from("abcdef"),
        day=st.integers(0, 40),
        month=st.integers(0, 2),
        open_for=st.integers(0, 20),
        catch_up=st.sampled_from(["skip", "send_latest", "always"]),
        topic=st.sampled_from(["anc", "iron"]),
    ),
    max_size=5,
    unique_by=lambda line: line.key,
)
LIVES = st.lists(  # (day of birth, day of registration, days by which it is moved, on which day), all from FIRST on
    st.tuples(st.integers(-70, 30), st.integers(0, 30), st.integers(-20, 20), st.integers(0, 40)), max_size=5
)


def slow_fate(line: Line, born: date, entered: date, lines: list[Line]) -> str:
    """What becomes of a step for somebody who enters on a day, in the words of the rules."""

    def due(each: Line) -> date:
        return slow_months_later(born, each.month) + timedelta(each.day)

    def last(each: Line) -> date:
        return max(due(each), slow_months_later(born, each.month) + timedelta(each.day + each.open_for))

    if due(line) >= entered:
        return "waiting"
    if last(line) < entered:
        return "none"
    if line.catch_up == "always":
        return "waiting"
    if line.catch_up == "skip":
        return "late_entry"
    rivals = [
        (due(each), lines.index(each))
        for each in lines
        if each.topic == line.topic and due(each) <= entered <= last(each)
        and (each.catch_up == "send_latest" or due(each) == entered)
    ]  # fmt: skip
    return "waiting" if max(rivals) == (due(line), lines.index(line)) else "superseded"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, lives=LIVES, passes=st.lists(st.integers(0, 45), min_size=1, max_size=8))
def test_whatever_the_days_of_the_passes(db, lines, lives, passes):
    """Outages of any length, registrations in any order: every row is there once, on its day, with its reason."""
    ScheduledMessage.objects.all().delete()
    Enrollment.objects.all().delete()
    Child.objects.all().delete()
    PlannerState.objects.all().delete()
    Person.objects.all().delete()
    campaign = publish(lines, code="child", anchor="birth")
    unit = people.commune()
    expected: dict[tuple[str, str], tuple[date, str]] = {}
    entered: set[str] = set()
    last = FIRST
    for shift in sorted(set(passes)):
        today = FIRST + timedelta(days=shift)
        for number, (born, registered, _move, _on) in enumerate(lives):
            day = FIRST + timedelta(days=born)
            name = f"w{number}"
            if name in entered or FIRST + timedelta(days=registered) > today or day > today:
                continue
            entered.add(name)
            woman = Person.objects.create(
                name=name, name_key=name, search_name=name, unit=unit, registered_at=noon(today)
            )
            Child.objects.create(mother=woman, date_of_birth=day, registered_at=noon(today))
            for line in lines:
                fate = slow_fate(line, day, today, lines)
                if fate != "none":
                    expected[name, line.key] = (slow_months_later(day, line.month) + timedelta(line.day), fate)
        derive(noon(today))
        plan(noon(today))
        plan(noon(today))  # a second pass changes nothing
        last = today
    horizon = last + timedelta(days=1)
    wanted = {key: value for key, value in expected.items() if value[0] <= horizon}
    rows = ScheduledMessage.objects.filter(campaign=campaign).select_related("person")
    found = {(row.person.name, row.step_key): (row.due_on, row.reason or str(row.state)) for row in rows}
    assert found == wanted, (lines, lives, passes)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=LINES,
    start=st.integers(-60, 0),
    moves=st.lists(st.tuples(st.integers(0, 40), st.integers(-21, 21)), max_size=4),
)
def test_redated_in_any_way_nothing_is_due_twice_or_on_a_wrong_day(db, lines, start, moves):
    """After every move the rows lie where the present anchor puts them, and each step has one row at most."""
    ScheduledMessage.objects.all().delete()
    Enrollment.objects.all().delete()
    Pregnancy.objects.all().delete()
    PlannerState.objects.all().delete()
    Person.objects.all().delete()
    publish(lines)
    unit = people.commune()
    woman = Person.objects.create(name="Lan", name_key="lan", search_name="lan", unit=unit, registered_at=noon(FIRST))
    anchor = FIRST + timedelta(days=start)
    pregnancy = Pregnancy.objects.create(mother=woman, dating="lmp", anchor_date=anchor, registered_at=noon(FIRST))
    for day, move in [(0, 0), *sorted(moves)]:
        today = FIRST + timedelta(days=day)
        anchor = min(anchor + timedelta(days=move), today)
        Pregnancy.objects.filter(pk=pregnancy.pk).update(anchor_date=anchor)
        PlannerState.objects.update(derived_on=None)  # no verb wrote it down: as on the first pass of a day
        derive(noon(today))
        plan(noon(today))
        rows = {row.step_key: row for row in ScheduledMessage.objects.all()}
        assert len(rows) == ScheduledMessage.objects.count()
        for line in lines:
            due = slow_months_later(anchor, line.month) + timedelta(line.day)
            if line.key in rows:
                assert rows[line.key].due_on == due
            else:
                last = slow_months_later(anchor, line.month) + timedelta(line.day + line.open_for)
                assert due > today + timedelta(days=1) or last < today
