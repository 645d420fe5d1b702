"""STOP is obeyed at once, confirmed once, and START opens the number again (D9)."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging import optouts
from messaging.hooks import Handled
from messaging.incoming import inbound, keywords
from messaging.models import InboundMessage, Keyword, OptOut, OutboundMessage
from messaging.numbers import to_e164
from messaging.outgoing import gateway
from messaging.providers.base import Inbound
from messaging.text.segments import measure
from tests.messaging.texts import make_route, number, queue, send_all

ME = number(0)
WORDS = {word: action for word, action, _language in keywords._read(keywords.SHIPPED)}


def says(route, body, now, id="1", from_=ME):
    return inbound.store(route, Inbound(from_, "8000", body, id), now)


def test_stop_closes_at_once_and_is_confirmed_once(now, route, far_end):
    queue(now, 2)
    says(route, "Từ chối", now)
    assert optouts.closed([ME, number(1)]) == {ME}
    says(route, "TC", now, id="2")
    says(route, "TC", now, id="1")
    send_all(now)
    (confirmation,) = [line for line in far_end if line["to"] == ME]
    assert confirmation["body"] == (
        "Da nhan yeu cau dung tin luc 10:00 ngay 21/11/2026. Chung toi ngung gui tin ngay. "
        "Muon nhan lai, hay lien he noi da dang ky."
    )
    size = measure(confirmation["body"])
    assert (size.encoding, size.segments) == ("GSM-7", 1)
    assert measure(confirmation["body"]).segments == 1
    text = OutboundMessage.objects.get(key="test:0")
    assert (text.status, text.error_code) == ("canceled", "opted_out")
    assert [line["key"] for line in far_end if line["to"] == number(1)] == ["test:1"]
    with pytest.raises(gateway.Refused) as refusal:
        gateway.send(gateway.Text(ME, "Chào chị", "later"), now)
    assert refusal.value.code == "opted_out"


@pytest.mark.parametrize("body", ["STOP", "SAI SO"])
@pytest.mark.parametrize(
    ("languages", "read"),
    [(["vi", "en"], "en"), (["en", "vi"], "vi"), (["en", ""], "en"), (["km"], "vi"), ([], "vi")],
)
def test_it_is_confirmed_in_the_language_of_the_last_text_that_left(now, route, far_end, body, languages, read):
    for place, language in enumerate(languages):
        at = now + timedelta(days=place)
        gateway.send(gateway.Text(ME, "Chao chi.", f"text:{place}", language=language), at)
        send_all(at)
    gateway.send(gateway.Text(ME, "Waits.", "waits", language="en", send_after=now + timedelta(days=30)), now)
    says(route, body, later := now + timedelta(days=9))
    send_all(later)
    answer = far_end[-1]["body"]
    assert ("at 10:00 on 30/11/2026." in answer) == (read == "en"), answer
    assert (measure(answer).encoding, measure(answer).segments) == ("GSM-7", 1)


def test_a_stop_between_two_attempts_is_obeyed(now, db, far_end):
    route = make_route(settings={"down": 1})
    queue(now)
    send_all(now)
    says(route, "STOP", now)
    route.settings = {}
    route.save()
    send_all(now, 3600)
    assert [line["key"].split(":")[0] for line in far_end] == ["stop"]


def test_start_opens_again(now, route, far_end):
    says(route, "stop", now)
    says(route, "Bật", now + timedelta(minutes=1), id="2")
    assert optouts.closed([ME]) == set()
    queue(now)
    assert OptOut.objects.get().ended_at == now + timedelta(minutes=1)
    assert optouts.close(ME, source="page", now=now)
    assert not optouts.close(ME, source="page", now=now)
    assert OptOut.objects.count() == 2


def test_the_operator_knows_of_a_stop(now, db):
    make_route(settings={"opted_out": 1})
    queue(now)
    send_all(now)
    assert OptOut.objects.get().source == "provider"
    assert OutboundMessage.objects.get().status == "failed"


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ("TC", "stop"), ("tc", "stop"), (" 'Từ chối!' ", "stop"), ("TU CHOI nhan tin", "stop"), ("Hủy.", "stop"),
        ("Tu\u031b\u0300 chô\u0301i", "stop"), ("Dừng nhắn tin giúp em", "stop"), ("Đừng gửi nữa", "stop"),
        ("Đúng rồi ạ", ""), ("Dũng đây", ""), ("TCVN", ""), ("em muốn tc", ""), ("Stop!!!", "stop"),
        ("BẬT", "start"), ("SAI SỐ rồi", "wrong_number"), ("Sinh 120626", "birth"), ("", ""), ("🙂", ""),
    ],
)  # fmt: skip
def test_words_are_understood_however_they_are_written(body, action):
    assert keywords.recognise(body, WORDS) == action


def test_keywords_load_twice_and_stop_works_without_them(now, route):
    assert keywords.table()["TC"] == "stop"
    assert keywords.load() == keywords.load() == Keyword.objects.count()
    assert keywords.table() == WORDS


answers: list[tuple[str, str]] = []


def talkative(message, action, now):
    if message.body == "boom":
        raise RuntimeError("poison")
    answers.append((message.body, action))
    return Handled("Cảm ơn chị")


@pytest.fixture
def above(settings):
    answers.clear()
    settings.ON_INBOUND = f"{__name__}.talkative"


def test_every_text_is_handed_up_once_with_its_action(now, route, above, far_end):
    says(route, "SINH 200626", now)
    says(route, "Em hỏi chút", now, id="2", from_=number(2))
    says(route, "later", now + timedelta(hours=1), id="3")
    assert inbound.handle(now) == 2
    assert inbound.handle(now) == 0
    assert answers == [("SINH 200626", "birth"), ("Em hỏi chút", "")]
    send_all(now)
    assert sorted(line["to"] for line in far_end) == [ME, number(2)]


def test_one_text_that_cannot_be_handled_holds_up_no_other(now, route, above):
    says(route, "boom", now)
    says(route, "hello", now, id="2")
    assert inbound.handle(now) == 1
    assert InboundMessage.objects.get(handled_at=None).body == "boom"


def test_two_machines_do_not_talk_all_day(now, route, above):
    for n in range(10):
        says(route, "tự động trả lời", now + timedelta(minutes=n), id=str(n))
    inbound.handle(now + timedelta(hours=1))
    assert OutboundMessage.objects.count() == 3
    says(route, "again", now + timedelta(days=2), id="next")
    inbound.handle(now + timedelta(days=2))
    assert OutboundMessage.objects.count() == 4


def test_nothing_answers_a_service_name(route, above):
    now = datetime(2026, 11, 21, tzinfo=UTC)
    says(route, "Khuyen mai!", now, from_="VIETTEL")
    assert inbound.handle(now) == 1
    assert not OutboundMessage.objects.exists()


@pytest.mark.parametrize(
    ("raw", "e164"),
    [("+84912000001", "+84912000001"), ("84912000001", "+84912000001"), ("0084912000001", "+84912000001"),
     ("0912000001", "+84912000001"), (" 0912 000 001", "+84912000001"), ("5656", "5656"), ("VIETTEL", "VIETTEL")],
)  # fmt: skip
def test_numbers_of_inbound_texts(raw, e164):
    assert to_e164(raw, "VN") == e164
