"""What held a row has passed by another way than the usual one: the row is found again all the same."""

from campaigns.content import review
from campaigns.models import Revision, ScheduledMessage
from campaigns.schedule import pauses
from campaigns.tick import tick
from recipients import events
from tests import people
from tests.cases.conftest import DAY, HOUR, NOON, gone, unit
from tests.timelines import Line, publish, reviewer

__all__ = ["unit"]


def test_a_campaign_that_was_retired_and_is_live_again_goes_on(unit):
    publish([Line("week-12", day=85)])
    people.lan(unit, NOON)
    tick(NOON)
    review.retire(Revision.objects.get(state="live"), reviewer(), NOON)
    tick(NOON + DAY + HOUR)
    assert ScheduledMessage.objects.get().reason == "paused"
    publish([Line("week-12", day=85)])
    for number in range(2, 5):
        tick(NOON + number * DAY)
    assert gone() == ["Chi Lan oi, week-12."]


def test_who_moves_out_of_a_paused_commune_gets_what_is_due(unit):
    publish([Line("week-12", day=84)])
    pregnancy = people.lan(unit, NOON)
    pauses.pause(unit=unit, why="Hết viên sắt", now=NOON)
    tick(NOON)
    elsewhere = people.commune(people.PHUOC_HAU, "Xã Phước Hậu")
    people.station(elsewhere)
    events.move(pregnancy.mother, unit=elsewhere, now=NOON + HOUR, source="page")
    for number in range(1, 4):
        tick(NOON + number * DAY)
    assert gone() == ["Chi Lan oi, week-12."]


def test_a_visit_recorded_by_mistake_silences_nothing_once_it_is_taken_back(unit):
    publish([Line("anc-1", day=84, visit="anc1")])
    pregnancy = people.lan(unit, NOON)
    visit = events.attend_visit(pregnancy=pregnancy, type="anc1", on=NOON.date(), now=NOON, source="page")
    tick(NOON)
    assert ScheduledMessage.objects.get().reason == "visit_done"
    events.unattend_visit(visit, now=NOON + HOUR, source="page")
    for number in range(1, 4):
        tick(NOON + number * DAY)
    assert gone() == ["Chi Lan oi, anc-1."]


def test_a_mothers_death_recorded_by_mistake_silences_nothing_for_her_main_caregiver(unit):
    publish([Line("day-60", day=60)], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=60)
    grandmother = people.ba_sau(child, NOON)
    events.set_main(grandmother, main=True, now=NOON, source="page")
    events.maternal_death(child.mother, on=NOON.date(), now=NOON, source="page")
    tick(NOON)
    assert ScheduledMessage.objects.get().reason == "ended_death"
    events.undo_death(child.mother, now=NOON + HOUR, source="page")
    for number in range(1, 4):
        tick(NOON + number * DAY)
    assert ScheduledMessage.objects.get().reason == "mothers_own"
    events.set_main(grandmother, main=False, now=NOON + 3 * DAY, source="page")
    tick(NOON + 4 * DAY)
    assert gone() == ["Chi Yen oi, day-60."]
