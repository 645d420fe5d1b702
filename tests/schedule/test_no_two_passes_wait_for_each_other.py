"""On PostgreSQL rows are locked one by one: no two passes, nor a pass and a person, wait for each other in a circle."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from time import sleep
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from campaigns.models import ScheduledMessage
from campaigns.schedule import numbers, pauses
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.outgoing.dispatch import dispatch_all
from messaging.outgoing.routing import ensure_sandbox_route
from recipients import events
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql, pytest.mark.needs("postgresql")]
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def unit(transactional_db):
    route = ensure_sandbox_route()
    route.settings = {"profile": "calm"}
    route.save()
    commune = people.commune()
    people.station(commune)
    return commune


class Running:
    """Work in a thread with a connection of its own; `ended` raises what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._error: Exception | None = None
        self._thread = Thread(target=self._run, args=(work,))
        self._thread.start()

    def _run(self, work: Callable[[], object]) -> None:
        try:
            self.result = work()
        except Exception as error:
            self._error = error
        finally:
            connection.close()

    def ended(self) -> object:
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self._error:
            raise self._error
        return self.result


def test_the_last_check_and_a_release_that_adds_to_its_text(unit, monkeypatch):
    """The check holds the text and waits for the people; release holds them and refers to the text."""
    publish([Line("water", day=84, open_for=5, texts={"vi": "Uống đủ nước."})])
    people.lan(unit, NOON)
    schedule(NOON)
    people.lan(unit, NOON, name="Nguyễn Thị Cúc")
    derive(NOON)
    plan(NOON)
    people_held, text_held = Event(), Event()
    lock_numbers_of, lock_all_about = numbers.lock_numbers_of, numbers.lock_all_about

    def of(some):
        found = lock_numbers_of(some)
        people_held.set()
        text_held.wait(10)
        sleep(0.5)  # until the check waits for them
        return found

    def about(rows):
        text_held.set()
        lock_all_about(rows)

    monkeypatch.setattr(numbers, "lock_numbers_of", of)
    monkeypatch.setattr(numbers, "lock_all_about", about)
    released = Running(lambda: release_due(NOON + HOUR))
    assert people_held.wait(10)
    dispatched = Running(lambda: dispatch_all(NOON + HOUR))
    assert released.ended()["released"] == 1
    assert dispatched.ended()["sent"] == 1
    assert {row.sms.status for row in ScheduledMessage.objects.all()} == {"sent"}


@pytest.mark.parametrize("other", ["resume", "derive"])
def test_the_planner_that_moves_rows_and_who_lets_them_go_on_or_end(unit, other):
    """The planner takes rows in the order of the enrollments (A, C, B), not in that of the rows (B, A, C)."""
    publish([Line("week-12", day=84, open_for=20)])
    ahead = {"A": 2, "C": 3, "B": 1}
    women = [
        people.lan(unit, NOON, name=f"Lan {name}", phone=f"09123450{days:02}", lmp=NOON.date() - (84 - days) * DAY)
        for name, days in ahead.items()
    ]
    held = pauses.pause(topic="anc", why="Hết viên sắt", now=NOON)
    for day in range(5):
        schedule(NOON + day * DAY)
    last = ScheduledMessage.objects.order_by("pk").last()
    assert last.person.name == "Lan C"
    assert last.enrollment_id < ScheduledMessage.objects.get(person=women[2].mother).enrollment_id
    publish([Line("week-12", day=84, open_for=21)])
    now = NOON + 4 * DAY + HOUR
    if other == "derive":
        for each in women:
            events.loss(each, kind="miscarriage", on=now.date(), now=now, source="page")
    with transaction.atomic():
        list(ScheduledMessage.objects.select_for_update().filter(pk=last.pk))
        planned = Running(lambda: plan(now))
        sleep(1.5)
        let_go = Running(lambda: pauses.resume(held, now=now) if other == "resume" else derive(now))
        sleep(1)
    planned.ended()
    let_go.ended()
    schedule(now + timedelta(minutes=5))
    rows = ScheduledMessage.objects.values_list("state", "reason")
    assert set(rows) == ({("released", "")} if other == "resume" else {("skipped", "ended_loss")})
