"""After a loss a page does not repeat itself, and nothing that the facts have ended is shown as waiting."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from campaigns import record
from campaigns.models import ScheduledMessage
from campaigns.schedule.explain import why
from recipients import events
from recipients.days import local_day
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
def hoa(unit):
    """Hoa, who has not agreed: three texts of one campaign and one of another wait for her word."""
    publish([Line(f"text-{n}", day=84 - n, topic=f"topic-{n}") for n in range(3)])
    publish([Line("iron", day=84, topic="iron")], code="iron")
    pregnancy = people.hoa(unit, NOON, weeks=12)
    schedule(NOON)
    return pregnancy


def test_texts_of_one_campaign_that_ended_for_one_reason_are_one_sentence(hoa):
    events.loss(hoa, kind="stillbirth", on=TODAY, now=NOON, source="page")
    schedule(NOON)
    answers = why(hoa.mother, TODAY, NOON)
    assert {answer.kind for answer in answers} == {"not"}
    several, single = sorted((answer.sentence for answer in answers), reverse=False)
    assert several.startswith("3 texts of “anc”: It was not sent. A loss was recorded")
    assert single.startswith("Text of 21/11/2026, “Chi Hoa oi, iron.”: It was not sent. A loss was recorded")


def test_a_line_names_the_day_and_the_first_words_of_its_text(hoa):
    sentences = [answer.sentence for answer in why(hoa.mother, TODAY, NOON)]
    assert any(sentence.startswith("Text of 19/11/2026, “Chi Hoa oi, text-2.”: It is due") for sentence in sentences)
    assert len(sentences) == 4


def test_what_the_facts_have_ended_is_not_waiting_before_the_next_pass_either(hoa):
    assert len(record.waiting(hoa.mother, NOON)) == 4
    events.loss(hoa, kind="stillbirth", on=TODAY, now=NOON, source="page")
    assert ScheduledMessage.objects.filter(state="waiting").count() == 4, "no pass has run"
    assert record.waiting(hoa.mother, NOON) == []
    assert {answer.kind for answer in why(hoa.mother, TODAY, NOON)} == {"not"}


def test_a_text_planned_for_tomorrow_is_told_as_ended_after_a_loss(unit):
    publish([Line("week-12", day=84)])
    lan = people.lan(unit, NOON - DAY, lmp=TODAY - 83 * DAY)
    schedule(NOON - DAY)
    schedule(NOON)
    events.loss(lan, kind="miscarriage", on=TODAY, now=NOON, source="page")
    [answer] = why(lan.mother, TODAY + DAY, NOON)
    assert answer.kind == "not"
    assert "A loss was recorded" in answer.sentence
    [after] = why(lan.mother, TODAY, NOON)
    assert "The next text" not in after.sentence
