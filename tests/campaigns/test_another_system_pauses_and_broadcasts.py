"""Pauses and broadcasts by REST: the same rules, the same area, counts instead of names."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Broadcast, Pause
from recipients.days import local_day
from recipients.models import AdminUnit, User
from tests import people
from tests.schedule.conftest import calm_route
from tests.timelines import Line, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> AdminUnit:
    calm_route()
    unit = people.commune()
    publish([Line("week-12", day=84, topic="iron")], code="iron")
    return unit


def caller(role: str, unit: AdminUnit | None) -> APIClient:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(User.objects.filter(username=role).first() or people.user(role, unit))
    return client


def draft(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Trạm nghỉ", "texts": {"vi": "Chị {ten} ơi, mai trạm nghỉ."}, "audience": {"who": "pregnant"},
        "send_on": str(local_day(datetime.now().astimezone()) + timedelta(days=1)), "send_time": "11:00",
    } | changes  # fmt: skip


def test_a_unit_runs_out_of_tablets_and_gets_new_ones(unit) -> None:
    officer = caller(User.Role.OFFICER, unit.parent)
    asked = {"why": "no tablets", "topic": "iron", "unit": unit.code}
    made = officer.post(reverse("api-pauses"), asked, format="json")
    assert (made.status_code, made.json()["unit"]) == (201, unit.code)
    again = officer.post(reverse("api-pauses"), asked, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "paused_already")
    assert [row["why"] for row in officer.get(reverse("api-pauses")).json()["results"]] == ["no tablets"]
    assert officer.post(reverse("api-pause-resume", args=[made.json()["id"]])).json()["ended_at"]
    assert Pause.objects.get().ended_by.username == "officer"


def test_a_campaign_that_is_not_there_is_told(unit) -> None:
    officer = caller(User.Role.OFFICER, unit.parent)
    for asked in ({"campaign": "nothing"}, {"unit": "00000"}, {"person": 4711}, {"campaign": "iron", "step_key": "x"}):
        answer = officer.post(reverse("api-pauses"), {"why": "x", **asked}, format="json")
        assert answer.status_code == 400
        assert answer.json()["sentence"].endswith(".")
    assert not Pause.objects.exists()


def test_a_pause_of_a_person_stays_in_her_area(unit, now) -> None:
    lan = people.lan(unit, now).mother
    made = caller(User.Role.STATION, unit).post(reverse("api-pauses"), {"why": "x", "person": lan.pk}, format="json")
    assert made.status_code == 201
    elsewhere = people.user(User.Role.STATION, people.commune(people.LONG_CHAU, "Phường Long Châu"), "elsewhere")
    other = APIClient()
    other.force_authenticate(elsewhere)
    assert other.get(reverse("api-pauses")).json()["results"] == []
    assert other.post(reverse("api-pause-resume", args=[made.json()["id"]])).status_code == 404
    reader = caller(User.Role.CDC, unit.parent)
    assert reader.get(reverse("api-pauses")).json()["results"] == []
    assert reader.post(reverse("api-pauses"), {"why": "x", "topic": "iron"}, format="json").status_code == 403


def test_a_broadcast_takes_every_step_of_the_way(unit, now) -> None:
    people.lan(unit, now)
    officer, clinical = caller(User.Role.OFFICER, unit.parent), caller(User.Role.CLINICAL, unit.parent)
    made = officer.post(reverse("api-broadcasts"), draft(), format="json").json()
    assert (made["state"], made["audience"]) == ("draft", {"who": "pregnant", "units": ["86"]})

    def act(client: APIClient, action: str) -> Any:
        address = reverse(f"api-broadcast-{action}", args=[made["id"]])
        return client.post(address, {"comment": "Chưa rõ."} if action == "return" else None, format="json").json()

    assert act(officer, "submit")["state"] == "in_review"
    assert act(officer, "approve")["code"] == "not_allowed"
    assert act(clinical, "return")["state"] == "draft"
    act(officer, "submit")
    assert act(clinical, "approve")["state"] == "approved"
    assert act(clinical, "second")["code"] == "no_emergency"
    assert act(officer, "publish")["state"] == "live"
    shown = officer.get(reverse("api-broadcast", args=[made["id"]])).json()
    assert (shown["people"], shown["parts"]) == ("1", "1")
    assert clinical.get(reverse("api-broadcast", args=[made["id"]])).json()["people"] == "<5"
    assert act(officer, "stop")["stopped_at"]
    assert act(officer, "stop")["stopped_at"]


def test_an_emergency_is_published_by_two(unit) -> None:
    officer, clinical = caller(User.Role.OFFICER, unit.parent), caller(User.Role.CLINICAL, unit.parent)
    asked = draft(message_class="emergency", send_time="23:00")
    assert officer.post(reverse("api-broadcasts"), asked, format="json").json()["field"] == "reason"
    made = officer.post(reverse("api-broadcasts"), asked | {"reason": "measles"}, format="json").json()
    for client, action in ((officer, "submit"), (clinical, "approve")):
        client.post(reverse(f"api-broadcast-{action}", args=[made["id"]]))
    refused = officer.post(reverse("api-broadcast-publish", args=[made["id"]]))
    assert (refused.status_code, refused.json()["code"]) == (409, "one_reviewer")
    caller(User.Role.CDC, unit.parent).post(reverse("api-broadcast-second", args=[made["id"]]))
    assert officer.post(reverse("api-broadcast-publish", args=[made["id"]])).json()["state"] == "live"


def test_a_broadcast_of_another_area_is_not_there(unit) -> None:
    made = caller(User.Role.OFFICER, unit).post(reverse("api-broadcasts"), draft(), format="json").json()
    other = APIClient()
    other.force_authenticate(
        people.user(User.Role.OFFICER, people.commune(people.LONG_CHAU, "Phường Long Châu"), "other")
    )
    assert other.get(reverse("api-broadcast", args=[made["id"]])).status_code == 404
    assert other.post(reverse("api-broadcast-stop", args=[made["id"]])).status_code == 404
    assert other.get(reverse("api-broadcasts")).json()["results"] == []
    assert Broadcast.objects.get().stopped_at is None
