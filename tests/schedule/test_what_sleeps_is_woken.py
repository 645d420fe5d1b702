"""What a fact holds is not asked again and again, and goes as soon as the fact has changed; of a queue only the first
is looked at."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.content import review
from campaigns.models import Pause, Revision, ScheduledMessage
from campaigns.schedule import facts, pauses, release
from messaging.outgoing.dispatch import dispatch_all
from recipients import events, registry
from recipients.models import Caregiver, Person
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish, reviewer

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPEN_LONG = Line("week-12", day=84, open_for=30)


@pytest.fixture
def judged(monkeypatch):
    """The step keys of the rows that were judged, in order."""
    seen, judge = [], release.judge

    def watched(rows, *others):
        seen.extend(row.step_key for row in rows)
        return judge(rows, *others)

    monkeypatch.setattr(release, "judge", watched)
    return seen


def row() -> ScheduledMessage:
    return ScheduledMessage.objects.get()


def test_who_can_read_now_gets_her_text_in_the_next_pass(unit):
    publish([OPEN_LONG])
    pregnancy = people.lan(unit, NOON, can_read=False)
    schedule(NOON)
    assert (row().reason, row().not_before.date()) == ("cannot_read", row().last_day)
    registry.update_details(pregnancy.mother, changes={"can_read": True}, now=NOON + HOUR, source="page")
    assert schedule(NOON + HOUR)["released"] == 1


def test_what_changed_behind_the_verbs_back_goes_on_the_next_local_day(unit, judged):
    publish([OPEN_LONG])
    people.lan(unit, NOON, can_read=False)
    schedule(NOON)
    schedule(NOON + HOUR)  # her registration was not long ago: it may have been written while she was asked
    judged.clear()
    Person.objects.update(can_read=True)
    schedule(NOON + 2 * HOUR)
    assert (row().state, judged) == ("waiting", [])
    assert schedule(NOON + DAY)["released"] == 1


@pytest.mark.parametrize("behind_its_back", [False, True])
def test_a_paused_row_is_asked_once_and_goes_when_the_pause_is_over(unit, judged, behind_its_back):
    publish([OPEN_LONG])
    people.lan(unit, NOON - HOUR)
    pause = pauses.pause(topic=OPEN_LONG.topic, why="Chờ xem", now=NOON)
    for day in range(4):
        schedule(NOON + day * DAY)
    assert (row().reason, judged) == ("paused", ["week-12"])
    if behind_its_back:
        Pause.objects.update(ended_at=NOON + 3 * DAY)
    else:
        pauses.resume(pause, now=NOON + 3 * DAY)
    assert schedule(NOON + 4 * DAY)["released"] == 1


def test_a_consent_given_again_is_seen_in_the_next_pass(unit, judged):
    publish([OPEN_LONG])
    mother = people.lan(unit, NOON - HOUR).mother
    events.stop_person(mother, now=NOON - HOUR, source="page")
    for day in range(3):
        schedule(NOON + day * DAY)
    assert (row().reason, judged) == ("no_consent", ["week-12"])
    events.resume_person(mother, now=NOON + 2 * DAY + HOUR, source="page")
    assert schedule(NOON + 2 * DAY + HOUR)["released"] == 1


def test_who_receives_in_her_place_wakes_what_is_hers(unit):
    publish([Line("day-60", day=60, open_for=30, without_mother=True)], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=60)
    grandmother = people.ba_sau(child, NOON)
    events.set_main(grandmother, main=True, now=NOON, source="page")
    Person.objects.filter(pk=grandmother.person_id).update(can_read=False)
    schedule(NOON)
    assert row().reason == "cannot_read"
    registry.update_details(grandmother.person, changes={"can_read": True}, now=NOON + HOUR, source="page")
    assert schedule(NOON + HOUR)["released"] == 1


def queue(unit, *, preferred: time | None = None):
    """Five texts for one woman, of which the caps let one go today."""
    for number in range(5):
        publish([Line(f"line-{number}", day=84, open_for=60, topic=f"t{number}")], code=f"c{number}", priority=number)
    return people.lan(unit, NOON, preferred_time=preferred).mother


def test_of_a_queue_only_the_first_is_looked_at(unit, judged):
    queue(unit)
    for day in range(2):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)
    judged.clear()
    assert schedule(NOON + 7 * DAY)["released"] == 1
    assert judged == ["line-2"]
    held = ScheduledMessage.objects.filter(state="waiting")
    assert {(each.reason, each.not_before.date()) for each in held} == {("frequency_cap", (NOON + 8 * DAY).date())}


def test_when_the_first_of_a_queue_may_not_go_the_next_goes_in_the_same_pass(unit, judged):
    queue(unit)
    for day in range(2):
        schedule(NOON + day * DAY)
        dispatch_all(NOON + day * DAY)
    Person.objects.update(excluded_topics=["t2"])
    assert schedule(NOON + 7 * DAY)["released"] == 1
    assert ScheduledMessage.objects.get(step_key="line-2").reason == "topic_excluded"
    assert ScheduledMessage.objects.get(step_key="line-3").state == "released"


def test_a_queue_waits_together_for_the_hour_that_she_prefers(unit, judged):
    queue(unit, preferred=time(15))
    schedule(NOON)
    judged.clear()
    schedule(NOON + DAY)
    schedule(NOON + DAY + 4 * HOUR)
    assert len(judged) <= 4
    assert ScheduledMessage.objects.filter(state="released").count() == 1


@pytest.mark.parametrize(
    ("model", "facts"),
    [
        (Caregiver, {"agreed_by_mother": True}),
        (Caregiver, {"role": Caregiver.Role.GRANDMOTHER}),
        (Caregiver, {"ended_on": NOON.date()}),
        (Person, {"died_on": NOON.date()}),
    ],
    ids=["she agrees", "he is no husband", "she reads herself again", "she has died"],
)
def test_what_waited_for_her_word_is_asked_again_when_it_is_not_needed_any_more(unit, judged, model, facts):
    publish([Line("day-60", day=60, open_for=30, without_mother=True)], code="child", anchor="birth")
    child = people.be_an(unit, NOON, days=60)
    husband = people.ba_sau(child, NOON, role=Caregiver.Role.HUSBAND, agreed_by_mother=False)
    Caregiver.objects.update(is_main=True)
    schedule(NOON)
    schedule(NOON + DAY)
    assert row().reason == "not_agreed"
    judged.clear()
    schedule(NOON + 2 * DAY)
    assert judged == [], "he sleeps"
    changed = husband.pk if model is Caregiver else child.mother_id
    model.objects.filter(pk=changed).update(**facts)
    schedule(NOON + 3 * DAY)
    assert judged == ["day-60"]
    assert row().state == "released"


LAST_DAY = Line("week-12", day=84)
"""Its window is one day: what is not found again on it is lost."""


def twelve_weeks(unit):
    pregnancy = people.lan(unit, NOON - 5 * DAY, lmp=NOON.date() - 84 * DAY)
    schedule(NOON - DAY)
    return pregnancy


def test_on_its_last_day_a_text_is_found_that_was_in_hand_while_its_pause_was_lifted(unit, monkeypatch):
    publish([LAST_DAY])
    twelve_weeks(unit)
    schedule(NOON - 4 * HOUR)
    held = pauses.pause(topic="anc", why="Hết viên sắt", now=NOON - HOUR)
    read = facts._pauses

    def then_it_is_lifted(*some):
        read(*some)
        pauses.resume(held, now=NOON)

    monkeypatch.setattr(facts, "_pauses", then_it_is_lifted)
    schedule(NOON)
    assert row().reason == "paused"
    monkeypatch.undo()
    assert schedule(NOON + timedelta(minutes=5))["released"] == 1


@pytest.mark.parametrize("meanwhile", [[], [Line("week-30", day=210)]], ids=["retired", "the step taken out"])
def test_on_its_last_day_a_text_is_found_whose_campaign_or_step_comes_back(unit, meanwhile):
    publish([LAST_DAY])
    twelve_weeks(unit)
    schedule(NOON - 4 * HOUR)
    if meanwhile:
        publish(meanwhile, now=NOON - 3 * HOUR)
    else:
        review.retire(Revision.objects.get(state="live"), reviewer(), NOON - 3 * HOUR)
    schedule(NOON)
    assert row().reason == ("step_removed" if meanwhile else "paused")
    publish([LAST_DAY], now=NOON + HOUR)
    assert schedule(NOON + HOUR)["released"] == 1


def test_on_its_last_day_a_text_goes_into_the_room_of_one_that_a_loss_took_back(unit):
    publish([LAST_DAY], priority=1)
    publish([Line("day-60", day=60)], code="child", anchor="birth", priority=50)
    pregnancy = people.lan(unit, NOON - DAY, lmp=NOON.date() - 84 * DAY)
    people.be_an(unit, NOON - DAY, days=59, mother=pregnancy.mother)
    schedule(NOON)
    assert ScheduledMessage.objects.get(step_key="day-60").reason == "frequency_cap"
    events.loss(pregnancy, kind="miscarriage", on=NOON.date(), now=NOON + HOUR, source="page")
    assert dispatch_all(NOON + HOUR)["canceled"] == 1
    schedule(NOON + 2 * HOUR)
    dispatch_all(NOON + 2 * HOUR)
    assert ScheduledMessage.objects.get(step_key="day-60").sms.status == "sent"
