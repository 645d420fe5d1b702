"""Two people at two desks record the same at the same time: one visit, one task, one main recipient, no error."""

from datetime import timedelta

import pytest

from recipients import consent, events, worklist
from recipients.days import local_day
from recipients.models import Caregiver, Child, Person, Pregnancy, Task, Visit
from tests import people
from tests.recipients.test_two_imports_at_the_same_time import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_visit_is_planned_once(now):
    lan, on = people.lan(people.commune(), now).pk, local_day(now) + timedelta(days=3)

    def plan() -> Visit:
        pregnancy = Pregnancy.objects.get(pk=lan)
        return events.plan_visit(pregnancy=pregnancy, type="anc2", on=on, now=now, source="page")

    answers = together(plan, plan, plan)
    assert len({each.pk for each in answers}) == Visit.objects.count() == 1


def test_a_loss_and_the_lists_open_every_task_once(now):
    unit = people.commune()
    lan = people.lan(unit, now).pk
    for number in range(8):
        person = people.lan(unit, now, name=f"Nguyễn Thị Lan {number}").mother
        consent.ask_again(person, now=now, source="keyword")

    def lose() -> Pregnancy:
        pregnancy = Pregnancy.objects.get(pk=lan)
        return events.loss(pregnancy, kind="miscarriage", on=local_day(now), now=now, source="page")

    answers = together(lose, lose, lambda: worklist.refresh(now), lambda: worklist.refresh(now))
    assert not [each for each in answers if isinstance(each, Exception)]
    assert sorted(Task.objects.values_list("kind", flat=True)) == ["ask_again"] * 8 + ["loss"]


def test_a_child_has_one_main_recipient(now):
    an = people.be_an(people.commune(), now)
    carers = [people.ba_sau(an, now, name=f"Võ Thị {name}", phone=None).pk for name in ("Sáu", "Bảy", "Tám")]

    def choose(pk: int) -> Caregiver:
        return events.set_main(Caregiver.objects.get(pk=pk), main=True, now=now, source="page")

    answers = together(*[lambda pk=pk: choose(pk) for pk in carers])
    assert not [each for each in answers if isinstance(each, Exception)]
    assert Caregiver.objects.filter(is_main=True).count() == 1
    assert (Child.objects.count(), Person.objects.count()) == (1, 4)
