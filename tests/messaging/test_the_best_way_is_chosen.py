"""Of several routes the best one that takes a text: what it may carry, how it is, order, weight, price."""

from collections import Counter
from datetime import timedelta

import pytest

from messaging.models import Route, RouteHealth
from messaging.outgoing import routing
from messaging.text.segments import measure
from tests.messaging.texts import make_route

pytestmark = pytest.mark.django_db
VIETTEL, VINA, NOBODY = "+84961234567", "+84911234567", "+84871234567"
OPERATORS = {VIETTEL: "Viettel", VINA: "VinaPhone"}


def best(now, to=VINA, message_class="service", body="Xin chào", key="k", size=True):
    found = routing.ways(
        routing.routes_for(now), to, message_class, measure(body) if size else None, key, OPERATORS
    )  # fmt: skip
    return [route.name for route in found]


def test_by_operator_and_prefix(now):
    make_route("viettel", operators=["Viettel"])
    make_route("091", prefixes=["+8491"])
    make_route("all", priority=20)
    assert best(now, VIETTEL) == ["viettel", "all"]
    assert best(now, VINA) == ["091", "all"]
    assert best(now, NOBODY) == ["all"], "whose operator nobody knows, a route of one operator does not take"


def test_by_class_encoding_and_length(now):
    make_route("advertising", message_classes=["promotional"])
    make_route("plain", encodings=["GSM-7"])
    make_route("short", most_segments=1)
    make_route("all", priority=20)
    assert best(now, message_class="promotional", body="Chậm" * 40) == ["advertising", "all"]
    assert best(now, body="Xin chao") == ["plain", "short", "all"]
    assert best(now, body="Xin chao " * 20) == ["plain", "all"]
    assert best(now, body="ầ" * 71) == ["all"]
    assert best(now, body="Chị ơi " * 20, size=False) == ["plain", "short", "all"], "asked later, by `fits`"
    plain = Route.objects.get(name="plain")
    assert (routing.fits(plain, measure("chao" * 99)), routing.fits(plain, measure("chậm"))) == (True, False)


def test_a_resting_route_comes_last_and_a_drained_one_not_at_all(now):
    first, second, third = make_route("a"), make_route("b"), make_route("c")
    RouteHealth.objects.create(route=first, resting_until=now + timedelta(seconds=1))
    RouteHealth.objects.create(route=second, draining=True)
    assert best(now) == ["c", "a"]
    assert best(now + timedelta(seconds=1)) == ["a", "c"]
    RouteHealth.objects.create(route=third, paused=True)
    assert best(now + timedelta(seconds=1)) == ["a", "c"]
    assert [route.name for route in routing.routes_for(now)][-2:] == ["a", "c"], "what it has, it sends"


def test_the_smallest_order_then_the_cheapest(now):
    make_route("dear", price=500)
    make_route("cheap", price=300)
    make_route("first", price=900, priority=1)
    assert best(now) == ["first", "cheap", "dear"]


def test_equals_share_by_weight_and_every_text_keeps_its_way(now):
    make_route("three", weight=3, price=900)
    make_route("one", weight=1, price=900)
    make_route("cheap", price=1)
    keys = [f"text:{n}" for n in range(2000)]
    routes = routing.routes_for(now)
    chosen = {key: [r.name for r in routing.ways(routes, VINA, "service", None, key, {})] for key in keys}
    shares = Counter(names[0] for names in chosen.values())
    assert set(shares) == {"three", "one"}
    assert shares["three"] / len(keys) == pytest.approx(0.75, abs=0.04)
    assert all(names[2] == "cheap" for names in chosen.values()), "those with a weight come first"
    without = [route for route in routes if route.name != "cheap"]
    again = {key: routing.ways(without, VINA, "service", None, key, {})[0].name for key in keys}
    assert again == {key: names[0] for key, names in chosen.items()}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("operators", "Viettel"), ("operators", [""]), ("encodings", ["UTF-8"]), ("encodings", "GSM-7")],
)
def test_a_route_that_names_nonsense_is_refused(now, field, wrong):
    assert routing.problems(make_route(**{field: wrong}))
    assert not routing.problems(make_route("good", operators=["Viettel"], encodings=["UCS-2"]))
