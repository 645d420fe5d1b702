"""A child's main caregiver who cannot read is told in the mother's place, also after the mother's death."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns import record, telling
from campaigns.models import ScheduledMessage
from recipients import events
from recipients.days import local_day
from recipients.models import Caregiver, ChangeEvent, Person, Task
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
TODAY = local_day(NOON)


@pytest.fixture
def grandmother(unit) -> Caregiver:
    """Grandmother Sáu, main caregiver of Bé An, who cannot read; one text about the child is due today."""
    publish([Line("fever", day=60, topic="ill", without_mother=True)], code="child", anchor="birth")
    child = people.be_an(unit, NOON)
    caregiver = people.ba_sau(child, NOON)
    events.set_main(caregiver, main=True, now=NOON, source="page")
    Person.objects.filter(pk=caregiver.person_id).update(can_read=False)
    return Caregiver.objects.select_related("person", "child__mother").get(pk=caregiver.pk)


def open_tasks() -> list[int]:
    return list(Task.objects.filter(kind="tell", done_at=None).values_list("person", flat=True))


def test_the_task_is_hers_and_she_is_told_on_her_own_page(grandmother):
    schedule(NOON)
    assert telling.open_tasks(NOON) == 1
    assert open_tasks() == [grandmother.person_id]
    assert telling.waiting_to_be_told(grandmother.child.mother, NOON) == []
    [told] = record.to_tell(grandmother.person, NOON)
    assert told.text == "Chị Sáu ơi, fever."
    assert telling.tell(grandmother.person, now=NOON, source="page") == 1
    assert ScheduledMessage.objects.get().state == "told"
    assert ChangeEvent.objects.get(what="told").person == grandmother.person
    assert open_tasks() == []


def test_also_when_the_mother_has_died(grandmother):
    events.maternal_death(grandmother.child.mother, on=TODAY, now=NOON, source="page")
    schedule(NOON)
    assert telling.open_tasks(NOON) == 1
    assert open_tasks() == [grandmother.person_id]
    assert telling.tell(grandmother.person, now=NOON, source="page") == 1


def test_when_the_mother_takes_over_again_the_task_goes_and_she_is_texted(grandmother):
    schedule(NOON)
    telling.open_tasks(NOON)
    events.set_main(grandmother, main=False, now=NOON, source="page")
    assert telling.waiting_to_be_told(grandmother.person, NOON) == []
    assert telling.waiting_to_be_told(grandmother.child.mother, NOON) == [], "she can read"
    assert telling.open_tasks(NOON) == 0
    assert open_tasks() == []
    schedule(NOON + timedelta(days=1))
    assert ScheduledMessage.objects.get().sms.to == grandmother.child.mother.phone


def test_after_the_death_of_the_child_nobody_is_told(grandmother):
    schedule(NOON)
    telling.open_tasks(NOON)
    events.child_death(grandmother.child, on=TODAY, now=NOON, source="page")
    assert telling.waiting_to_be_told(grandmother.person, NOON) == []
    assert telling.open_tasks(NOON) == 0
    assert open_tasks() == []
