"""Asking twice sends once; what cannot be sent is refused with a reason."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from messaging.models import OutboundMessage, Route, RouteHealth
from messaging.outgoing import gateway, routing
from messaging.outgoing.gateway import Refused, Text
from tests.messaging.texts import make_route, number, queue


def test_a_known_key_returns_its_row_untouched(now, route):
    (first,) = queue(now)
    again = gateway.send(Text(number(9), "Another text", "test:0"), now + timedelta(hours=1))
    assert (again.id, again.body, again.to) == (first.id, "Lời nhắn số 0", number(0))
    results = gateway.send_many([Text(number(n), "Chào", f"test:{n}") for n in (3, 0, 0, 1)], now)
    assert list(results) == ["test:3", "test:0", "test:1"]
    assert results["test:0"].id == first.id
    assert OutboundMessage.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_callers_at_once_get_the_same_rows(now):
    make_route()
    found = []
    together = threading.Barrier(4)

    def ask():
        together.wait()
        rows = gateway.send_many([Text(number(n), "Chào", f"k:{n}") for n in range(50)], now)
        found.append({key: row.id for key, row in rows.items()})
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(one == found[0] for one in found)
    assert OutboundMessage.objects.count() == 50


def test_refusals_have_a_reason_and_no_row(now, route):
    wrong = [Text("0912000001", "x", "a"), Text("+840", "x", "b"), Text(number(1), " \u200b\n", "c")]
    results = gateway.send_many([*wrong, Text(number(2), "x", "d")], now)
    codes = {key: result.code for key, result in results.items() if isinstance(result, Refused)}
    assert codes == {"a": "bad_number", "b": "bad_number", "c": "empty"}
    assert all(result.sentence.endswith(".") for result in results.values() if isinstance(result, Refused))
    assert OutboundMessage.objects.get().key == "d"
    with pytest.raises(ValueError, match="80"):
        gateway.send(Text(number(1), "x", "k" * 81), now)


def test_without_a_route_nothing_is_taken(now, db, settings):
    make_route("twilio", "twilio")
    with pytest.raises(Refused) as refusal:
        gateway.send(Text(number(1), "x", "a"), now)
    assert refusal.value.code == "no_route"
    settings.LIVE_SENDING = True
    assert gateway.send(Text(number(1), "x", "a"), now).route.name == "twilio"


def test_the_text_is_tidied_and_counted_but_keeps_its_words(now, route):
    row = gateway.send(Text(number(1), " Chi\u0323 \u201cnhớ\u201d khám…  nhé ", "a"), now)
    assert row.body == 'Chị "nhớ" khám... nhé'
    assert (row.encoding, row.segments) == ("UCS-2", 1)


def test_routes_are_chosen_by_class_prefix_order_and_health(now, db):
    cheap = make_route("cheap", prefixes=["+8491"], priority=1)
    make_route("promotion", message_classes=["promotional"], priority=0)
    make_route("any", priority=5)

    def chosen(to=number(1), message_class="service"):
        return routing.ways(routing.routes_for(now), to, message_class, None, "key", {})[0].name

    assert chosen() == "cheap"
    assert chosen("+84351234567") == "any"
    assert chosen(message_class="promotional") == "promotion"
    RouteHealth.objects.create(route=cheap, paused=True)
    assert chosen() == "any"
    Route.objects.filter(name="any").update(enabled=False)
    assert chosen() == "cheap", "a text waits for a paused route rather than find no way"


def test_prefixes_and_the_sandbox_route_load_twice(now, db):
    rows = [
        {"prefix": "0120", "operator": "MobiFone", "valid_from": "", "valid_to": "2019-06-30"},
        {"prefix": "+84912", "operator": "VinaPhone", "valid_from": "2018-09-15", "valid_to": ""},
    ]
    assert routing.load_prefixes(rows) == routing.load_prefixes(rows) == 2
    assert routing.operators(now.date()) == {"+84912": "VinaPhone"}
    assert routing.ensure_sandbox_route() == routing.ensure_sandbox_route()
    assert routing.ensure_sandbox_route().bucket.filled_at is None
