"""The tail is in the language of the text and may name a number of its area; what says it already says it once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.utils import translation

from messaging.models import OutboundMessage, Route, RouteHealth
from messaging.outgoing import failover, gateway, tails
from messaging.outgoing.gateway import Refused, Text
from messaging.registration import texts
from messaging.registration.texts import Wording
from tests.messaging.systems import access, post, wish
from tests.messaging.texts import make_route, number, route_form

pytestmark = pytest.mark.django_db
VI, EN, AREA = "Dừng tin: gọi 1800 1234", "To stop, call 1800 1234", "Dừng tin: gọi {hotline}"
HERE = {"hotline": "02703800200"}


def send(now, body="Chị ơi, mai khám thai.", key="a", **more: Any) -> OutboundMessage:
    return gateway.send(Text(**({"to": number(1), "body": body, "key": key, "tail": True} | more)), now)


def test_in_the_language_of_the_text_else_in_the_deployments(now):
    make_route(tail=VI, tails={"en": EN})
    assert send(now, "Come tomorrow.", language="en").body == f"Come tomorrow. {EN}"
    for key, language in (("b", "vi"), ("c", "km"), ("d", "")):
        assert send(now, key=key, language=language).tail == f" {VI}"


def test_a_routes_own_words_come_before_the_deployments_in_her_language(now, settings):
    settings.OPT_OUT_TAIL, settings.OPT_OUT_TAILS = "Gọi 1800 9999 để dừng", {"en": "Call 1800 9999 to stop"}
    make_route("own", tail=VI, prefixes=["+8491"], priority=1)
    make_route("other", priority=2)
    assert send(now, language="en").tail == f" {VI}", "its number is the one that works there"
    assert send(now, key="b", language="en", to="+84351234567").tail == " Call 1800 9999 to stop"
    assert send(now, key="c", language="km", to="+84351234568").tail == " Gọi 1800 9999 để dừng"


def test_a_place_is_filled_or_other_words_are_taken(now, settings):
    make_route(tail=AREA)
    assert send(now, stop_values=HERE).tail == " Dừng tin: gọi 02703800200"
    with pytest.raises(Refused) as refused:
        send(now, key="b")
    assert refused.value.code == "no_tail"
    assert send(now, key="c", tail=None, to=number(2)).tail == "", "better no words than half of them"
    settings.OPT_OUT_TAIL = VI
    assert send(now, key="d").tail == send(now, key="e", stop_values={"hotline": " "}).tail == f" {VI}"


def test_a_value_that_makes_the_words_too_long_takes_the_next_words(now, settings):
    settings.OPT_OUT_TAIL = VI
    make_route(tail="Muốn dừng nhận mọi tin nhắn của chương trình này, mời gọi {hotline}")
    assert send(now, stop_values={"hotline": "02703800200"}).tail.endswith("mời gọi 02703800200")
    row = send(now, key="b", stop_values={"hotline": "0270 3800 200 hoặc 1800 1234"})
    row.refresh_from_db()
    assert row.tail == f" {VI}"


def test_what_says_it_already_says_it_once_and_its_number_counts_as_told(now):
    make_route(tail=VI)
    welcome = send(now, "Muốn ngừng, gọi 1800 1234.", tail=None, says_stop=True)
    assert (welcome.tail, welcome.says_stop) == ("", True)
    for day, says in ((1, False), (29, False), (30, True)):
        assert send(now + timedelta(days=day), key=f"d{day}", tail=None).says_stop == says
    both = gateway.send_many([Text(number(2), "Gọi 1800 1234 để dừng.", "x", says_stop=True),
                              Text(number(2), "Mai khám.", "y")], now)  # fmt: skip
    assert [both[key].tail for key in "xy"] == ["", ""]
    assert send(now, key="p", message_class="promotional", says_stop=True).tail, "advertising ends with it, by law"


def test_another_way_says_it_in_her_language_with_the_number_of_her_area(now):
    first = make_route("first", tail=VI, tails={"en": EN}, priority=1)
    make_route("second", tails={"en": "Call {hotline} to stop"}, tail="Gọi {hotline} để dừng", priority=2)
    send(now, "Come tomorrow.", language="en", stop_values=HERE)
    send(now, key="b", stop_values=HERE)
    send(now, key="c")
    RouteHealth.objects.create(route=first, paused=True)
    assert failover.move(now) == 2
    assert dict(OutboundMessage.objects.values_list("key", "tail")) == {
        "a": " Call 02703800200 to stop", "b": " Gọi 02703800200 để dừng", "c": f" {VI}",
    }  # fmt: skip


def test_each_form_is_registered_in_its_language_and_with_a_place_for_the_number(now, settings):
    settings.OPT_OUT_TAIL = VI
    route = make_route(tail=AREA, tails={"en": EN}, registered_only=True)
    words = [
        Wording("a/vi", "Chị {1} ơi.", ("Lan",), language="vi", values=HERE), Wording("a/en", "Come.", language="en"),
        Wording("full", "Chị {1}, {2}, {3} ơi.", ("a", "b", "c"), language="vi"),
    ]  # fmt: skip
    made = texts.submit(route, words, now)
    assert list(made.refused) == ["full +"], "with the number of the area it has four values"
    stored = dict(route.templates.values_list("body", "samples"))
    assert stored == {
        "Chị {1} ơi.": ["Lan"], "Chị {1} ơi. Dừng tin: gọi {2}": ["Lan", "02703800200"],
        f"Chị {{1}} ơi. {VI}": ["Lan"], "Come.": [], f"Come. {EN}": [],
        "Chị {1}, {2}, {3} ơi.": ["a", "b", "c"], f"Chị {{1}}, {{2}}, {{3}} ơi. {VI}": ["a", "b", "c"],
    }  # fmt: skip
    route.templates.update(state="registered")
    assert send(now, "Chị Lan ơi.", language="vi", stop_values=HERE).template.body.endswith("gọi {2}")
    assert send(now, "Chị Lan ơi.", key="b", language="vi").template.body.endswith(VI)
    assert send(now, "Come.", key="c", language="en").template.body.endswith(EN)
    assert texts.lacking_the_tail(route) == 0
    Route.objects.update(tail="Gọi {hotline} để dừng", tails={})
    settings.OPT_OUT_TAIL = "Gọi 1800 9999 để dừng"
    assert texts.lacking_the_tail(Route.objects.get()) == 3


def test_another_system_says_in_which_language_it_writes(now, settings):
    make_route(tail=VI, tails={"en": EN})
    _token, client = access()
    assert post(client, "messages", wish(1, text="Come.", language="en")).json()["text"] == f"Come. {EN}"
    assert post(client, "messages", wish(2, language="english")).status_code == 400


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tails": '{"en": "Reply STOP"}'}, "answers to a brand name are lost"),
        ({"tails": '["en"]'}, "no list of languages with words"),
        ({"tail": "Gọi {sdt} để dừng"}, "a place that nobody fills. Between braces may stand: {hotline}"),
        ({"tail": "Gọi 1800 1234 {"}, "a place that nobody fills"),
        ({"tails": '{"en": "To stop, call {hotline}"}', "tail": AREA}, ""),
    ],
)
def test_words_that_cannot_work_are_named_in_the_form_and_at_start(admin: Client, settings, given, said):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        answer = admin.post("/admin/messaging/route/add/", route_form(secret_auth_token="t0ken") | given)
        assert Route.objects.exists() != bool(said)
        assert said in answer.content.decode().replace("&#x27;", "'")
        settings.OPT_OUT_TAILS = {"en": "Reply STOP"}
        found = [each.msg for each in run_checks(databases=["default"]) if each.id == "messaging.E003"]
        assert len(found) == 1
        assert "The setting OPT_OUT_TAILS does not say how to stop." in found[0]


def test_words_with_a_place_alone_leave_other_systems_without(settings):
    settings.LIVE_SENDING = True
    make_route("twilio", "twilio", tail=AREA)
    (found,) = [each.msg for each in run_checks(databases=["default"]) if each.id == "messaging.W002"]
    assert found.startswith('Texts of other systems by the route "twilio" do not say how to stop')
    settings.OPT_OUT_TAIL = VI
    assert not [each for each in run_checks(databases=["default"]) if each.id == "messaging.W002"]


def test_no_words_no_tail():
    assert tails.stop_words(make_route()) == ""
    assert not tails.any_words([make_route("b")])
