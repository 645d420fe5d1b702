"""A birth is recorded with its true day, weight and gestation, however late it is told and however early it came."""

from datetime import timedelta

import pytest

from recipients import events
from recipients.days import local_day
from recipients.models import ChangeEvent, Child
from recipients.registry import register_child
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def unit():
    return people.commune()


def test_a_birth_told_four_weeks_late_keeps_its_day(unit, now, told):
    mai = people.mai(unit, now, weeks=42)
    born = local_day(now) - timedelta(days=28)
    child = events.birth(mai, born_on=born, **told)[0]
    assert (child.date_of_birth, child.gestation_at_birth, child.registered_at) == (born, 38 * 7, now)
    assert (mai.outcome_date, mai.outcome_recorded_at) == (born, now)


def test_a_child_of_26_weeks_and_900_grams_is_a_live_birth(unit, now, told):
    mai = people.mai(unit, now, weeks=26)
    child = events.birth(mai, born_on=local_day(now), children=[events.Newborn("An", 900)], **told)[0]
    assert (child.gestation_at_birth, child.birth_weight) == (26 * 7, 900)


def test_a_gestation_that_was_measured_goes_before_the_one_that_was_counted(unit, now, told):
    mai = people.mai(unit, now, weeks=38)
    child = events.birth(mai, born_on=local_day(now), children=[events.Newborn(gestation=245)], **told)[0]
    assert child.gestation_at_birth == 245


def test_twins_have_each_their_own_weight(unit, now, told):
    mai = people.mai(unit, now, weeks=36)
    newborns = [events.Newborn("An", 2100), events.Newborn("Bình", 1900)]
    events.birth(mai, born_on=local_day(now), children=newborns, **told)
    rows = Child.objects.order_by("birth_order").values_list("name", "birth_weight", "birth_order")
    assert list(rows) == [("An", 2100, 1), ("Bình", 1900, 2)]


def test_what_was_not_known_is_filled_in_and_what_was_stays(unit, now, told):
    mai, born = people.mai(unit, now, weeks=38), local_day(now)
    events.birth(mai, born_on=born, children=[events.Newborn("An")], **told)
    for _time in range(2):
        events.birth(mai, born_on=born, children=[events.Newborn("Bình", 2300)], **told)
    child = Child.objects.get()
    assert (child.name, child.birth_weight, child.gestation_at_birth) == ("An", 2300, 38 * 7)
    event = ChangeEvent.objects.get(what="details")
    assert (event.child, event.old, event.new) == (child, {"birth_weight": None}, {"birth_weight": 2300})


def test_a_child_registered_first_gets_the_gestation_of_the_birth_told_later(unit, now, told):
    mai = people.mai(unit, now, weeks=30)
    born = local_day(now) + timedelta(weeks=6)
    later = now + timedelta(weeks=8)
    child = register_child(mother=mai.mother, date_of_birth=born, now=later, source="page", birth_weight=2400)
    mai.refresh_from_db()
    assert (mai.outcome, child.pregnancy, child.gestation_at_birth, child.birth_weight) == (
        "live_birth", mai, 36 * 7, 2400,
    )  # fmt: skip
