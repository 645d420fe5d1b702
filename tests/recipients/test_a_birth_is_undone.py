"""A birth recorded for the wrong woman is taken back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import Caregiver, ChangeEvent, Child, Visit
from recipients.registry import register_pregnancy
from tests import people

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def unit():
    return people.commune()


def code(verb, *args, **facts) -> str:
    before = ChangeEvent.objects.count()
    with pytest.raises(Refusal, match=r"\.$") as refusal:
        verb(*args, **facts)
    assert ChangeEvent.objects.count() == before
    return refusal.value.code


def test_the_pregnancy_goes_on_and_the_twins_are_gone(unit, now, told):
    mai, today = people.mai(unit, now, weeks=38), local_day(now)
    one, other = events.birth(mai, born_on=today, children=[events.Newborn(), events.Newborn()], **told)
    events.plan_visit(type="growth", on=today + 30 * DAY, child=one, **told)
    assert events.undo_birth(other, **told) == mai
    mai.refresh_from_db()
    assert (mai.outcome, mai.outcome_date, mai.outcome_recorded_at) == ("", None, None)
    assert not Child.objects.exists()
    assert not mai.mother.children.exists()
    assert Child.everything.filter(withdrawn_at=now).count() == 2
    assert Visit.objects.get().canceled_on == today
    event = ChangeEvent.objects.latest("id")
    assert (event.what, event.pregnancy) == ("undone", mai)
    assert event.old["children"] == [one.pk, other.pk]


def test_her_own_birth_is_recorded_afterwards_on_the_same_day_too(unit, now, told):
    mai, today = people.mai(unit, now, weeks=38), local_day(now)
    wrong = events.birth(mai, born_on=today, **told)[0]
    events.undo_birth(wrong, **told)
    mai.refresh_from_db()
    right = events.birth(mai, born_on=today, **told)[0]
    assert right.pk != wrong.pk
    assert Child.objects.get() == right
    with pytest.raises(IntegrityError), transaction.atomic():
        Child.everything.filter(pk=wrong.pk).update(withdrawn_at=None)


def test_care_for_the_children_ends_with_them_and_goes_on_for_the_pregnancy(unit, now, told):
    mai = people.mai(unit, now, weeks=38)
    people.chong_lan(mai, now)
    child = events.birth(mai, born_on=local_day(now), **told)[0]
    assert Caregiver.objects.get(child=child).ended_on is None
    events.undo_birth(child, **told)
    assert Caregiver.objects.get(child=child).ended_on == local_day(now)
    assert Caregiver.objects.get(pregnancy=mai).ended_on is None


def test_who_may_undo_and_until_when(unit, now, told):
    mai, today = people.mai(unit, now, weeks=38), local_day(now)
    child = events.birth(mai, born_on=today, **told)[0]
    later = {"now": now + DAY + timedelta(minutes=1), "source": "page"}
    assert code(events.undo_birth, child, **later) == "too_late"
    events.undo_birth(child, by=people.user("admin"), **later)


def test_not_where_something_is_on_the_childs_record(unit, now, told):
    mai, today = people.mai(unit, now, weeks=38), local_day(now)
    child = events.birth(mai, born_on=today, **told)[0]
    events.attend_visit(type="growth", on=today, child=child, **told)
    assert code(events.undo_birth, child, **told) == "has_record"


@pytest.mark.parametrize("what", ["birth", "loss"])
def test_a_pregnancy_that_was_closed_without_an_outcome_is_that_again(unit, now, told, what):
    """Not ongoing: it began long ago, and the station would be asked about it; whether or not the later one goes on."""
    today = local_day(now)
    former = people.lan(unit, now - 300 * DAY, weeks=20)
    later = register_pregnancy(person=former.mother, lmp=today - 60 * DAY, **told)
    former.refresh_from_db()
    was = (former.outcome, former.outcome_date, former.outcome_recorded_at)
    assert was[0] == "unknown"
    if what == "birth":
        events.undo_birth(events.birth(former, born_on=former.anchor_date + 270 * DAY, **told)[0], **told)
    else:
        events.undo_loss(events.loss(former, kind="miscarriage", on=former.anchor_date + 100 * DAY, **told), **told)
    former.refresh_from_db()
    assert (former.outcome, former.outcome_date, former.outcome_recorded_at) == was
    later.refresh_from_db()
    assert later.outcome == ""
