"""The page, its files and the API show a reader's own area, and people's figures as her role may see them."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from recipients.models import User
from tests.campaigns.reach_rows import Ledger, unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger():
    made = Ledger(timezone.now())
    today = made.now.date()
    for _ in range(6):
        made.message(made.person(0), "delivered", today)
    made.message(made.person(1), "unknown", today)
    made.elsewhere = unit("24", "Tỉnh Bắc Ninh", None, today - timedelta(days=500))
    return made


@pytest.fixture
def days(ledger):
    today = timezone.localdate(ledger.now)
    return {"from": today - timedelta(days=9), "to": today + timedelta(days=1)}


def user(role, in_unit):
    return User.objects.create(username=role, role=role, unit=in_unit)


@pytest.fixture
def officer(client, ledger):
    client.force_login(user("officer", ledger.province))
    return client


def test_the_table_has_a_row_for_each_commune_and_a_total(officer, days):
    page = officer.get(reverse("reach"), days)
    assert page.status_code == 200
    table = page.context["table"]
    assert [row.unit.code for row in table.rows] == ["29551", "29557"]
    assert (table.total.due, table.total.reached_low, table.total.reached_high) == (7, 6, 7)
    assert "Phường Thanh Đức" in page.content.decode()


def test_a_station_worker_sees_her_commune_and_no_other(client, ledger, days):
    client.force_login(user("station", ledger.communes[1]))
    table = client.get(reverse("reach"), days).context["table"]
    assert (table.unit, table.total.due) == (ledger.communes[1], 1)
    for code in ("86", "29551", "24"):
        assert client.get(reverse("reach"), days | {"unit": code}).status_code == 403
        assert client.get("/api/v1/reach", days | {"unit": code}).status_code == 404


@pytest.mark.parametrize("preset", ["month", "last_month", "quarter", "last_quarter", "year"])
def test_every_preset_is_shown(officer, preset):
    page = officer.get(reverse("reach"), {"period": preset})
    assert page.context["preset"] == preset
    assert page.context["table"].start.day == 1


def test_a_wrong_period_is_said_in_words_and_shows_this_month(officer, days):
    page = officer.get(reverse("reach"), {"from": days["to"], "to": days["from"]})
    assert page.context["form"].errors["end"]
    assert page.context["table"].start.day == 1


def test_without_anything_the_page_says_what_to_do(client, ledger):
    client.force_login(user("officer", ledger.elsewhere))
    assert 'class="empty"' in client.get(reverse("reach")).content.decode()


def test_the_cdc_reviewer_gets_covered_figures_everywhere(client, ledger, days):
    client.force_login(user("cdc", ledger.province))
    page = client.get(reverse("reach"), days).content.decode()
    assert "&lt;5" in page
    csv = client.get(reverse("reach"), days | {"format": "csv"})
    assert csv["Content-Disposition"].startswith('attachment; filename="tiep-can-86-')
    assert b"<5" in csv.content
    units = client.get("/api/v1/reach", days).json()["units"]
    assert [row["registered"] for row in units] == ["…", "<5"]
    assert [row["delivered"] for row in units] == [6, 0]


def test_the_api_gives_the_figures_of_the_command(officer, ledger, days):
    answer = officer.get("/api/v1/reach", days).json()
    out = StringIO()
    call_command("reach", "--from", str(days["from"]), "--to", str(days["to"]), "--unit", "86", "--json", stdout=out)
    command = json.loads(out.getvalue())
    assert answer["total"] == command["total"]
    assert answer["units"] == command["units"]
    assert command["total"]["due"] == 7
    assert officer.get("/api/v1/reach", {"from": "x"}).status_code == 400


def test_the_command_names_a_unit_that_does_not_exist(ledger):
    with pytest.raises(CommandError, match="no unit with the code 99"):
        call_command("reach", "--from", "2026-01-01", "--to", "2026-01-31", "--unit", "99")


def test_the_messages_of_a_person_only_for_those_who_see_names(client, ledger):
    woman = ledger.communes[0].people.first()
    address = f"/api/v1/people/{woman.pk}/messages"
    client.force_login(user("officer", ledger.province))
    [message] = client.get(address).json()["results"]
    assert (message["campaign"], message["step_key"], message["status"]) == ("anc", "first", "delivered")
    assert message["subject"] == f"pregnancy:{woman.pregnancies.get().pk}"
    assert client.get(f"/api/v1/people/{woman.pk}/coming").status_code == 200
    client.force_login(user("cdc", ledger.province))
    assert client.get(address).status_code == 403
    client.force_login(user("station", ledger.communes[1]))
    assert client.get(address).status_code == 404
