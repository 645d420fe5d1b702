"""The gateway on its own, without the application above it; and the far end of the sandbox."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from messaging.models import Route
from messaging.providers import sandbox
from tests.messaging.texts import make_route


@pytest.fixture(autouse=True)
def _nobody_above(settings: Any) -> None:
    settings.BEFORE_SEND = ""
    settings.ON_INBOUND = ""
    settings.PUBLIC_URL = "http://testserver"


@pytest.fixture
def far_end(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every text that the simulated operator accepted in this process."""
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(sandbox, "on_accept", lines.append)
    return lines


@pytest.fixture
def route(db: None) -> Route:
    """A calm sandbox route, fast enough never to be in the way."""
    return make_route()


@pytest.fixture
def admin(db: None) -> Client:
    """The browser of a signed-in administrator."""
    client = Client()
    client.force_login(
        get_user_model().objects.create_superuser("quan-tri"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client
