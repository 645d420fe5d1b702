"""Through Kannel itself to an SMSC over SMPP, and back: words, reports, texts from phones, the line down."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from messaging.incoming import receipts
from messaging.models import InboundMessage, OutboundMessage, Receipt
from messaging.text.segments import measure
from tests.fake_http import closed_port
from tests.messaging.kannel_running import RunningKannel, running_kannel, wait_until
from tests.messaging.texts import make_route, queue, send_all, state
from tests.smsc import GSM_7, UCS_2, Smsc

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("kannel")]
SECRET = "a-secret-of-the-tests-0123456789"
ROUTE = 4711  # Kannel's configuration names it before the route is made
LONG = "Chị Hạnh ơi, thai 12 tuần: mời chị khám tại Trạm Y tế xã Tân Hòa, 07:30. " * 3
WORDS = [
    ("Chị Hạnh ơi, thai 12 tuần: mời chị khám thai.", UCS_2),
    ("Chúc bé ngoan 👶🏽, hẹn gặp chị!", UCS_2),
    ("Moi chi kham thai @ 07:30 {[~€^|\\]} + 100% & é", GSM_7),
    (LONG.strip(), UCS_2),
    (("abc~" * 90).strip(), GSM_7),
    ("សូមអញ្ជើញមកពិនិត្យផ្ទៃពោះ " * 6 + "។", UCS_2),
]


@pytest.fixture(scope="module")
def smsc() -> Iterator[Smsc]:
    with Smsc(closed_port()) as smsc:
        yield smsc


@pytest.fixture(scope="module")
def kannel(smsc: Smsc, live_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningKannel]:
    inbound = f"{live_server.url}/sms/{ROUTE}/inbound/{SECRET}"
    with running_kannel(tmp_path_factory.mktemp("kannel"), smsc.port, inbound) as kannel:
        yield kannel


@pytest.fixture
def route(kannel: RunningKannel, smsc: Smsc, settings: Any, live_server: Any) -> Any:
    settings.LIVE_SENDING = True
    settings.PUBLIC_URL = live_server.url
    smsc.parts.clear()
    smsc.state, smsc.refusal = "DELIVRD", 0
    return make_route("kannel", "kannel", id=ROUTE, sender="TRAMYTE", secret=SECRET, settings=kannel.settings())


def reported(count: int) -> None:
    """Wait for `count` reports and apply them."""
    wait_until(lambda: Receipt.objects.count() >= count, lambda: f"{Receipt.objects.count()} of {count} reports came")
    receipts.fold(timezone.now())


def test_words_arrive_as_written_and_are_reported(now: datetime, route: Any, smsc: Smsc) -> None:
    texts = [queue(now, key=f"test:{n}", body=body)[0] for n, (body, _coding) in enumerate(WORDS)]
    assert send_all(now)["sent"] == len(WORDS)
    wait_until(lambda: len(smsc.texts()) == len(WORDS), smsc.texts)
    assert sorted(smsc.texts()) == sorted(body for body, _coding in WORDS)
    for body, coding in WORDS:
        own = [part for part in smsc.parts if part.words and part.words in body]
        assert {part.coding for part in own} == {coding}, body
    assert len(smsc.parts) == sum(text.segments for text in texts), "Kannel cuts where we count"
    assert {part.sender for part in smsc.parts} == {"TRAMYTE"}
    reported(2 * len(WORDS))  # "the SMSC took it" and "delivered", once for each text, in no fixed order
    assert set(OutboundMessage.objects.values_list("status", flat=True)) == {"delivered"}
    assert measure(LONG).segments == 4


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [("UNDELIV", "undelivered", "kannel_000"), ("EXPIRED", "expired", "expired"), ("REJECTD", "failed", "kannel_000")],
)
def test_what_did_not_arrive_is_told(now: datetime, route: Any, smsc: Smsc, said: str, status: str, code: str) -> None:
    smsc.state = said
    queue(now)
    send_all(now)
    reported(2)
    text = OutboundMessage.objects.get()
    assert (text.status, text.error_code) == (status, code)


def test_a_number_that_the_smsc_refuses(now: datetime, route: Any, smsc: Smsc) -> None:
    smsc.refusal = 0x0B  # invalid destination address
    queue(now)
    assert send_all(now)["sent"] == 1, "Kannel takes it before it asks"
    reported(1)
    text = OutboundMessage.objects.get()
    assert (text.status, text.error_code) == ("failed", "bad_number")


def test_texts_from_phones_come_in_in_every_script(route: Any, smsc: Smsc) -> None:
    said = ["TC", "Tôi muốn hỏi: bé sốt 38,5 độ?", "Em cam on @ nhe {1}", LONG.strip()]
    for words in said:
        smsc.say("84912000001", "8000", words)
    wait_until(lambda: InboundMessage.objects.count() == len(said), lambda: InboundMessage.objects.values_list("body"))
    found = {inbound.body: inbound for inbound in InboundMessage.objects.all()}
    assert sorted(found) == sorted(said)
    assert {(inbound.number, inbound.to) for inbound in found.values()} == {("+84912000001", "8000")}


def test_with_the_line_down_kannel_keeps_the_text_and_sends_it_once(
    now: datetime, route: Any, smsc: Smsc, kannel: RunningKannel
) -> None:
    smsc.stop()
    wait_until(lambda: not kannel.connected(), lambda: "Kannel did not notice that the SMSC is gone")
    queue(now, 3)
    assert send_all(now)["sent"] == 3
    assert {state(f"test:{n}") for n in range(3)} == {"sent"}, "taken, and not delivered yet"
    assert smsc.parts == []
    smsc.start()
    wait_until(kannel.connected, lambda: "Kannel did not come back")
    reported(6)
    assert sorted(smsc.texts()) == [f"Lời nhắn số {n}" for n in range(3)]
    assert {state(f"test:{n}") for n in range(3)} == {"delivered"}


def test_a_wrong_password_is_the_routes_trouble(now: datetime, route: Any, smsc: Smsc, kannel: RunningKannel) -> None:
    route.settings = kannel.settings(password="wrong", secret=SECRET)
    route.save()
    queue(now)
    send_all(now)
    text = OutboundMessage.objects.get()
    assert (text.status, text.error_code) == ("queued", "auth_failed")
    assert smsc.parts == []
