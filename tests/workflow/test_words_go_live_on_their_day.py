"""From a draft over review to live, at once or on a date; what another revision overtook is not published blindly."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from campaigns.content import drafting, editions, history, nextsteps, review
from campaigns.models import ReviewEvent, Revision
from campaigns.tick import tick
from config.celery import RHYTHM
from recipients.models import User
from tests import people
from tests.workflow.conftest import live, mark, refused, table

STEP = "iron-start"
DAY = timedelta(days=1)
TOMORROW = date(2026, 11, 22)


@pytest.fixture
def draft(campaign, huong, now):
    return drafting.new_draft(campaign, None, huong, now)


@pytest.fixture
def approved(draft, huong, duyet, now):
    review.submit(draft, huong, now)
    return review.approve(draft, duyet, now)


def change(revision, by, now, vi):
    drafting.change_step(
        revision, STEP, table(revision, STEP, vi=vi), seen=mark(revision, STEP), by=by, now=now
    )  # fmt: skip


def events(revision):
    return [
        event.what for event in reversed(history.of_campaign(revision.campaign)) if event.revision_id == revision.pk
    ]


def test_everything_is_in_the_history(draft, huong, duyet, now):
    change(draft, huong, now, "Chị uống 1 viên sắt mỗi ngày nhé.")
    review.submit(draft, huong, now)
    review.return_(draft, duyet, now, "Thêm nơi nhận viên sắt.")
    assert history.last_return(draft).comment == "Thêm nơi nhận viên sắt."
    review.submit(draft, huong, now)
    assert history.last_return(draft) is None
    review.withdraw(draft, huong, now)
    review.submit(draft, huong, now)
    review.approve(draft, duyet, now)
    review.schedule(draft, TOMORROW, huong, now)
    review.unschedule(draft, huong, now)
    old = live(draft.campaign)
    review.publish(draft, huong, now)
    review.retire(draft, huong, now)
    assert events(draft) == [
        "drafted", "changed", "submitted", "returned", "submitted", "withdrawn", "submitted", "approved", "scheduled",
        "unscheduled", "published", "retired",
    ]  # fmt: skip
    assert events(old) == ["drafted", "submitted", "approved", "published", "retired"]


def test_the_history_is_never_rewritten(draft):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ReviewEvent.objects.update(comment="")


def test_a_return_says_what_to_change(draft, huong, duyet, now):
    review.submit(draft, huong, now)
    refusal = refused("no_comment", review.return_, draft, duyet, now, "  ")
    assert refusal.field == "comment"
    refused("no_comment", review.return_, draft, duyet, now, "x" * 1001)


def test_who_wrote_in_it_does_not_approve_it(draft, huong, duyet, minh, now):
    change(draft, duyet, now, "Chị uống 1 viên sắt mỗi ngày nhé.")
    review.submit(draft, huong, now)
    refused("own_text", review.approve, draft, duyet, now)
    assert "approve" not in nextsteps.possible(Revision.objects.get(pk=draft.pk), duyet)
    review.return_(draft, minh, now, "Chưa rõ.")
    copy = drafting.new_draft(draft.campaign, draft, huong, now)
    review.submit(copy, huong, now)
    refused("own_text", review.approve, copy, duyet, now)
    review.publish(review.approve(copy, minh, now), huong, now)
    later = drafting.new_draft(draft.campaign, None, huong, now)
    review.submit(later, huong, now)
    assert review.approve(later, duyet, now).reviewer == duyet, "what was live had been approved by somebody else"


def test_only_words_that_were_read_are_approved(draft, huong, duyet, now):
    review.submit(draft, huong, now)
    read = editions.fingerprint(editions.file_of(draft))
    review.withdraw(draft, huong, now)
    change(draft, huong, now, "Chị uống 2 viên sắt mỗi ngày nhé.")
    review.submit(draft, huong, now)
    refused("changed_meanwhile", review.approve, draft, duyet, now, seen=read)
    assert review.approve(draft, duyet, now, seen=editions.fingerprint(editions.file_of(draft))).state == "approved"


def test_only_a_writer_takes_it_back(draft, huong, nga, now):
    review.submit(draft, huong, now)
    refused("not_yours", review.withdraw, draft, nga, now)


def test_a_date_is_kept_by_the_tick(approved, huong, now):
    old = live(approved.campaign)
    review.schedule(approved, TOMORROW, huong, now)
    assert tick(now)["publish.published"] == 0
    assert tick(now + DAY)["publish.published"] == 1
    assert tick(now + DAY)["publish.published"] == 0
    approved.refresh_from_db()
    old.refresh_from_db()
    assert (approved.state, approved.live_at, approved.publish_on) == ("live", now + DAY, None)
    assert (old.state, old.retired_at) == ("retired", now + DAY)
    assert ReviewEvent.objects.get(revision=approved, what="published").by == huong
    assert "campaigns.tasks.publish_scheduled" in RHYTHM


def test_what_was_overtaken_stays_and_says_why(approved, huong, duyet, now):
    review.schedule(approved, TOMORROW + DAY, huong, now)
    other = drafting.new_draft(approved.campaign, None, huong, now)
    review.submit(other, huong, now)
    review.publish(review.approve(other, duyet, now), huong, now + DAY / 2)
    assert review.publish_scheduled(now + 2 * DAY) == {"published": 0, "held": 1}
    approved.refresh_from_db()
    assert (approved.state, approved.publish_on) == ("approved", None)
    assert ReviewEvent.objects.get(revision=approved, what="held").new == {"code": "older_than_live"}
    assert live(approved.campaign) == other
    assert review.publish_scheduled(now + 3 * DAY) == {"published": 0, "held": 0}


def test_a_difference_to_words_no_longer_sent_is_compared_again(campaign, huong, duyet, now):
    first, second = (drafting.new_draft(campaign, None, huong, now) for _number in range(2))
    for draft in (first, second):
        review.submit(draft, huong, now)
        review.approve(draft, duyet, now)
    review.publish(first, huong, now + DAY)
    refused("superseded", review.publish, second, huong, now + DAY)
    refused("superseded", review.schedule, second, TOMORROW + 5 * DAY, huong, now + DAY)
    review.return_(second, duyet, now + DAY, "So lại với bản đang gửi.")
    review.submit(second, huong, now + DAY)
    review.approve(second, duyet, now + DAY)
    assert review.publish(second, huong, now + DAY).state == "live"


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 11, 1), date(2028, 1, 1)])
def test_a_date_lies_ahead_and_near(approved, huong, now, day):
    refusal = refused("invalid", review.schedule, approved, day, huong, now)
    assert refusal.field == "publish_on"


def test_only_the_approved_has_a_date(draft, approved, huong, duyet, now):
    review.schedule(approved, TOMORROW, huong, now)
    returned = review.return_(approved, duyet, now, "Đợi đã.")
    assert returned.publish_on is None
    refused("wrong_state", review.schedule, returned, TOMORROW, huong, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(pk=draft.pk).update(publish_on=TOMORROW)


def test_who_may_not_set_a_date(approved, now):
    station = people.user(User.Role.STATION, people.province())
    for verb in (review.unschedule, review.withdraw):
        refused("not_allowed", verb, approved, station, now)
    refused("not_allowed", review.schedule, approved, TOMORROW, station, now)


def test_each_sees_what_waits_for_her(draft, huong, nga, duyet, now):
    assert nextsteps.waiting_for(duyet) == []
    review.submit(draft, huong, now)
    assert nextsteps.waiting_for(duyet) == [draft]
    assert nextsteps.waiting_for(huong) == []
    review.return_(draft, duyet, now, "Chưa rõ.")
    assert nextsteps.waiting_for(huong) == [draft]
    assert nextsteps.waiting_for(nga) == []
    review.submit(draft, huong, now)
    review.approve(draft, duyet, now)
    assert nextsteps.waiting_for(huong) == [draft]
    review.schedule(draft, TOMORROW, huong, now)
    assert nextsteps.waiting_for(huong) == []
