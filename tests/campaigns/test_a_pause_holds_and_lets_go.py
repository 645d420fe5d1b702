"""A pause holds everything that matches all its scopes, and what it held is found again when it ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Campaign, Pause, ScheduledMessage
from campaigns.schedule import pauses
from campaigns.schedule.explain import why
from messaging.outgoing.dispatch import dispatch_all
from recipients import registry
from recipients.errors import Refusal
from recipients.models import AdminUnit, Person, User
from tests import people
from tests.schedule.conftest import calm_route, schedule
from tests.timelines import Line, publish

AFTER = timedelta(minutes=30)


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
def campaign(unit: AdminUnit) -> Campaign:
    """Iron at 12 weeks, the day on which Lan is."""
    return publish([Line("week-12", day=84, topic="iron")])


@pytest.fixture
def lan(unit: AdminUnit, now: datetime) -> Person:
    return people.lan(unit, now, weeks=12).mother


def row() -> ScheduledMessage:
    return ScheduledMessage.objects.get()


SCOPES = ["campaign", "step", "topic", "commune", "province", "person", "unit and topic"]


def scopes(name: str, campaign: Campaign, lan: Person) -> dict[str, Any]:
    return {
        "campaign": {"campaign": campaign},
        "step": {"campaign": campaign, "step_key": "week-12"},
        "topic": {"topic": "iron"},
        "commune": {"unit": lan.unit},
        "province": {"unit": lan.unit.parent},
        "person": {"person": lan},
        "unit and topic": {"unit": lan.unit, "topic": "iron"},
    }[name]


@pytest.mark.parametrize("name", SCOPES)
def test_what_matches_is_held_and_found_again(name: str, campaign: Campaign, lan: Person, now: datetime) -> None:
    pause = pauses.pause(why="no tablets", now=now, **scopes(name, campaign, lan))
    schedule(now)
    assert (row().state, row().reason) == ("waiting", "paused")
    schedule(now + timedelta(days=2))
    assert (row().state, row().reason) == ("waiting", "paused")
    pauses.resume(pause, now=now + timedelta(days=2))
    schedule(now + timedelta(days=2))
    assert row().state == "released"


@pytest.mark.parametrize("name", SCOPES)
def test_what_was_handed_over_before_the_pause_does_not_leave(
    name: str, campaign: Campaign, lan: Person, now: datetime
) -> None:
    schedule(now)
    assert row().state == "released"
    pauses.pause(why="no tablets", now=now, **scopes(name, campaign, lan))
    dispatch_all(now)
    assert (row().state, row().reason) == ("waiting", "paused")


def test_every_scope_must_match(campaign: Campaign, lan: Person, now: datetime) -> None:
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    publish([Line("other", day=200, topic="anc")], code="other")
    trang = people.somebody(lan.unit, now)
    pauses.pause(why="elsewhere", now=now, unit=elsewhere, topic="iron")
    pauses.pause(why="another topic", now=now, unit=lan.unit, topic="anc")
    pauses.pause(why="another person", now=now, person=trang)
    pauses.pause(why="another campaign", now=now, campaign=Campaign.objects.get(code="other"))
    schedule(now)
    assert row().state == "released"


def test_a_pause_that_outlives_the_window_ends_the_row_as_paused(
    campaign: Campaign, lan: Person, now: datetime
) -> None:
    pauses.pause(why="no tablets", now=now, topic="iron")
    schedule(now)
    schedule(now + timedelta(days=15))
    assert (row().state, row().reason) == ("skipped", "paused")


def test_two_pauses_hold_until_both_have_ended(campaign: Campaign, lan: Person, now: datetime) -> None:
    first = pauses.pause(why="no tablets", now=now, topic="iron")
    second = pauses.pause(why="flood", now=now, unit=lan.unit)
    schedule(now)
    pauses.resume(first, now=now)
    schedule(now + AFTER)
    assert row().reason == "paused"
    pauses.resume(second, now=now)
    schedule(now + AFTER)
    assert row().state == "released"


def test_reviewed_words_go_out_instead_once(campaign: Campaign, lan: Person, now: datetime) -> None:
    publish([Line("ask-station", texts={"vi": "Hỏi trạm."})], code="notices", anchor="hand")
    pauses.pause(why="no tablets", now=now, topic="iron", substitute="ask-station")
    schedule(now)
    assert row().sms is not None
    assert row().sms.body == "Hoi tram."


def test_what_is_queued_waits_for_the_words_instead(campaign: Campaign, lan: Person, now: datetime) -> None:
    publish([Line("ask-station", texts={"vi": "Hỏi trạm."})], code="notices", anchor="hand")
    schedule(now)
    pauses.pause(why="no tablets", now=now, topic="iron", substitute="ask-station")
    assert dispatch_all(now)["canceled"] == 1
    schedule(now + AFTER)
    dispatch_all(now + AFTER)
    assert row().sms is not None
    assert (row().sms.body, row().sms.status) == ("Hoi tram.", "sent")


def test_only_live_words_that_are_sent_by_hand_go_instead(campaign: Campaign, lan: Person, now: datetime) -> None:
    publish([Line("condolence")], code="loss", anchor="hand")
    for key in ("week-12", "condolence", "nothing"):
        with pytest.raises(Refusal) as refusal:
            pauses.pause(why="no tablets", now=now, topic="iron", substitute=key)
        assert refusal.value.code == "no_substitute"


def test_silence_goes_before_words_instead(campaign: Campaign, lan: Person, now: datetime) -> None:
    publish([Line("ask-station")], code="notices", anchor="hand")
    pauses.pause(why="no tablets", now=now, topic="iron", substitute="ask-station")
    pauses.pause(why="flood", now=now, unit=lan.unit)
    schedule(now)
    assert row().reason == "paused"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "nothing"),
        ({"topic": "iron", "why": " "}, "no_reason"),
        ({"topic": "unheard-of"}, "no_topic"),
        ({"topic": "iron", "step_key": "week-12"}, "no_step"),
    ],
)
def test_a_pause_of_nothing_is_refused(campaign: Campaign, now: datetime, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        pauses.pause(**{"why": "because"} | asked, now=now)
    assert refusal.value.code == code
    assert not Pause.objects.exists()


def test_the_same_is_paused_once(campaign: Campaign, now: datetime) -> None:
    pause = pauses.pause(why="no tablets", now=now, topic="iron")
    with pytest.raises(Refusal) as refusal:
        pauses.pause(why="again", now=now, topic="iron")
    assert (refusal.value.code, refusal.value.conflict) == ("paused_already", True)
    pauses.resume(pause, now=now)
    pauses.pause(why="again", now=now, topic="iron")


def test_an_officers_pause_reaches_no_further_than_her_area(campaign: Campaign, lan: Person, now: datetime) -> None:
    officer = people.user(User.Role.OFFICER, lan.unit.parent)
    assert pauses.pause(why="no tablets", now=now, topic="iron", by=officer).unit == officer.unit
    elsewhere = people.province("01", "Thành phố Hà Nội")
    with pytest.raises(Refusal) as refusal:
        pauses.pause(why="no tablets", now=now, unit=elsewhere, by=officer)
    assert refusal.value.code == "not_in_area"
    everywhere = pauses.pause(why="all", now=now, topic="iron", by=people.user(User.Role.ADMIN))
    assert everywhere.unit is None
    with pytest.raises(Refusal):
        pauses.resume(everywhere, now=now, by=officer)


def test_a_station_pauses_its_people_and_nothing_else(campaign: Campaign, lan: Person, now: datetime) -> None:
    station = people.user(User.Role.STATION, lan.unit)
    pause = pauses.pause(why="in hospital", now=now, person=lan, by=station)
    assert pauses.resume(pause, now=now, by=station).ended_by == station
    for scope in ({"topic": "iron"}, {"unit": lan.unit}, {"campaign": campaign}):
        with pytest.raises(Refusal):
            pauses.pause(why="no tablets", now=now, by=station, **scope)
    elsewhere = people.user(User.Role.STATION, people.commune(people.LONG_CHAU, "Phường Long Châu"), "elsewhere")
    with pytest.raises(Refusal):
        pauses.pause(why="in hospital", now=now, person=lan, by=elsewhere)


@pytest.mark.parametrize("role", [User.Role.CDC, User.Role.CLINICAL])
def test_who_works_with_figures_pauses_nothing_and_sees_no_persons_pause(
    campaign: Campaign, lan: Person, now: datetime, role: str
) -> None:
    user = people.user(role, lan.unit.parent)
    with pytest.raises(Refusal):
        pauses.pause(why="no tablets", now=now, topic="iron", by=user)
    pauses.pause(why="in hospital", now=now, person=lan)
    seen = pauses.pause(why="flood", now=now, unit=lan.unit)
    assert list(pauses.visible_to(user)) == [seen]


def test_before_it_is_made_it_is_counted_whom_it_holds(campaign: Campaign, lan: Person, now: datetime) -> None:
    people.mai(lan.unit, now, weeks=2)
    schedule(now)
    iron = pauses.draft(why="no tablets", topic="iron")
    assert pauses.followers(iron).count() == 2
    pauses.pause(why="no tablets", now=now, topic="iron")
    dispatch_all(now)
    assert pauses.waiting(iron).count() == 1
    assert pauses.followers(pauses.draft(why="one", person=lan)).get() == lan


def test_a_unit_is_where_the_mother_lives_whoever_reads(unit: AdminUnit, now: datetime) -> None:
    publish(
        [Line("hers", day=60, topic="a"), Line("theirs", day=60, topic="b", role="grandmother")],
        code="child", anchor="birth",
    )  # fmt: skip
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    child = people.be_an(unit, now)
    people.ba_sau(child, now, unit=elsewhere)
    pause = pauses.pause(why="no tablets", now=now, unit=unit)
    schedule(now)
    rows = ScheduledMessage.objects.order_by("step_key")
    assert pauses.followers(pause).count() == 2
    assert [each.reason for each in rows] == ["paused", "paused"]
    assert pauses.waiting(pause).count() == 2
    for reader in (child.mother, rows[1].person):
        [answer] = why(reader, now.date(), now)
        assert "no tablets" in answer.sentence
    pauses.resume(pause, now=now + AFTER)
    other = pauses.pause(why="flood", now=now + AFTER, unit=elsewhere)
    assert (pauses.followers(other).count(), pauses.waiting(other).count()) == (0, 0)
    schedule(now + AFTER)
    assert {each.state for each in rows.all()} == {"released"}


def test_what_sleeps_for_a_unit_is_asked_when_the_mother_moves_away(unit: AdminUnit, now: datetime) -> None:
    publish([Line("grandmothers", day=60, role="grandmother")], code="child", anchor="birth")
    child = people.be_an(unit, now)
    people.ba_sau(child, now)
    pauses.pause(why="no tablets", now=now, unit=unit)
    schedule(now)
    assert row().reason == "paused"
    registry.move(child.mother, people.commune(people.LONG_CHAU, "Phường Long Châu"), now=now + AFTER, source="page")
    schedule(now + AFTER)
    assert row().state == "released"
