"""Who cannot read, or has no words in her language, is told by mouth: a task, and an outcome of its own."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns import telling
from campaigns.models import ScheduledMessage
from campaigns.reach.coverage import reach
from messaging.models import OutboundMessage
from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import ChangeEvent, Person, Task
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = local_day(NOON)


@pytest.fixture
def lan(unit):
    """Lan, who cannot read, with one text due today."""
    publish([Line("week-12", day=84), Line("week-14", day=98)])
    pregnancy = people.lan(unit, NOON)
    Person.objects.filter(pk=pregnancy.mother_id).update(can_read=False)
    pregnancy.mother.refresh_from_db()
    schedule(NOON)
    return pregnancy


def test_a_task_is_opened_once_until_the_earliest_last_day(lan):
    assert telling.open_tasks(NOON) == 1
    assert telling.open_tasks(NOON) == 0
    task = Task.objects.get(person=lan.mother, kind="tell", done_at=None)
    assert local_day(task.due_at) == ScheduledMessage.objects.get(step_key="week-12").last_day


def test_told_is_an_outcome_of_its_own_and_no_text_leaves(lan, unit):
    telling.open_tasks(NOON)
    assert telling.tell(lan.mother, now=NOON, source="page", note="She will come on Monday.") == 1
    row = ScheduledMessage.objects.get(step_key="week-12")
    assert (row.state, row.reason, row.sms, row.decided_at) == ("told", "", None, NOON)
    assert Task.objects.get(kind="tell").done_at == NOON
    event = ChangeEvent.objects.get(what="told")
    assert event.new == {"messages": [row.pk], "steps": ["week-12"], "note": "She will come on Monday."}
    for day in range(10):
        schedule(NOON + day * DAY)
    assert not OutboundMessage.objects.exists()
    figures = reach(TODAY, TODAY, unit, NOON).total
    assert (figures.due, figures.told, figures.sent, figures.skipped_total) == (1, 1, 0, 0)
    assert telling.open_tasks(NOON + DAY) == 0


def test_only_what_was_read_out_counts_as_told(lan):
    telling.open_tasks(NOON)
    with pytest.raises(Refusal) as refused:
        telling.tell(lan.mother, now=NOON, source="page", only=[])
    assert refused.value.code == "nothing_to_tell"
    later = NOON + 14 * DAY
    schedule(later)
    both = telling.waiting_to_be_told(lan.mother, later)
    assert [row.step_key for row in both] == ["week-12", "week-14"]
    assert telling.tell(lan.mother, now=later, source="page", only=[both[0].pk]) == 1
    assert Task.objects.filter(kind="tell", done_at=None).exists()
    assert telling.tell(lan.mother, now=later, source="page") == 1
    assert not Task.objects.filter(kind="tell", done_at=None).exists()


def test_after_a_loss_nothing_is_told_and_the_task_goes(lan):
    telling.open_tasks(NOON)
    events.loss(lan, kind="stillbirth", on=TODAY, now=NOON, source="page")
    assert telling.waiting_to_be_told(lan.mother, NOON) == []
    with pytest.raises(Refusal):
        telling.tell(lan.mother, now=NOON, source="page")
    assert telling.open_tasks(NOON) == 0
    assert not Task.objects.filter(kind="tell", done_at=None).exists()


def test_words_that_do_not_exist_in_her_language_become_a_task_too(unit):
    publish([Line("week-12", day=84, texts={"en": "Dear {ten}, visit 2."})])
    lan = people.lan(unit, NOON).mother
    schedule(NOON)
    assert ScheduledMessage.objects.get().reason == "no_text"
    assert telling.open_tasks(NOON) == 1
    assert telling.tell(lan, now=NOON, source="page") == 1


def test_it_waits_while_its_window_lasts_and_no_longer(lan):
    after = NOON + 15 * DAY
    assert [row.step_key for row in telling.waiting_to_be_told(lan.mother, after)] == []
    schedule(after)
    assert [row.step_key for row in telling.waiting_to_be_told(lan.mother, after)] == ["week-14"]
    row = ScheduledMessage.objects.get(step_key="week-12")
    assert (row.state, row.reason) == ("skipped", "cannot_read")
