"""The page of a child's main caregiver: what came to her, what waits and what comes, beside the mother's page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from campaigns import record
from campaigns.schedule.explain import why
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from recipients.days import local_day
from recipients.models import Consent, Person
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = local_day(NOON)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def child(unit):
    """Bé An, 60 days old; grandmother Sáu becomes the main caregiver one day later."""
    days = [Line(f"day-{day}", day=day, topic=f"topic-{day}", without_mother=True) for day in (60, 62, 70)]
    publish([*days, Line("breast", day=71, topic="breastfeeding")], code="child", anchor="birth")
    return people.be_an(unit, NOON)


@pytest.fixture
def sau(child) -> Person:
    caregiver = people.ba_sau(child, NOON)
    schedule(NOON)
    dispatch_all(NOON)
    events.set_main(caregiver, main=True, now=NOON + DAY, source="page")
    return caregiver.person


def kinds(person, on, now):
    return [(answer.step_key, answer.kind) for answer in why(person, on, now)]


def test_what_came_since_she_takes_the_mothers_place_is_hers(child, sau):
    later = NOON + 2 * DAY
    schedule(later)
    OutboundMessage.objects.filter(to=sau.phone).update(status="delivered", sent_at=later, final_at=later)
    assert [row.step_key for row in record.past(sau, later)] == ["day-62"]
    assert kinds(sau, TODAY + 2 * DAY, later) == [("day-62", "got")]
    assert kinds(sau, TODAY, later) == [("", "not")], "this one went to the mother"
    assert {row.step_key for row in record.past(child.mother, later)} == {"day-60", "day-62"}


def test_what_waits_for_her_shows_the_words_that_she_will_read(child, sau):
    later = NOON + 2 * DAY
    Consent.objects.filter(person=sau).delete()
    schedule(later)
    for person in (sau, child.mother):
        [waiting] = record.waiting(person, later)
        assert (waiting.reader, waiting.text) == (sau, "Chi Sau oi, day-62.")
        assert kinds(person, TODAY + 2 * DAY, later) == [("day-62", "waiting")]


def test_what_comes_goes_to_her_and_the_mothers_own_words_do_not(child, sau):
    now = NOON + 3 * DAY
    schedule(now)
    [coming] = why(sau, TODAY + 10 * DAY, now)
    assert (coming.step_key, coming.kind) == ("day-70", "will")
    assert "It goes to Võ Thị Sáu, the main caregiver." in coming.sentence
    assert "will not leave" not in coming.sentence
    [own] = why(sau, TODAY + 11 * DAY, now)
    assert "The words are for the mother herself" in own.sentence


def test_a_brother_without_a_main_caregiver_stays_the_mothers(child, sau, unit):
    brother = people.be_an(unit, NOON, days=55, mother=child.mother, child_name="Bình")
    now = NOON + 3 * DAY
    schedule(now)
    on = brother.date_of_birth + 62 * DAY
    [his] = why(child.mother, on, now)
    assert "main caregiver" not in his.sentence
    assert kinds(sau, on, now) == [("", "not")]
