"""What becomes of another system's texts is posted to it, signed, until it says that it has it; and nowhere inside."""

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from messaging import callbacks, callers, posting
from messaging.incoming import receipts
from messaging.models import ApiToken, Callback, InboundMessage, OutboundMessage
from messaging.posting import Post
from tests.messaging.systems import access, listening, post, wish
from tests.messaging.texts import queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener(settings):
    settings.CALLBACK_PRIVATE = True
    with listening() as (listener, url):
        listener.url = url
        yield listener


@pytest.fixture
def system(route, listener):
    """An access that is told at the listener's address, and its client."""
    return access(callback_url=listener.url, inbound_prefixes=["KHÁM"])


def ended(client, now, status="delivered", n=0):
    row = OutboundMessage.objects.get(pk=post(client, "messages", wish(n)).json()["id"])
    OutboundMessage.objects.filter(pk=row.pk).update(status=status, final_at=now, sent_at=now)
    return row


def tell(now):
    return callbacks.gather(now), dict(callbacks.tell(lambda: now))


def test_an_end_is_told_once_with_a_signature_that_anybody_can_check(system, listener, now):
    token, client = system
    row = ended(client, now)
    assert tell(now) == (1, {"told": 1, "again": 0, "given_up": 0})
    assert tell(now + timedelta(hours=1)) == (0, {"told": 0, "again": 0, "given_up": 0})
    ((headers, body),) = listener.calls
    told = json.loads(body)
    assert (told["type"], told["id"], told["key"], told["status"]) == ("sms.status", str(row.pk), "hen-0", "delivered")
    assert (told["final"], told["rank"]) == (True, 5)
    key = base64.b64decode(token.secrets["callback"].removeprefix("whsec_"))
    stamp = headers["webhook-timestamp"]
    assert stamp == str(int(now.timestamp()))
    signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_every_end_is_told_and_sent_is_none(system, listener, now):
    _token, client = system
    ends = ["delivered", "failed", "undelivered", "expired", "canceled", "unknown", "sent", "queued", "sending"]
    for n, status in enumerate(ends):
        ended(client, now, status, n)
    assert tell(now)[0] == 6
    assert {body["status"] for body in listener.bodies} == set(ends[:6])


def test_a_correction_is_told_after_it(system, listener, now, route):
    _token, client = system
    row = ended(client, now, "undelivered")
    tell(now)
    receipts.store(route, {"kind": "report", "id": str(row.pk), "status": "DELIVRD"}, message_id=row.pk, now=now)
    receipts.fold(now)
    tell(now)
    assert [(body["status"], body["rank"]) for body in listener.bodies] == [("undelivered", 4), ("delivered", 5)]


def test_what_is_not_taken_is_told_again_with_the_same_id(system, listener, now):
    _token, client = system
    ended(client, now)
    listener.answers = [500, 302, 404, 200]
    at, waits = now, []
    for _attempt in range(4):
        tell(at)
        assert tell(at)[1]["told"] == 0, "not before its time"
        row = Callback.objects.get()
        waits.append((row.next_at - at).total_seconds())
        at = row.next_at
    assert Callback.objects.get().done_at is not None
    assert len(listener.calls) == 4
    assert len({headers["webhook-id"] for headers, _body in listener.calls}) == 1
    for wait, least in zip(waits[:3], (30, 60, 120), strict=True):
        assert least <= wait <= least * 1.25


def test_after_a_day_it_is_given_up_and_shown(system, listener, now, admin):
    _token, client = system
    ended(client, now)
    listener.answers = [503]
    at, attempts = now, 0
    while Callback.objects.filter(given_up_at=None).exists() or attempts == 0:
        tell(at)
        attempts += 1
        at = max(at, Callback.objects.get().next_at)
        assert attempts < 60
    row = Callback.objects.get()
    assert timedelta(hours=24) <= row.given_up_at - now < timedelta(hours=26)
    assert row.last_error == "HTTP 503"
    assert "HTTP 503" in admin.get("/admin/messaging/callback/").content.decode()


def test_nothing_is_told_unsigned(system, listener, now, settings):
    """As after a change of SECRET_KEY, under which the signing key lies encrypted."""
    _token, client = system
    ended(client, now)
    settings.SECRET_KEY = "another key"
    tell(now)
    assert (listener.calls, "signed" in Callback.objects.get().last_error) == ([], True)


def test_a_redirect_is_not_followed(system, listener, now):
    _token, client = system
    ended(client, now)
    listener.answers, listener.headers = [307], {"Location": listener.url}
    assert tell(now)[1]["again"] == 1
    assert len(listener.calls) == 1


def test_a_text_that_begins_with_its_word_is_told_and_no_other(system, listener, now, route):
    for n, body in enumerate(["Kham thai 12/12", "khám", "  KHÁM: mai", "Khámm", "Toi muon kham", "TC", "", "!"]):
        InboundMessage.objects.create(
            route=route, number="+84912000001", body=body, provider_id=str(n), received_at=now
        )
    assert tell(now)[0] == 3
    assert tell(now)[0] == 0
    assert {body["text"] for body in listener.bodies} == {"Kham thai 12/12", "khám", "  KHÁM: mai"}
    assert len(listener.bodies) == 3
    assert listener.bodies[0]["from"] == "+84912000001"


def test_nobody_is_told_what_is_not_his(system, listener, now):
    _other, stranger = access("Kho bạc")
    ended(stranger, now)
    (row,) = queue(now)
    OutboundMessage.objects.filter(pk=row.pk).update(status="delivered")
    assert tell(now)[0] == 0
    assert listener.calls == []


def test_an_address_that_comes_later_is_told_of_what_comes_later(route, listener, now):
    token, client = access()
    ended(client, now)
    tell(now)
    key = {callers.SECRET: callers.new_signing_key()}
    ApiToken.objects.filter(pk=token.pk).update(callback_url=listener.url, secrets=key)
    ended(client, now, n=1)
    tell(now)
    assert [body["key"] for body in listener.bodies] == ["hen-1"]


def test_a_system_that_is_down_holds_up_no_other(system, listener, now, route):
    token, client = system
    dead, its_client = access("Kho bạc", callback_url="http://127.0.0.1:9/")
    for n in range(20):
        ended(client, now, n=n)
        ended(its_client, now, n=n)
    assert tell(now)[1] == {"told": 20, "again": callbacks.AT_ONCE, "given_up": 0}
    assert Callback.objects.filter(token=dead, attempts=0).count() == 20 - callbacks.AT_ONCE
    ended(client, now, n=99)
    ApiToken.objects.filter(pk=token.pk).update(enabled=False)
    assert tell(now)[1]["told"] == 0, "an access that is switched off is told nothing"


def test_a_slow_system_is_waited_for_once_in_a_pass(system, listener, now, monkeypatch):
    monkeypatch.setattr(callbacks, "SLOW", 0.2)
    _token, client = system
    with listening() as (slow, url):
        slow.latency = 0.3
        _its_token, its_client = access("Kho bạc", callback_url=url)
        for n in range(20):
            ended(client, now, n=n)
            ended(its_client, now, n=n)
        assert tell(now)[1]["told"] == 20 + callbacks.AT_ONCE
        assert (len(listener.calls), len(slow.calls)) == (20, callbacks.AT_ONCE)
        slow.latency = 0.0
        assert tell(now)[1]["told"] == 20 - callbacks.AT_ONCE, "nothing is lost"


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_tell_twice(system, listener, now):
    _token, client = system
    for n in range(30):
        ended(client, now, n=n)

    def work(_worker):
        try:
            return tell(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert sorted(body["key"] for body in listener.bodies) == sorted(f"hen-{n}" for n in range(30))


def test_a_lease_that_is_over_is_taken_again(system, listener, now):
    _token, client = system
    ended(client, now)
    callbacks.gather(now)
    callbacks._claim(set(), now)  # and then the worker was killed
    assert callbacks.tell(lambda: now)["told"] == 0
    assert callbacks.tell(lambda: now + callbacks.LEASE)["told"] == 1


INSIDE = [
    "https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "https://192.168.1.1:8443/x", "https://[::1]/",
    "https://169.254.169.254/latest/meta-data", "https://0.0.0.0/", "https://[::ffff:127.0.0.1]/", "https://[fd00::1]/",
    "https://2130706433/", "https://0x7f.1/", "https://[64:ff9b::7f00:1]/", "https://100.64.0.1/", "https://224.0.0.1/",
    "http://example.org/", "ftp://example.org/", "https://a:b@example.org/", "https://", "https://[::1",
    "https://１２７.0.0.1/", "https://127。0。0。1/", "https://169.254.169.２５４/",
    "https://①②⑦.0.0.1/", "https://example.org\\@127.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_nothing_is_posted_inside_the_network(url, now):
    key = "whsec_" + base64.b64encode(b"k" * 32).decode()
    (posted,) = posting.post_all([Post(url, "msg_1", {}, key, now)])
    assert not posted.taken
    assert "Connect call failed" not in posted.error, "somebody was called"


def test_a_name_that_leads_inside_is_not_called(listener, settings, now, monkeypatch):
    """The name is public in form, its address is not; what is checked is what is connected to."""
    settings.CALLBACK_PRIVATE = False
    key = "whsec_" + base64.b64encode(b"k" * 32).decode()
    monkeypatch.setattr(posting, "address_problems", lambda url: [])
    (posted,) = posting.post_all([Post(listener.url.replace("127.0.0.1", "localhost"), "msg_1", {}, key, now)])
    assert not posted.taken
    assert listener.calls == []
