"""Of a child born before 37 weeks milestones count from the day on which it was due; everything else from its birth."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Enrollment, ScheduledMessage
from campaigns.schedule.corrected import corrected_birth
from campaigns.schedule.upcoming import ahead, followed
from recipients import events
from recipients.days import local_day
from recipients.gestation import GestationalAge, corrected_birth_date
from recipients.models import Child
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TODAY, DAY = local_day(NOON), timedelta(days=1)
WEEKS_30 = 30 * 7
"""Ten weeks before the due date."""
SIX_MONTHS = Line("milestones", month=6, topic="milestones", open_for=30)


def rows() -> list[tuple[str, date, str]]:
    found = ScheduledMessage.objects.order_by("due_on", "step_key")
    return list(found.values_list("step_key", "due_on", "stage"))


@pytest.mark.parametrize("born", [date(2024, 2, 29), date(2025, 12, 31), date(2026, 6, 15)])
def test_the_database_corrects_as_the_pure_function_does(unit, born):
    mother = people.be_an(unit, NOON).mother
    ages = [None, 160, 180, 258, 259, 280, 300]
    Child.objects.bulk_create(
        Child(mother=mother, date_of_birth=born, birth_order=n, gestation_at_birth=age, registered_at=NOON)
        for n, age in enumerate(ages, start=1)
    )
    found = Child.objects.filter(date_of_birth=born).order_by("birth_order").annotate(counted=corrected_birth())
    assert [child.counted for child in found] == [
        corrected_birth_date(born, None if age is None else GestationalAge(*divmod(age, 7))) for age in ages
    ]


def test_her_milestones_come_ten_weeks_later_and_her_injections_do_not(unit):
    publish([SIX_MONTHS], code="milestones", anchor="corrected")
    publish([Line("injection", month=6, topic="epi", open_for=30)], code="ages", anchor="birth")
    born = date(2026, 5, 21)  # six months ago
    child = people.be_an(unit, NOON, date_of_birth=born, gestation_at_birth=WEEKS_30)
    schedule(NOON)
    assert rows() == [("injection", TODAY, "age_6_11m")]
    later = born + 70 * DAY
    [coming] = ahead(followed(child.mother, TODAY), NOON, 120)
    assert (coming.step.key, local_day(coming.due_at)) == ("milestones", date(later.year + 1, 1, later.day))
    for days in range(1, 71):
        schedule(NOON + days * DAY)
    assert rows()[1:] == [("milestones", date(2027, 1, 30), "age_6_11m")], "born 21 May + 70 days + 6 months"


@pytest.mark.parametrize("at_birth", [None, 259, 285])
def test_a_child_born_at_term_or_of_whom_nobody_knows_goes_by_its_birth(unit, at_birth):
    publish([SIX_MONTHS], code="milestones", anchor="corrected")
    people.be_an(unit, NOON, date_of_birth=date(2026, 5, 21), gestation_at_birth=at_birth)
    schedule(NOON)
    assert rows() == [("milestones", TODAY, "age_6_11m")]


def test_the_stage_of_care_is_that_of_the_age_however_she_was_planned(unit):
    publish([Line("milestones", month=4, open_for=30)], code="milestones", anchor="corrected")
    caught_up = people.be_an(unit, NOON, date_of_birth=date(2026, 5, 1), gestation_at_birth=WEEKS_30)
    schedule(NOON)
    assert rows() == [("milestones", date(2026, 11, 10), "age_6_11m")], "caught up: ten days late, six months old"
    ScheduledMessage.objects.all().delete()
    people.be_an(
        unit, NOON, date_of_birth=date(2026, 5, 13), gestation_at_birth=WEEKS_30, mother=caught_up.mother,
        child_name="Bình", beside_loss=True, birth_order=2,
    )  # fmt: skip
    for days in range(3):
        schedule(NOON + days * DAY)
    assert rows() == [("milestones", date(2026, 11, 22), "age_6_11m")], "by the daily join"


def test_a_corrected_birth_moves_the_milestones(unit):
    publish([SIX_MONTHS], code="milestones", anchor="corrected")
    pregnancy = people.mai(unit, NOON, weeks=30)
    [child] = events.birth(pregnancy, born_on=TODAY, now=NOON, source="page")
    schedule(NOON)
    counted = Enrollment.objects.get(anchor="corrected")
    assert (child.gestation_at_birth, counted.anchor_date) == (WEEKS_30, TODAY + 70 * DAY)
    events.correct_birth(child, born_on=TODAY - 7 * DAY, now=NOON, source="page")
    schedule(NOON)
    counted.refresh_from_db()
    assert counted.anchor_date == TODAY + 70 * DAY, "born a week earlier: a week more to the same due date"
    child.refresh_from_db()
    assert child.gestation_at_birth == WEEKS_30 - 7
