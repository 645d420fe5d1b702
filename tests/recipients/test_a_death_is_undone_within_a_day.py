"""A death recorded by mistake is undone within 24 hours; later by an administrator only."""

from datetime import timedelta

import pytest

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import Caregiver, ChangeEvent, Child, Pregnancy
from recipients.registry import register_child
from tests import people

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def unit():
    return people.commune()


def code(subject, now, **facts) -> str:
    before = ChangeEvent.objects.count()
    with pytest.raises(Refusal) as refusal:
        events.undo_death(subject, now=now, source="page", **facts)
    assert refusal.value.conflict
    assert refusal.value.sentence.endswith(".")
    assert ChangeEvent.objects.count() == before
    return refusal.value.code


def test_a_child_lives_again_and_both_are_on_record(unit, now):
    an = people.be_an(unit, now)
    assert code(an, now) == "not_dead"
    events.child_death(an, on=local_day(now), now=now, source="page")
    events.undo_death(an, now=now + DAY, source="page")
    assert Child.objects.get(pk=an.pk).died_on is None
    event = ChangeEvent.objects.get(what="undone")
    assert (event.child, event.old, event.new) == (an, {"died_on": local_day(now).isoformat()}, {"died_on": None})


def test_after_a_day_only_an_administrator_undoes_it(unit, now):
    an = people.be_an(unit, now)
    events.child_death(an, on=local_day(now), now=now, source="page")
    late = now + DAY + timedelta(seconds=1)
    assert code(an, late, by=people.user("station", unit)) == "too_late"
    events.undo_death(an, now=late, source="page", by=people.user("admin"))
    assert an.died_on is None


def test_correcting_the_day_does_not_open_the_24_hours_anew(unit, now):
    an = people.be_an(unit, now)
    events.child_death(an, on=local_day(now), now=now, source="page")
    events.child_death(an, on=local_day(now) - DAY, now=now + timedelta(hours=20), source="page")
    assert code(an, now + timedelta(hours=25)) == "too_late"


def test_a_death_recorded_again_counts_from_its_own_day(unit, now):
    an = people.be_an(unit, now)
    events.child_death(an, on=local_day(now), now=now, source="page")
    events.undo_death(an, now=now, source="page")
    later = now + 3 * DAY
    events.child_death(an, on=local_day(later), now=later, source="page")
    events.undo_death(an, now=later + timedelta(hours=23), source="page")
    assert an.died_on is None


def test_the_death_of_a_twin_says_nothing_of_the_other(unit, now):
    mai = people.mai(unit, now, weeks=39)
    one, other = events.birth(
        mai, born_on=local_day(now) - 3 * DAY, children=[events.Newborn()] * 2, now=now, source="page"
    )  # fmt: skip
    events.child_death(one, on=local_day(now) - 3 * DAY, now=now - 2 * DAY, source="page")
    events.child_death(other, on=local_day(now), now=now, source="page")
    assert code(one, now) == "too_late"
    events.undo_death(other, now=now, source="page")
    assert [c.died_on for c in Child.objects.order_by("birth_order")] == [local_day(now) - 3 * DAY, None]


def test_a_mother_lives_again_and_her_pregnancy_goes_on(unit, now):
    lan = people.lan(unit, now)
    events.maternal_death(lan.mother, on=local_day(now), now=now, source="page")
    events.undo_death(lan.mother, now=now, source="page")
    lan.refresh_from_db()
    assert (lan.outcome, lan.outcome_date, lan.outcome_recorded_at, lan.mother.died_on) == ("", None, None, None)


def test_a_mother_who_died_at_the_birth_leaves_a_child_in_care(unit, now):
    mai = people.mai(unit, now, weeks=38)
    people.chong_lan(mai, now)
    events.maternal_death(mai.mother, on=local_day(now), now=now, source="page")
    for _time in range(2):
        children = events.birth(mai, born_on=local_day(now), now=now, source="page")
    assert Pregnancy.objects.get(pk=mai.pk).outcome == "maternal_death"
    carer = Caregiver.objects.get(child=children[0])
    assert (carer.role, carer.agreed_by_mother, carer.ended_on) == ("husband", True, None)
    assert ChangeEvent.objects.filter(what="birth").count() == 1
    assert register_child(mother=mai.mother, date_of_birth=local_day(now), now=now, source="page") == children[0]
    events.undo_death(mai.mother, now=now, source="page")
    mai.refresh_from_db()
    assert (mai.outcome, mai.outcome_date) == ("live_birth", local_day(now))


def test_nobody_is_born_after_the_mothers_death(unit, now):
    mai = people.mai(unit, now, weeks=38)
    events.maternal_death(mai.mother, on=local_day(now) - DAY, now=now, source="page")
    with pytest.raises(Refusal) as refusal:
        events.birth(mai, born_on=local_day(now), now=now, source="page")
    assert refusal.value.code == "outcome_recorded"


def test_who_cares_for_her_living_child_stays(unit, now):
    an = people.be_an(unit, now)
    sau = people.ba_sau(an, now)
    events.maternal_death(an.mother, on=local_day(now), now=now, source="page")
    sau.refresh_from_db()
    assert sau.ended_on is None
