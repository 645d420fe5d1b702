"""A token is shown once, does what its scopes say and no more, and only so often."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from messaging import callers
from messaging.models import ApiToken
from tests.messaging.systems import MADE, access, post, wish

pytestmark = pytest.mark.django_db
CALLS = {
    "send": [("post", "messages"), ("post", "messages/batch"), ("post", "messages/cancel")],
    "read": [("get", "messages"), ("post", "messages/status")],
    "opt_outs": [("get", "opt-outs"), ("post", "opt-outs")],
    "health": [("get", "routes")],
}


@pytest.mark.parametrize("scope", CALLS)
def test_each_scope_opens_its_own_calls(route, scope):
    _token, client = access(scopes=[scope])
    for name, calls in CALLS.items():
        for method, path in calls:
            answer = post(client, path, {}) if method == "post" else client.get(f"/api/v1/sms/{path}")
            assert (answer.status_code == 403) == (name != scope), (path, answer.status_code)


def test_no_token_and_a_wrong_one_are_turned_away(route):
    token, client = access()
    good = client.defaults["HTTP_AUTHORIZATION"]
    for header in (
        "",
        "Bearer",
        "Bearer x",
        f"Bearer {token.prefix}.",
        good[:-1],
        f"{good}x",
        "Bearer \x00.\x00",
        "Bearer ố.ố".encode().decode("latin-1"),
    ):
        answer = Client().get("/api/v1/sms/messages", headers={"Authorization": header} if header else {})
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer"), header
        assert set(answer.json()) == {"code", "sentence", "field"}
    ApiToken.objects.update(enabled=False)
    assert client.get("/api/v1/sms/messages").status_code == 401


def test_a_token_opens_nothing_else(route):
    _token, client = access()
    assert client.get("/api/v1/people").status_code == 401
    assert client.get("/routes/").status_code == 302


def test_somebody_who_signs_in_is_no_system(admin, route):
    assert admin.get("/api/v1/sms/messages").status_code == 401


def test_only_a_digest_is_kept(route):
    token, written, signing = callers.make_token("Kho", ["send"], now=MADE, callback_url="https://example.org/")
    secret = written.partition(".")[2]
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM messaging_apitoken")
        stored = str(cursor.fetchall())
    assert secret not in stored
    assert signing.partition("_")[2] not in stored
    assert ApiToken.objects.get().secrets == {"callback": signing}


def test_the_last_use_is_noted_once_a_minute(django_assert_num_queries):
    _token, written, _signing = callers.make_token("Kho", ["send"], now=MADE)
    callers.caller_of(written, MADE)
    with django_assert_num_queries(1):
        callers.caller_of(written, MADE + timedelta(seconds=59))
    assert ApiToken.objects.get().last_used_at == MADE
    callers.caller_of(written, MADE + timedelta(seconds=60))
    assert ApiToken.objects.get().last_used_at == MADE + timedelta(seconds=60)


def test_so_many_calls_a_minute(now):
    token, _client = access(per_minute=3)
    assert [callers.seconds_to_wait(token, now) for _call in range(3)] == [0, 0, 0]
    assert callers.seconds_to_wait(token, now) == pytest.approx(20)
    assert callers.seconds_to_wait(token, now + timedelta(seconds=19)) == pytest.approx(1)
    assert callers.seconds_to_wait(token, now + timedelta(seconds=20)) == 0
    assert callers.seconds_to_wait(token, now + timedelta(seconds=20)) > 0
    later = now + timedelta(hours=1)
    assert [callers.seconds_to_wait(token, later) for _call in range(4)][2:] == [0, pytest.approx(20)]


def test_too_many_calls_are_told_when_to_come_again(route):
    _token, client = access(per_minute=2)
    answers = [post(client, "messages", wish(n)) for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert 0 < int(answers[2]["Retry-After"]) <= 30


@pytest.mark.django_db(transaction=True)
def test_the_allowance_holds_over_many_processes(now):
    token, _client = access(per_minute=10)

    def call(_n):
        try:
            return callers.seconds_to_wait(token, now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(call, range(30)))
    assert waits.count(0) == 10


def test_the_command_shows_the_token_once():
    out = StringIO()
    call_command("make_token", "Kho", "--scope", "send", "--scope", "read", stdout=out, stderr=StringIO())
    written = out.getvalue().split("Bearer ")[1].strip()
    token = callers.caller_of(written, MADE)
    assert token is not None
    assert token.scopes == ["read", "send"]
    with pytest.raises(CommandError):
        call_command("make_token", "Kho", "--scope", "send")
    with pytest.raises(CommandError):
        call_command("make_token", "Khác", "--scope", "send", "--callback", "http://10.0.0.1/")


def test_the_administration_shows_the_token_once_and_never_again(admin):
    form = {"name": "Kho", "scopes": ["send"], "per_minute": "60", "inbound_prefixes": "[]", "enabled": "on"}
    page = admin.post("/admin/messaging/apitoken/add/", form | {"callback_url": "https://example.org/sms"})
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    written = page.content.decode().split("Bearer ")[1].split("<")[0].strip()
    token = callers.caller_of(written, MADE)
    assert token is not None
    assert token.created_by == "quan-tri"
    signing = token.secrets["callback"]
    assert signing in page.content.decode()
    for path in (f"/admin/messaging/apitoken/{token.pk}/change/", "/admin/messaging/apitoken/"):
        shown = admin.get(path).content.decode()
        assert written.partition(".")[2] not in shown
        assert signing not in shown
        assert token.digest not in shown
    changed = admin.post(f"/admin/messaging/apitoken/{token.pk}/change/", form | {"name": "Kho 2"})
    assert changed.status_code == 302
    kept = ApiToken.objects.get()
    assert (kept.name, kept.digest, kept.secrets) == ("Kho 2", token.digest, token.secrets)
    bad = admin.post("/admin/messaging/apitoken/add/", form | {"name": "X", "callback_url": "https://127.0.0.1/"})
    assert bad.status_code == 200
    assert ApiToken.objects.count() == 1
