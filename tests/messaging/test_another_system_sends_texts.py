"""Another system sends over REST: each key once, its own texts only, and an answer for every one of a thousand."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from messaging import optouts
from messaging.models import OptOut, OutboundMessage, Phone
from tests.messaging.systems import access, post, wish
from tests.messaging.texts import number, queue, send_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(route):
    return access()[1]


def test_a_text_is_queued_and_the_answer_says_what_it_costs(client, route):
    answer = post(client, "messages", wish(7, to="091 000 0007", text="Chị nhớ khám thai ngày mai"))
    assert answer.status_code == 201
    told = answer.json()
    assert (told["to"], told["status"], told["segments"], told["encoding"]) == (number(7), "queued", 1, "UCS-2")
    assert (told["cost_estimate"], told["currency"], told["final"]) == ("400.0000", "VND", False)
    row = OutboundMessage.objects.get()
    assert row.key.startswith("api:")
    assert row.key.endswith(":hen-7")
    assert row.caller is not None


def test_the_same_key_again_sends_nothing_and_tells_how_it_stands(client):
    first = post(client, "messages", wish()).json()
    send_all(timezone.now())
    again = post(client, "messages", wish(priority=1))
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert again.json()["status"] == "sent"
    assert OutboundMessage.objects.count() == 1


@pytest.mark.parametrize("changed", [{"text": "Khác"}, {"to": "0912999999"}])
def test_a_used_key_for_something_else_is_a_conflict(client, changed):
    post(client, "messages", wish())
    answer = post(client, "messages", wish(**changed))
    assert (answer.status_code, answer.json()["code"]) == (409, "key_used")
    assert OutboundMessage.objects.count() == 1


def test_a_promotional_text_said_again_is_the_same_text(client, settings):
    settings.OPT_OUT_TAIL = "Tu choi: goi 02703123456"
    body = wish(text="Mời chị dự hội thảo", message_class="promotional")
    assert post(client, "messages", body).status_code == 201
    assert OutboundMessage.objects.get().body.startswith("[QC] ")
    assert post(client, "messages", body).status_code == 200


def test_what_cannot_be_taken_is_said_with_a_code(client, now):
    optouts.close(number(1), source="page", now=now)
    Phone.objects.create(number=number(2), dead_since=now)
    for n, code in ((1, "opted_out"), (2, "dead_number")):
        answer = post(client, "messages", wish(n))
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["sentence"].endswith(".")
    over = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert post(client, "messages", wish(4, expires_at=over)).json()["field"] == "expires_at"
    assert not OutboundMessage.objects.exists()


@pytest.mark.parametrize(
    "to", ["cô Lan", "+84912345", "1900 1234", "1800 1234", "024 3825 5255", "0120 345 6789", "+841234567", "+12"]
)
def test_what_can_be_no_mobile_phone_is_no_number(client, to):
    answer = post(client, "messages", wish(3, to=to))
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_number")
    assert not OutboundMessage.objects.exists()


@pytest.mark.parametrize("to", ["0912 345 678", "84912345678", "+855 12 345 678", "+1 202 555 0123", "0541 234 567"])
def test_mobile_phones_of_every_country_and_of_new_ranges_are_taken(client, to):
    assert post(client, "messages", wish(3, to=to)).status_code == 201


def test_a_thousand_at_once_are_answered_one_by_one(client, now, django_assert_max_num_queries):
    optouts.close(number(5), source="page", now=now)
    post(client, "messages", wish(6))
    wishes = [wish(n) for n in range(1000)]
    wishes[6] = wish(6, text="Khác")
    wishes[8] = {"key": "hen-8", "to": ""}
    wishes[9] = "nonsense"
    with django_assert_max_num_queries(80):
        results = post(client, "messages/batch", {"messages": wishes}).json()["results"]
    assert [line["status_code"] for line in results[:12]] == [201] * 5 + [422, 409, 201, 400, 400, 201, 201]
    assert {line["status_code"] for line in results[12:]} == {201}
    assert [line["key"] for line in results[:9]] == [f"hen-{n}" for n in range(9)]
    assert (results[5]["code"], results[6]["code"], results[8]["field"]) == ("opted_out", "key_used", "to")
    assert results[0]["message"]["segments"] == 1
    assert OutboundMessage.objects.count() == 997
    assert post(client, "messages/batch", {"messages": [wish(n) for n in range(1001)]}).status_code == 400


def test_two_wishes_of_one_call_with_the_same_key(client):
    results = post(client, "messages/batch", {"messages": [wish(), wish(), wish(text="Khác")]}).json()["results"]
    assert [line["status_code"] for line in results] == [201, 201, 409]
    assert OutboundMessage.objects.count() == 1


def test_texts_are_found_by_id_and_by_key_and_others_are_not_there(client, now):
    mine = post(client, "messages", wish()).json()
    (foreign,) = queue(now)
    _other, stranger = access("Kho bạc")
    assert client.get(f"/api/v1/sms/messages/{mine['id']}").json()["key"] == "hen-0"
    assert client.get(f"/api/v1/sms/messages/{foreign.id}").status_code == 404
    assert stranger.get(f"/api/v1/sms/messages/{mine['id']}").status_code == 404
    assert post(stranger, "messages", wish()).status_code == 201, "a key is the caller's own"
    found = post(client, "messages/status", {"keys": ["hen-0", "hen-9"], "ids": [str(foreign.id)]}).json()
    assert [line["id"] for line in found["messages"]] == [mine["id"]]
    assert (found["missing_keys"], found["missing_ids"]) == (["hen-9"], [str(foreign.id)])
    assert post(client, "messages/status", {}).status_code == 400


def test_the_list_is_narrowed_and_does_not_shift(client):
    post(client, "messages/batch", {"messages": [wish(n) for n in range(5)]})
    page = client.get("/api/v1/sms/messages?page_size=2").json()
    post(client, "messages", wish(9))
    rest = client.get(page["next"]).json()["results"]
    assert len({line["id"] for line in page["results"] + rest}) == 4
    for query, count in (("key=hen-3", 1), ("to=0910000004", 1), ("status=queued", 6), ("status=sent", 0)):
        assert len(client.get(f"/api/v1/sms/messages?{query}").json()["results"]) == count, query
    assert client.get("/api/v1/sms/messages?cursor=cD1ub25zZW5zZQ%3D%3D").status_code == 404


def test_what_has_not_left_can_be_canceled(client, far_end):
    ids = [post(client, "messages", wish(n)).json()["id"] for n in range(3)]
    assert post(client, f"messages/{ids[0]}/cancel", None).json()["status"] == "canceled"
    assert post(client, f"messages/{ids[0]}/cancel", None).status_code == 200
    after = post(client, "messages/cancel", {"keys": ["hen-1"]}).json()["messages"]
    assert [(line["status"], line["error_code"]) for line in after] == [("canceled", "canceled_by_caller")]
    send_all(timezone.now())
    assert [line["key"].rpartition(":")[2] for line in far_end] == ["hen-2"]
    answer = post(client, f"messages/{ids[2]}/cancel", None)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")


def test_nobody_cancels_the_texts_of_another(client, route, now):
    _other, stranger = access("Kho bạc")
    mine = post(client, "messages", wish()).json()["id"]
    queue(now)
    assert post(stranger, f"messages/{mine}/cancel", None).status_code == 404
    found = post(stranger, "messages/cancel", {"ids": [mine], "keys": ["test:0", "hen-0"]}).json()
    assert (found["messages"], len(found["missing_keys"])) == ([], 2)
    assert set(OutboundMessage.objects.values_list("status", flat=True)) == {"queued"}


def test_a_number_is_closed_from_outside_and_stays_closed(client):
    assert post(client, "opt-outs", {"number": "0912 000 001"}).status_code == 201
    assert post(client, "opt-outs", {"number": "84912000001"}).status_code == 200
    assert post(client, "opt-outs", {"number": "cô Lan"}).status_code == 400
    assert OptOut.objects.get().source == "api"
    assert [line["number"] for line in client.get("/api/v1/sms/opt-outs").json()["results"]] == ["+84912000001"]
    assert client.get("/api/v1/sms/opt-outs?number=0912000002").json()["results"] == []
    assert client.delete("/api/v1/sms/opt-outs").status_code == 405
    assert post(client, "messages", wish(to="0912000001")).json()["code"] == "opted_out"


def test_how_the_routes_are_is_told_without_their_settings(client, route, admin):
    post(client, "messages", wish())
    told = client.get("/api/v1/sms/routes", headers={"Accept-Language": "en"})
    (line,) = told.json()["routes"]
    assert (line["name"], line["state"], line["words"], line["waiting"]) == ("sandbox", "sends", "sends", 1)
    assert "s3cret" not in json.dumps(told.json())
    assert admin.get("/api/v1/sms/routes").status_code == 200
