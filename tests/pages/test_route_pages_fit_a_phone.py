"""The pages of routes in a browser: on a phone, by keyboard, and an answer of the operator loaded."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from campaigns.content import registration
from messaging.models import Route, RouteHealth
from messaging.outgoing import gateway
from messaging.registration.texts import decide
from recipients.models import AdminUnit, User
from tests import people
from tests.messaging.texts import make_route
from tests.pages.looks import assert_fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> datetime:
    """The server under the browser has the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def route(live: AdminUnit, now: datetime) -> Route:
    """The sandbox with the library submitted and partly answered, texts waiting, and other routes in other states."""
    people.user(User.Role.ADMIN, None)
    route = Route.objects.get()
    route.tail, route.registered_only = "Dừng tin: gọi 02703800200", False
    route.save()
    registration.submit_live_words(route, now)
    first, second = route.templates.all()[:2]
    decide(first, "registered", now, code="VT-4711", valid_to=date(2027, 12, 31))
    decide(second, "rejected", now, note="Sai chính tả trong câu thứ hai")
    gateway.send(gateway.Text("+84912345678", "Chào chị.", "a"), now - timedelta(hours=2))
    why = "not_opened: The provider could not be opened (TimeoutError). Check the route's settings."
    for name, state in {
        "vinaphone-brandname-chinh-thuc-2026": {"resting_until": now + timedelta(minutes=9), "last_error": why},
        "paused": {"paused": True},
        "drained": {"draining": True},
    }.items():
        RouteHealth.objects.create(route=make_route(name, sender="YTEVINHLONG"), **state)
    make_route("twilio", "twilio")
    return route


@pytest.fixture
def open_page(browse, route: Route) -> Callable[..., Page]:
    """A page of the signed-in administrator."""
    return partial(browse, "admin")


def pages(route: Route) -> list[tuple[str, list[int]]]:
    return [("routes", []), ("route", [route.pk]), ("route-pause", [route.pk])]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_is_wider_than_a_phone_and_everything_has_a_name(open_page, route: Route, language: str) -> None:
    assert_fits(open_page, pages(route), language)


def test_a_route_is_paused_by_keyboard_and_goes_on_in_one_click(open_page, route: Route) -> None:
    page = open_page("routes")
    page.get_by_role("link", name="Pause sandbox").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 text waits for it and goes on waiting.")).to_be_visible()
    page.get_by_role("button", name="Pause", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("until somebody resumes it")
    page.get_by_role("button", name="Resume sandbox").click()
    expect(page.get_by_role("status")).to_contain_text("takes and sends texts again")


def test_the_operators_answer_goes_out_and_comes_in(open_page, route: Route, tmp_path: Path) -> None:
    page = open_page("route", route.pk)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    cells = lines[1].split(";")
    back = tmp_path / "tra-loi.csv"
    back.write_text(f"Tên mẫu;Kết quả;Mã mẫu\n{cells[1]};Đã duyệt;VT-1\n", encoding="utf-8")
    page.get_by_label("The operator's answer").set_input_files(back)
    page.get_by_role("button", name="Load the answer").click()
    expect(page.get_by_role("status")).to_contain_text("1 text has a new state.")
    page.get_by_role("navigation", name="Choose by state").get_by_role("link", name="registered").click()
    expect(page.get_by_text("VT-1", exact=True)).to_be_visible()
