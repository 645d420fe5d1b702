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

from campaigns.models import Campaign, Enrollment, Holiday, Pause, PlannerState, Revision, ScheduledMessage, Woken
from campaigns.schedule import pauses
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage, Receipt, RouteBucket
from messaging.outgoing.dispatch import dispatch_all
from messaging.outgoing.routing import ensure_sandbox_route
from recipients import events, registry
from recipients.errors import Refusal
from recipients.models import AdminUnit, ChangeEvent, Child, Consent, Person, Pregnancy, Task, Visit
from tests import people
from tests.schedule.oracle import PRIORITY, Oracle, Row, Subject, Undecided, Woman, topic
from tests.timelines import Line, publish

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRSTS = [date(2026, 1, 25), date(2027, 12, 20), date(2028, 2, 20), date(2026, 3, 20)]
"""Month ends, a year's end, a leap day, and the night on which clocks in Berlin change."""
DAYS = 36
WEEKS = [84, 270, 84, 288]
"""How many days pregnant the four women are on the first day. The last two share a phone with the first two."""
PLANNED = ("late_entry", "superseded", "rescheduled", "visit_done", "ended_loss", "ended_birth")
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
    "lines": st.fixed_dictionaries({kind: lines(kind) for kind in PRIORITY}),
    "women": st.lists(st.tuples(st.integers(-6, 6), st.integers(0, 4), st.booleans()), min_size=2, max_size=4),
    "shared": st.booleans(),
    "events": st.lists(
        st.tuples(st.integers(1, DAYS), st.sampled_from(KINDS), st.integers(0, 3), st.integers(-9, 21)),
        min_size=4, max_size=16,
    ),
    "editions": st.lists(st.tuples(st.sampled_from(sorted(PRIORITY)), lines("gestation")), min_size=1, max_size=2),
    # an outage is a day without a pass; at which hour the pass is
    "passes": st.lists(st.tuples(st.integers(0, DAYS), st.sampled_from([9, 12, 16])), min_size=10, max_size=30),
    "holidays": st.lists(st.tuples(st.integers(0, DAYS), st.integers(1, 5)), max_size=2),
})  # fmt: skip


def clear() -> None:
    for model in (
        ScheduledMessage, Enrollment, PlannerState, Receipt, OutboundMessage, Pause, Task, ChangeEvent, Visit, Child,
        Pregnancy, Consent, Person, Holiday, RouteBucket, Woken,
    ):  # fmt: skip
        model._base_manager.all()._raw_delete("default") if model in (ChangeEvent, Consent) else (
            model._default_manager.all().delete()
        )


class World:
    """The register and the oracle side by side: each event goes through the real verb and into the oracle."""

    def __init__(self, drawn: dict, zone: ZoneInfo, unit: AdminUnit) -> None:
        self.drawn, self.first, self.zone, self.unit = drawn, drawn["first"], zone, unit
        free = {self.first + (start + n) * DAY for start, long in drawn["holidays"] for n in range(long)}
        self.slow = Oracle(dict(drawn["lines"]), free)
        Holiday.objects.bulk_create(Holiday(day=day, name="Lễ") for day in free)
        for kind in PRIORITY:
            self.publish(kind)
        self.women: dict[int, Pregnancy] = {}
        self.about: dict[tuple[str, int], str] = {}
        self.numbers = 0

    def publish(self, kind: str) -> None:
        publish(self.slow.lines[kind], code=kind, anchor=kind, priority=PRIORITY[kind])
        self.slow.edition[kind] += 1

    def register(self, which: int, now: datetime) -> None:
        shift, _day, late = self.drawn["women"][which]
        name = ["An", "Binh", "Cuc", "Dao"][which]
        number = which % 2 if self.drawn["shared"] else which
        woman = Woman(name, f"+8491234567{number}", late=late)
        anchor = self.first - (WEEKS[which] + shift) * DAY
        pregnancy = people.lan(
            self.unit, now, name=name, phone=woman.phone, lmp=anchor, preferred_time=time(15) if late else None
        )
        self.women[which] = pregnancy
        self.follow(Subject(name, woman, "gestation", anchor), pregnancy.pk)

    def follow(self, subject: Subject, pk: int) -> None:
        self.slow.subjects[subject.name] = subject
        self.about[subject.kind, pk] = subject.name

    def until(self, day: int) -> None:
        """Everything that happens through the morning of a day."""
        for on in range(day + 1):
            now = datetime.combine(self.first + on * DAY, time(6), self.zone)
            for which, (_shift, registered, _late) in enumerate(self.drawn["women"]):
                if registered == on and which not in self.women:
                    self.register(which, now)
            for number, (at, kind, which, by) in enumerate(self.drawn["events"]):
                if at == on and ("done", number) not in self.about:
                    self.about["done", number] = ""
                    self.happen(kind, which, by, now)

    def happen(self, kind: str, which: int, by: int, now: datetime) -> None:
        if which not in self.women and kind not in ("pause", "let go", "edit"):
            return
        try:
            getattr(self, f"_{kind.replace(' ', '_')}")(which, by, now)
        except Refusal:
            return

    def subject(self, which: int) -> Subject:
        return self.slow.subjects[self.about["gestation", self.women[which].pk]]

    def visits(self, which: int) -> list[tuple[Visit, Subject]]:
        found = Visit.objects.filter(pregnancy=self.women[which]).order_by("pk")
        return [(visit, self.slow.subjects[self.about["visit", visit.pk]]) for visit in found]

    def _redate(self, which: int, by: int, now: datetime) -> None:
        pregnancy = events.redate(
            self.women[which], lmp=self.women[which].anchor_date - by * DAY, now=now, source="page"
        )
        self.subject(which).anchor = pregnancy.anchor_date

    def _lose(self, which: int, by: int, now: datetime) -> None:
        events.loss(self.women[which], kind="miscarriage", on=now.date(), now=now, source="page")
        self.over(which, "ended_loss")

    def _undo(self, which: int, by: int, now: datetime) -> None:
        events.undo_loss(self.women[which], now=now, source="page")
        self.over(which, "")

    def _bear(self, which: int, by: int, now: datetime) -> None:
        born, twins = now.date() - max(0, by) * DAY, [events.Newborn(name=f"c{n}") for n in range(1 + by % 2)]
        children = events.birth(self.women[which], born_on=born, now=now, source="page", children=twins)
        self.over(which, "ended_birth")
        for child in children:
            name = f"{self.subject(which).name}-{child.pk}"
            if name not in self.slow.subjects:
                self.follow(Subject(name, self.subject(which).woman, "birth", born), child.pk)

    def over(self, which: int, why: str) -> None:
        self.subject(which).over = why
        for visit, subject in self.visits(which):
            subject.over = why if why == "ended_loss" or not visit.attended_date else "visit_done"

    def _stop(self, which: int, by: int, now: datetime) -> None:
        events.stop_person(self.women[which].mother, now=now, source="page")
        self.subject(which).woman.agrees = False

    def _resume(self, which: int, by: int, now: datetime) -> None:
        events.resume_person(self.women[which].mother, now=now, source="page")
        self.subject(which).woman.agrees = True

    def _number(self, which: int, by: int, now: datetime) -> None:
        self.numbers += 1
        number = f"+8498700010{self.numbers % 10}" if by > 3 else None
        registry.change_number(self.women[which].mother, number, now=now, source="page")
        self.subject(which).woman.phone = number

    def _agree_on_a_visit(self, which: int, by: int, now: datetime) -> None:
        on = now.date() + abs(by) * DAY
        visit = events.plan_visit(type="anc2", on=on, now=now, source="page", pregnancy=self.women[which])
        if ("visit", visit.pk) in self.about:
            self.put_off(visit)
        else:
            name = f"{self.subject(which).name}-visit-{visit.pk}"
            self.follow(Subject(name, self.subject(which).woman, "visit", on, self.subject(which)), visit.pk)

    def _put_off(self, which: int, by: int, now: datetime) -> None:
        for visit, _subject in self.visits(which)[-1:]:
            self.put_off(events.reschedule_visit(visit, on=now.date() + abs(by) * DAY, now=now, source="page"))

    def put_off(self, visit: Visit) -> None:
        subject = self.slow.subjects[self.about["visit", visit.pk]]
        assert visit.planned_date
        subject.anchor, subject.occurrence = visit.planned_date, visit.rescheduled

    def _attend(self, which: int, by: int, now: datetime) -> None:
        if any(not subject.over for _visit, subject in self.visits(which)):
            events.attend_visit(type="anc2", on=now.date(), now=now, source="page", pregnancy=self.women[which])
            self.over(which, self.subject(which).over)

    def _pause(self, which: int, by: int, now: datetime) -> None:
        held = ["anc", "iron", "outcome"][by % 3]
        pauses.pause(topic=held, why="Chờ", now=now)
        self.slow.paused.add(held)

    def _let_go(self, which: int, by: int, now: datetime) -> None:
        for pause in Pause.objects.filter(ended_at=None):
            pauses.resume(pause, now=now)
        self.slow.paused.clear()

    def _edit(self, which: int, by: int, now: datetime) -> None:
        """Another edition: its steps changed, or the former one again."""
        kind, changed = self.drawn["editions"][by % len(self.drawn["editions"])]
        back = self.slow.lines[kind] is not self.drawn["lines"][kind]
        steps = {"gestation": 0, "birth": 270, "visit": 270}[kind]
        new = [replace(each, day=max(each.day - steps, -4) % (400 if kind == "gestation" else 25)) for each in changed]
        self.slow.lines[kind] = self.drawn["lines"][kind] if back else new
        self.publish(kind)

    def compare(self) -> None:
        found = {}
        for row in ScheduledMessage.objects.select_related("sms", "enrollment"):
            kind, pk = next(
                (kind, pk)
                for kind, pk in [
                    ("gestation", row.enrollment.pregnancy_id), ("birth", row.enrollment.child_id),
                    ("visit", row.enrollment.visit_id),
                ]
                if pk
            )  # fmt: skip
            sent = None
            if row.sms is not None:
                assert row.sms.status == "sent", row.sms.status
                sent = (row.sms.to, row.sms.body, row.sms.sending_at.astimezone(self.zone).date())
            name = self.about[kind, pk]
            found[name, row.step_key, row.occurrence] = Row(
                row.due_on, row.last_day, str(row.state), row.reason, sent=sent
            )
        assert {key: seen(row) for key, row in found.items()} == {k: seen(row) for k, row in self.slow.rows.items()}
        left = OutboundMessage.objects.filter(status="sent").values_list("to", "body")
        assert Counter(left) == Counter((phone, body) for _name, phone, body, _at in self.slow.texts)


def seen(row: Row) -> tuple[object, ...]:
    """What everybody must agree on. While it waits the reason is one of the moment at which it was asked last."""
    reason = row.reason if row.state == "skipped" else ""
    if reason and reason not in PLANNED:
        reason = "its window has closed"
    return row.due, row.last, row.state, reason, row.sent


EXAMPLES = 8 if os.environ.get("CI") and connection.vendor != "sqlite" else 12


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
                world.slow.walk(now.replace(tzinfo=None))
            except Undecided:
                reject()
            derive(now)
            plan(now)
            release_due(now)
            dispatch_all(now + timedelta(seconds=20))
            world.compare()
            fates.update(seen(row)[2:4] for row in world.slow.rows.values())

    check()
    assert fates["released", ""], "nothing was ever sent"
    assert Revision.objects.count() > there
    assert set(Campaign.objects.values_list("code", flat=True)) == set(PRIORITY)
