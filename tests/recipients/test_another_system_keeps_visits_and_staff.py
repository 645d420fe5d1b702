"""The REST API of visits, tasks, caregivers, staff, sessions and deaths, each within the account's area."""

from datetime import timedelta

import pytest
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from recipients import events, worklist
from recipients.days import local_day
from recipients.models import Session, Task, Visit, Worker
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def today(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def unit():
    return people.commune()


@pytest.fixture
def elsewhere():
    return people.commune(people.LONG_CHAU, "Phường Long Châu")


@pytest.fixture
def api(unit):
    return client(people.user("station", unit))


def client(user) -> APIClient:
    api = APIClient(headers={"Accept-Language": "en"})
    api.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=user).key}")
    return api


def post(api, path, **body):
    return api.post(f"/api/v1/{path}", body, format="json")


def day(now, count=0) -> str:
    return (local_day(now) + timedelta(days=count)).isoformat()


def test_a_visit_from_plan_to_mistake(api, unit, now):
    lan, station = people.lan(unit, now), people.station(unit)
    made = post(api, "visits", pregnancy=lan.pk, type="anc2", on=day(now, 7), facility=station.pk)
    assert (made.status_code, made.json()["facility"]) == (201, station.pk), made.json()
    visit = f"visits/{made.json()['id']}"
    assert post(api, f"{visit}/reschedule", on=day(now, 9)).json()["rescheduled"] == 1
    assert [row["planned_date"] for row in api.get("/api/v1/visits?open=true").json()["results"]] == [day(now, 9)]
    assert post(api, f"{visit}/attend", on=day(now)).json()["attended_date"] == day(now)
    late = post(api, f"{visit}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "visit_done")
    assert post(api, f"{visit}/unattend").json()["attended_date"] is None
    assert post(api, f"{visit}/cancel").json()["canceled_on"] == day(now)
    assert api.get("/api/v1/visits?open=true").json()["count"] == 0
    only = post(api, f"pregnancies/{lan.pk}/visit", type="anc1", on=day(now)).json()["id"]
    assert post(api, f"visits/{only}/unattend").status_code == 204
    neither = post(api, "visits", type="anc1", on=day(now))
    assert (neither.status_code, neither.json()["code"]) == (400, "invalid")


def test_tasks_are_listed_open_and_closed(api, unit, now):
    lan = people.lan(unit, now)
    events.loss(lan, kind="miscarriage", on=local_day(now), now=now, source="page")
    worklist.open_task(lan.mother, Task.Kind.TELL, now=now)
    rows = api.get("/api/v1/tasks").json()["results"]
    assert [row["kind"] for row in rows] == ["loss", "tell"]
    assert api.get("/api/v1/tasks?kind=tell").json()["count"] == 1
    done = post(api, f"tasks/{rows[0]['id']}/close", note="Đã đến thăm")
    assert (done.status_code, done.json()["note"]) == (200, "Đã đến thăm")
    assert Task.objects.get(pk=rows[0]["id"]).done_by.username == "station"
    assert api.get("/api/v1/tasks").json()["count"] == 1
    assert api.get(f"/api/v1/tasks/{rows[0]['id']}").json()["done_at"]


def test_care_is_agreed_to_ended_and_made_the_main_one(api, unit, now):
    an, lan = people.be_an(unit, now), people.lan(unit, now)
    body = {"name": "Lý Văn Nam", "phone": "0333993158", "role": "husband", "agreed_by_mother": True}
    nam = post(api, "caregivers", pregnancy=lan.pk, **body).json()
    assert nam["agreed_by_mother"] is True
    assert post(api, f"caregivers/{nam['id']}/agree", agrees=False).json()["agreed_by_mother"] is False
    assert post(api, f"caregivers/{nam['id']}/end").json()["ended_on"] == day(now)
    sau = people.ba_sau(an, now)
    assert post(api, f"caregivers/{sau.pk}/main", main=True).json()["is_main"] is True
    assert post(api, f"caregivers/{nam['id']}/main", main=True).json()["code"] == "not_a_child"


def test_deaths_are_undone_and_numbers_confirmed(api, unit, now):
    an, lan = people.be_an(unit, now), people.lan(unit, now, source="api").mother
    post(api, f"children/{an.pk}/death", on=day(now))
    assert post(api, f"children/{an.pk}/undo-death").json()["died_on"] is None
    post(api, f"people/{lan.pk}/death", on=day(now))
    assert post(api, f"people/{lan.pk}/undo-death").json()["died_on"] is None
    assert post(api, f"people/{lan.pk}/undo-death").json()["code"] == "not_dead"
    assert api.get(f"/api/v1/people/{lan.pk}").json()["phone_confirmed_at"] is None
    assert post(api, f"people/{lan.pk}/confirm-number").json()["phone_confirmed_at"]


def test_staff_are_appointed_and_dismissed(api, unit, now):
    body = {"works_as": "village_worker", "unit": unit.code, "village": "Ấp 1", "consent": True}
    thu = post(api, "workers", name="Huỳnh Thị Thu", phone="0918206473", **body)
    assert (thu.status_code, thu.json()["village"]) == (201, "Ấp 1"), thu.json()
    again = post(api, "workers", name="Huỳnh Thị Thu", phone="0918206473", **body)
    assert again.json()["id"] == thu.json()["id"]
    lan = people.lan(unit, now).mother
    station = post(api, "workers", person=lan.pk, works_as="station", unit=unit.code)
    assert (station.json()["person"], station.json()["works_as"]) == (lan.pk, "station")
    assert post(api, f"workers/{station.json()['id']}/dismiss").json()["ended_on"] == day(now)
    assert [row["id"] for row in api.get("/api/v1/workers").json()["results"]] == [thu.json()["id"]]
    assert post(api, "workers", works_as="station", unit=unit.code).json()["field"] == "name"


def test_sessions_are_set_listed_and_deleted(api, unit, now):
    station = people.station(unit)
    for _time in range(2):
        made = post(api, "sessions", facility=station.pk, service="immunisation", day=day(now, 5))
        assert made.status_code == 201, made.json()
    listed = api.get(f"/api/v1/sessions?facility={station.pk}&day_from={day(now)}").json()
    assert [row["id"] for row in listed["results"]] == [made.json()["id"]]
    assert api.delete(f"/api/v1/sessions/{made.json()['id']}").status_code == 204
    assert not Session.objects.exists()


def test_nothing_of_another_area_is_seen_or_changed(api, elsewhere, unit, now):
    mai, told = people.mai(elsewhere, now, weeks=39), {"now": now, "source": "page"}
    station = people.station(elsewhere)
    visit = events.plan_visit(pregnancy=mai, type="anc2", on=local_day(now), **told)
    task = worklist.open_task(mai.mother, Task.Kind.TELL, now=now)
    thu = people.y_te_thon(elsewhere, now)
    session = Session.objects.create(facility=station, service="growth", day=local_day(now))
    for path in ("visits", "tasks", "workers", "sessions"):
        assert api.get(f"/api/v1/{path}").json()["count"] == 0, path
    for path in (
        f"visits/{visit.pk}/cancel", f"tasks/{task.pk}/close", f"workers/{thu.pk}/dismiss",
        f"people/{mai.mother.pk}/confirm-number",
    ):  # fmt: skip
        assert post(api, path).status_code == 404, path
    assert api.delete(f"/api/v1/sessions/{session.pk}").status_code == 404
    assert post(api, "visits", pregnancy=mai.pk, type="anc3", on=day(now)).status_code == 404
    assert post(api, "sessions", facility=station.pk, service="growth", day=day(now, 1)).json()["field"] == "facility"
    lan = people.lan(unit, now)
    there = post(api, "visits", pregnancy=lan.pk, type="anc3", on=day(now), facility=station.pk)
    assert (there.status_code, there.json()["field"]) == (400, "facility")
    assert post(api, "workers", person=thu.person_id, works_as="station", unit=unit.code).status_code == 404
    assert post(api, "workers", name="Thu", works_as="station", unit=elsewhere.code).json()["field"] == "unit"
    assert (Visit.objects.get().canceled_on, Worker.objects.get().ended_on) == (None, None)


@pytest.mark.parametrize("path", ["visits", "tasks", "workers", "sessions"])
def test_reviewers_get_none_of_it(unit, path):
    assert client(people.user("cdc", unit)).get(f"/api/v1/{path}").status_code == 403


@pytest.mark.parametrize("query", ["visits?pregnancy", "visits?child", "tasks?person", "sessions?facility"])
@pytest.mark.parametrize("number", [str(2**63), "0", "1.5", "x"])
def test_what_cannot_be_an_id_is_refused(api, query, number):
    answer = api.get(f"/api/v1/{query}={number}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
