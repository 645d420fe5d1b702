"""The station's session day: the first on which a child is old enough, whenever it is set, moved or canceled."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from recipients import events, sessions
from recipients.models import Child, Facility
from tests import people
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TODAY = NOON.date()
TWO_MONTHS = Line("five-in-one", day=-2, open_for=2, service="immunisation", age_from=(2, 0), age_until=12)


@pytest.fixture
def station(unit) -> Facility:
    publish([TWO_MONTHS], code="sessions", anchor="session")
    return people.station(unit)


def child(unit, old_enough: int, **changes) -> Child:
    """A child who is two months old in so many days."""
    born = people.local_day(NOON)
    while True:
        born -= timedelta(days=1)
        months = born.month + 2
        if date(born.year + (months > 12), (months - 1) % 12 + 1, born.day) == TODAY + timedelta(days=old_enough):
            return people.be_an(unit, NOON, days=(TODAY - born).days, **changes)


def hold(station: Facility, *days: int) -> None:
    for day in days:
        sessions.set_session(station, service="immunisation", day=TODAY + timedelta(days=day))


def passes(*days: int) -> None:
    for day in days:
        derive(NOON + timedelta(days=day))
        plan(NOON + timedelta(days=day))


def ledger() -> list[tuple[int, int]]:
    """Child and days from today of every due message."""
    rows = ScheduledMessage.objects.order_by("due_on", "pk")
    return [(row.enrollment.child_id, (row.due_on - TODAY).days) for row in rows]


def test_each_child_before_the_first_session_that_serves_her(unit, station):
    hold(station, 5, 12, 19)
    ready = child(unit, 5)
    later = child(unit, 6, name="Lê Thị Tuyết", phone="0707924403")
    passes(*range(20))
    assert ledger() == [(ready.pk, 3), (later.pk, 10)]


def test_without_a_session_nothing_is_due(unit, station):
    child(unit, 5)
    sessions.set_session(station, service="growth", day=TODAY + timedelta(days=6))
    passes(*range(10))
    assert ledger() == []


def test_set_for_a_day_that_has_been_planned_it_is_found(unit, station):
    ready = child(unit, 1)
    passes(0)
    hold(station, 2)
    passes(0)
    assert ledger() == [(ready.pk, 0)]


def test_set_on_the_eve_it_is_still_told(unit, station):
    ready = child(unit, 1)
    passes(0)
    hold(station, 1)
    passes(0, 0)
    assert ledger() == [(ready.pk, -1)]


def test_moved_the_reminder_moves_with_it(unit, station):
    ready = child(unit, 1)
    hold(station, 3)
    passes(0)
    sessions.cancel_session(station.sessions.get())
    hold(station, 4)
    passes(0, 1)
    assert ledger() == [(ready.pk, 2)]


def test_too_old_for_it_at_the_first_session_she_is_not_called(unit, station):
    people.be_an(unit, NOON, days=400)
    hold(station, 3)
    passes(0, 1)
    assert ledger() == []


def test_the_session_is_that_of_the_station_where_she_is_registered(unit, station):
    other = people.station(people.commune(people.LONG_CHAU, "Phường Long Châu"))
    ready = child(unit, 1, facility=other)
    hold(station, 3)
    hold(other, 4)
    passes(*range(4))
    assert ledger() == [(ready.pk, 2)]


def test_a_clinic_where_she_is_registered_holds_none_so_her_station_calls_her(unit, station):
    clinic = Facility.objects.create(name="Phòng khám", kind="clinic", unit=unit, valid_from=date(2025, 7, 1))
    ready = child(unit, 1, facility=clinic)
    hold(station, 3)
    passes(*range(4))
    assert ledger() == [(ready.pk, 1)]


def test_she_moves_and_is_called_to_the_station_there(unit, station):
    ready = child(unit, 1)
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    hold(station, 3)
    hold(people.station(elsewhere), 4)
    passes(0)
    events.move(ready.mother, unit=elsewhere, now=NOON, source="page")
    passes(*range(4))
    assert ledger() == [(ready.pk, 2)]


def test_a_second_pass_changes_nothing(unit, station):
    child(unit, 1)
    hold(station, 3)
    passes(0, 1)
    before = list(ScheduledMessage.objects.values())
    plan(NOON + timedelta(days=1))
    assert list(ScheduledMessage.objects.values()) == before
