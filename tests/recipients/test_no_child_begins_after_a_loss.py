"""After a recorded loss nobody starts a child's texts by registering the child, unless a twin is said to live."""

from datetime import timedelta

import pytest
from django.utils import translation

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import ChangeEvent, Child
from recipients.registry import register_child, register_pregnancy
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def lost(now, told):
    """Lan's stillbirth at 36 weeks, 30 weeks ago."""
    then = now - timedelta(weeks=30)
    lan = people.lan(people.commune(), then, weeks=36)
    return events.loss(lan, kind="stillbirth", on=local_day(then), now=then, source="page")


def refused(**facts) -> Refusal:
    before = (Child.objects.count(), ChangeEvent.objects.count())
    with pytest.raises(Refusal) as raised, translation.override("en"):
        register_child(**facts)
    assert (Child.objects.count(), ChangeEvent.objects.count()) == before
    return raised.value


@pytest.mark.parametrize("days", [-36 * 7, -30, -1, 0, 1, 140])
def test_a_birth_around_the_loss_is_a_conflict(lost, told, days):
    born = lost.outcome_date + timedelta(days=days)
    refusal = refused(mother=lost.mother, date_of_birth=born, **told)
    assert (refusal.code, refusal.conflict) == ("outcome_recorded", True)
    assert "undo it first" in refusal.sentence


@pytest.mark.parametrize("days", [-36 * 7 - 1, 141])
def test_a_birth_before_that_pregnancy_or_long_after_is_taken(lost, told, days):
    born = lost.outcome_date + timedelta(days=days)
    assert register_child(mother=lost.mother, date_of_birth=born, **told).pregnancy is None


def test_a_mother_who_is_found_by_name_and_phone_is_no_way_around(lost, told):
    facts = {"name": "Nguyễn Thị Lan", "unit": lost.mother.unit, "phone": "0912345678", "seek": True, **told}
    assert refused(date_of_birth=lost.outcome_date, **facts).code == "outcome_recorded"


def test_a_living_twin_is_said_to_live(lost, told):
    facts = {"mother": lost.mother, "date_of_birth": lost.outcome_date, "beside_loss": True, **told}
    child = register_child(**facts)
    lost.refresh_from_db()
    assert (child.pregnancy, lost.outcome) == (lost, "stillbirth")
    assert ChangeEvent.objects.get(what="child").new["beside_loss"] is True
    assert register_child(**facts) == child


@pytest.mark.parametrize("days", [-20 * 7, 100])
def test_a_twin_is_born_between_20_and_45_weeks(lost, told, days):
    born = lost.outcome_date + timedelta(days=days)
    assert refused(mother=lost.mother, date_of_birth=born, beside_loss=True, **told).code == "outcome_recorded"


def test_beside_no_loss_the_word_changes_nothing(now, told):
    mai = people.mai(people.commune(), now, weeks=39)
    register_child(mother=mai.mother, date_of_birth=local_day(now), beside_loss=True, **told)
    mai.refresh_from_db()
    assert mai.outcome == "live_birth"


def test_the_birth_of_the_pregnancy_after_the_loss_is_recorded(lost, now, told):
    again = register_pregnancy(person=lost.mother, lmp=lost.outcome_date + timedelta(days=7), **told)
    later = now + timedelta(weeks=10)
    child = register_child(mother=lost.mother, date_of_birth=local_day(later), now=later, source="page")
    assert child.pregnancy == again
