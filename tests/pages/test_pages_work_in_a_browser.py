"""The pages in a real browser: by keyboard, without JavaScript, on a phone, and what htmx adds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging import optouts
from recipients.models import AdminUnit, Person, User
from tests import people
from tests.pages.looks import assert_fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> datetime:
    """The server under the browser has the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def lan(live: AdminUnit, now: datetime) -> Person:
    """Lan, with ten days of messages behind her."""
    start = (now - timedelta(days=10)).replace(hour=5)
    lan = people.lan(live, start).mother
    for day in range(10):
        then = start + timedelta(days=day)
        derive(then)
        plan(then)
        release_due(then)
    return lan


@pytest.fixture
def open_page(browse, live: AdminUnit) -> Callable[..., Page]:
    """A page of the signed-in station worker, or of somebody who has not signed in (`anonymous`)."""
    people.user(User.Role.STATION, live)

    def opened(name: str, *arguments: object, anonymous: bool = False, **how: object) -> Page:
        return browse("" if anonymous else "station", name, *arguments, **how)

    return opened


def test_sign_in_and_out_by_keyboard_alone(open_page) -> None:
    page = open_page("home", anonymous=True)
    page.keyboard.type("station")
    page.keyboard.press("Tab")
    page.keyboard.type(people.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.locator(".user summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_label("Sign-in name")).to_be_visible()


def test_the_language_changes_without_javascript_and_keeps_the_page(open_page, lan: Person) -> None:
    page = open_page("person", lan.pk, script=False)
    expect(page.get_by_role("heading", name="Coming messages")).to_be_visible()
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.get_by_role("heading", name="Tin sắp gửi")).to_be_visible()
    assert page.url.endswith(reverse("person", args=[lan.pk]))
    assert page.locator("html").get_attribute("lang") == "vi"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_is_wider_than_a_phone_and_everything_has_a_name(open_page, lan: Person, language: str) -> None:
    pages: list[tuple[str, list[object]]] = [
        ("home", []), ("person", [lan.pk]), ("person-stop", [lan.pk]), ("person-resume", [lan.pk]), ("number-stop", []),
        ("people", []), ("person-register", []), ("register-import", []), ("reach", []), ("people-needing", ["ask"]),
    ]  # fmt: skip
    assert_fits(open_page, pages, language)


def test_a_wrong_form_takes_the_focus_to_what_is_wrong(open_page) -> None:
    page = open_page("number-stop")
    page.get_by_label("Mobile number").fill("0912")
    page.get_by_role("button", name="Close the number").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link", name="Mobile number").click()
    expect(page.get_by_label("Mobile number")).to_be_focused()
    assert page.get_by_label("Mobile number").get_attribute("aria-invalid") == "true"
    expect(page.get_by_label("Mobile number")).to_have_accessible_description(
        "As the caller gives it, for example 0912 345 678. It need not be registered. "
        "The telephone number has too few digits. Write all 10 digits, for example 0912 345 678."
    )


def test_a_stop_takes_three_clicks_and_says_what_it_did(open_page, lan: Person) -> None:
    page = open_page("person", lan.pk)
    page.get_by_role("link", name="Stop messages").click()
    page.get_by_role("button", name="Stop the messages").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing more is sent to Nguyễn Thị Lan.")
    expect(page.get_by_text("Receives no messages.")).to_be_visible()
    assert optouts.closed([str(lan.phone)]) == {lan.phone}
    page.get_by_role("link", name="Record that the person agrees").click()
    page.get_by_label("I have asked").check()
    page.get_by_role("button", name="Record the consent").click()
    expect(page.get_by_text("Receives messages on 0912 345 678.")).to_be_visible()
    assert optouts.closed([str(lan.phone)]) == set()


def test_older_messages_come_into_the_page(open_page, lan: Person, monkeypatch) -> None:
    monkeypatch.setattr("campaigns.pages.person.PAGE", 2)
    page = open_page("person", lan.pk)
    rows = page.locator("#past .steps > li time")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="Show older ones").click()
    expect(rows).to_have_count(3)
    assert page.url.endswith(reverse("person", args=[lan.pk]))


def test_the_pages_ask_no_other_server(open_page, live_server, lan: Person) -> None:
    asked: list[str] = []
    page = open_page("home")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(live_server.url + reverse("person", args=[lan.pk]))
    page.goto(live_server.url + reverse("api-docs"), wait_until="networkidle")
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []
