"""Compiled words, a commune with live campaigns, people who sign in, and a browser."""

import os
import runpy
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Browser, Error, Page, sync_playwright

from campaigns.content import review
from campaigns.models import Parameter
from recipients.models import AdminUnit, User
from tests import people
from tests.schedule.conftest import calm_route
from tests.services import CHROMIUM
from tests.shipped import load_some

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session", autouse=True)
def _vietnamese_words() -> None:
    """The pages' words as `make` compiles them."""
    runpy.run_path(str(settings.BASE_DIR / "config" / "locale" / "collect.py"))["compile_catalogue"]()
    translation.trans_real._translations.clear()


@pytest.fixture(autouse=True)
def _english_after_each() -> Iterator[None]:
    """A page leaves its language in the thread; the next test begins with the deployment's own."""
    yield
    translation.deactivate()


@pytest.fixture
def unit(db) -> AdminUnit:
    """Xã An Bình with its station and a sandbox route."""
    calm_route()
    unit = people.commune()
    people.station(unit)
    return unit


CAMPAIGNS = (
    "antenatal-visits", "breastfeeding", "growth-days", "immunisation-days", "iron", "loss", "notices",
    "nutrition-1000-days", "visits", "vitamin-a", "vitamin-a-days", "welcome",
)  # fmt: skip
"""One of each kind: the pages look the same with twice as many, and a pass costs twice as much."""


@pytest.fixture
def live(unit: AdminUnit, now: datetime) -> AdminUnit:
    """The same with a good part of the library live."""
    load_some(now, *CAMPAIGNS)
    Parameter.objects.create(name="hotline", value="1800 1234")
    review.approve_everything(people.user(User.Role.CLINICAL, unit, "duyet"), now)
    return unit


@pytest.fixture
def frozen(now: datetime) -> Iterator[datetime]:
    """The edge's clock stands at `now`."""
    with time_machine.travel(now, tick=False):
        yield now


@pytest.fixture
def signed_in(client: Client) -> Callable[..., Client]:
    """`signed_in(role, unit, language="en")`: a client of a new user with that role."""

    def sign_in(role: str, unit: AdminUnit | None, language: str = "en") -> Client:
        found = User.objects.filter(username=role).first()
        client.force_login(found or people.user(role, unit), backend="django.contrib.auth.backends.ModelBackend")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return client

    return sign_in


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    assert CHROMIUM, "Chromium is not installed. Install the package chromium to run the tests in a browser."
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the driver keeps an event loop in this thread
    with sync_playwright() as driver:
        try:
            found = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Error as error:
            pytest.fail(f"Chromium does not start: {error}")
        yield found
        found.close()
    if before is None:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def browse(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """`browse(username, name, *arguments, width, language, script)`: a page as the user sees it; "": signed out."""
    contexts = []

    def opened(
        username: str, name: str, *arguments: object, width: int = 1280, language: str = "en", script: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=language, java_script_enabled=script
        )
        contexts.append(context)
        if username:
            client = Client()
            client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
            cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
            context.add_cookies([cookie])
        page = context.new_page()
        page.goto(live_server.url + reverse(name, args=arguments))
        return page

    yield opened
    for context in contexts:
        context.close()
