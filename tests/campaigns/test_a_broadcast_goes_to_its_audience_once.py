"""One text to many on one day: same reviewers, ledger and stop as everything else; an emergency needs two people."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns.content import review
from campaigns.models import Broadcast, Enrollment, Revision, ScheduledMessage, StepText
from campaigns.schedule import broadcast
from campaigns.schedule.enrollment import derive
from campaigns.schedule.estimate import Estimate, estimate
from messaging import optouts
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from recipients.errors import Refusal
from recipients.models import AdminUnit, User
from tests import people
from tests.schedule.conftest import calm_route, schedule
from tests.timelines import Line, publish

TODAY = date(2026, 11, 21)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    """Noon of a Saturday in Vietnam."""
    return datetime.fromisoformat("2026-11-21T12:00:00+07:00")


@pytest.fixture
def unit(db) -> AdminUnit:
    calm_route()
    unit = people.commune()
    people.station(unit)
    return unit


@pytest.fixture
def officer(unit: AdminUnit) -> User:
    return people.user(User.Role.OFFICER, unit.parent)


@pytest.fixture
def clinical(unit: AdminUnit) -> User:
    return people.user(User.Role.CLINICAL, unit.parent)


def draft(by: User, now: datetime, **changes: Any) -> Broadcast:
    facts: dict[str, Any] = {
        "name": "Tiêm chủng", "texts": {"vi": "Chị {ten} ơi, trạm nghỉ ngày mai."}, "discreet": {},
        "audience": {"who": "pregnant"}, "send_on": TODAY, "send_time": time(11), "message_class": "service",
    }  # fmt: skip
    return broadcast.draft(**facts | changes, by=by, now=now)


def published(row: Broadcast, officer: User, clinical: User, now: datetime) -> Broadcast:
    revision = broadcast.revision_of(row)
    review.submit(revision, officer, now)
    review.approve(revision, clinical, now)
    return broadcast.publish(row, officer, now)


def refused(code: str, verb: Any, *arguments: Any, **named: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        verb(*arguments, **named)
    assert refusal.value.code == code
    return refusal.value


def test_it_leaves_on_its_day_to_each_person_once(unit, officer, clinical, now) -> None:
    lan = people.lan(unit, now).mother
    people.be_an(unit, now)
    row = published(draft(officer, now, send_on=TODAY + DAY), officer, clinical, now)
    schedule(now)
    assert not OutboundMessage.objects.exists()
    for day in range(1, 6):
        schedule(now + day * DAY)
        dispatch_all(now + day * DAY)
    sent = OutboundMessage.objects.get()
    assert (sent.to, sent.body) == (lan.phone, "Chi Lan oi, tram nghi ngay mai.")
    assert Enrollment.objects.get().campaign == row.campaign


def test_nothing_leaves_before_it_is_published(unit, officer, clinical, now) -> None:
    people.lan(unit, now)
    row = draft(officer, now)
    schedule(now)
    review.submit(broadcast.revision_of(row), officer, now)
    schedule(now + HOUR)
    review.approve(broadcast.revision_of(row), clinical, now)
    schedule(now + 2 * HOUR)
    assert not ScheduledMessage.objects.exists()


def test_nobody_is_reached_when_its_days_are_over(unit, officer, clinical, now) -> None:
    published(draft(officer, now, until_days=1), officer, clinical, now)
    people.lan(unit, now + 2 * DAY)
    schedule(now + 2 * DAY)
    assert not ScheduledMessage.objects.exists()


def test_it_counts_against_the_cap_like_every_text(unit, officer, clinical, now) -> None:
    publish([Line("week-12", day=84)])
    people.lan(unit, now, weeks=12)
    published(draft(officer, now), officer, clinical, now)
    schedule(now)
    assert sorted(ScheduledMessage.objects.values_list("state", "reason")) == [
        ("released", ""),
        ("waiting", "frequency_cap"),
    ]


def test_a_stop_reaches_what_is_already_queued(unit, officer, clinical, now) -> None:
    people.lan(unit, now)
    row = published(draft(officer, now), officer, clinical, now)
    schedule(now)
    assert ScheduledMessage.objects.get().state == "released"
    stopped = broadcast.stop(row, now=now, by=officer)
    assert stopped.stopped_at == now
    dispatch_all(now)
    for day in range(5):
        schedule(now + day * DAY)
        dispatch_all(now + day * DAY)
    assert not OutboundMessage.objects.exclude(status="canceled").exists()
    assert broadcast.stop(row, now=now + DAY, by=officer).stopped_at == now
    refused("stopped", broadcast.publish, row, officer, now)


def test_after_a_loss_it_does_not_leave(unit, officer, clinical, now) -> None:
    pregnancy = people.lan(unit, now)
    published(draft(officer, now), officer, clinical, now)
    schedule(now)
    events.loss(pregnancy, kind="miscarriage", on=TODAY, now=now, source="page")
    dispatch_all(now)
    assert not OutboundMessage.objects.exclude(status="canceled").exists()


def test_nobody_approves_her_own(unit, officer, clinical, now) -> None:
    row = draft(clinical, now)
    review.submit(broadcast.revision_of(row), clinical, now)
    refused("own_text", review.approve, broadcast.revision_of(row), clinical, now)


def test_an_emergency_needs_a_reason_and_two_people(unit, officer, clinical, now) -> None:
    assert refused("invalid", draft, officer, now, message_class="emergency").field == "reason"
    row = draft(officer, now, message_class="emergency", reason="measles", send_time=time(23))
    revision = broadcast.revision_of(row)
    review.submit(revision, officer, now)
    refused("wrong_state", review.second, revision, people.user(User.Role.CDC, unit.parent), now)
    review.approve(revision, clinical, now)
    refused("one_reviewer", broadcast.publish, row, officer, now)
    refused("own_text", review.second, revision, clinical, now)
    refused("not_allowed", review.second, revision, officer, now)
    cdc = User.objects.get(username="cdc")
    assert review.second(revision, cdc, now).second_reviewer == cdc
    refused("seconded", review.second, revision, people.user(User.Role.CLINICAL, unit.parent, "third"), now)
    broadcast.publish(row, officer, now)
    assert broadcast.revision_of(Broadcast.objects.get()).state == "live"


def test_the_author_of_an_emergency_is_no_second_reviewer(unit, clinical, now) -> None:
    other = people.user(User.Role.CLINICAL, unit.parent, "other")
    row = draft(clinical, now, message_class="emergency", reason="measles")
    revision = broadcast.revision_of(row)
    review.submit(revision, clinical, now)
    review.approve(revision, other, now)
    refused("own_text", review.second, revision, clinical, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(second_reviewer=clinical)


def test_an_emergency_passes_cap_and_hours(unit, officer, clinical, now) -> None:
    publish([Line("week-12", day=84)])
    people.lan(unit, now, weeks=12)
    schedule(now)
    row = draft(officer, now, message_class="emergency", reason="measles", send_time=time(22))
    revision = broadcast.revision_of(row)
    review.submit(revision, officer, now)
    review.approve(revision, clinical, now)
    review.second(revision, people.user(User.Role.CDC, unit.parent), now)
    broadcast.publish(row, officer, now)
    schedule(now + 11 * HOUR)
    assert ScheduledMessage.objects.get(campaign=row.campaign).state == "released"


def test_a_returned_emergency_forgets_both_approvals(unit, officer, clinical, now) -> None:
    row = draft(officer, now, message_class="emergency", reason="measles")
    revision = broadcast.revision_of(row)
    review.submit(revision, officer, now)
    review.approve(revision, clinical, now)
    review.second(revision, people.user(User.Role.CDC, unit.parent), now)
    returned = review.return_(revision, clinical, now, "Chưa rõ.")
    assert (returned.reviewer, returned.second_reviewer) == (None, None)


def test_a_draft_is_changed_by_its_author_only_while_it_is_one(unit, officer, clinical, now) -> None:
    row = draft(officer, now)
    facts: dict[str, Any] = {
        "name": "Khác", "texts": {"vi": "Lời mới."}, "discreet": {"vi": "Mời gọi."}, "audience": {"who": "children"},
        "send_on": TODAY + DAY, "send_time": time(9), "message_class": "social", "now": now,
    }  # fmt: skip
    refused("not_yours", broadcast.redraft, row, by=clinical, **facts)
    changed = broadcast.redraft(row, by=officer, **facts)
    assert (changed.audience["who"], changed.send_on) == ("children", TODAY + DAY)
    assert StepText.objects.get().discreet_body == "Mời gọi."
    review.submit(broadcast.revision_of(row), officer, now)
    refused("wrong_state", broadcast.redraft, row, by=officer, **facts)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"texts": {"en": "Hello."}}, "vi"),
        ({"texts": {"vi": "Chị {me} ơi."}}, "vi"),
        ({"texts": {"vi": "Chị {ten ơi."}}, "vi"),
        ({"texts": {"vi": "ơ" * 300}}, "vi"),
        ({"discreet": {"en": "Hello."}}, "en"),
        ({"send_on": TODAY - DAY}, "send_on"),
        ({"send_on": TODAY + 400 * DAY}, "send_on"),
        ({"send_time": time(6)}, "send_time"),
        ({"until_days": 15}, "until_days"),
        ({"message_class": "promotional"}, "message_class"),
        ({"audience": {}}, "who"),
        ({"audience": {"who": "pregnant", "months": [1, 2]}}, "months"),
        ({"audience": {"who": "pregnant", "weeks": [20, 10]}}, "weeks"),
        ({"audience": {"who": "pregnant", "units": ["00000"]}}, "units"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(officer, now, changes: dict[str, Any], field: str) -> None:
    refusal = refused("invalid", draft, officer, now, **changes)
    assert refusal.field == field
    assert refusal.sentence.endswith(".")
    assert not Broadcast.objects.exists()


@pytest.mark.parametrize("role", [User.Role.STATION, User.Role.CDC, User.Role.ADMIN])
def test_who_writes_no_broadcast(unit, now, role: str) -> None:
    refused("not_allowed", draft, people.user(role, unit), now)


def test_it_stays_in_the_area_of_its_author(unit, now) -> None:
    officer = people.user(User.Role.OFFICER, unit)
    assert draft(officer, now).audience["units"] == [unit.code]
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    refused("not_in_area", draft, officer, now, audience={"who": "pregnant", "units": [elsewhere.code]})
    other = people.user(User.Role.OFFICER, elsewhere, "other")
    assert not broadcast.visible_to(other).exists()
    refused("not_allowed", broadcast.stop, Broadcast.objects.get(), now=now, by=other)


def test_people_and_parts_are_counted_before(unit, officer, now) -> None:
    people.lan(unit, now)
    people.mai(unit, now)
    people.hoa(unit, now)
    people.sokha(unit, now)
    who = {"who": "pregnant"}
    short, long_ = StepText(body="Mời chị {ten}."), StepText(body="Mời chị {ten}." + "a" * 160, discreet_body="Mời.")
    assert estimate(who, {"vi": short}, TODAY) == Estimate(people=4, reachable=2, wordless=1, parts=1)
    assert estimate(who, {"vi": long_}, TODAY) == Estimate(people=4, reachable=2, wordless=0, parts=3)
    optouts.close("+84912345678", source="page", now=now)
    assert estimate(who, {"vi": long_}, TODAY).reachable == 1


def test_enrolling_ends_with_the_stop(unit, officer, clinical, now) -> None:
    row = published(draft(officer, now), officer, clinical, now)
    broadcast.stop(row, now=now, by=officer)
    people.lan(unit, now)
    derive(now)
    assert not Enrollment.objects.exists()
