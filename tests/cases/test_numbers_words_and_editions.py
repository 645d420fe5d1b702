"""Cases 13, 14 and 17 to 20: shared and closed numbers, languages, editions, an operator down, letters."""

import unicodedata
from datetime import timedelta

import pytest

from campaigns.content import review
from campaigns.models import Enrollment, Revision, ScheduledMessage, Step, StepText
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from campaigns.tick import tick
from messaging.incoming import inbound, keywords
from messaging.models import OptOut, OutboundMessage, Route
from messaging.outgoing.dispatch import dispatch_all
from messaging.providers.base import Inbound
from recipients import consent, registry
from recipients.models import Consent
from recipients.registry import register_pregnancy
from tests import people
from tests.cases.conftest import DAY, HOUR, MINUTE, NOON, gone
from tests.timelines import Line, publish, reviewer

FAMILY = "0912000777"


def two_on_one_phone(unit) -> tuple:
    first = people.lan(unit, NOON, phone=FAMILY)
    second = people.lan(unit, NOON, name="Trần Thị Cúc", phone=FAMILY)
    return first.mother, second.mother


def test_case_13_two_women_on_one_number_are_two_people(unit):
    publish([Line("week-12", day=84)])
    lan, cuc = two_on_one_phone(unit)
    tick(NOON)
    assert sorted(gone(lan.phone)) == ["Chi Cuc oi, week-12.", "Chi Lan oi, week-12."]
    consent.withdraw(cuc, now=NOON, source="page")
    publish([Line("week-12", day=84), Line("day-86", day=86)])
    for hours in (47, 48, 49):
        tick(NOON + hours * HOUR)
    assert sorted(gone(lan.phone))[-1:] == ["Chi Lan oi, week-12."]
    assert gone()[2:] == ["Chi Lan oi, day-86."]


def test_case_13_the_same_words_to_their_number_leave_once_and_count_for_both(unit):
    publish([Line("week-12", day=84, texts={"vi": "Mời đến trạm."})])
    two_on_one_phone(unit)
    tick(NOON)
    tick(NOON + HOUR)
    assert gone() == ["Moi den tram."]
    assert ScheduledMessage.objects.filter(state="released").count() == 2


def test_case_13_a_topic_refused_by_one_is_sent_to_the_other_and_nothing_else_is_held(unit):
    publish([Line("iron", day=84, topic="iron"), Line("food", day=85, topic="food")])
    lan, _cuc = two_on_one_phone(unit)
    registry.update_details(lan, changes={"excluded_topics": ["iron"]}, now=NOON, source="page")
    for number in range(4):
        tick(NOON + number * DAY + number * HOUR)
    assert sorted(gone()) == ["Chi Cuc oi, food.", "Chi Cuc oi, iron.", "Chi Lan oi, food."]


def test_case_13_a_stop_closes_its_number_and_no_other(unit):
    keywords.load()
    publish([Line("week-12", day=84)])
    lan = people.lan(unit, NOON).mother
    mai = people.mai(unit, NOON, weeks=12).mother
    stop = Inbound(from_=lan.phone, to="", body="TU CHOI", provider_id="in-1")
    inbound.store(Route.objects.get(), stop, NOON - MINUTE)
    for hours in (0, 1, 25):
        tick(NOON + hours * HOUR)
    about = OutboundMessage.objects.filter(key__startswith="scheduled:").values_list("to", flat=True)
    assert list(about) == [mai.phone]
    assert consent.state_of([lan.pk, mai.pk]) == {lan.pk: "ask_again", mai.pk: "given"}


def test_case_14_a_language_without_a_translation_falls_back_and_stalls_nobody(unit):
    publish([Line("week-12", day=84, discreet="")])
    people.sokha(unit, NOON, weeks=12, phone="0987000222")
    people.mai(unit, NOON, weeks=12)  # not her own phone, and there are no discreet words
    people.lan(unit, NOON)
    tick(NOON)
    assert sorted(gone()) == ["Chi Kha oi, week-12.", "Chi Lan oi, week-12."]
    kha = ScheduledMessage.objects.get(person__language="km")
    assert (kha.state, kha.language) == ("released", "vi"), "the ledger says in which language"
    assert ScheduledMessage.objects.get(person__phone_holder="husband").reason == "no_text"


def edited(code: str, words: dict[str, str]) -> Revision:
    """The next revision as people make it: a draft with other words, submitted, approved and published."""
    old = Revision.objects.get(campaign__code=code, state="live")
    new = Revision.objects.create(campaign=old.campaign, number=old.number + 1, created_at=NOON)
    for step in old.steps.all():
        texts = list(step.texts.all())
        step.pk, step._state.adding, step.revision = None, True, new
        step.save(force_insert=True)
        for text in texts:
            body = words.get(step.key, text.body)
            StepText.objects.create(step=step, language=text.language, body=body, discreet_body=text.discreet_body)
    officer = people.user("officer", people.province(), username="officer")
    review.submit(new, officer, NOON)
    review.approve(new, reviewer(), NOON)
    return review.publish(new, reviewer(), NOON)


def test_case_17_a_text_edited_in_mid_flight_keeps_its_words_and_the_revision_is_known(unit):
    publish([Line("week-12", day=84), Line("day-87", day=87)])
    people.lan(unit, NOON)
    derive(NOON)
    plan(NOON)
    release_due(NOON)
    first = Revision.objects.get(state="live")
    second = edited("anc", {"week-12": "Lời mới.", "day-87": "Lời mới cho sau này."})
    dispatch_all(NOON)
    for number in range(5):
        tick(NOON + number * DAY + number * MINUTE)
    assert gone() == ["Chi Lan oi, week-12.", "Loi moi cho sau nay."]
    assert dict(ScheduledMessage.objects.values_list("step_key", "revision")) == {
        "week-12": first.pk, "day-87": second.pk,
    }  # fmt: skip
    sent = ScheduledMessage.objects.get(step_key="week-12")
    assert sent.step.texts.get().body == "Chị {ten} ơi, week-12."


def test_case_18_one_operator_down_for_five_days_unsubscribes_nobody(unit):
    publish([Line("day-84", day=84, open_for=2), Line("day-86", day=86, open_for=9), Line("day-95", day=95)])
    good = Route.objects.get()
    Route.objects.filter(pk=good.pk).update(prefixes=["+8498"])  # no other way for the operator that is down
    down = Route.objects.create(
        name="down", provider="sandbox", prefixes=["+8491"], priority=1, settings={"down": 1}, rate=100
    )
    lan, kim = people.lan(unit, NOON).mother, people.lan(unit, NOON, name="Ngô Thị Kim", phone="0987000111").mother
    for number in range(5):
        for hour in (0, 3, 6):
            tick(NOON + number * DAY + hour * HOUR)
    assert gone(lan.phone) == []
    assert gone(kim.phone) == ["Chi Kim oi, day-84.", "Chi Kim oi, day-86."], "the other operator's people go on"
    assert not OptOut.objects.exists()
    assert not Consent.objects.exclude(state="given").exists()
    assert not Enrollment.objects.filter(active=False).exists()
    Route.objects.filter(pk=down.pk).update(prefixes=["+8499"])
    down.refresh_from_db()
    down.settings = {}
    down.prefixes = ["+8491"]
    down.save()
    for number in range(5, 14):
        tick(NOON + number * DAY)
        tick(NOON + number * DAY + HOUR)
    assert gone(lan.phone)[-1] == "Chi Lan oi, day-95."
    assert good.messages.filter(to=lan.phone).count() == 0


def test_case_19_a_step_removed_or_added_leaves_nobody_stuck_and_replays_nothing(unit):
    before = [Line("a", day=84), Line("b", day=86, topic="iron"), Line("c", day=92)]
    publish(before)
    people.lan(unit, NOON)
    for number in range(2):
        tick(NOON + number * DAY)
    # b goes before it was sent; three come: one long past, one that is open, one ahead.
    publish([
        Line("past", day=70, open_for=5), Line("a", day=84), Line("open", day=83, topic="food", open_for=9),
        Line("c", day=92), Line("ahead", day=96, topic="iron"),
    ])  # fmt: skip
    for number in range(2, 24, 2):
        tick(NOON + number * DAY + number * MINUTE)
    assert gone() == [f"Chi Lan oi, {key}." for key in ("a", "open", "c", "ahead")]
    assert set(ScheduledMessage.objects.exclude(state="released").values_list("step_key", "state", "reason")) == {
        ("b", "skipped", "step_removed")
    }


def test_case_19_a_step_that_comes_back_is_the_same_step(unit):
    publish([Line("a", day=84, open_for=20)])
    people.lan(unit, NOON)
    tick(NOON)
    publish([Line("b", day=200)])
    tick(NOON + DAY)
    publish([Line("a", day=84, open_for=20, texts={"vi": "Lời mới."})])
    for number in range(2, 6):
        tick(NOON + number * DAY)
    assert gone() == ["Chi Lan oi, a."]
    assert Step.objects.filter(key="a").count() == 2


def test_case_20_vietnamese_with_its_marks_is_counted_as_ucs2_and_what_is_decomposed_is_composed(unit):
    words = unicodedata.normalize("NFD", "Chị {ten} ơi, mời chị đến trạm y tế khám thai, tiêm phòng uốn ván nhé.")
    publish([Line("week-12", day=84, texts={"vi": words})])
    name = unicodedata.normalize("NFD", "Nguyễn Thị Phượng")
    people.lan(unit, NOON, script="diacritics", name=name)
    people.mai(unit, NOON, weeks=12, phone_holder="own")
    tick(NOON)
    with_marks, plain = OutboundMessage.objects.order_by("-body", "pk")
    if with_marks.encoding != "UCS-2":
        with_marks, plain = plain, with_marks
    composed = "Chị Phượng ơi, mời chị đến trạm y tế khám thai, tiêm phòng uốn ván nhé."
    assert (with_marks.body, with_marks.encoding) == (composed, "UCS-2")
    assert with_marks.segments == -(-len(composed) // 67)
    assert plain.body == "Chi Mai oi, moi chi den tram y te kham thai, tiem phong uon van nhe."
    assert (plain.encoding, plain.segments) == ("GSM-7", 1)


@pytest.mark.parametrize("script", ["plain", "diacritics"])
def test_case_20_khmer_is_never_stripped(unit, script):
    khmer = "សូមអញ្ជើញមកពិនិត្យផ្ទៃពោះ {ten}"
    publish([Line("week-12", day=84, texts={"vi": "Mời chị.", "km": khmer})])
    register_pregnancy(
        name="Thạch Thị Sô Kha", unit=unit, phone="0987000222", lmp=NOON.date() - timedelta(days=84), now=NOON,
        source="page", consent=True, language="km", script=script,
    )  # fmt: skip
    tick(NOON)
    text = OutboundMessage.objects.get()
    assert text.body == unicodedata.normalize("NFC", khmer.replace("{ten}", "Kha"))
    assert text.encoding == "UCS-2"
