"""`why(person, day)`: got it, will get it, waits or will not, because; for every reason there are words."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from campaigns import stopping
from campaigns.models import Reason, ScheduledMessage
from campaigns.schedule import because, pauses
from campaigns.schedule.explain import why
from messaging.models import OutboundMessage
from messaging.statuses import Status
from recipients import events
from recipients.days import local_day
from recipients.errors import Refusal
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = local_day(NOON)

STEPS = [Line("week-10", day=70), Line("week-12", day=84), Line("week-14", day=98)]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def said(person, on, now=NOON):
    return [(answer.step_key, answer.kind, answer.sentence) for answer in why(person, on, now)]


def test_every_reason_has_its_words_and_every_status_too():
    assert set(because.REASONS) == set(Reason)
    for reason in Reason:
        what, hand = because.reason_words(reason)
        assert what.endswith("."), reason
        assert "%" not in what + hand, reason
    row = ScheduledMessage(due_at=NOON)
    for status in Status:
        kind, sentence = because.handed_over(row, OutboundMessage(status=status, to="+84912345678"))
        assert kind in ("got", "waiting", "not")
        assert sentence.endswith(".")


def test_what_arrived_was_sent_or_failed_is_told_apart(unit):
    publish(STEPS)
    lan = people.lan(unit, NOON).mother
    schedule(NOON)
    assert {(key, kind) for key, kind, _ in said(lan, TODAY)} == {("week-12", "waiting"), ("week-10", "not")}
    assert "A later text of the same topic goes instead." in next(
        s for key, _, s in said(lan, TODAY) if key == "week-10"
    )
    sent = NOON + timedelta(minutes=3)
    OutboundMessage.objects.update(status="delivered", sent_at=sent, final_at=sent + timedelta(minutes=1))
    answer = next(each for each in why(lan, TODAY, NOON + DAY) if each.step_key == "week-12")
    assert (answer.kind, answer.when) == ("got", sent)
    assert "arrived on 21/11/2026 12:04" in answer.sentence
    assert answer.text == OutboundMessage.objects.get().body
    OutboundMessage.objects.update(status="unknown")
    assert "not known whether it arrived" in next(s for key, _, s in said(lan, TODAY, NOON + DAY) if key == "week-12")
    OutboundMessage.objects.update(status="undelivered", error_code="absent")
    kind, sentence = next((kind, s) for key, kind, s in said(lan, TODAY, NOON + DAY) if key == "week-12")
    assert kind == "not"
    assert "did not arrive (absent)" in sentence


def test_what_waits_says_why_until_when_and_what_to_do(unit):
    publish(STEPS)
    hoa = people.hoa(unit, NOON, weeks=12).mother
    schedule(NOON)
    _key, kind, sentence = next(each for each in said(hoa, TODAY) if each[0] == "week-12")
    assert kind == "waiting"
    assert "has not agreed to receive messages" in sentence
    assert "Ask at the next visit" in sentence
    assert "may leave until 05/12/2026" in sentence


def test_what_waits_is_judged_by_the_facts_of_now_not_of_the_last_pass(unit):
    publish(STEPS)
    pregnancy = people.hoa(unit, NOON, weeks=12)
    schedule(NOON)
    events.loss(pregnancy, kind="miscarriage", on=TODAY, now=NOON, source="page")
    kind, sentence = next((kind, s) for key, kind, s in said(pregnancy.mother, TODAY) if key == "week-12")
    assert kind == "not"
    assert "A loss was recorded" in sentence


def test_a_pause_says_since_when_by_whom_and_why(unit):
    publish(STEPS)
    lan = people.lan(unit, NOON).mother
    officer = people.user("officer", unit, "thu")
    pauses.pause(why="No iron tablets in the district.", topic="anc", now=NOON, by=officer)
    schedule(NOON)
    _key, kind, sentence = next(each for each in said(lan, TODAY) if each[0] == "week-12")
    assert kind == "waiting"
    assert "Paused since 21/11/2026 12:00 by thu: No iron tablets in the district." in sentence
    _key, kind, sentence = said(lan, TODAY + 14 * DAY)[-1]
    assert kind == "will"
    assert "No iron tablets" in sentence


def test_what_ended_without_a_text_keeps_its_reason(unit):
    publish(STEPS)
    hoa = people.hoa(unit, NOON, weeks=12).mother
    for day in range(20):
        schedule(NOON + day * DAY)
    _key, kind, sentence = next(each for each in said(hoa, TODAY, NOON + 20 * DAY) if each[0] == "week-12")
    assert kind == "not"
    assert "has not agreed" in sentence
    assert "last day was 05/12/2026" in sentence


def test_what_comes_names_what_stands_in_its_way_today(unit):
    publish(STEPS)
    lan = people.lan(unit, NOON).mother
    schedule(NOON)
    on = TODAY + 14 * DAY
    [(key, kind, sentence)] = said(lan, on)
    assert (key, kind) == ("week-14", "will")
    assert sentence.endswith(because.will(why(lan, on, NOON)[0].when, ()))
    stopping.stop_person(lan, now=NOON, source="page", number_too=True)
    _key, kind, sentence = said(lan, on)[0]
    assert kind == "will"
    assert "it will not leave" in sentence
    assert "The number was closed" in sentence
    assert "Consent was withdrawn" in sentence


def test_after_a_loss_a_coming_day_says_that_nothing_leaves(unit):
    publish(STEPS)
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    events.loss(pregnancy, kind="stillbirth", on=TODAY, now=NOON, source="page")
    schedule(NOON)
    [(_key, kind, sentence)] = said(pregnancy.mother, TODAY + 14 * DAY)
    assert kind == "not"
    assert "Nothing of the campaign “anc” leaves any more. A loss was recorded" in sentence


def test_a_text_whose_window_closed_before_she_came_is_explained(unit):
    publish(STEPS)
    lan = people.lan(unit, NOON, weeks=13).mother
    schedule(NOON)
    [(key, kind, sentence)] = said(lan, TODAY - 21 * DAY)
    assert (key, kind) == ("week-10", "not")
    assert "follows the campaign since 21/11/2026" in sentence


def test_a_day_without_a_text_leads_to_the_next_one(unit):
    publish(STEPS)
    lan = people.lan(unit, NOON).mother
    schedule(NOON)
    [(_key, kind, sentence)] = said(lan, TODAY + 3 * DAY)
    assert kind == "not"
    assert "Nothing falls on 24/11/2026. The next text is that of 05/12/2026 (anc)." in sentence
    stranger = people.somebody(unit, NOON)
    [(_key, _kind, sentence)] = said(stranger, TODAY)
    assert "follows no campaign" in sentence
    with pytest.raises(Refusal, match="too far away"):
        why(lan, date.max, NOON)


def test_the_command_answers_by_id_and_by_number_in_words_and_as_json(unit):
    publish(STEPS)
    lan = people.lan(unit, NOON).mother
    schedule(NOON)

    def asked(*arguments: str) -> str:
        out = StringIO()
        call_command("explain", *arguments, "--now", NOON.isoformat(), stdout=out)
        return out.getvalue()

    assert "Nguyễn Thị Lan" in asked(str(lan.pk), "--date", "2026-12-05")
    assert asked("0912 345 678", "--date", "2026-12-05") == asked(str(lan.pk), "--date", "2026-12-05")
    [answer] = json.loads(asked(str(lan.pk), "--date", "2026-12-05", "--json"))
    assert (answer["person"], answer["date"]) == (lan.pk, "2026-12-05")
    assert [(each["step_key"], each["kind"]) for each in answer["why"]] == [("week-14", "will")]
    with pytest.raises(CommandError, match="nobody with the id or number 999"):
        asked("999")
    with pytest.raises(CommandError, match="is no day"):
        asked(str(lan.pk), "--date", "tomorrow")
