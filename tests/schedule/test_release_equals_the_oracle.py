"""From the facts to the phone against a slow walk over every day: whatever happens, on whatever days, in any zone."""

import os
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from campaigns.models import Campaign, Revision
from messaging.outgoing.routing import ensure_sandbox_route
from tests import people
from tests.schedule.oracle import Undecided, topic
from tests.schedule.world import World, clear, seen
from tests.timelines import Line

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRSTS = [date(2026, 1, 25), date(2027, 12, 20), date(2028, 2, 20), date(2026, 3, 20)]
"""Month ends, a year's end, a leap day, and the night on which clocks in Berlin change."""
DAYS = 36
KEYS = ["a0", "a1", "a2", "i3", "i4", "o5", "o6"]
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
"""A whole world takes minutes to shrink; the first failing one is printed as it is."""


def lines(kind: str) -> st.SearchStrategy[list[Line]]:
    near, length = st.integers(-3, DAYS), st.integers(0, 12)
    day = {
        "gestation": st.builds(int.__add__, st.sampled_from([84, 84, 270, 288]), near),
        "birth": st.integers(0, 20), "visit": st.integers(-4, 6),
    }[kind]  # fmt: skip
    one = st.builds(
        Line, key=st.sampled_from(KEYS), day=day, month=st.integers(0, 1) if kind == "birth" else st.just(0),
        open_for=length, catch_up=st.sampled_from(["skip", "send_latest", "send_latest", "always"]),
        goes_first=st.booleans(),
    )  # fmt: skip
    return st.lists(one, min_size=1, max_size=6, unique_by=lambda each: each.key).map(
        lambda found: [replace(each, topic=topic(each.key), at=time(8, ord(each.key[-1]) % 30)) for each in found]
    )


KINDS = [
    "redate", "redate", "lose", "undo", "bear", "bear", "stop", "resume", "number", "number", "agree on a visit",
    "agree on a visit", "put off",
    "attend", "pause", "let go", "edit", "edit",
]  # fmt: skip
WORLD = st.fixed_dictionaries({
    "first": st.sampled_from(FIRSTS),
    "lines": st.fixed_dictionaries({kind: lines(kind) for kind in World.KINDS}),
    "women": st.lists(st.tuples(st.integers(-6, 6), st.integers(0, 4), st.booleans()), min_size=2, max_size=4),
    "shared": st.booleans(),
    "events": st.lists(
        st.tuples(st.integers(1, DAYS), st.sampled_from(KINDS), st.integers(0, 3), st.integers(-9, 21)),
        min_size=4, max_size=16,
    ),
    "editions": st.lists(st.tuples(st.sampled_from(sorted(World.KINDS)), lines("gestation")), min_size=1, max_size=2),
    # an outage is a day without a pass; at which hour the pass is
    "passes": st.lists(st.tuples(st.integers(0, DAYS), st.sampled_from([9, 12, 16])), min_size=10, max_size=30),
    "holidays": st.lists(st.tuples(st.integers(0, DAYS), st.integers(1, 5)), max_size=2),
})  # fmt: skip


EXAMPLES = 6 if os.environ.get("CI") and connection.vendor != "sqlite" else 8


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Europe/Berlin"][: 2 if connection.vendor == "sqlite" else 1])
def test_whatever_happens_the_same_texts_leave_on_the_same_days(db, zone, monkeypatch):
    local = ZoneInfo(zone)
    monkeypatch.setattr("django.conf.settings.ZONE", local)
    route = ensure_sandbox_route()
    route.settings, route.rate = {"profile": "calm"}, 1000
    route.save()
    unit = people.commune()
    people.station(unit)
    there, fates = Revision.objects.count(), Counter()

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
    @given(drawn=WORLD)
    def check(drawn: dict) -> None:
        clear()
        world = World(drawn, local, unit)
        for day, hour in sorted(dict(drawn["passes"]).items()):
            world.until(day)
            now = datetime.combine(world.first + day * DAY, time(hour), local)
            try:
                world.goes_by(now)
                world.leave(now + timedelta(seconds=20))
            except Undecided:
                reject()
            world.compare()
            fates.update(seen(row, row.sent)[2:4] for row in world.slow.rows.values())

    check()
    assert fates["released", ""], "nothing was ever sent"
    assert Revision.objects.count() > there
    assert set(Campaign.objects.values_list("code", flat=True)) == set(World.KINDS)
