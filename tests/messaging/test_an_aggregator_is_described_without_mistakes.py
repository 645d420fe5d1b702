"""Each mistake in the description of an aggregator is named in a sentence, before a text is lost by it."""

from typing import Any

import pytest

from messaging.providers import problems
from messaging.providers.templates import dig, fill, word
from tests.messaging.test_http_json_keeps_the_contract import ONE_NUMBER, with_base

GOOD: dict[str, Any] = with_base(ONE_NUMBER, "https://sms.example") | {"secret": "0123456789abcdef"}
MISTAKES = [
    ({"url": "sms.example/send"}, "The setting url is no address"),
    ({"url": ""}, "The setting url is missing"),
    ({"method": "DELETE"}, "The setting method is not POST"),
    ({"json": {"a": "{text}"}}, "A request has a form or JSON, not both"),
    ({"form": {"m": "{text}"}}, "The request holds no number"),
    ({"form": {"p": "{to}"}}, "The request holds no text"),
    ({"form": {"p": "{to}", "m": "{text}", "x": "{phone}"}}, "The setting form has the unknown placeholder {phone}"),
    ({"headers": {"X": "{secret}"}}, "The setting headers has the unknown placeholder {secret}"),
    ({"kinds": {}}, "The request has {kind}, and the setting kinds is missing"),
    ({"headers": {"Authorization": "Bearer {token}"}}, "The request has {token}, and there is none"),
    ({"token_request": {"url": "https://sms.example/token"}}, "The setting token_request has no address or no path"),
    ({"token_request": {"url": "x", "path": "t"}}, "The setting token_request has no address or no path"),
    ({"token_request": {"url": "https://x.example", "path": "t", "body": {}}}, "The setting token_request has no body"),
    ({"answer": {"error": ""}}, "The setting answer cannot tell a yes"),
    ({"answer": {"ok": "code", "error": ""}}, 'The setting answer has "ok" without a list "ok_values"'),
    ({"answer": {"ok": "code", "ok_values": "0", "error": ""}}, 'The setting answer has "ok" without a list'),
    ({"answer": {"id": "id"}}, "The setting errors is never looked at"),
    ({"answer": {"id": "id", "error": "e", "cost": "c"}}, "The setting answer has no cost"),
    ({"answer": {}}, "The setting answer is missing"),
    ({"errors": {"4": "wrong"}}, "The setting errors translates to wrong"),
    ({"statuses": {"1": "arrived"}}, "The setting statuses translates to arrived"),
    ({"statuses": {"1": "queued"}}, "The setting statuses translates to queued"),
    ({"statuses": {}}, "The settings report and statuses belong together"),
    ({"report": {"id": "a"}}, "The setting report does not say where the status stands"),
    ({"report": {"status": "a"}}, "A report would belong to no text"),
    ({"report": {"id": "a", "status": "b", "when": "c"}}, "The setting report has no when"),
    ({"inbound": {"from": "a"}}, 'The setting inbound lacks "from" or "text"'),
    ({"report": ["a"]}, "The setting report is not an object"),
    ({"secret": "short"}, "The setting secret does not fit"),
    ({"secret": ""}, "The setting secret is missing"),
    ({"timeout": "long"}, "The setting timeout is not a number"),
    ({"adress": "x"}, "has no setting adress"),
]


@pytest.mark.parametrize(("changed", "said"), MISTAKES)
def test_a_mistake_is_named(changed: dict[str, Any], said: str) -> None:
    found = problems("http_json", GOOD | changed)
    assert any(one.startswith(said) or said in one for one in found), found
    for one in found:
        assert one.endswith(".")
        assert ". " in one, "what happened, then what to do"


def test_a_good_description_has_none() -> None:
    assert problems("http_json", GOOD) == []
    assert problems("http_json", GOOD | {"report": {"status": "s"}, "form": GOOD["form"] | {"cb": "{callback}"}}) == []


def test_placeholders_are_filled_in_wherever_they_stand() -> None:
    values = {"text": 'a "b" {to} \\ ạ', "to": "+84912000001", "n": "3", "kind": "x1"}
    template = {"a": ["{text}", {"b": "p={to}&q={none}"}], "n": "{n:number}", "k": "{kind:number}", "f": 7, "e": "{}"}
    assert fill(template, values) == {
        "a": ['a "b" {to} \\ ạ', {"b": "p=+84912000001&q={none}"}],
        "n": 3,
        "k": "x1",
        "f": 7,
        "e": "{}",
    }, "a value is never looked into for placeholders"


def test_paths_lead_to_values_or_to_nothing() -> None:
    data = {"data": [{"id": 5, "ok": True, "part": 1.0}], "x": None}
    assert [word(dig(data, path)) for path in ("data.0.id", "data.0.ok", "data.0.part", "x", "data", "data.9.id")] == [
        "5",
        "true",
        "1",
        "",
        "",
        "",
    ]
    assert word(dig(0, "")) == "0"
    assert dig("text", "a") is None
    assert dig(data, "data.-1") is None
