"""The inbox in a browser: on a phone, by keyboard, in both languages."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from messaging.incoming import inbound, keywords
from messaging.models import InboundMessage, OutboundMessage, Route
from messaging.providers.base import Inbound
from recipients.models import AdminUnit, User
from tests import people
from tests.pages.looks import assert_fits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def text(unit: AdminUnit) -> InboundMessage:
    """Lan writes a long word and a question; she also told of a loss."""
    now = datetime.now(UTC)
    keywords.load()
    lan = people.lan(unit, now).mother
    people.user(User.Role.STATION, unit)
    for number, body in enumerate(["MAT", "Sao " * 60, "a" * 90 + " em hỏi chút"]):
        text = inbound.store(Route.objects.get(), Inbound(str(lan.phone), "8088", body, str(number)), now)
    inbound.handle(now)
    return text


@pytest.fixture
def open_page(browse, text: InboundMessage) -> Callable[..., Page]:
    """A page of the signed-in station worker."""
    return partial(browse, "station")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_is_wider_than_a_phone_and_everything_has_a_name(
    open_page, text: InboundMessage, language: str
) -> None:
    assert_fits(open_page, [("inbox", []), ("inbox-text", [text.pk]), ("tasks", [])], language)


def test_a_text_is_answered_by_keyboard(open_page, text: InboundMessage) -> None:
    page = open_page("inbox-text", text.pk)
    page.get_by_label("Answer by SMS").focus()
    page.keyboard.type("Chị gọi trạm nhé.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The answer leaves now.")
    assert OutboundMessage.objects.filter(key__startswith="answer:").count() == 1
