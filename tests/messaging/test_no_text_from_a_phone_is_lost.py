"""Whatever comes in is kept once and ends with a machine's work or a person's; machines talk to nobody."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging import optouts
from messaging.hooks import Handled
from messaging.incoming import desk, inbound
from messaging.models import InboundMessage, OutboundMessage, Route
from messaging.outgoing import gateway
from messaging.providers.base import Inbound
from tests.messaging.texts import number, send_all

ME = number(0)
HOUR = timedelta(hours=1)


def says(route, body, now, id="1", from_=ME):
    text = inbound.store(route, Inbound(from_, "8000", body, id), now)
    inbound.handle(now)
    text.refresh_from_db()
    return text


WORDS = st.sampled_from(
    ["TC", "STOP", "SAI SO", "MAT", "SINH 310226", "1", "đúng", "\ud83d", "\0", "٣", "²", " ", "🙂"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=6).map(" ".join)),
    from_=st.one_of(st.just(ME), st.text(max_size=30), st.from_regex(r"\+?[0-9]{1,18}", fullmatch=True)),
    id=st.text(max_size=120),
    to=st.text(max_size=40),
)
def test_no_shape_raises_or_is_lost(now, route, body, from_, id, to):
    before = InboundMessage.objects.count()
    text = inbound.store(route, Inbound(from_, to, body, id), now)
    inbound.handle(now)
    text.refresh_from_db()
    assert text.handled_at is not None
    assert InboundMessage.objects.count() >= before
    settled = text.action in {"stop", "start", "wrong_number", "machine"}
    waiting = InboundMessage.objects.filter(number=text.number, for_staff=True).exists()
    assert settled or waiting


def test_without_an_id_of_the_provider_nothing_is_taken_for_something_else(now, route):
    first, again = says(route, "một", now, id=""), says(route, "một", now + timedelta(minutes=9), id="")
    second = says(route, "hai", now, id="")
    long = [says(route, "ba", now, id="x" * 100 + end) for end in "ab"]
    assert (first.pk, first.pk != second.pk, long[0].pk != long[1].pk) == (again.pk, True, True)


def test_a_second_stop_after_a_start_is_another_one_though_nothing_numbers_them(now, route):
    for minute, word in enumerate(["STOP", "START", "STOP"]):
        says(route, word, now + timedelta(minutes=minute), id="")
    assert InboundMessage.objects.count() == 3
    assert optouts.closed([ME])


@pytest.mark.parametrize("from_", ["VIETTEL", "1414", "8088", "+84900111222", "0900 111 222"])
def test_a_machine_is_neither_answered_nor_obeyed_nor_read(now, route, from_):
    Route.objects.create(name="own", provider="sandbox", sender="0900111222")
    for n, body in enumerate(["STOP", "Khuyen mai 50%", "SINH 121126"]):
        text = says(route, body, now, id=str(n), from_=from_)
        assert (text.action, text.for_staff, text.handled_at) == ("machine", False, now)
    assert not OutboundMessage.objects.exists()


def test_our_own_words_come_back_and_ask_for_nothing(now, route, far_end):
    gateway.send(gateway.Text(ME, "Dừng lại: mai trạm nghỉ.", "test:0"), now)
    send_all(now)
    text = says(route, "dung lai:  mai tram nghi.", now + HOUR)
    assert (text.action, text.for_staff) == ("machine", False)
    assert says(route, "dung lai", now + HOUR, id="2").action == "stop"


def test_who_repeats_himself_is_read_once_and_a_flood_does_not_bury_the_others(now, route):
    for n in range(30):
        says(route, "Tôi đang lái xe", now + n * HOUR, id=f"same{n}")
    assert InboundMessage.objects.filter(for_staff=True).count() == 1
    for n in range(40):
        says(route, f"tin {n}", now, id=f"flood{n}")
    assert InboundMessage.objects.filter(for_staff=True).count() == inbound.MOST_OPEN
    assert desk.heard_from(ME).count() == 70, "all of it stands in the conversation"


def test_a_stop_is_confirmed_however_much_was_answered_that_day(now, route, settings):
    settings.ON_INBOUND = f"{__name__}.always_answers"
    for n in range(5):
        says(route, f"câu {n}", now, id=str(n))
    assert OutboundMessage.objects.count() == inbound.MOST_REPLIES
    assert list(InboundMessage.objects.order_by("pk").values_list("for_staff", flat=True)) == [False] * 3 + [True] * 2
    says(route, "TC", now, id="stop")
    assert OutboundMessage.objects.filter(key__startswith="stop:").count() == 1


def always_answers(message, action, now):
    return Handled("Cảm ơn chị" if action == "" else "")


def never_works(message, action, now):
    raise RuntimeError("poison")


def test_what_cannot_be_handled_for_an_hour_is_left_to_a_person(now, route, settings):
    settings.ON_INBOUND = f"{__name__}.never_works"
    assert says(route, "boom", now).handled_at is None
    inbound.handle(now + HOUR)
    text = InboundMessage.objects.get()
    assert (text.for_staff, text.handled_at) == (True, now + HOUR)


def test_a_stop_is_obeyed_though_the_application_above_fails(now, route, settings):
    settings.ON_INBOUND = f"{__name__}.never_works"
    says(route, "TC", now)
    with pytest.raises(gateway.Refused):
        gateway.send(gateway.Text(ME, "Chào", "later"), now)
