"""A commune with its station, a sandbox route, and the clock of the scheduler's tests."""

from collections import Counter
from datetime import datetime

import pytest

from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.models import Route
from messaging.outgoing.routing import ensure_sandbox_route
from recipients.models import AdminUnit
from tests import people


def calm_route() -> Route:
    """The simulated operator, taking and delivering everything: by chance it would throttle some."""
    route = ensure_sandbox_route()
    route.settings = {"profile": "calm"}
    route.save()
    return route


@pytest.fixture
def unit(db) -> AdminUnit:
    """Xã An Bình with a station that has a phone, and a route that takes every text."""
    calm_route()
    unit = people.commune()
    people.station(unit)
    return unit


def schedule(now: datetime) -> Counter[str]:
    """Derive, plan and release: everything up to the gateway."""
    derive(now)
    plan(now)
    return release_due(now)
