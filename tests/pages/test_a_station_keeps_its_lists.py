"""The pages of a station: session days, workers, tasks."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from recipients import worklist
from recipients.days import local_day
from recipients.models import AdminUnit, ChangeEvent, Consent, Facility, Person, Session, Task, User, Worker
from recipients.sessions import set_session
from tests import people


@pytest.fixture
def nurse(signed_in, unit: AdminUnit, frozen: datetime) -> Client:
    return signed_in(User.Role.STATION, unit)


@pytest.fixture
def today(now: datetime) -> date:
    return local_day(now)


@pytest.fixture
def elsewhere(unit: AdminUnit) -> Facility:
    return people.station(people.commune(people.LONG_CHAU, "Phường Long Châu"))


def words(nurse: Client, name: str, *args: object, **query: object) -> str:
    return nurse.get(reverse(name, args=args), query).content.decode()


def test_several_session_days_are_added_at_once(nurse: Client, unit: AdminUnit, today: date) -> None:
    assert "No day is on the calendar" in words(nurse, "sessions")
    station = people.station(unit)
    facts = {"facility": station.pk, "service": "immunisation", "days_0": "2026-12-05", "days_1": "2027-01-05"}
    for _twice in range(2):
        answer = nurse.post(reverse("sessions"), facts)
        assert answer.status_code == 302
        assert list(Session.objects.values_list("facility", "service")) == [(station.pk, "immunisation")] * 2
    page = nurse.get(answer.url).content.decode()
    assert ("05/12/2026" in page, "05/01/2027" in page) == (True, True)


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({}, "required"),
        ({"days_0": "2026-12-05", "days_1": "2025-12-05"}, "05/12/2025 is not within the coming year"),
        ({"days_0": "2026-12-05", "days_2": "2026-12-06"}, "Leave no gap"),
        ({"days_0": "31/02/2027"}, "valid date"),
    ],
)
def test_a_wrong_day_adds_none(nurse: Client, unit: AdminUnit, days: dict[str, str], sentence: str) -> None:
    answer = nurse.post(reverse("sessions"), {"facility": people.station(unit).pk, "service": "growth"} | days)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not Session.objects.exists()


def test_a_session_is_canceled_after_one_question(nurse: Client, unit: AdminUnit, today: date) -> None:
    session = set_session(people.station(unit), service="vitamin_a", day=today + timedelta(10))
    assert reverse("session-cancel", args=[session.pk]) in words(nurse, "sessions")
    assert "01/12/2026" in words(nurse, "session-cancel", session.pk)
    assert Session.objects.exists()
    assert nurse.post(reverse("session-cancel", args=[session.pk])).status_code == 302
    assert not Session.objects.exists()


def test_sessions_of_another_commune_are_out_of_reach(nurse: Client, elsewhere: Facility, today: date) -> None:
    session = set_session(elsewhere, service="growth", day=today)
    assert "Long Châu" not in words(nurse, "sessions")
    facts = {"facility": elsewhere.pk, "service": "growth", "days_0": "2026-12-05"}
    assert nurse.post(reverse("sessions"), facts).status_code == 422
    assert nurse.post(reverse("session-cancel", args=[session.pk])).status_code == 404
    assert Session.objects.get() == session


def test_a_village_health_worker_is_added_and_ended(nurse: Client, unit: AdminUnit) -> None:
    assert "Nobody gets notices yet" in words(nurse, "workers")
    assert nurse.get(reverse("worker-register")).status_code == 200
    facts = {
        "role": "village_worker", "name": "Huỳnh Thị Thu", "phone": "0918206473", "unit": unit.pk, "language": "vi",
        "village": "Ấp Phước Lợi", "consent": "on",
    }  # fmt: skip
    assert nurse.post(reverse("worker-register"), facts).url == reverse("workers")
    worker = Worker.objects.get()
    assert (worker.unit, worker.village, worker.person.phone) == (unit, "Ấp Phước Lợi", "+84918206473")
    assert Consent.objects.get().state == Consent.State.GIVEN
    page = words(nurse, "workers")
    assert ("Huỳnh Thị Thu" in page, "Ấp Phước Lợi" in page, "given" in page) == (True, True, True)
    assert nurse.get(reverse("worker-end", args=[worker.pk])).status_code == 200
    assert nurse.post(reverse("worker-end", args=[worker.pk])).status_code == 302
    worker.refresh_from_db()
    assert worker.ended_on is not None
    assert "Huỳnh Thị Thu gets no more notices" in words(nurse, "workers")
    assert "Nobody gets notices yet" in words(nurse, "workers")


def test_a_woman_on_record_is_not_registered_again_as_a_worker(nurse: Client, unit: AdminUnit, now: datetime) -> None:
    trang = people.somebody(unit, now)
    facts = {"role": "station", "name": trang.name, "phone": "0963843025", "unit": unit.pk, "language": "vi"}
    assert nurse.post(reverse("worker-register"), facts).status_code == 302
    assert (Worker.objects.get().person, Person.objects.count()) == (trang, 1)


def test_a_mistake_about_a_worker_is_said_in_words(nurse: Client, unit: AdminUnit) -> None:
    facts = {"role": "station", "name": "Trạm", "phone": "0912", "unit": unit.pk, "language": "vi"}
    answer = nurse.post(reverse("worker-register"), facts)
    assert (answer.status_code, "too few digits" in answer.content.decode()) == (422, True)
    assert not Worker.objects.exists()


def test_workers_of_another_commune_are_out_of_reach(nurse: Client, elsewhere: Facility, now: datetime) -> None:
    thu = people.y_te_thon(elsewhere.unit, now)
    assert thu.person.name not in words(nurse, "workers")
    assert nurse.post(reverse("worker-end", args=[thu.pk])).status_code == 404
    thu.refresh_from_db()
    assert thu.ended_on is None


def test_tasks_stand_by_due_date_and_the_late_ones_are_marked(nurse: Client, unit: AdminUnit, now: datetime) -> None:
    assert "Nothing is open" in words(nurse, "tasks")
    lan, mai = people.lan(unit, now).mother, people.mai(unit, now).mother
    worklist.open_task(mai, Task.Kind.MISSED_VISIT, now=now)
    worklist.open_task(lan, Task.Kind.LOSS, now=now - timedelta(days=3))
    page = words(nurse, "tasks")
    assert page.index(lan.name) < page.index(mai.name)
    assert page.count("overdue since") == 1
    assert page.index("overdue since") < page.index(mai.name)
    only = words(nurse, "tasks", kind="missed_visit")
    assert (lan.name in only, mai.name in only) == (False, True)
    assert "No task of this kind is open" in words(nurse, "tasks", kind="tell")
    assert lan.name in words(nurse, "tasks", kind="nonsense")


def test_a_task_is_done_with_what_came_of_it(nurse: Client, unit: AdminUnit, now: datetime) -> None:
    task = worklist.open_task(people.lan(unit, now).mother, Task.Kind.LOSS, now=now)
    address = reverse("task-close", args=[task.pk])
    assert nurse.get(address).status_code == 200
    assert nurse.post(address, {"note": "x" * 301}).status_code == 422
    answer = nurse.post(address, {"note": "Đã thăm, khoẻ", "kind": "loss"})
    assert answer.url == reverse("tasks") + "?kind=loss"
    task.refresh_from_db()
    assert (task.done_at, task.done_by and task.done_by.username, task.note) == (now, "station", "Đã thăm, khoẻ")
    assert ChangeEvent.objects.filter(what="task", source="page").count() == 1


def test_what_is_to_be_told_is_done_where_the_texts_are(nurse: Client, unit: AdminUnit, now: datetime) -> None:
    lan = people.lan(unit, now).mother
    task = worklist.open_task(lan, Task.Kind.TELL, now=now)
    address = reverse("task-close", args=[task.pk])
    assert address not in words(nurse, "tasks")
    assert reverse("person", args=[lan.pk]) in words(nurse, "tasks")
    assert nurse.post(address).status_code == 404


def test_a_long_list_of_tasks_has_pages(nurse: Client, unit: AdminUnit, now: datetime, monkeypatch) -> None:
    monkeypatch.setattr("recipients.pages.worklist.PAGE", 1)
    for person in (people.lan(unit, now).mother, people.mai(unit, now).mother):
        worklist.open_task(person, Task.Kind.ASK_AGAIN, now=now)
    assert "kind=ask_again&amp;page=2" in words(nurse, "tasks", kind="ask_again")
    assert "Trần Thị Mai" in words(nurse, "tasks", page=2)


def test_tasks_of_another_commune_are_out_of_reach(nurse: Client, elsewhere: Facility, now: datetime) -> None:
    mai = people.mai(elsewhere.unit, now).mother
    task = worklist.open_task(mai, Task.Kind.LOSS, now=now)
    assert mai.name not in words(nurse, "tasks")
    assert nurse.post(reverse("task-close", args=[task.pk])).status_code == 404
    task.refresh_from_db()
    assert task.done_at is None


@pytest.mark.parametrize("role", [User.Role.CDC, User.Role.CLINICAL])
def test_reviewers_do_not_open_the_lists(signed_in, unit: AdminUnit, role: str) -> None:
    reviewer = signed_in(role, unit)
    home = reviewer.get(reverse("home")).content.decode()
    for name in ("tasks", "sessions", "workers"):
        assert reviewer.get(reverse(name)).status_code == 403
        assert reverse(name) not in home


def test_the_menu_of_a_station_leads_to_its_lists(nurse: Client) -> None:
    home = words(nurse, "home")
    for name in ("tasks", "sessions", "workers"):
        assert f'href="{reverse(name)}"' in home


def test_an_administrator_reads_them_and_changes_nothing(signed_in, unit: AdminUnit, now: datetime) -> None:
    administrator = signed_in(User.Role.ADMIN, None)
    worker = people.y_te_thon(unit, now)
    session = set_session(people.station(unit), service="growth", day=local_day(now))
    task = worklist.open_task(worker.person, Task.Kind.LOSS, now=now)
    for one in (worker, session, task):
        name = one._meta.model_name
        assert administrator.get(reverse(f"admin:recipients_{name}_changelist")).status_code == 200
        assert administrator.post(reverse(f"admin:recipients_{name}_delete", args=[one.pk])).status_code == 403
