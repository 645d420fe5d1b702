"""After a loss one text may go: offered by staff, agreed to by her, once, and never after a termination."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns import condolence
from campaigns.models import Enrollment, ScheduledMessage
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from recipients.models import ChangeEvent
from recipients.registry import register_pregnancy
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = local_day(NOON)


@pytest.fixture
def live(unit):
    publish([Line("week-12", day=84), Line("week-14", day=98)])
    publish([Line("condolence", topic="loss", open_for=0)], code="loss", anchor="hand", priority=5)
    return unit


def lost(unit, kind="stillbirth", **changes):
    pregnancy = people.lan(unit, NOON, **changes)
    return events.loss(pregnancy, kind=kind, on=TODAY, now=NOON, source="page")


def refusal(subject, agreed=True, now=NOON) -> str:
    with pytest.raises(Refusal) as refused:
        condolence.offer(subject, agreed=agreed, now=now, source="page")
    return refused.value.code


def test_it_leaves_once_to_the_mother_and_nothing_else_does(live):
    pregnancy = lost(live)
    row = condolence.offer(pregnancy, agreed=True, now=NOON, source="page", by=people.user("station", live))
    assert (row.due_on, row.last_day, row.stage) == (TODAY, TODAY + 14 * DAY, "pregnancy_1")
    for day in range(20):
        schedule(NOON + day * DAY + timedelta(hours=1))
        dispatch_all(NOON + day * DAY + timedelta(hours=1))
    assert [text.body for text in OutboundMessage.objects.all()] == ["Chi Lan oi, condolence."]
    assert ChangeEvent.objects.filter(person=pregnancy.mother, new={"condolence": row.pk}, by__isnull=False).exists()
    assert refusal(pregnancy) == "offered"
    assert not condolence.may_be_offered(pregnancy, NOON)


def test_nobody_gets_one_without_a_decision(live):
    lost(live)
    for day in range(20):
        schedule(NOON + day * DAY)
    assert not Enrollment.objects.filter(campaign__code="loss").exists()
    assert not OutboundMessage.objects.exists()


def test_never_without_her_word_never_after_a_termination_never_without_a_loss(live):
    assert refusal(lost(live), agreed=False) == "not_agreed"
    ended = lost(live, kind="termination", name="Nguyễn Thị Cúc", phone="0912345670")
    assert refusal(ended) == "termination"
    assert not condolence.may_be_offered(ended, NOON)
    assert refusal(people.mai(live, NOON)) == "no_loss"
    child = people.be_an(live, NOON)
    assert refusal(child) == "no_loss"
    assert not Enrollment.objects.filter(campaign__code="loss").exists()


def test_after_the_death_of_a_child_and_never_to_a_mother_who_died(live):
    child = events.child_death(people.be_an(live, NOON), on=TODAY, now=NOON, source="page")
    assert condolence.offer(child, agreed=True, now=NOON, source="page").stage == "age_0_5m"
    pregnancy = lost(live)
    events.maternal_death(pregnancy.mother, on=TODAY, now=NOON, source="page")
    pregnancy.refresh_from_db()
    assert refusal(pregnancy) == "mother_died"


def test_without_an_approved_text_it_is_said_what_to_do(unit):
    pregnancy = lost(unit)
    assert refusal(pregnancy) == "not_live"
    assert not ScheduledMessage.objects.exists()


def test_a_loss_that_is_taken_back_takes_the_condolence_with_it(live):
    pregnancy = lost(live)
    condolence.offer(pregnancy, agreed=True, now=NOON, source="page")
    schedule(NOON)
    events.undo_loss(pregnancy, now=NOON, source="page")
    for day in range(20):
        schedule(NOON + day * DAY + timedelta(hours=1))
        dispatch_all(NOON + day * DAY + timedelta(hours=1))
    assert not any("condolence" in text.body for text in OutboundMessage.objects.exclude(status="canceled"))


@pytest.mark.parametrize("passes", ["none", "release", "tick"])
@pytest.mark.parametrize("queued", [False, True])
def test_a_loss_recorded_again_asks_for_a_new_decision(live, passes, queued):
    """However far the passes came in between, the text that was decided on for the mistake never leaves by itself."""
    pregnancy = lost(live)
    condolence.offer(pregnancy, agreed=True, now=NOON, source="page")
    at = [NOON + timedelta(minutes=15 * turn) for turn in range(1, 12)]  # each later than any spread over minutes
    if queued:
        schedule(at[0])
        assert OutboundMessage.objects.get().status == "queued"
    pregnancy = events.undo_loss(pregnancy, now=at[1], source="page")
    if passes == "release":
        release_due(at[2])
        dispatch_all(at[2])
    if passes == "tick":
        schedule(at[2])
        dispatch_all(at[2])
    pregnancy = events.loss(pregnancy, kind="stillbirth", on=TODAY, now=at[3], source="page")
    for turn in (4, 5):
        schedule(at[turn])
        dispatch_all(at[turn])
    condoled = OutboundMessage.objects.filter(sent_at__isnull=False, body__contains="condolence")
    assert not condoled.exists()
    assert condolence.may_be_offered(pregnancy, at[6])
    row = condolence.offer(pregnancy, agreed=True, now=at[6], source="page")
    assert refusal(pregnancy, now=at[7]) == "offered"
    for day in range(2):
        schedule(at[7] + day * DAY)
        dispatch_all(at[7] + day * DAY)
    assert condoled.count() == 1
    assert ScheduledMessage.objects.get(state="released", step_key="condolence") == row


def test_a_new_decision_ends_the_former_text_though_no_pass_came_between(live):
    pregnancy = lost(live)
    condolence.offer(pregnancy, agreed=True, now=NOON, source="page")
    at = [NOON + timedelta(minutes=15 * turn) for turn in range(1, 5)]
    schedule(at[0])
    assert OutboundMessage.objects.get().status == "queued"
    pregnancy = events.undo_loss(pregnancy, now=at[1], source="page")
    pregnancy = events.loss(pregnancy, kind="stillbirth", on=TODAY, now=at[2], source="page")
    condolence.offer(pregnancy, agreed=True, now=at[3], source="page")
    later = at[3] + timedelta(minutes=15)
    schedule(later)
    counts = dispatch_all(later)
    assert (counts["canceled"], counts["sent"]) == (1, 1)


def test_a_loss_that_turns_out_a_termination_takes_it_too(live):
    pregnancy = lost(live, kind="miscarriage")
    condolence.offer(pregnancy, agreed=True, now=NOON, source="page")
    schedule(NOON)
    events.loss(pregnancy, kind="termination", on=TODAY, now=NOON, source="page")
    for day in range(20):
        schedule(NOON + day * DAY + timedelta(hours=1))
        dispatch_all(NOON + day * DAY + timedelta(hours=1))
    assert not OutboundMessage.objects.exclude(status="canceled").exists()


def test_not_more_than_30_days_after_the_loss_was_recorded(live):
    pregnancy = lost(live)
    child = events.child_death(people.be_an(live, NOON), on=TODAY, now=NOON, source="page")
    for subject in (pregnancy, child):
        assert condolence.may_be_offered(subject, NOON + 30 * DAY)
        assert not condolence.may_be_offered(subject, NOON + 31 * DAY)
        assert refusal(subject, now=NOON + 31 * DAY) == "too_late"
    assert not ScheduledMessage.objects.filter(step_key="condolence").exists()


def test_not_while_she_expects_another_child(live):
    child = events.child_death(people.be_an(live, NOON), on=TODAY, now=NOON, source="page")
    register_pregnancy(person=child.mother, lmp=TODAY - 56 * DAY, now=NOON, source="page")
    assert not condolence.may_be_offered(child, NOON)
    assert refusal(child) == "expecting"
