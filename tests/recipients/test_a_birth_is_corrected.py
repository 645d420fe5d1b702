"""A birth recorded wrongly: another day, or a child that was not born alive."""

from datetime import timedelta

import pytest

from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import ChangeEvent, Child, Person, Pregnancy, Task
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


def test_twins_move_to_the_right_day_together_and_the_pregnancy_ends_on_it(unit, now, told):
    mai, today = people.mai(unit, now, weeks=38), local_day(now)
    one, other = events.birth(mai, born_on=today, children=[events.Newborn(), events.Newborn(gestation=250)], **told)
    for _time in range(2):
        assert events.correct_birth(one, born_on=today - DAY, **told) == [one, other]
    rows = Child.objects.order_by("birth_order").values_list("date_of_birth", "gestation_at_birth")
    assert list(rows) == [(today - DAY, 38 * 7 - 1), (today - DAY, 250)]
    mai.refresh_from_db()
    assert (mai.outcome, mai.outcome_date, mai.outcome_recorded_at) == ("live_birth", today - DAY, now)
    event = ChangeEvent.objects.filter(what="birth").latest("id")
    days = [(today - count * DAY).isoformat() for count in (0, 1)]
    assert (event.old, event.new) == ({"date_of_birth": days[0]}, {"date_of_birth": days[1], "children": 2})
    assert ChangeEvent.objects.filter(what="birth").count() == 2


def test_a_day_that_a_birth_could_not_have_is_refused(unit, now, told):
    mai, today = people.mai(unit, now, weeks=38), local_day(now)
    child = events.birth(mai, born_on=today - 9 * DAY, **told)[0]
    events.attend_visit(type="growth", on=today - 3 * DAY, child=child, **told)
    for day, expected in (
        (today + DAY, "in_the_future"), (today - 150 * DAY, "birth_too_early"), (today - 2 * DAY, "before_birth"),
    ):  # fmt: skip
        assert code(events.correct_birth, child, born_on=day, **told) == expected
    events.maternal_death(mai.mother, on=today - 8 * DAY, **told)
    assert code(events.correct_birth, child, born_on=today - 5 * DAY, **told) == "after_her_death"
    assert Child.objects.get().date_of_birth == today - 9 * DAY


def test_a_child_without_a_pregnancy_follows_the_rules_of_registering(unit, now, told):
    an, today = people.be_an(unit, now), local_day(now)
    binh = people.be_an(unit, now, mother=an.mother, days=400, child_name="Bình")
    assert code(events.correct_birth, an, born_on=binh.date_of_birth, **told) == "overlaps"
    assert code(events.correct_birth, an, born_on=today - 2000 * DAY, **told) == "too_old"
    lost = people.register_pregnancy(person=an.mother, lmp=today - 40 * DAY, **told)
    events.loss(lost, kind="miscarriage", on=today - DAY, **told)
    assert code(events.correct_birth, an, born_on=today - 20 * DAY, **told) == "outcome_recorded"
    events.correct_birth(an, born_on=today - 61 * DAY, **told)
    assert Child.objects.get(pk=an.pk).date_of_birth == today - 61 * DAY
    assert Child.objects.get(pk=binh.pk).date_of_birth == binh.date_of_birth


def test_a_birth_after_the_mothers_death_is_refused(unit, now, told):
    lan, today = people.lan(unit, now, weeks=42), local_day(now)
    people.register_pregnancy(person=lan.mother, lmp=today - 35 * DAY, **told)
    events.maternal_death(lan.mother, on=today - 21 * DAY, **told)
    assert Pregnancy.objects.get(pk=lan.pk).outcome == "unknown"
    assert code(events.birth, lan, born_on=today - 20 * DAY, **told) == "after_her_death"
    assert not Child.objects.exists()
    assert events.birth(lan, born_on=today - 21 * DAY, **told)


def test_a_birth_recorded_today_that_was_a_stillbirth_leaves_no_living_child_and_one_task(unit, now, told):
    mai, today = people.mai(unit, now, weeks=38), local_day(now)
    events.birth(mai, born_on=today - DAY, children=[events.Newborn()] * 2, **told)
    later = {"now": now + timedelta(hours=24), "source": "page"}
    for _time in range(2):
        events.loss(mai, kind="stillbirth", on=today - 2 * DAY, **later)
    assert list(Child.objects.values_list("died_on", flat=True)) == [today - DAY] * 2
    assert (mai.outcome, mai.outcome_date) == ("stillbirth", today - 2 * DAY)
    assert Task.objects.get().kind == "loss"
    assert ChangeEvent.objects.filter(what="loss").count() == 1


def test_a_death_told_before_is_mourned_once(unit, now, told):
    mai, today = people.mai(unit, now, weeks=38), local_day(now)
    child = events.birth(mai, born_on=today - DAY, **told)[0]
    events.child_death(child, on=today, **told)
    Task.objects.update(done_at=now)
    events.loss(mai, kind="stillbirth", on=today - DAY, **told)
    assert Task.objects.count() == 1
    assert Child.objects.get().died_on == today


def test_such_a_stillbirth_is_undone_as_a_whole(unit, now, told):
    mai, today = people.mai(unit, now, weeks=38), local_day(now)
    child = events.birth(mai, born_on=today - DAY, **told)[0]
    later = {"now": now + timedelta(hours=1), "source": "page"}
    events.loss(mai, kind="stillbirth", on=today, **later)
    events.loss(mai, kind="stillbirth", on=today - DAY, **later)
    assert code(events.undo_death, child, **later, by=people.user("admin")) == "stillborn"
    events.undo_loss(mai, **later)
    mai.refresh_from_db()
    assert (mai.outcome, mai.outcome_date, mai.outcome_recorded_at) == ("live_birth", today - DAY, now)
    assert Child.objects.get().died_on is None
    assert not Task.objects.filter(done_at=None).exists()


def test_what_staff_write_down_as_her_agreement_confirms_her_number(unit, now, told):
    lan, sokha = people.lan(unit, now, source="api").mother, people.sokha(unit, now).mother
    events.resume_person(lan, now=now, source="api")
    assert Person.objects.get(pk=lan.pk).phone_confirmed_at is None
    for person in (lan, sokha):
        events.stop_person(person, **told)
        events.resume_person(person, **told)
    assert Person.objects.get(pk=lan.pk).phone_confirmed_at == now
    assert Person.objects.get(pk=sokha.pk).phone_confirmed_at is None
