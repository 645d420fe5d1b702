"""A missed visit becomes a task only where the visit still makes sense: nobody is asked about one planned before."""

from datetime import timedelta

import pytest

from recipients import events, worklist
from recipients.days import local_day
from recipients.models import Task
from tests import people

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def mai(now):
    return people.mai(people.commune(), now, weeks=38)


def missed(now) -> int:
    worklist.refresh(now)
    return Task.objects.filter(kind="missed_visit", done_at=None).count()


def plan(pregnancy, now, days=3):
    events.plan_visit(
        type="postnatal", on=local_day(now) + days * DAY, pregnancy=pregnancy, now=now, source="page"
    )  # fmt: skip


def test_after_a_live_birth_a_missed_postnatal_visit_is_asked_about(mai, now, told):
    plan(mai, now)
    events.birth(mai, born_on=local_day(now), **told)
    assert missed(now + 17 * DAY) == 1


def test_after_a_loss_only_what_was_agreed_since_counts(mai, now, told):
    plan(mai, now)
    events.loss(mai, kind="stillbirth", on=local_day(now), now=now + DAY, source="page")
    assert missed(now + 30 * DAY) == 0
    plan(mai, now + 2 * DAY)
    assert missed(now + 30 * DAY) == 1


def test_after_the_death_of_the_newborn_only_what_was_agreed_since_counts(mai, now, told):
    child = events.birth(mai, born_on=local_day(now), **told)[0]
    plan(mai, now + DAY)
    events.child_death(child, on=local_day(now + 2 * DAY), now=now + 2 * DAY, source="page")
    assert missed(now + 30 * DAY) == 0
    plan(mai, now + 3 * DAY)
    assert missed(now + 30 * DAY) == 1


def test_a_child_of_five_years_is_followed_no_more(now, told):
    an = people.be_an(people.commune(), now, days=5 * 365 - 10)
    events.plan_visit(type="growth", on=local_day(now), child=an, **told)
    assert missed(now + 11 * DAY) == 0
    an.refresh_from_db()
    young = people.be_an(an.mother.unit, now, mother=an.mother, child_name="Bình", days=700)
    events.plan_visit(type="growth", on=local_day(now), child=young, **told)
    assert missed(now + 14 * DAY) == 1
