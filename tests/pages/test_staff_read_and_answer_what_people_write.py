"""The inbox: who sees which text, the conversation, an answer that leaves once, settling, and the tasks from texts."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from messaging import optouts
from messaging.incoming import inbound, keywords
from messaging.models import InboundMessage, OutboundMessage, Route
from messaging.outgoing.dispatch import dispatch_all
from messaging.providers.base import Inbound
from recipients import worklist
from recipients.models import AdminUnit, ChangeEvent, Person, Task, User
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

Role = User.Role
STRANGER = "+84981112233"


@pytest.fixture
def nurse(signed_in, unit: AdminUnit, frozen: datetime) -> Client:
    keywords.load()
    return signed_in(Role.STATION, unit)


@pytest.fixture
def lan(unit: AdminUnit, now: datetime) -> Person:
    return people.lan(unit, now).mother


def writes(number: str | None, body: str, now: datetime, id: str = "1") -> InboundMessage:
    text = inbound.store(Route.objects.get(), Inbound(str(number), "8088", body, id), now)
    inbound.handle(now)
    text.refresh_from_db()
    return text


def page(client: Client, name: str, *args: object, **query: object) -> str:
    return client.get(reverse(name, args=args), query).content.decode()


def test_an_empty_inbox_says_so_and_the_menu_counts(nurse: Client, lan: Person, now: datetime) -> None:
    assert "Nothing waits to be read." in page(nurse, "inbox")
    assert "Texts from people to read" not in page(nurse, "home")
    writes(lan.phone, "Em bị ra máu ạ", now)
    shown = page(nurse, "inbox")
    assert ("Em bị ra máu ạ" in shown, lan.name in shown, "0912 345 678" in shown) == (True, True, True)
    assert "to read</span>" in page(nurse, "home")
    assert "Texts from people to read and answer" in page(nurse, "home")


def test_an_answer_leaves_once_at_night_and_settles_the_text(nurse: Client, lan: Person, now: datetime) -> None:
    night = now + timedelta(hours=13)
    text = writes(lan.phone, "Em bị ra máu ạ", now)
    facts = {"body": "Chị đến trạm ngay nhé.", "number": "1"}
    for _twice in range(2):
        assert nurse.post(reverse("inbox-text", args=[text.pk]), facts).status_code == 302
    (answer,) = OutboundMessage.objects.all()
    station = User.objects.get(username="station")
    assert (answer.key, answer.body, answer.to) == (
        f"answer:{text.pk}:1:{station.pk}", "Chi den tram ngay nhe.", lan.phone,
    )  # fmt: skip
    assert dispatch_all(night)["sent"] == 1
    text.refresh_from_db()
    assert (text.settled_by, text.settled_at) == ("station", now)
    event = ChangeEvent.objects.get(what="answered")
    assert (event.person, event.by, event.new) == (lan, station, {"text": answer.key})
    shown = page(nurse, "inbox-text", text.pk)
    assert ("Answer by station" in shown, "Chi den tram ngay nhe." in shown) == (True, True)
    assert "Nothing waits to be read." in page(nurse, "inbox")
    assert "Em bị ra máu ạ" in page(nurse, "inbox", state="settled")


def test_two_colleagues_do_not_answer_past_each_other(
    nurse: Client, signed_in, lan: Person, unit: AdminUnit, now: datetime
) -> None:
    text = writes(lan.phone, "Mấy giờ trạm mở cửa?", now)
    address = reverse("inbox-text", args=[text.pk])
    assert nurse.post(address, {"body": "Bảy giờ.", "number": "1"}).status_code == 302
    officer = signed_in(Role.OFFICER, unit)
    refused = officer.post(address, {"body": "Tám giờ.", "number": "1"})
    assert refused.status_code == 422
    assert "A colleague has answered meanwhile" in refused.content.decode()
    assert officer.post(address, {"body": "Chiều đến 17 giờ.", "number": "2"}).status_code == 302
    assert [each.body for each in OutboundMessage.objects.order_by("key")] == ["Bay gio.", "Chieu den 17 gio."]
    text.refresh_from_db()
    assert text.settled_by == "station", "the first word stays"


@pytest.mark.parametrize(("body", "sentence"), [(" ", "required"), ("dài " * 200, "at most 600")])
def test_an_answer_that_is_none_is_refused_in_words(
    nurse: Client, lan: Person, now: datetime, body: str, sentence: str
) -> None:
    text = writes(lan.phone, "Em hỏi chút", now)
    answer = nurse.post(reverse("inbox-text", args=[text.pk]), {"body": body, "number": "1"})
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not OutboundMessage.objects.exists()


def test_nothing_is_answered_to_a_closed_number(nurse: Client, lan: Person, now: datetime) -> None:
    text = writes(lan.phone, "Em hỏi chút", now)
    optouts.close(str(lan.phone), source="page", now=now)
    assert "The number is closed" in page(nurse, "inbox-text", text.pk)
    refused = nurse.post(reverse("inbox-text", args=[text.pk]), {"body": "Chào chị", "number": "1"})
    assert refused.status_code == 422
    text.refresh_from_db()
    assert text.settled_at is None


def test_a_text_is_settled_with_a_note_and_the_first_word_stays(nurse: Client, lan: Person, now: datetime) -> None:
    text = writes(lan.phone, "Cảm ơn trạm", now)
    for note in ("chỉ là lời cảm ơn", "khác"):
        assert nurse.post(reverse("inbox-settle", args=[text.pk]), {"note": note}).status_code == 302
    text.refresh_from_db()
    assert (text.settled_by, text.note) == ("station", "chỉ là lời cảm ơn")
    assert "chỉ là lời cảm ơn" in page(nurse, "inbox", state="settled")


def test_texts_are_found_by_number(nurse: Client, lan: Person, unit: AdminUnit, now: datetime) -> None:
    writes(lan.phone, "của Lan", now)
    writes(people.mai(unit, now).mother.phone, "của Mai", now, "2")
    shown = page(nurse, "inbox", number="0912 345 678", state="all")
    assert ("của Lan" in shown, "của Mai" in shown) == (True, False)
    assert "No text of this number is here." in page(nurse, "inbox", number="12")


def test_a_station_sees_its_own_and_numbers_of_nobody_go_to_officers(
    nurse: Client, signed_in, unit: AdminUnit, now: datetime
) -> None:
    other = people.commune(people.LONG_CHAU, "Phường Long Châu")
    theirs = writes(people.lan(other, now).mother.phone, "từ Long Châu", now)
    nobodys = writes(STRANGER, "từ người lạ", now, "2")
    machine = writes("VIETTEL", "khuyến mãi", now, "3")
    for text in (theirs, nobodys, machine):
        assert nurse.get(reverse("inbox-text", args=[text.pk])).status_code == 404
        assert nurse.post(reverse("inbox-settle", args=[text.pk])).status_code == 404
    assert "từ" not in page(nurse, "inbox", state="all")
    shown = page(signed_in(Role.OFFICER, unit), "inbox", state="all")
    assert ("từ người lạ" in shown, "từ Long Châu" in shown, "khuyến mãi" in shown) == (True, False, False)


def test_of_a_shared_phone_each_station_reads_what_went_to_its_own(
    nurse: Client, unit: AdminUnit, now: datetime, lan: Person
) -> None:
    publish([Line("week-12", day=84, texts={"vi": "Gửi {ten}."})])
    other = people.commune(people.LONG_CHAU, "Phường Long Châu")
    people.lan(other, now, name="Đặng Thị Trang", year_of_birth=1990)
    assert schedule(now + timedelta(hours=4))["released"] == 2
    text = writes(lan.phone, "Em hỏi chút", now + timedelta(hours=4))
    shown = page(nurse, "inbox-text", text.pk)
    assert ("Gui Lan." in shown, "Gui Trang." in shown, "Trang" in shown) == (True, False, False)


@pytest.mark.parametrize("role", [Role.CDC, Role.CLINICAL])
def test_who_works_with_figures_or_words_has_no_inbox(
    signed_in, unit: AdminUnit, lan: Person, now: datetime, role: str
) -> None:
    keywords.load()
    text = writes(lan.phone, "Em hỏi chút", now)
    client = signed_in(role, unit)
    for name, args in (("inbox", []), ("inbox-text", [text.pk])):
        assert client.get(reverse(name, args=args)).status_code == 403
    assert client.post(reverse("inbox-settle", args=[text.pk])).status_code == 403
    assert reverse("inbox") not in page(client, "home")
    assert client.get("/api/v1/inbox").status_code == 403


def test_a_told_loss_is_looked_into_from_the_work_list(nurse: Client, lan: Person, now: datetime) -> None:
    writes(lan.phone, "MAT", now)
    shown = page(nurse, "tasks")
    assert "A loss was told by SMS" in shown
    assert "Record the loss on her page" in shown
    assert "A loss was told by SMS" in page(nurse, "home")
    task = Task.objects.get()
    asked = page(nurse, "task-close", task.pk)
    assert "Her texts go on from now" in asked
    assert nurse.post(reverse("task-close", args=[task.pk]), {"note": "mất điện thoại"}).status_code == 302
    task.refresh_from_db()
    assert (task.done_at, task.note) == (now, "mất điện thoại")


def test_another_system_reads_answers_and_settles(nurse: Client, lan: Person, now: datetime) -> None:
    text = writes(lan.phone, "Em hỏi chút", now)
    (found,) = nurse.get("/api/v1/inbox").json()["results"]
    assert (found["id"], found["body"], found["settled_at"]) == (text.pk, "Em hỏi chút", None)
    address = f"/api/v1/inbox/{text.pk}"
    for _twice in range(2):
        answer = nurse.post(f"{address}/answer", {"body": "Chào chị", "number": 1}, content_type="application/json")
        assert (answer.status_code, answer.json()["body"]) == (201, "Chao chi")
    assert OutboundMessage.objects.count() == 1
    assert nurse.get("/api/v1/inbox").json()["results"] == []
    second = writes(lan.phone, "Cảm ơn", now, "2")
    done = nurse.post(f"/api/v1/inbox/{second.pk}/settle", {"note": "xong"}, content_type="application/json")
    assert (done.status_code, done.json()["settled_by"], done.json()["note"]) == (200, "station", "xong")
    assert nurse.get(f"/api/v1/inbox?state=settled&number={STRANGER}").json()["results"] == []
    assert nurse.post("/api/v1/inbox/999/settle", {}, content_type="application/json").status_code == 404


def test_another_system_says_that_a_told_loss_was_none(nurse: Client, lan: Person, now: datetime) -> None:
    task = worklist.open_task(lan, Task.Kind.LOSS_TOLD, now=now)
    address = f"/api/v1/tasks/{task.pk}/close"
    refused = nurse.post(address, {"note": "ok"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "record_or_mistake")
    assert nurse.post(address, {"mistake": True}, content_type="application/json").status_code == 200
    other = worklist.open_task(lan, Task.Kind.CALL_BACK, now=now)
    wrong = nurse.post(f"/api/v1/tasks/{other.pk}/close", {"mistake": True}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "not_a_loss")
