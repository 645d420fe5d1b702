"""The administrator's pages of routes: how each is doing, by hand stopped and let go, and its registered texts."""

import io
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from messaging.models import OutboundMessage, Route, RouteHealth, RouteTemplate
from messaging.outgoing import dispatch, gateway
from recipients.models import AdminUnit, User
from tests import people

Role = User.Role
pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def admin(signed_in: Any, unit: AdminUnit) -> Client:
    return signed_in(Role.ADMIN, None)


def page(client: Client, name: str = "routes", *arguments: object, **more: Any) -> str:
    return client.get(reverse(name, args=arguments), more).content.decode()


def send(now: datetime, key: str, to: str = "+84912345678") -> OutboundMessage:
    return gateway.send(gateway.Text(to, "Chào chị.", key), now)


def only() -> Route:
    return Route.objects.get()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CLINICAL, Role.STATION, Role.CDC])
def test_the_pages_are_the_administrators(signed_in, unit: AdminUnit, role: str) -> None:
    client = signed_in(role, unit)
    assert reverse("routes") not in client.get(reverse("home")).content.decode()
    for name, arguments in (
        ("routes", []), ("route", [only().pk]), ("route-pause", [only().pk]), ("route-texts", [only().pk, "csv"]),
    ):  # fmt: skip
        assert client.get(reverse(name, args=arguments)).status_code == 403, name
    for name in ("route-pause", "route-drain", "route-resume", "route-answer", "route-submit-words"):
        assert client.post(reverse(name, args=[only().pk])).status_code == 403, name
    assert not RouteHealth.objects.filter(paused=True).exists()


def test_the_list_says_how_a_route_is(admin: Client, now: datetime) -> None:
    assert "nothing yet" in page(admin)
    assert reverse("routes") in page(admin, "home")
    send(now - timedelta(minutes=2), "a")
    dispatch.dispatch_all(now, lambda: now)
    send(now, "b")
    shown = page(admin)
    assert "1 sent, 0 delivered" in shown
    assert "the first since 10:00 21/11" in shown
    assert f"{only().price:.0f} VND" in shown
    gone = OutboundMessage.objects.filter(sent_at__isnull=False)
    gone.update(status="delivered", final_at=now)
    assert "1 sent, 1 delivered" in page(admin)
    gone.update(sending_at=now - timedelta(days=1), sent_at=now - timedelta(days=1))
    assert "nothing yet" in page(admin), "it left yesterday"
    RouteHealth.objects.update(failures=6, resting_until=now + timedelta(minutes=5), last_error="timeout: No answer.")
    shown = page(admin)
    assert "rests after failures" in shown
    assert "until 10:05:00" in shown
    assert "No answer." in shown
    Route.objects.update(enabled=False)
    assert "switched off" in page(admin)
    assert "No route sends now" in page(admin)


def test_a_pause_says_what_it_means_and_holds(admin: Client, now: datetime) -> None:
    send(now, "a")
    asked = page(admin, "route-pause", only().pk)
    assert "not even emergencies" in asked
    assert "1 text waits for it" in asked
    assert not RouteHealth.objects.filter(paused=True).exists(), "looking changes nothing"
    answer = admin.post(reverse("route-pause", args=[only().pk]), follow=True).content.decode()
    assert "Nothing leaves by this route" in answer
    assert dispatch.dispatch_all(now, lambda: now).total() == 0
    admin.post(reverse("route-resume", args=[only().pk]))
    assert dispatch.dispatch_all(now, lambda: now)["sent"] == 1
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True)) == [
        "paused by hand", "resumed by hand",
    ]  # fmt: skip


def test_a_drained_route_sends_what_it_has_and_takes_nothing_new(admin: Client, now: datetime) -> None:
    send(now, "a")
    assert "takes no new text" in admin.post(reverse("route-drain", args=[only().pk]), follow=True).content.decode()
    with pytest.raises(gateway.Refused) as refusal:
        send(now, "b")
    assert refusal.value.code == "no_route"
    assert dispatch.dispatch_all(now, lambda: now)["sent"] == 1
    assert admin.get(reverse("route-drain", args=[only().pk])).status_code == 405
    admin.post(reverse("route-resume", args=[only().pk]))
    assert send(now, "b").route == only()


def test_resuming_ends_a_rest(admin: Client, now: datetime) -> None:
    RouteHealth.objects.update_or_create(
        route=only(), defaults={"failures": 6, "resting_until": now + timedelta(hours=1)}
    )
    send(now, "a")
    assert dispatch.dispatch_all(now, lambda: now).total() == 0
    admin.post(reverse("route-resume", args=[only().pk]))
    assert dispatch.dispatch_all(now, lambda: now)["sent"] == 1


def test_without_routes_the_page_says_what_to_do(admin: Client) -> None:
    Route.objects.all().delete()
    assert "manage.py load_reference" in page(admin)


def test_the_live_words_are_submitted_answered_and_leave(signed_in, live: AdminUnit, now: datetime) -> None:
    admin = signed_in(Role.ADMIN, None)
    Route.objects.update(registered_only=True, tail="Dừng tin: gọi 02703800200", sender="MAM")
    assert "No text is registered here yet." in page(admin, "route", only().pk)
    answer = admin.post(reverse("route-submit-words", args=[only().pk]), follow=True).content.decode()
    count = RouteTemplate.objects.count()
    assert count > 300
    assert f"{count} texts wait for the operator now." in answer
    again = admin.post(reverse("route-submit-words", args=[only().pk]), follow=True).content.decode()
    assert "Every live text was submitted before." in again
    file = admin.get(reverse("route-texts", args=[only().pk, "xlsx"]))
    assert "attachment" in file["Content-Disposition"]
    sheet = (book := openpyxl.load_workbook(io.BytesIO(file.content))).active
    assert sheet.max_row == count + 1
    for line in range(2, sheet.max_row + 1):
        sheet.cell(line, 9).value = "Đã duyệt" if line % 2 else "Từ chối"
    sheet.cell(2, 9).value = "hmm"
    book.save(back := io.BytesIO())
    given = {"file": SimpleUploadedFile("tra-loi.xlsx", back.getvalue())}
    answer = admin.post(reverse("route-answer", args=[only().pk]), given).content.decode()
    assert "Line 2: the result “hmm” is not known." in answer
    assert f"{count - 1} texts have a new state." in answer
    assert "registered (" in page(admin, "route", only().pk, state="rejected")
    assert admin.get(reverse("route-texts", args=[only().pk, "csv"])).content.count(b"\r\n") == 2


def test_a_file_that_is_no_answer_is_said_beside_the_field(admin: Client, now: datetime) -> None:
    RouteTemplate.objects.create(route=only(), name="a", body="Chào.", submitted_at=now)
    for given, said in (
        ({}, "Choose the operator"), ({"file": SimpleUploadedFile("a.xlsx", b"PK nothing")}, "Save it as XLSX or CSV."),
    ):  # fmt: skip
        answer = admin.post(reverse("route-answer", args=[only().pk]), given)
        assert (answer.status_code, said in answer.content.decode()) == (422, True)


def test_what_is_not_registered_waits_and_says_so(signed_in, live: AdminUnit, now: datetime) -> None:
    from campaigns.models import ScheduledMessage
    from tests.schedule.conftest import schedule

    people.lan(live, now - timedelta(days=3))
    Route.objects.update(registered_only=True)
    schedule(now)
    waiting = ScheduledMessage.objects.filter(reason="not_registered")
    assert waiting.exists()
    assert "Words that are not registered" in page(signed_in(Role.ADMIN, None), "home")
    admin = signed_in(Role.ADMIN, None)
    admin.post(reverse("route-submit-words", args=[only().pk]))
    RouteTemplate.objects.update(state="registered")
    schedule(now + timedelta(hours=2))
    assert not waiting.exists()
    assert OutboundMessage.objects.exclude(template=None).exists()
