"""The same way by REST: a draft, a changed step, review, publication, with the same refusals."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign, Revision
from recipients.days import local_day
from recipients.models import User
from tests import people
from tests.workflow.conftest import CODE, live

STEP = "iron-start"


def signed_in(user: User) -> APIClient:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(user)
    return client


def call(client, method, name, *arguments, **asked):
    return getattr(client, method)(reverse(f"api-{name}", args=arguments), asked or None, format="json")


@pytest.fixture
def officer(campaign, huong):
    return signed_in(huong)


@pytest.fixture
def draft(officer):
    made = call(officer, "post", "campaign-draft", CODE)
    assert made.status_code == 201
    return made.json()["id"]


def step_of(client, pk, key=STEP):
    return next(step for step in call(client, "get", "revision", pk).json()["steps"] if step["key"] == key)


def test_campaigns_are_read_with_their_revisions(officer, draft):
    [row] = call(officer, "get", "campaigns").json()["results"]
    assert [each["state"] for each in row["revisions"]] == ["draft", "live"]
    assert call(officer, "get", "campaign", CODE).json() == row
    assert call(officer, "get", "campaign", "nothing").status_code == 404


def test_a_step_is_changed_and_compared(officer, draft):
    step = step_of(officer, draft)
    asked = step | {"vi": "Mỗi ngày 1 viên sắt giúp chị đủ máu.", "vi_discreet": "=", "until": "34w"}
    changed = call(officer, "put", "revision-step", draft, STEP, **asked)
    assert changed.status_code == 200
    assert changed.json()["vi_discreet"] == asked["vi"]
    assert changed.json()["seen"] != step["seen"]
    [difference] = call(officer, "get", "revision-difference", draft).json()
    assert (difference["key"], difference["kind"]) == (STEP, "changed")
    assert difference["plain"] == [{"name": "until", "old": "35w6d", "new": "34w"}]
    text = difference["texts"][0]
    assert "".join(piece["words"] for piece in text["pieces"] if piece["kind"] != "removed") == asked["vi"]
    late = call(officer, "put", "revision-step", draft, STEP, **asked)
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")


def test_a_step_is_marked_to_go_first(officer, draft):
    step = step_of(officer, draft)
    assert step["goes_first"] is False
    changed = call(officer, "put", "revision-step", draft, STEP, **step | {"goes_first": True})
    assert (changed.status_code, changed.json()["goes_first"]) == (200, True)
    [difference] = call(officer, "get", "revision-difference", draft).json()
    assert difference["plain"] == [{"name": "goes_first", "old": "", "new": "true"}]


def test_what_a_file_may_not_say_is_refused_by_its_field(officer, draft):
    answer = call(officer, "put", "revision-step", draft, STEP, **step_of(officer, draft) | {"until": "5w"})
    assert (answer.status_code, answer.json()["field"]) == (400, "until")
    answer = call(officer, "put", "revision-step", draft, STEP, seen="x")
    assert answer.status_code == 400


def test_steps_come_and_go(officer, draft):
    new = step_of(officer, draft) | {"key": "iron-rest", "vi": "Chị nghỉ ngơi nhé."}
    made = call(officer, "post", "revision-steps", draft, **new)
    assert made.status_code == 201
    address = reverse("api-revision-step", args=[draft, "iron-rest"])
    assert officer.delete(address).json()["code"] == "changed_meanwhile"
    assert officer.delete(f"{address}?seen={made.json()['seen']}").status_code == 204
    assert "iron-rest" not in str(call(officer, "get", "revision", draft).json()["steps"])


def test_every_step_of_the_way(officer, draft, duyet, campaign):
    reviewer = signed_in(duyet)
    call(officer, "post", "revision-submit", draft)
    read = call(reviewer, "get", "revision", draft).json()
    assert (read["state"], set(read["may"])) == ("in_review", {"approve", "return", "copy"})
    assert call(officer, "post", "revision-approve", draft, seen=read["seen"]).json()["code"] == "not_allowed"
    assert call(reviewer, "post", "revision-return", draft).status_code == 400
    assert call(reviewer, "post", "revision-return", draft, comment="Thêm.").json()["state"] == "draft"
    call(officer, "post", "revision-submit", draft)
    assert call(officer, "post", "revision-withdraw", draft).json()["state"] == "draft"
    call(officer, "post", "revision-submit", draft)
    assert call(reviewer, "post", "revision-approve", draft, seen="old").status_code == 409
    assert call(reviewer, "post", "revision-approve", draft, seen=read["seen"]).json()["reviewer"] == "duyet"
    on = str(local_day(timezone.now()) + timedelta(days=3))
    assert call(officer, "post", "revision-schedule", draft, publish_on=on).json()["publish_on"] == on
    assert call(officer, "post", "revision-unschedule", draft).json()["publish_on"] is None
    assert call(officer, "post", "revision-publish", draft).json()["state"] == "live"
    assert live(campaign).pk == draft
    assert call(officer, "post", "revision-retire", draft).json()["state"] == "retired"
    lines = call(officer, "get", "campaign-history", CODE).json()["results"]
    assert (lines[0]["what"], lines[0]["by"]) == ("retired", "huong")
    assert "Thêm." in [line["comment"] for line in lines]


def test_a_draft_is_discarded(officer, draft):
    assert call(officer, "post", "revision-discard", draft).json()["state"] == "discarded"
    assert call(officer, "post", "campaign-draft", CODE, revision=draft).json()["based_on"] == draft


def test_a_station_reads_and_changes_nothing(campaign, draft, now):
    station = signed_in(people.user(User.Role.STATION, people.province()))
    assert call(station, "get", "revision", draft).json()["may"] == []
    for name in ("submit", "publish", "discard", "retire"):
        refused = call(station, "post", f"revision-{name}", draft)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_broadcasts_have_an_address_of_their_own(officer, draft, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(anchor="broadcast")
    assert call(officer, "get", "revision", draft).status_code == 404
    assert call(officer, "get", "campaign", CODE).status_code == 404
    assert Revision.objects.filter(pk=draft).exists()
