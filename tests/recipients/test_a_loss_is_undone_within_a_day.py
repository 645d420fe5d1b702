"""A loss recorded by mistake is undone within 24 hours; later, or beside what was recorded since, it is not."""

from datetime import timedelta

import pytest

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import ChangeEvent
from recipients.registry import register_child, register_pregnancy
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return people.commune()


@pytest.fixture
def lan(unit, now):
    pregnancy = people.lan(unit, now, weeks=30)
    on = local_day(now) - timedelta(days=2)
    return events.loss(pregnancy, kind="stillbirth", on=on, now=now, source="page")


def code(pregnancy, now, **facts) -> str:
    before = ChangeEvent.objects.count()
    with pytest.raises(Refusal) as refusal:
        events.undo_loss(pregnancy, now=now, source="page", **facts)
    assert refusal.value.conflict
    assert refusal.value.sentence.endswith(".")
    assert ChangeEvent.objects.count() == before
    return refusal.value.code


def test_the_pregnancy_is_ongoing_again_and_both_are_on_record(lan, now):
    events.undo_loss(lan, now=now + timedelta(hours=24), source="page")
    lan.refresh_from_db()
    assert (lan.outcome, lan.outcome_date, lan.outcome_recorded_at) == ("", None, None)
    assert ChangeEvent.objects.get(what="loss").new["outcome"] == "stillbirth"
    event = ChangeEvent.objects.get(what="undone")
    assert (event.old["outcome"], event.new["outcome"]) == ("stillbirth", "")
    assert code(lan, now) == "not_a_loss"


def test_after_a_day_only_an_administrator_undoes_it(lan, unit, now):
    late = now + timedelta(hours=24, seconds=1)
    assert code(lan, late, by=people.user("station", unit)) == "too_late"
    assert code(lan, late) == "too_late"
    assert events.undo_loss(lan, now=late, source="page", by=people.user("admin")).outcome == ""


def test_correcting_the_loss_does_not_open_the_day_anew(lan, now):
    later = now + timedelta(hours=20)
    events.loss(lan, kind="miscarriage", on=lan.outcome_date, now=later, source="page")
    assert code(lan, later + timedelta(hours=5)) == "too_late"


def test_a_birth_is_no_loss(unit, now):
    mai = people.mai(unit, now, weeks=39)
    events.birth(mai, born_on=local_day(now), now=now, source="page")
    assert code(mai, now) == "not_a_loss"


def test_not_beside_a_pregnancy_that_was_registered_since(lan, now):
    register_pregnancy(person=lan.mother, lmp=local_day(now), now=now, source="page")
    assert code(lan, now) == "overlaps"


def test_not_beside_a_twin_that_lives(lan, now):
    day = lan.outcome_date
    register_child(mother=lan.mother, date_of_birth=day, beside_loss=True, now=now, source="page")
    assert code(lan, now) == "overlaps"


def test_not_for_a_woman_who_has_died(lan, now):
    events.maternal_death(lan.mother, on=local_day(now), now=now, source="page")
    assert code(lan, now) == "died"
