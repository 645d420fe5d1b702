"""The station's tasks: opened by what happened and by the facts, closed by hand or when their reason is gone."""

from datetime import timedelta

import pytest

from recipients import consent, events, worklist
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import ChangeEvent, Task
from tests import people

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def told(now):
    return {"now": now, "source": "page"}


@pytest.fixture
def unit():
    return people.commune()


@pytest.fixture
def nurse(unit):
    return people.user("station", unit)


def opened() -> list[tuple[int, str]]:
    return sorted(Task.objects.filter(done_at=None).values_list("person_id", "kind"))


@pytest.mark.parametrize("kind", ["miscarriage", "stillbirth", "termination"])
def test_a_loss_opens_a_visit_within_48_hours_once(unit, now, told, kind):
    lan = people.lan(unit, now)
    events.loss(lan, kind=kind, on=local_day(now) - 5 * DAY, **told)
    events.loss(lan, kind="stillbirth", on=local_day(now) - DAY, now=now + DAY, source="page")
    task = Task.objects.get()
    assert (task.person, task.kind, task.due_at) == (lan.mother, "loss", now + timedelta(hours=48))


def test_correcting_a_loss_does_not_open_a_task_that_was_done(unit, now, told, nurse):
    lan = people.lan(unit, now)
    events.loss(lan, kind="miscarriage", on=local_day(now), **told)
    worklist.close_task(Task.objects.get(), by=nurse, **told)
    events.loss(lan, kind="stillbirth", on=local_day(now), **told)
    assert opened() == []


def test_the_death_of_a_child_opens_it_and_the_death_of_a_mother_does_not(unit, now, told):
    an, lan = people.be_an(unit, now), people.lan(unit, now)
    events.child_death(an, on=local_day(now), **told)
    events.maternal_death(lan.mother, on=local_day(now), **told)
    assert opened() == [(an.mother.pk, "loss")]


def test_a_loss_taken_back_takes_its_task_along(unit, now, told):
    lan = people.lan(unit, now)
    events.loss(lan, kind="miscarriage", on=local_day(now), **told)
    events.undo_loss(lan, **told)
    assert opened() == []
    assert not ChangeEvent.objects.filter(what="task").exists()


def test_the_task_stays_while_another_loss_stands(unit, now, told):
    mai = people.mai(unit, now, weeks=39)
    one, other = events.birth(mai, born_on=local_day(now), children=[events.Newborn()] * 2, **told)
    for child in (one, other):
        events.child_death(child, on=local_day(now), **told)
    events.undo_death(one, **told)
    assert opened() == [(mai.mother.pk, "loss")]
    events.undo_death(other, **told)
    assert opened() == []


def test_an_open_task_comes_back_unchanged(unit, now):
    lan = people.lan(unit, now).mother
    first = worklist.open_task(lan, Task.Kind.TELL, now=now, due_at=now + DAY)
    again = worklist.open_task(lan, Task.Kind.TELL, now=now + DAY, due_at=now + 5 * DAY)
    assert (again, again.due_at) == (first, now + DAY)


def test_closing_keeps_who_when_and_what_came_of_it(unit, now, told, nurse):
    task = worklist.open_task(people.lan(unit, now).mother, Task.Kind.TELL, now=now)
    worklist.close_task(task, by=nurse, note="  Đã gặp  ", **told)
    worklist.close_task(task, by=None, note="", now=now + DAY, source="page")
    task.refresh_from_db()
    assert (task.done_at, task.done_by, task.note) == (now, nurse, "Đã gặp")
    assert ChangeEvent.objects.get(what="task").new["kind"] == "tell"
    other = worklist.open_task(people.mai(unit, now).mother, Task.Kind.TELL, now=now)
    with pytest.raises(Refusal, match=r"\.$"):
        worklist.close_task(other, note="x" * 301, **told)


def test_three_weeks_past_the_date_the_station_is_asked(unit, now, nurse):
    lan = people.lan(unit, now, weeks=42)
    eve = now + 6 * DAY
    assert (local_day(eve) - lan.anchor_date).days == 300
    worklist.refresh(eve)
    assert opened() == []
    late = eve + DAY
    assert worklist.refresh(late)["opened overdue"] == 1
    assert worklist.refresh(late)["opened overdue"] == 0
    worklist.close_task(Task.objects.get(), now=late, by=nurse, note="Chưa gặp", source="page")
    worklist.refresh(late + 13 * DAY)
    assert opened() == []
    worklist.refresh(late + 14 * DAY + timedelta(minutes=1))
    assert opened() == [(lan.mother.pk, "overdue")]
    events.birth(lan, born_on=local_day(now), now=late + 15 * DAY, source="page")
    assert worklist.refresh(late + 15 * DAY)["closed overdue"] == 1
    assert opened() == []


def test_who_is_to_be_asked_again_is_asked_once(unit, now, nurse):
    lan, mai = people.lan(unit, now).mother, people.mai(unit, now).mother
    consent.ask_again(lan, now=now, source="keyword")
    worklist.refresh(now)
    assert opened() == [(lan.pk, "ask_again")]
    events.resume_person(lan, now=now + DAY, source="page")
    worklist.refresh(now + DAY)
    assert opened() == []
    consent.ask_again(mai, now=now + DAY, source="keyword")
    worklist.refresh(now + DAY)
    worklist.close_task(Task.objects.get(person=mai), now=now + 2 * DAY, by=nurse, source="page")
    worklist.refresh(now + 3 * DAY)
    assert opened() == []
    events.resume_person(mai, now=now + 4 * DAY, source="page")
    consent.ask_again(mai, now=now + 5 * DAY, source="keyword")
    worklist.refresh(now + 5 * DAY)
    assert opened() == [(mai.pk, "ask_again")]


def test_a_visit_missed_for_two_weeks_is_asked_about(unit, now, nurse):
    lan = people.lan(unit, now)
    events.plan_visit(pregnancy=lan, type="anc2", on=local_day(now), now=now, source="page")
    worklist.refresh(now + 13 * DAY)
    assert opened() == []
    worklist.refresh(now + 14 * DAY)
    assert opened() == [(lan.mother.pk, "missed_visit")]
    worklist.close_task(Task.objects.get(), now=now + 15 * DAY, by=nurse, source="page")
    events.plan_visit(pregnancy=lan, type="anc3", on=local_day(now) + 16 * DAY, now=now + 15 * DAY, source="page")
    worklist.refresh(now + 29 * DAY)
    assert opened() == []
    worklist.refresh(now + 30 * DAY)
    assert opened() == [(lan.mother.pk, "missed_visit")]


@pytest.mark.parametrize("end", ["attended", "canceled", "put off", "loss"])
def test_a_missed_visit_closes_when_it_is_no_longer_missed(unit, now, end):
    lan = people.lan(unit, now)
    visit = events.plan_visit(pregnancy=lan, type="anc2", on=local_day(now), now=now, source="page")
    later = now + 14 * DAY
    worklist.refresh(later)
    assert opened() == [(lan.mother.pk, "missed_visit")]
    told, today = {"now": later, "source": "page"}, local_day(later)
    if end == "attended":
        events.attend_visit(pregnancy=lan, type="anc2", on=today, **told)
    elif end == "canceled":
        events.cancel_visit(visit, **told)
    elif end == "put off":
        events.reschedule_visit(visit, on=today, **told)
    else:
        events.loss(lan, kind="miscarriage", on=today, **told)
    worklist.refresh(later)
    assert (lan.mother.pk, "missed_visit") not in opened()


def test_a_child_whose_mother_has_died_is_the_main_caregivers(unit, now, told):
    an = people.be_an(unit, now)
    sau = people.ba_sau(an, now)
    events.plan_visit(child=an, type="immunisation", on=local_day(now), **told)
    events.maternal_death(an.mother, on=local_day(now), **told)
    worklist.refresh(now + 14 * DAY)
    assert opened() == []
    events.set_main(sau, main=True, **told)
    worklist.refresh(now + 14 * DAY)
    assert opened() == [(sau.person.pk, "missed_visit")]


def test_each_sees_the_tasks_of_her_area_and_of_nobody_who_died(unit, now, told, nurse):
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    for woman in (people.lan(unit, now), people.mai(elsewhere, now), people.hoa(unit, now)):
        events.loss(woman, kind="miscarriage", on=local_day(now), **told)
        if woman.mother.name == "Lê Thị Hoa":
            events.maternal_death(woman.mother, on=local_day(now), **told)
    assert [task.person.name for task in worklist.tasks_visible_to(nurse)] == ["Nguyễn Thị Lan"]
    assert worklist.tasks_visible_to(people.user("officer", unit.parent)).count() == 2
    assert not worklist.tasks_visible_to(people.user("cdc", unit.parent)).exists()


def test_refreshing_asks_no_more_queries_for_more_people(unit, now, django_assert_max_num_queries):
    for number in range(12):
        pregnancy = people.lan(unit, now, name=f"Nguyễn Thị Lan {number}", weeks=12)
        consent.ask_again(pregnancy.mother, now=now, source="keyword")
    with django_assert_max_num_queries(20):
        assert worklist.refresh(now)["opened ask_again"] == 12
