"""Label and tail: where the law wants them, where a number was not told for a month, and nowhere else."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import OutboundMessage
from messaging.outgoing import gateway
from messaging.outgoing.gateway import Refused, Text
from messaging.outgoing.tails import names_a_way
from messaging.text.frame import tail_for, with_label
from messaging.text.plain import to_plain
from messaging.text.segments import measure
from tests.messaging.texts import make_route, number, send_all

STOP = "Dừng tin: soạn TC gửi 8000"
PLAIN = "Dung tin: soan TC gui 8000"


@pytest.fixture
def tail(settings: Any, route: Any) -> None:
    settings.OPT_OUT_TAIL = STOP


def send(now, body="Chị ơi, mai khám thai.", key="a", **more) -> OutboundMessage:
    return gateway.send(Text(**({"to": number(1), "body": body, "key": key} | more)), now)


def code(now, **more) -> str:
    with pytest.raises(Refused) as refusal:
        send(now, **more)
    assert refusal.value.sentence.endswith(".")
    return refusal.value.code


def test_the_first_text_and_then_one_every_thirty_days(now, tail):
    texts = {day: send(now + timedelta(days=day), key=f"d{day}") for day in (0, 1, 29, 30, 59, 60)}
    assert [day for day, row in texts.items() if row.tail] == [0, 30, 60]
    assert texts[0].body == f"Chị ơi, mai khám thai. {STOP}"
    assert texts[0].words == texts[1].body == "Chị ơi, mai khám thai."


def test_once_within_a_batch_and_for_each_number(now, tail):
    texts = [Text(number(n % 2), f"Lời nhắn {n}.", f"k{n}") for n in range(6)]
    rows = gateway.send_many(texts, now)
    assert [bool(rows[f"k{n}"].tail) for n in range(6)] == [True, True, False, False, False, False]


def test_a_text_that_never_arrived_told_nobody(now, tail):
    send(now)
    assert gateway.cancel(["a"], now, "taken_back") == 1
    assert send(now, key="b").tail
    OutboundMessage.objects.filter(key="b").update(status="undelivered")
    assert send(now, key="c").tail
    assert not send(now, key="d").tail, "one that still may arrive counts"


def test_emergencies_and_automatic_answers_never(now, tail):
    assert not send(now, message_class="emergency").tail
    assert not send(now, key="reply:1").tail
    assert not send(now, key="stop:1", tail=True).tail
    assert send(now, key="b", message_class="social").tail


def test_the_caller_may_force_and_forbid(now, tail):
    assert not send(now, tail=False).tail
    assert send(now, key="b", tail=True).tail
    assert send(now, key="c", tail=True).tail
    assert send(now, key="d", message_class="emergency", tail=True).tail


def test_a_promotional_text_has_its_label_and_always_its_tail(now, tail):
    for key in ("a", "b"):
        row = send(now, key=key, message_class="promotional")
        assert row.body == f"[QC] Chị ơi, mai khám thai. {STOP}"
        assert row.words == Text(number(1), "Chị ơi, mai khám thai.", "x", message_class="promotional").words
    assert send(now, "[qc] Ưu đãi.", key="c", message_class="promotional").words == "[qc] Ưu đãi."
    assert code(now, key="d", message_class="promotional", tail=False) == "no_tail"
    assert code(now, key="e", message_class="promotional", body=" ") == "empty"


def test_without_words_promotional_texts_are_refused_and_others_go(now, route):
    assert code(now, message_class="promotional") == "no_tail"
    assert code(now, tail=True) == "no_tail"
    assert send(now).body == "Chị ơi, mai khám thai."


def test_a_routes_own_words_come_first(now, settings, db):
    settings.OPT_OUT_TAIL = STOP
    make_route("own", tail="Gọi 02703800200 để dừng tin", prefixes=["+8491"], priority=1)
    make_route("other", priority=2)
    assert send(now).tail == " Gọi 02703800200 để dừng tin"
    assert send(now, key="b", to="+84351234567").tail == f" {STOP}"


def test_a_route_without_words_leaves_a_promotional_text_to_the_next(now, db):
    make_route("silent", priority=1)
    make_route("loud", priority=2, tail=STOP)
    assert send(now, message_class="promotional").route.name == "loud"
    assert send(now, key="b").route.name == "silent"


def test_the_whole_text_is_counted_and_arrives_uncut(now, tail, far_end):
    body = "Chi oi, " + "mai kham thai nhe " * 8
    row = send(now, body)
    assert row.tail == ". " + PLAIN
    assert (row.encoding, row.segments) == ("GSM-7", measure(row.body).segments) == ("GSM-7", 2)
    assert measure(row.words).segments == 1
    send_all(now, 1)
    assert [line["body"] for line in far_end] == [row.body]


def test_a_route_takes_the_text_as_it_leaves_there(now, db):
    body = "Chi oi, " + "mai kham thai nhe " * 8
    make_route("short", priority=1, most_segments=1, tail=STOP)
    make_route("long", priority=2, encodings=["GSM-7"], tail=STOP)
    assert send(now, body).route.name == "long", "with the tail it is longer than one segment"
    assert send(now, body, key="b").route.name == "short"
    assert code(now, body="Chị ơi, " * 20, key="c") == "no_route"


@given(words=st.text(min_size=1, max_size=300), stop=st.sampled_from([STOP, PLAIN, "Gọi 1800 1234"]))
def test_the_tail_never_changes_the_alphabet_and_comes_off_again(words, stop):
    tail = tail_for(words, stop)
    assert measure(words + tail).encoding == measure(words).encoding
    assert (words + tail).removesuffix(tail) == words
    assert tail.endswith((stop, to_plain(stop)))


def test_words_without_diacritics_get_a_tail_without():
    assert tail_for("Uong vien sat nhe", STOP) == f". {PLAIN}"
    assert tail_for("Uong 1 vien sat.", STOP) == f" {PLAIN}"
    assert tail_for("Sốt trên 38,5°C gọi 115.", STOP) == f" {STOP}"
    assert tail_for("Sot tren 38,5\u2103 goi 115.", STOP) == f" {PLAIN}", "UCS-2, but for an old phone"
    assert tail_for("x", "") == ""


def test_no_label_twice_and_none_where_none_is_set():
    assert with_label("Ưu đãi", "[QC]") == "[QC] Ưu đãi"
    assert with_label("[QC] Ưu đãi", "[QC]") == "[QC] Ưu đãi"
    assert with_label("Ưu đãi", "") == "Ưu đãi"


@pytest.mark.parametrize(
    ("words", "works"),
    [
        ("Dừng tin: soạn TC gửi 8000", True), ("Dừng tin: soạn TC gửi 8001", False), ("Trả lời TC để dừng", False),
        ("Dừng tin: gọi 0270 380 0200", True), ("Dung tin: goi 1800 1234", True), ("Gọi +84 270 3800200", True),
        ("Dừng tin: gọi 115", False), ("Dừng tin: gọi 12345678901234567890", False), ("Reply STOP 24/7", False),
    ],
)  # fmt: skip
def test_the_tail_names_a_way_that_works(words, works):
    assert names_a_way(words, ["8000", "MAM"]) == works
