"""Visits, caregivers and the lists of a station in a browser: on a phone, by keyboard, without JavaScript."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from recipients import events, worklist
from recipients.days import local_day
from recipients.models import AdminUnit, Session, Task, User, Visit
from recipients.sessions import set_session
from tests import people
from tests.pages.looks import assert_fits

pytestmark = pytest.mark.django_db(transaction=True)

Places = list[tuple[str, list[int]]]


@pytest.fixture
def now() -> datetime:
    """The server under the browser has the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def today(now: datetime) -> date:
    return local_day(now)


@pytest.fixture
def places(unit: AdminUnit, now: datetime, today: date) -> Places:
    """Lan with a visit, her husband, a child and its grandmother; a task, a session, a worker: all their pages."""
    lan = people.lan(unit, now, weeks=30)
    nam, an = people.chong_lan(lan, now), people.be_an(unit, now, mother=lan.mother, days=400)
    visit = events.plan_visit(type="anc3", on=today + timedelta(days=7), pregnancy=lan, now=now, source="page")
    task = worklist.open_task(lan.mother, Task.Kind.MISSED_VISIT, now=now)
    session = set_session(people.station(unit), service="immunisation", day=today + timedelta(days=9))
    worker = people.y_te_thon(unit, now, village="Ấp Phước Lợi")
    return [
        ("person", [lan.mother_id]), ("person-edit", [lan.mother_id]), ("person-number", [lan.mother_id]),
        ("person-number-confirm", [lan.mother_id]), ("person-death-undo", [lan.mother_id]),
        ("pregnancy-visit-plan", [lan.pk]), ("child-visit-record", [an.pk]), ("visit-attend", [visit.pk]),
        ("visit-another-day", [visit.pk]), ("visit-cancel", [visit.pk]), ("caregiver-end", [nam.pk]),
        ("caregiver-agreed-end", [nam.pk]), ("caregiver-main", [people.ba_sau(an, now).pk]), ("tasks", []),
        ("task-close", [task.pk]), ("sessions", []), ("session-cancel", [session.pk]), ("workers", []),
        ("worker-register", []), ("worker-end", [worker.pk]),
    ]  # fmt: skip


@pytest.fixture
def open_page(browse, unit: AdminUnit) -> Callable[..., Page]:
    """A page of the signed-in station worker, without JavaScript."""
    people.user(User.Role.STATION, unit)
    return partial(browse, "station", script=False)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_is_wider_than_a_phone_and_everything_has_a_name(open_page, places: Places, language: str) -> None:
    assert_fits(open_page, places, language, script=True)


def test_a_visit_is_recorded_by_keyboard_from_her_page(open_page, places: Places, today: date) -> None:
    page = open_page(places[0][0], *places[0][1])
    page.get_by_role("link", name=re.compile("^Attended.*Antenatal visit 3")).press("Enter")
    page.get_by_label("Day").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The visit is saved.")
    assert Visit.objects.get().attended_date == today


def test_a_task_is_done_from_the_list_without_javascript(open_page, places: Places) -> None:
    page = open_page("tasks")
    page.locator("summary", has_text="Done").click()
    page.get_by_label("What came of it?").fill("Đã gọi, sẽ đến thứ Hai")
    page.get_by_label("What came of it?").press("Enter")
    expect(page.get_by_text("Nothing is open.")).to_be_visible()
    assert Task.objects.get().note == "Đã gọi, sẽ đến thứ Hai"


def test_session_days_are_typed_into_labelled_fields(open_page, places: Places, today: date) -> None:
    page = open_page("sessions")
    page.get_by_label("Day 1").fill((today + timedelta(days=20)).isoformat())
    page.get_by_label("Day 2").fill((today + timedelta(days=50)).isoformat())
    page.get_by_role("button", name="Add to the calendar").click()
    expect(page.get_by_role("status")).to_contain_text("2 days are on the calendar.")
    assert Session.objects.count() == 3
