"""The figures of the home page are the ledger's, for the user's own part of the province."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from campaigns import stopping, today
from campaigns.attention import KINDS, needing
from campaigns.models import Parameter
from campaigns.reach.coverage import reach
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from messaging.models import OutboundMessage, RouteHealth
from recipients import worklist
from recipients.days import local_day
from recipients.models import AdminUnit, Facility, Person, Pregnancy, User
from tests import people


def step(now: datetime) -> None:
    derive(now)
    plan(now)
    release_due(now)


def a_day_with_texts(unit: AdminUnit, now: datetime) -> datetime:
    """Registers somebody in every week and moves to an hour at which texts have left."""
    for week in range(5, 40):
        people.lan(unit, now, weeks=week, name=f"Nguyễn Thị Lan {week}", phone=f"09123400{week:02}")
    evening = now.replace(hour=12)
    step(evening)
    return evening


def test_today_agrees_with_reach_and_adds_up(live: AdminUnit, now: datetime) -> None:
    evening = a_day_with_texts(live, now)
    some = list(OutboundMessage.objects.values_list("pk", flat=True))
    for status, pk in zip(["delivered", "undelivered", "unknown", "sent"], some, strict=False):
        OutboundMessage.objects.filter(pk=pk).update(status=status, sent_at=evening)
    figures = today.today(live, evening)
    table = reach(local_day(evening), local_day(evening), live, evening).total
    assert figures.due == table.due > 0
    assert figures.due == (
        figures.delivered + figures.undelivered + figures.unknown + figures.pending + figures.told + figures.skipped
    )
    for name in ("sent", "delivered", "undelivered", "unknown", "pending"):
        assert getattr(figures, name) == getattr(table, name), name
    assert (figures.people, figures.pregnancies, figures.children) == (35, 35, 0)


def test_another_commune_counts_nothing_of_it(live: AdminUnit, now: datetime) -> None:
    evening = a_day_with_texts(live, now)
    other = people.commune(people.LONG_CHAU, "Phường Long Châu")
    figures = today.today(other, evening)
    assert (figures.people, figures.due) == (0, 0)
    assert today.today(None, evening).due == today.today(live.parent, evening).due > 0


def test_every_figure_that_needs_a_hand_leads_to_its_people(live: AdminUnit, now: datetime) -> None:
    Facility.objects.all().delete()
    Parameter.objects.all().delete()
    evening = a_day_with_texts(live, now)
    late = Pregnancy.objects.order_by("anchor_date")[0]
    Pregnancy.objects.filter(pk=late.pk).update(anchor_date=local_day(now) - timedelta(days=301), lmp=None)
    stopping.stop_number(str(Person.objects.exclude(pk=late.mother_id)[0].phone), now=evening, source="page")
    worklist.refresh(evening)
    figures = today.today(live, evening)
    for task in figures.tasks:
        assert needing(task.kind, Person.objects.all(), evening).count() == task.people == 1, task
        assert task.late == 0
    assert [task.kind for task in figures.tasks] == ["overdue", "ask_again"]
    late = today.today(live, evening + timedelta(days=15)).tasks
    assert [(task.people, task.late) for task in late] == [(1, 1), (1, 1)]
    assert figures.problems
    for problem in figures.problems:
        assert needing(problem.reason, Person.objects.all(), evening).count() == problem.people
    with pytest.raises(ValueError, match="no list called"):
        needing("nothing", Person.objects.all(), evening)


def test_a_queue_that_nobody_works_through_is_an_alarm(live: AdminUnit, now: datetime) -> None:
    evening = a_day_with_texts(live, now)
    assert not today.machine(evening).stands_still
    later = evening + timedelta(minutes=20)
    assert today.machine(later).stands_still
    route = OutboundMessage.objects.all()[0].route
    RouteHealth.objects.update_or_create(route=route, defaults={"paused": True})
    machine = today.machine(later)
    assert not machine.stands_still
    assert [state.name for state in machine.routes_at_rest] == [route.name]


def test_the_lists_open_and_an_empty_one_says_so(signed_in, unit: AdminUnit) -> None:
    client = signed_in(User.Role.STATION, unit)
    for kind in KINDS:
        answer = client.get(reverse("people-needing", args=[kind]))
        assert answer.status_code == 200, kind
        assert "There is nothing to do here" in answer.content.decode()
    assert client.get(reverse("people-needing", args=["nothing"])).status_code == 404


def test_an_empty_commune_is_told_how_to_begin(signed_in, unit: AdminUnit) -> None:
    page = signed_in(User.Role.STATION, unit).get(reverse("home")).content.decode()
    assert "Nobody is registered here yet." in page
    assert "No campaign is live" in page
    assert reverse("register-import") in page
