"""A draft is copied from a revision with its keys, changed by the rules of the files, and nobody's change is lost."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from campaigns.content import drafting, editions, files, library, review
from campaigns.content.checking import findings
from campaigns.content.spelled import table_of
from campaigns.models import Campaign, ReviewEvent, Revision, Step
from recipients.models import User
from tests import people
from tests.timelines import Line, publish
from tests.workflow.conftest import live, mark, refused, table

STEP = "iron-start"


@pytest.fixture
def draft(campaign, huong, now):
    return drafting.new_draft(campaign, None, huong, now)


def changed(revision, key, by, now, **changes):
    return drafting.change_step(
        revision, key, table(revision, key, **changes), seen=mark(revision, key), by=by, now=now
    )  # fmt: skip


@pytest.mark.parametrize("path", sorted(library.FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_step_of_the_library_reads_back_as_it_is(path):
    if path.name == files.SAMPLE_FILE:
        return
    campaign = files.load_file(path)
    for step in campaign.steps:
        assert files.read_step(table_of(step, campaign.anchor), {}, campaign.anchor, "x") == step


def test_a_draft_is_a_copy_with_the_same_keys(campaign, draft, huong, now):
    old = live(campaign)
    assert (draft.number, draft.state, draft.author, draft.based_on) == (2, "draft", huong, old)
    assert editions.file_of(draft) == editions.file_of(old)
    assert draft.checksum == "", "no file said these words"
    again = drafting.new_draft(campaign, draft, huong, now)
    assert (again.number, again.based_on) == (3, draft)


def test_who_may_not_write(campaign, draft, now):
    for role in (User.Role.STATION, User.Role.CDC, User.Role.ADMIN):
        user = people.user(role, people.province())
        refused("not_allowed", drafting.new_draft, campaign, None, user, now)
        refused("not_allowed", changed, draft, STEP, user, now, vi="Chào chị.")
        refused("not_allowed", drafting.discard, draft, user, now)


def test_a_text_and_a_window_are_changed(draft, huong, now):
    body = "Mỗi ngày 1 viên sắt giúp chị đủ máu.  Chị nhận viên\ntại {coso}."
    row = changed(draft, STEP, huong, now, vi=body, until="34w", time="18:30")
    row.refresh_from_db()
    assert (row.until_days, f"{row.send_time:%H:%M}") == (238, "18:30")
    assert row.texts.get(language="vi").body == "Mỗi ngày 1 viên sắt giúp chị đủ máu. Chị nhận viên tại {coso}."
    assert row.texts.count() == 2, "English stays"
    event = ReviewEvent.objects.get(revision=draft, what="changed")
    assert (event.by, event.at, event.step_key) == (huong, now, STEP)
    assert set(event.new) == {"vi", "until", "time"}
    assert event.old["until"] == "35w6d"


def test_who_marked_a_step_to_go_first_stays_known(campaign, draft, huong, now):
    changed(draft, STEP, huong, now, goes_first=True)
    assert [step.key for step in draft.steps.filter(goes_first=True)] == [STEP]
    event = ReviewEvent.objects.get(revision=draft, what="changed")
    assert (event.by, event.old, event.new) == (huong, {"goes_first": False}, {"goes_first": True})
    again = drafting.new_draft(campaign, draft, huong, now)
    assert again.steps.get(key=STEP).goes_first
    changed(draft, STEP, huong, now, goes_first=False)
    assert not draft.steps.get(key=STEP).goes_first


def test_saving_without_a_change_leaves_no_line(draft, huong, now):
    changed(draft, STEP, huong, now)
    assert not ReviewEvent.objects.filter(revision=draft, what="changed").exists()


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"until": "5w"}, "until", "lies before"),
        ({"until": "2m"}, "until", "Gestation is counted in weeks"),
        ({"from": "12 weeks"}, "from", "is not an offset"),
        ({"time": "22:00"}, "time", "07:30 to 20:30"),
        ({"role": "station", "without_mother": True}, "without_mother", "has its mother"),
        ({"vi": "Chào {chị}."}, "vi", "unknown placeholder {chị}"),
        ({"vi": "Ngày {ngay} chị ghé {coso}."}, "vi", "the day of a visit or session"),
        ({"vi": "Chào {ten."}, "vi", "not closed"),
        ({"en": "", "en_discreet": "Hello."}, "en", "stands without"),
        ({"vi": " "}, "vi", "is missing"),
        ({"visit": "anc"}, "group", "there is no"),
        ({"topic": "Sắt"}, "topic", "lower case"),
        ({"group": "x" * 41}, "group", "40"),
    ],
)
def test_what_a_file_may_not_say_nobody_types(draft, huong, now, changes, field, said):
    with translation.override("en"):
        refusal = refused("invalid", changed, draft, STEP, huong, now, **changes)
    assert refusal.field == field
    assert said in refusal.sentence
    assert not ReviewEvent.objects.filter(revision=draft, what="changed").exists()


def test_two_people_lose_nothing(draft, huong, nga, now):
    began = mark(draft, STEP)
    typed = table(draft, STEP, vi="Chị nhớ uống viên sắt nhé.")
    changed(draft, STEP, nga, now, en="One tablet a day.")
    refusal = refused("changed_meanwhile", drafting.change_step, draft, STEP, typed, seen=began, by=huong, now=now)
    assert refusal.conflict
    refused("changed_meanwhile", drafting.remove_step, draft, STEP, seen=began, by=huong, now=now)
    texts = dict(draft.steps.get(key=STEP).texts.values_list("language", "body"))
    assert texts["en"] == "One tablet a day."
    changed(draft, "nausea", huong, now, en="Eat small meals.")


def test_a_step_comes_and_goes(draft, huong, now):
    new = table(draft, STEP, key="iron-rest", vi="Chị nghỉ ngơi nhé.", **{"from": "10w", "until": "20w"})
    drafting.add_step(draft, new, by=huong, now=now)
    keys = [step.key for step in editions.file_of(draft).steps]
    assert keys.index("iron-rest") == keys.index("nausea") + 1, "between week 9 and week 14"
    refused("key_taken", drafting.add_step, draft, new, by=huong, now=now)
    drafting.remove_step(draft, "iron-rest", seen=mark(draft, "iron-rest"), by=huong, now=now)
    assert not draft.steps.filter(key="iron-rest").exists()
    gone = ReviewEvent.objects.get(revision=draft, what="removed")
    assert gone.old["vi"] == "Chị nghỉ ngơi nhé."


def test_a_key_of_another_campaign_is_taken(draft, huong, now):
    publish([Line("week-12", day=84)], code="other")
    new = table(draft, STEP, key="week-12")
    refused("key_taken", drafting.add_step, draft, new, by=huong, now=now)


def test_only_a_draft_is_open(campaign, draft, huong, now):
    refused("wrong_state", changed, live(campaign), STEP, huong, now, vi="Khác.")
    review.submit(draft, huong, now)
    refused("wrong_state", changed, draft, STEP, huong, now, vi="Khác.")
    refused("wrong_state", drafting.add_step, draft, table(draft, STEP, key="x"), by=huong, now=now)
    refused("wrong_state", drafting.discard, draft, huong, now)


def test_the_database_seals_words_from_the_moment_review_is_asked_for(draft, huong, now):
    review.submit(draft, huong, now)
    step = draft.steps.first()
    with pytest.raises(DatabaseError, match="no draft"), transaction.atomic():
        step.texts.update(body="Khác")
    with pytest.raises(DatabaseError, match="no draft"), transaction.atomic():
        Step.objects.filter(pk=step.pk).update(topic="other")
    with pytest.raises(DatabaseError, match="no draft"), transaction.atomic():
        step.texts.create(language="km", body="x")
    with pytest.raises(DatabaseError, match="no draft"), transaction.atomic():
        draft.steps.create(key="more", position=99, send_time="09:00", topic="iron")


def test_a_discarded_draft_stays_to_be_read(draft, huong, now):
    assert drafting.discard(draft, huong, now).state == "discarded"
    assert draft.steps.exists()
    refused("wrong_state", review.submit, draft, huong, now)
    assert drafting.new_draft(draft.campaign, None, huong, now).based_on.state == "live"


def test_a_file_draft_belongs_to_who_changes_it_first(loaded, duyet, now):
    draft = loaded.revisions.get()
    changed(draft, STEP, duyet, now, vi="Chị uống viên sắt mỗi ngày.")
    assert Revision.objects.get(pk=draft.pk).author == duyet


def test_what_cannot_work_is_not_sent_to_review(draft, huong, now):
    assert findings(editions.file_of(draft)) == []
    changed(draft, STEP, huong, now, vi="Chúc mừng bé chào đời, chị gọi {hotline} nhé.", until="7w")
    rules = {fault.rule for fault in findings(editions.file_of(draft))}
    assert {"living-child", "placeholders", "window", "congratulation"} - {"congratulation"} <= rules
    assert STEP in refused("rules", review.submit, draft, huong, now).sentence


def test_a_broadcast_is_not_copied(campaign, huong, now):
    Campaign.objects.filter(pk=campaign.pk).update(anchor="broadcast")
    campaign.refresh_from_db()
    refused("broadcast", drafting.new_draft, campaign, None, huong, now)
