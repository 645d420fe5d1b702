"""Derive, plan, release and dispatch by four workers at the same moment: every message once, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from campaigns.models import ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from messaging.outgoing.routing import ensure_sandbox_route
from messaging.providers import sandbox
from recipients import events
from recipients.models import Pregnancy
from tests import people
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
WOMEN = 40
WORKERS = 4


@pytest.mark.django_db(transaction=True)
def test_every_message_once_while_losses_come_in(monkeypatch):
    unit = people.commune()
    people.station(unit)
    route = ensure_sandbox_route()
    route.settings = {"profile": "calm"}
    route.save()
    publish([Line("week-12", day=84), Line("iron", day=84, topic="iron", open_for=30)])
    for number in range(WOMEN):
        people.lan(unit, NOON, name=f"Lan {number:03}", phone=f"0912345{number:03}")
    lost = list(Pregnancy.objects.order_by("pk")[::4])
    accepted: list[str] = []
    monkeypatch.setattr(sandbox, "on_accept", lambda text: accepted.append(text["key"]))
    together = Barrier(WORKERS + 1)

    def work(number: int) -> None:
        try:
            together.wait()
            for turn in range(3):
                now = NOON + timedelta(minutes=turn, seconds=number)
                derive(now)
                plan(now)
                release_due(now)
                dispatch_all(now)
        finally:
            connection.close()

    def lose() -> None:
        try:
            together.wait()
            for pregnancy in lost:
                events.loss(pregnancy, kind="miscarriage", on=NOON.date(), now=NOON, source="page")
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS + 1) as pool:
        for done in [*(pool.submit(work, number) for number in range(WORKERS)), pool.submit(lose)]:
            done.result(timeout=120)
    for day in range(3):
        now = NOON + timedelta(days=day)
        derive(now)
        plan(now)
        release_due(now)
        dispatch_all(now)

    assert len(accepted) == len(set(accepted)), "the operator saw a text twice"
    sent = set(OutboundMessage.objects.filter(status="sent").values_list("key", flat=True))
    assert set(accepted) == sent
    rows = ScheduledMessage.objects.all()
    assert rows.count() == len(set(rows.values_list("enrollment", "step_key")))
    living = rows.exclude(enrollment__pregnancy__in=lost)
    assert living.filter(state="released").count() == (WOMEN - len(lost)) * 2
    by_day: dict[tuple[int, object], int] = {}
    for row in rows.filter(state="released"):
        day_of = (row.person_id, row.decided_at.astimezone(NOON.tzinfo).date())
        by_day[day_of] = by_day.get(day_of, 0) + 1
    assert max(by_day.values()) == 1, "more than one text a day"
