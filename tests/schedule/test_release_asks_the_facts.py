"""What is due goes, or the ledger says why not; and what passes with time is found again."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Holiday, ScheduledMessage
from campaigns.schedule import pauses
from messaging import optouts
from messaging.models import OutboundMessage, Route
from messaging.outgoing.dispatch import dispatch_all
from recipients import consent, events, registry
from recipients.models import Person
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TWELVE_WEEKS = Line("week-12", day=84)


def row() -> ScheduledMessage:
    return ScheduledMessage.objects.get()


def test_a_due_text_is_handed_over_once(unit):
    publish([TWELVE_WEEKS])
    lan = people.lan(unit, NOON).mother
    assert schedule(NOON)["released"] == 1
    schedule(NOON + HOUR)
    sms = OutboundMessage.objects.get()
    assert (sms.to, sms.body, sms.key) == (lan.phone, "Chi Lan oi, week-12.", row().key)
    assert row().state == "released"
    assert row().sms == sms


def test_her_own_script_and_language(unit):
    publish([Line("week-12", day=84, texts={"vi": "Chị {ten} ơi.", "en": "Dear {ten}."})])
    people.lan(unit, NOON, script=Person.Script.DIACRITICS)
    people.lan(unit, NOON, name="Trần Thị Kim", phone="0987000111", language="en")
    people.lan(unit, NOON, name="Thạch Sô Kha", phone="0987000222", language="km")
    schedule(NOON)
    assert sorted(OutboundMessage.objects.values_list("body", flat=True)) == ["Chi Kha oi.", "Chị Lan ơi.", "Dear Kim."]
    assert sorted(ScheduledMessage.objects.values_list("language", flat=True)) == ["en", "vi", "vi"]


def test_a_phone_that_others_read_gets_discreet_words_or_none(unit):
    publish([Line("week-30", day=210)])
    people.mai(unit, NOON)
    schedule(NOON)
    assert OutboundMessage.objects.get().body == "Chi Mai oi, moi chi ghe Tram y te Xa An Binh."
    ScheduledMessage.objects.all().delete()
    OutboundMessage.objects.all().delete()
    publish([Line("week-30", day=210, discreet="")])
    schedule(NOON + HOUR)
    assert row().reason == "no_text"


def test_without_consent_or_number_she_waits_and_the_text_is_found_again(unit):
    publish([Line("week-20", day=140)])
    hoa = people.hoa(unit, NOON, phone=None).mother
    schedule(NOON)
    assert (row().state, row().reason) == ("waiting", "no_phone")
    registry.change_number(hoa, "0365291703", now=NOON + HOUR, source="page")
    schedule(NOON + HOUR)
    assert (row().state, row().reason) == ("waiting", "no_consent")
    consent.give(hoa, now=NOON + HOUR, source="page")
    schedule(NOON + 2 * HOUR)
    assert row().state == "released"


def test_what_kept_a_row_waiting_is_its_reason_when_the_window_closes(unit):
    publish([Line("week-20", day=140, open_for=2)])
    people.hoa(unit, NOON)
    schedule(NOON)
    schedule(NOON + timedelta(days=2))
    assert row().state == "waiting"
    schedule(NOON + timedelta(days=3))
    assert (row().state, row().reason) == ("skipped", "no_consent")


def test_the_first_reason_stays_when_others_come_later(unit):
    publish([Line("week-40", day=280, open_for=2)])
    people.lan(unit, NOON, weeks=40, phone=None)
    schedule(NOON)
    assert row().reason == "no_phone"
    schedule(NOON + timedelta(days=40))
    assert (row().state, row().reason) == ("skipped", "no_phone"), "not the hold that began after its window"


def test_an_outage_of_three_days_sends_what_is_open_and_records_the_rest(unit):
    publish([Line("short", day=85, open_for=1), Line("long", day=86, open_for=9, topic="iron")])
    people.lan(unit, NOON)
    schedule(NOON)
    assert schedule(NOON + timedelta(days=4))["released"] == 1
    assert dict(ScheduledMessage.objects.values_list("step_key", "state")) == {"short": "skipped", "long": "released"}
    assert ScheduledMessage.objects.get(step_key="short").reason == "late"


@pytest.mark.parametrize(
    ("hour", "minute", "state"),
    [(7, 29, "waiting"), (7, 30, "released"), (20, 29, "released"), (20, 30, "waiting")],
)
def test_only_in_the_sending_hours(unit, hour, minute, state):
    publish([TWELVE_WEEKS])
    people.lan(unit, NOON - timedelta(days=1), lmp=NOON.date() - timedelta(days=84))
    schedule(NOON - timedelta(days=1))
    schedule((NOON + timedelta(days=1)).replace(hour=hour, minute=minute))
    assert row().state == state
    if state == "waiting":
        assert row().reason == "quiet_hours"
        assert schedule(row().not_before)["released"] == 1


def test_a_holiday_is_waited_through(unit):
    Holiday.objects.create(day=NOON.date(), name="Tết")
    publish([TWELVE_WEEKS])
    people.lan(unit, NOON)
    schedule(NOON)
    assert (row().reason, row().not_before.astimezone(NOON.tzinfo).date()) == ("holiday", date(2026, 11, 22))
    schedule(row().not_before)
    assert row().state == "released"


def test_one_text_a_day_the_most_important_first(unit):
    publish([Line("food", day=84)], code="food", priority=70)
    publish([Line("visit", day=84)], code="visits", priority=10)
    people.lan(unit, NOON)
    schedule(NOON)
    assert ScheduledMessage.objects.get(state="released").campaign.code == "visits"
    waiting = ScheduledMessage.objects.get(state="waiting")
    assert waiting.reason == "frequency_cap"
    dispatch_all(NOON)
    schedule(waiting.not_before)
    assert not ScheduledMessage.objects.filter(state="waiting").exists()


def test_a_visit_that_took_place_silences_its_reminder(unit):
    publish([Line("anc-1", day=84, visit="anc1")])
    pregnancy = people.lan(unit, NOON)
    events.attend_visit(pregnancy=pregnancy, type="anc1", on=NOON.date(), now=NOON, source="page")
    schedule(NOON)
    assert (row().state, row().reason) == ("skipped", "visit_done")


def test_a_pause_holds_and_its_end_lets_go(unit):
    campaign = publish([TWELVE_WEEKS])
    people.lan(unit, NOON)
    pause = pauses.pause(campaign=campaign, why="Đang sửa lời", now=NOON)
    schedule(NOON)
    assert row().reason == "paused"
    pauses.resume(pause, now=NOON + HOUR)
    schedule(NOON + HOUR)
    assert row().state == "released"


def test_an_excluded_topic_a_closed_number_a_missing_value_and_no_route(unit):
    publish([Line("week-12", day=84, topic="iron", texts={"vi": "Gọi {hotline}."})])
    pregnancy = people.lan(unit, NOON, excluded_topics=["iron"])
    schedule(NOON)
    assert row().reason == "topic_excluded"
    registry.update_details(pregnancy.mother, changes={"excluded_topics": []}, now=NOON, source="page")
    optouts.close(pregnancy.mother.phone, source="page", now=NOON)
    tomorrow = NOON + timedelta(days=1)
    schedule(tomorrow)
    assert row().reason == "opted_out"
    optouts.reopen(pregnancy.mother.phone, now=tomorrow + HOUR)
    schedule(tomorrow + 2 * HOUR)
    assert row().reason == "no_parameter"
    publish([Line("week-12", day=84)])
    Route.objects.update(enabled=False)
    schedule(tomorrow + 3 * HOUR)
    assert row().reason == "no_route"
    Route.objects.update(enabled=True)
    schedule(tomorrow + 4 * HOUR)
    assert row().state == "released"


def test_a_new_revision_changes_the_words_ahead_and_repeats_nothing(unit):
    publish([TWELVE_WEEKS, Line("week-13", day=91)])
    people.lan(unit, NOON)
    schedule(NOON)
    dispatch_all(NOON)
    publish([Line("week-12", day=84, texts={"vi": "Lời mới."}), Line("week-13", day=91, texts={"vi": "Lời mới."})])
    schedule(NOON + HOUR)
    schedule(NOON + timedelta(days=7))
    assert list(OutboundMessage.objects.order_by("queued_at").values_list("body", flat=True)) == [
        "Chi Lan oi, week-12.",
        "Loi moi.",
    ]


def test_a_removed_step_is_held_back_and_recorded(unit):
    publish([Line("week-12", day=84, open_for=3)])
    people.lan(unit, NOON - timedelta(days=1), lmp=NOON.date() - timedelta(days=84))
    schedule(NOON - timedelta(days=1))
    publish([Line("other", day=200)])
    schedule(NOON)
    assert row().reason == "step_removed"
    schedule(NOON + timedelta(days=4))
    assert (row().state, row().reason) == ("skipped", "step_removed")


def test_redated_by_three_weeks_nothing_is_repeated_and_nothing_lost(unit):
    publish([TWELVE_WEEKS, Line("week-14", day=98)])
    pregnancy = people.lan(unit, NOON)
    schedule(NOON)
    dispatch_all(NOON)
    events.redate(pregnancy, lmp=NOON.date() - timedelta(days=63), now=NOON, source="page")
    for day in range(40):
        schedule(NOON + timedelta(days=day))
    assert OutboundMessage.objects.count() == 2
    assert ScheduledMessage.objects.get(step_key="week-14").due_on == NOON.date() + timedelta(days=35)
