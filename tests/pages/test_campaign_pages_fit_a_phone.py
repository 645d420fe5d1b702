"""The pages of campaigns, drafts, pauses and broadcasts in a browser: on a phone, by keyboard, with a live count."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from campaigns.content import drafting
from campaigns.models import Broadcast, Campaign, Revision, StepText
from campaigns.schedule import broadcast, pauses
from recipients.days import local_day
from recipients.models import AdminUnit, User
from tests import people
from tests.pages.looks import assert_fits

STEP = "iron-start"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> datetime:
    """The server under the browser has the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def row(live: AdminUnit, now: datetime) -> Broadcast:
    """Drafts of the officer, an ended pause and two that hold; Lan among the people."""
    people.lan(live, now)
    officer = people.user(User.Role.OFFICER, live.parent)
    draft = drafting.new_draft(Campaign.objects.get(code="iron"), None, officer, now)
    StepText.objects.filter(step__revision=draft, language="vi").update(body="Chị phải uống viên sắt mỗi ngày nhé.")
    pauses.resume(pauses.pause(why="Lũ ở xã An Bình", unit=live, now=now, by=officer), now=now, by=officer)
    instead = pauses.substitutes()[0].key
    pauses.pause(why="Hết viên sắt đến đầu tháng 12", topic="iron", substitute=instead, now=now, by=officer)
    pauses.pause(why="Vắc-xin chưa về", unit=live, topic="immunisation", now=now, by=officer)
    return broadcast.draft(
        name="Trạm nghỉ ngày 24/11", texts={"vi": "Chị {ten} ơi, ngày 24/11 {coso} nghỉ khám thai. Cần gì gọi {sdt}."},
        discreet={"vi": "Ngày 24/11 {coso} nghỉ."}, audience={"who": "pregnant", "weeks": [8, 40]},
        send_on=local_day(now) + timedelta(days=1), send_time=time(9), message_class="service", by=officer, now=now,
    )  # fmt: skip


@pytest.fixture
def open_page(browse, row: Broadcast) -> Callable[..., Page]:
    """A page of the signed-in officer."""
    return partial(browse, "officer")


def draft() -> int:
    return Revision.objects.get(campaign__code="iron", state="draft").pk


def pages(row: Broadcast) -> list[tuple[str, list[object]]]:
    return [
        ("campaigns", []), ("pauses", []), ("pause-new", []), ("broadcasts", []), ("broadcast-new", []),
        ("broadcast", [row.pk]), ("broadcast-edit", [row.pk]), ("campaign", ["iron"]), ("revision", [draft()]),
        ("step-edit", [draft(), STEP]), ("step-remove", [draft(), STEP]), ("revision-act", [draft(), "discard"]),
        ("parameters", []), ("parameter-set", ["services"]), ("parameter-file", []), ("targets", []),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_is_wider_than_a_phone_and_everything_has_a_name(open_page, row: Broadcast, language: str) -> None:
    assert_fits(open_page, pages(row), language)


def test_the_count_follows_what_is_chosen(open_page) -> None:
    page = open_page("broadcast-new")
    count = page.locator("#count")
    expect(count).to_contain_text("1people in the audience")
    page.get_by_label("Mothers of children under five").check()
    expect(count).to_contain_text("Nobody fits.")


def test_the_look_follows_what_is_typed(open_page) -> None:
    page = open_page("step-edit", draft(), STEP)
    page.get_by_label("Vietnamese", exact=True).fill("Chị gọi {sdt} nhé.")
    expect(page.locator("#look")).to_contain_text("Chi goi 02703823456 nhe.")
    page.get_by_role("button", name="Save in the draft").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved in the draft.")
    expect(page.locator(f"#{STEP} ins").first).to_contain_text("gọi {sdt} nhé")


def test_a_campaign_is_paused_in_three_clicks_and_goes_on_in_one(open_page) -> None:
    page = open_page("campaigns")
    page.locator("a[href$='campaign=nutrition-1000-days']").click()
    page.get_by_label("Why?").fill("Sửa lời")
    page.get_by_role("button", name="See what will be held").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Nothing of it leaves from now on.")
    page.get_by_role("region", name="Sửa lời").get_by_role("button", name="Resume").click()
    expect(page.get_by_role("status")).to_contain_text("It goes on.")
