"""Every anchor against a planner that walks each day: outages, corrections, new revisions, holidays, clock changes."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from campaigns.models import Campaign, Enrollment, Holiday, PlannerState, ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from recipients.models import Child, Facility, Person, Pregnancy, Session, Visit
from tests import people
from tests.schedule.slow_planner import Follower, SlowPlanner
from tests.timelines import Line, publish

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRSTS = [date(2026, 1, 25), date(2027, 12, 20), date(2028, 2, 20), date(2026, 3, 20)]
"""Month ends, a year's end, a leap day, and the night on which clocks in Berlin change."""
DAYS = 45
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
"""A whole world takes minutes to shrink; the first failing one is printed as it is."""


def line(anchor: str) -> st.SearchStrategy[Line]:
    """A step as that anchor allows it. A `month_day` is given as days from the first day, put in later."""
    few = st.integers(-6, 6)
    common = {
        "key": st.sampled_from("abcdef"), "open_for": st.integers(0, 12),
        "catch_up": st.sampled_from(["skip", "send_latest", "always"]), "topic": st.sampled_from(["anc", "iron"]),
    }  # fmt: skip
    ages = {
        "age_from": st.tuples(st.integers(0, 2), st.integers(0, 10)), "age_until": st.sampled_from([0, 2, 3, 12]),
        "day": few,
    }  # fmt: skip
    return {
        "birth": st.builds(Line, **common, day=st.integers(0, 40), month=st.integers(0, 2)),
        "visit": st.builds(Line, **common, day=few),
        "calendar": st.builds(Line, **common, **ages, month_day=st.integers(0, DAYS).map(str)),
        "session": st.builds(Line, **common, **ages, service=st.just("immunisation")),
    }[anchor]


def world(anchor: str) -> st.SearchStrategy[dict]:
    lines = st.lists(line(anchor), max_size=4, unique_by=lambda each: each.key)
    soon = st.integers(0, DAYS)
    return st.fixed_dictionaries({
        "anchor": st.just(anchor),
        "first": st.sampled_from(FIRSTS),
        "lines": lines,
        "edits": st.lists(st.tuples(soon, lines), max_size=1),
        # days from the first: of birth or of the visit, of registration; by how many it is moved, on which
        "lives": st.lists(st.tuples(st.integers(-75, 30), soon, st.integers(-20, 20), soon), max_size=4),
        "passes": st.lists(soon, min_size=1, max_size=10),
        "holidays": st.lists(st.tuples(soon, st.integers(1, 6)), max_size=2),
        "sessions": st.lists(st.tuples(soon, st.integers(-3, DAYS)), max_size=6 if anchor == "session" else 0),
    })  # fmt: skip


def clear() -> None:
    for model in (ScheduledMessage, Enrollment, PlannerState, Session, Visit, Child, Pregnancy, Person, Holiday):
        model.objects.all().delete()


def dated(lines: list[Line], first: date) -> list[Line]:
    return [replace(each, month_day=f"{first + int(each.month_day) * DAY:%m-%d}") if each.month_day else each
            for each in lines]  # fmt: skip


class World:
    """The register and the oracle side by side."""

    def __init__(self, drawn: dict) -> None:
        clear()
        self.anchor, self.first, self.drawn = drawn["anchor"], drawn["first"], drawn
        self.slow = SlowPlanner(self.anchor, dated(drawn["lines"], self.first))
        self.code = f"a-{self.anchor}"
        self.unit = people.commune()
        self.station: Facility = people.station(self.unit)
        for start, long in drawn["holidays"]:
            self.slow.holidays |= {self.first + (start + n) * DAY for n in range(long)}
        Holiday.objects.bulk_create(Holiday(day=day, name="Tết") for day in self.slow.holidays)
        self.subjects: dict[str, Child | Visit] = {}
        self.moved: set[str] = set()
        publish(self.slow.lines, code=self.code, anchor=self.anchor)

    def live(self, shift: int, edits: list) -> None:
        """What happens until the local day `shift` days after the first."""
        today = self.first + shift * DAY
        while edits and edits[0][0] <= shift:
            self.slow.lines = dated(edits.pop(0)[1], self.first)
            publish(self.slow.lines, code=self.code, anchor=self.anchor)
        for told, day in self.drawn["sessions"]:
            if told <= shift:
                self.slow.sessions.add(self.first + day * DAY)
                Session.objects.get_or_create(facility=self.station, service="immunisation", day=self.first + day * DAY)
        for number, (begins, registered, move, moved_on) in enumerate(self.drawn["lives"]):
            name, start = f"w{number}", self.first + begins * DAY
            if name not in self.subjects and registered <= shift and (start <= today or self.anchor == "visit"):
                self.subjects[name] = self.register(name, start, number)
                self.slow.followers[name] = Follower(name, start)
            elif name in self.subjects and name not in self.moved and moved_on <= shift:
                self.moved.add(name)
                self.move(name, start + move * DAY, today)

    def register(self, name: str, start: date, number: int) -> Child | Visit:
        at = datetime.combine(start, time(12), ZoneInfo("UTC"))
        woman = Person.objects.create(
            name=name, name_key=name, search_name=name, unit=self.unit, registered_at=at,
            preferred_time=time(18, 30) if number % 2 else None,
        )  # fmt: skip
        if self.anchor == "visit":
            pregnancy = Pregnancy.objects.create(
                mother=woman, dating="lmp", anchor_date=self.first - 100 * DAY, registered_at=at
            )
            return Visit.objects.create(pregnancy=pregnancy, type="anc2", planned_date=start)
        return Child.objects.create(mother=woman, date_of_birth=start, registered_at=at)

    def move(self, name: str, start: date, today: date) -> None:
        subject, follower = self.subjects[name], self.slow.followers[name]
        if self.anchor == "visit":
            follower.anchor, follower.occurrence = start, follower.occurrence + 1
            Visit.objects.filter(pk=subject.pk).update(planned_date=start, rescheduled=follower.occurrence)
        else:
            follower.anchor = min(start, today)
            Child.objects.filter(pk=subject.pk).update(date_of_birth=follower.anchor)

    def compare(self, zone: ZoneInfo) -> None:
        rows = ScheduledMessage.objects.filter(campaign__code=self.code).select_related("person")
        found = {
            (row.person.name, row.step_key, row.occurrence): (row.due_on, row.last_day, row.reason or str(row.state))
            for row in rows
        }
        assert found == self.slow.rows, self.drawn
        for row in rows:
            late = row.person.preferred_time is not None
            there = row.due_at.astimezone(zone)
            assert there.date() == self.slow.goes_on(row.due_on, row.last_day)
            assert there.time() == (time(7, 30) if late else time(11, 45))


ZONES = ("Asia/Ho_Chi_Minh", "Europe/Berlin")
ANCHORS = ("birth", "visit", "calendar", "session")
# On the second database each anchor in one zone, two of them in each.
PAIRS = [(anchor, ZONES[number]) for anchor in ANCHORS for number in (0, 1)]
PAIRS = PAIRS if connection.vendor == "sqlite" else list(zip(ANCHORS, ZONES * 2, strict=True))


@pytest.mark.parametrize(("anchor", "zone"), PAIRS)
def test_whatever_happens_on_whatever_days(db, anchor, zone, monkeypatch):
    local = ZoneInfo(zone)
    monkeypatch.setattr("django.conf.settings.ZONE", local)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
    @given(drawn=world(anchor))
    def check(drawn: dict) -> None:
        there, edits = World(drawn), list(drawn["edits"])
        for shift in sorted(set(drawn["passes"])):
            there.live(shift, edits)
            now = datetime.combine(there.first + shift * DAY, time(12), local)
            derive(now)
            there.slow.plan(now.date())
            plan(now)
            plan(now)  # a second pass changes nothing
            there.compare(local)

    check()
    assert Campaign.objects.filter(code=f"a-{anchor}").exists()


def test_a_step_that_is_added_after_an_outage_goes_by_its_policy(db):
    """Its day lies between the last pass and this one: it is late, not left out by the outage."""
    first = FIRSTS[0]
    publish([Line("old", day=50)], code="a-birth", anchor="birth")
    woman = Person.objects.create(
        name="Lan", name_key="lan", search_name="lan", unit=people.commune(), registered_at=people.moment(first)
    )
    Child.objects.create(mother=woman, date_of_birth=first, registered_at=people.moment(first))
    derive(people.moment(first))
    plan(people.moment(first))
    publish([Line("new", day=5, catch_up="skip")], code="a-birth", anchor="birth")
    later = people.moment(first + 8 * DAY)
    derive(later)
    plan(later)
    assert ScheduledMessage.objects.get().reason == "late_entry"
