"""A day on which every kind of thing has happened since the last pass, and the ledger in words that outlive keys."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Model

from campaigns.models import Enrollment, Holiday, PlannerState, ScheduledMessage
from campaigns.schedule import pauses
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage
from messaging.outgoing.routing import ensure_sandbox_route
from recipients import events, registry
from tests import people
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
DAY = timedelta(days=1)
DERIVED: list[type[Model]] = [ScheduledMessage, Enrollment, PlannerState, OutboundMessage]


def passes(now: datetime) -> None:
    derive(now)
    plan(now)
    release_due(now)


def happened() -> None:
    """One pass on the eve, and then: newcomers, a redating, losses and one undone, a birth of twins, visits agreed,
    put off and attended, a new revision, a pause and its end, a number changed, a consent withdrawn, holidays."""
    ensure_sandbox_route()
    unit = people.commune()
    people.station(unit)
    eve = NOON - DAY
    pregnancy_steps = [
        Line("gone", day=80, open_for=9), Line("week-12", day=84), Line("iron", day=85, topic="iron", open_for=5),
    ]  # fmt: skip
    publish(pregnancy_steps, priority=20)
    publish([Line("day-0")], "child", "birth", priority=10)
    publish([Line("before", day=-2, open_for=3)], "visits", "visit", priority=5)
    known = {
        name: people.lan(unit, eve, name=f"Lan {name}", phone=f"091234567{number}", weeks=12)
        for number, name in enumerate(["redated", "lost", "undone", "moved", "stopped", "paused", "visited", "quiet"])
    }
    mother = people.lan(unit, eve, name="Lan twins", phone="0912345690", weeks=39)
    for name in ("visited", "moved"):
        events.plan_visit(type="anc2", on=eve.date() + 2 * DAY, now=eve, source="page", pregnancy=known[name])
    events.loss(known["undone"], kind="miscarriage", on=eve.date(), now=eve, source="page")
    pauses.pause(person=known["paused"].mother, why="Chờ xem", now=eve)
    passes(eve)
    now = NOON
    people.lan(unit, now, name="Lan new", phone="0912345680")
    people.lan(unit, now, name="Lan same phone", phone="0912345680")
    events.redate(known["redated"], lmp=now.date() - timedelta(days=85), now=now, source="page")
    events.loss(known["lost"], kind="miscarriage", on=now.date(), now=now, source="page")
    events.undo_loss(known["undone"], now=now, source="page")
    registry.change_number(known["moved"].mother, "0912345691", now=now, source="page")
    events.stop_person(known["stopped"].mother, now=now, source="page")
    events.birth(
        mother, born_on=now.date(), now=now, source="page",
        children=[events.Newborn(name="An"), events.Newborn(name="Bình")],
    )  # fmt: skip
    visit = known["moved"].visits.get()
    events.reschedule_visit(visit, on=now.date() + 2 * DAY, now=now, source="page")
    events.attend_visit(type="anc2", on=now.date(), now=now, source="page", pregnancy=known["visited"])
    publish([*pregnancy_steps[1:], Line("added", day=83, open_for=9, topic="food")], priority=20)
    Holiday.objects.create(day=(now + 2 * DAY).date(), name="Lễ")


def ledger() -> dict[tuple[str, str, str, int], dict[str, Any]]:
    """Every row by person, subject, step and occurrence: what is due when, what became of it, which words left."""
    rows = ScheduledMessage.objects.select_related("person", "enrollment__child", "enrollment", "sms", "revision")
    rows = rows.select_related("enrollment__pregnancy__mother", "enrollment__visit__pregnancy__mother")
    found = {}
    for row in rows:
        subject = row.enrollment.visit or row.enrollment
        about = subject.child.name if subject.child else subject.pregnancy.mother.name
        found[row.person.name, about, row.step_key, row.occurrence] = {
            "day": (row.due_on, row.due_at, row.last_day), "fate": (str(row.state), row.reason),
            "what": (row.topic, row.language, row.stage, row.revision.number),
            "text": (row.sms.to, row.sms.body) if row.sms else None,
        }  # fmt: skip
    assert len(found) == len(rows)
    return found


def enrolled() -> set[tuple[Any, ...]]:
    fields = (
        "person__name", "campaign__code", "pregnancy", "child__name", "visit", "active", "ended_reason",
        "anchor_date", "occurrence", "laid", "planned_revision",
    )  # fmt: skip
    return set(Enrollment.objects.values_list(*fields))


class Snapshot:
    """The rows of the scheduler as they are now, and the way back to them."""

    def __init__(self) -> None:
        self.rows = {model: list(model._default_manager.all()) for model in DERIVED}

    def restore(self) -> None:
        for model in DERIVED:
            model._default_manager.all().delete()
        for model in (PlannerState, Enrollment, OutboundMessage, ScheduledMessage):
            model._default_manager.bulk_create(self.rows[model])


class Killed(BaseException):
    """The process is gone; no handler of the product sees it."""


class Death:
    """Dies before statement number `at`. As `connection.execute_wrapper`; `said` counts the statements."""

    def __init__(self, at: int | None) -> None:
        self.at, self.said = at, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.said == self.at:
            raise Killed
        self.said += 1
        return execute(sql, params, many, context)


def until_killed(at: int | None, now: datetime) -> int:
    """Derive, plan and release until the process dies before statement `at`; returns how many were executed."""
    death = Death(at)
    try:
        with connection.execute_wrapper(death):
            passes(now)
    except Killed:
        pass
    return death.said
