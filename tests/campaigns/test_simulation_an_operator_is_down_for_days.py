"""One operator down for five days: nobody is given up for it (issue 3, case 18), and the far end would see it."""

from dataclasses import asdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from campaigns.simulation import ground, names, sabotage
from campaigns.simulation.down import Down, largest, planned
from campaigns.simulation.invariants import Watch
from campaigns.simulation.log import FarEnd, listening
from campaigns.simulation.run import given_up
from campaigns.simulation.world import ORDINARY, STRESS, World
from messaging import outages, phones
from messaging.incoming import receipts
from messaging.models import OperatorOutage, Route
from messaging.outgoing import dispatch, gateway, routing
from recipients.phones import prefix_rows

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 2, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
DAY = timedelta(days=1)


def world(people=600, days=120, shares=STRESS):
    return World(1, people, MORNING.date(), days, ("kinh",), settings.ZONE, shares)


@pytest.fixture
def route():
    routing.load_prefixes(asdict(row) for row in prefix_rows())
    with ground.operator(1, {"profile": "calm"}, MORNING) as route:
        yield route


def five_days(route):
    """Thirty numbers of the operator, a text a day each, two days longer than it is down; what was given up meanwhile
    and what the far end counts then."""
    operator, holders = largest(world(), route), route.settings["operators"]
    numbers = ["+84" + names.number(index, 1)[1:] for index in range(120)]
    numbers = [number for number in numbers if holders.get(number[:5]) == operator][:30]
    assert len(numbers) == 30
    watch, lost = Watch(settings.TIME_ZONE), set()
    far_end = FarEnd(None, watch.read)
    down = Down(route, operator, MORNING - timedelta(hours=1), MORNING + 5 * DAY - timedelta(hours=1))
    with listening(far_end, lambda: None):
        for day in range(7):
            now = MORNING + day * DAY
            down.passes(now)
            texts = [gateway.Text(to=to, body="Moi chi di kham", key=f"text:{day}:{to}") for to in numbers]
            gateway.send_many(texts, now)
            dispatch.dispatch_all(now, lambda now=now: now)
            evening = now + timedelta(hours=10)
            down.passes(evening)
            receipts.fold(evening)
            outages.watch_operators(evening)
            phones.count_failures(evening)
            lost |= given_up()
    far_end.close()
    watch.settle((), 0, 0, given_up())
    return watch, lost


def test_nobody_is_given_up(route):
    watch, lost = five_days(route)
    assert (len(watch._reached), lost, watch.violations["given_up"]) == (30, set(), 0)
    outage = OperatorOutage.objects.get()
    assert outage.ended_at is not None
    assert not Route.objects.get(pk=route.pk).settings["nothing_arrives"]


def test_without_the_watch_over_operators_all_are_and_it_is_counted(route):
    with sabotage.without("given_up"):
        watch, _lost = five_days(route)
    assert watch.violations["given_up"] == 30


def test_only_a_run_that_is_large_and_long_enough_has_one(route):
    outage = planned(world(), route)
    assert outage is not None
    assert timedelta(days=5) <= outage.until - outage.since <= timedelta(days=9)
    assert outage.until.date() < world().end
    assert planned(world(people=599), route) is None
    assert planned(world(days=29), route) is None
    assert planned(world(shares=ORDINARY), route) is None
