"""The page of parameters: what counts and from where, set after a last look, by officers in their own area."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.local import setting
from campaigns.models import Parameter
from campaigns.reference import load_targets
from recipients import sessions
from recipients.models import AdminUnit, Facility, User
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

Role = User.Role
TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("frozen")


def at(name: str, unit: AdminUnit | None, *arguments: object) -> str:
    return reverse(name, args=arguments) + (f"?unit={unit.code}" if unit else "")


def read(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_value_says_where_it_comes_from(signed_in, unit: AdminUnit, now) -> None:
    Parameter.objects.create(name="hotline", value="1800 0000")
    setting.set_value("hotline_hours", unit.parent, "7h-17h", now=now)
    setting.set_value("closed", unit, "yes", now=now, valid_from=TODAY + DAY, valid_to=TODAY + 3 * DAY)
    page = read(signed_in(Role.OFFICER, unit), reverse("parameters"))
    assert "set for everybody, without a beginning or an end" in page
    assert "from Tỉnh Vĩnh Long, since 21/11/2026" in page
    assert "from 22/11/2026 until 24/11/2026" in page
    assert "The list of stations says 02703123456, and that goes first." in page
    assert "viên sắt hoặc đa vi chất" in page


def test_what_an_earlier_version_set_can_be_ended_and_not_set_anew(signed_in, unit: AdminUnit) -> None:
    row = Parameter.objects.create(name="tuong", unit=unit, value="x")
    client = signed_in(Role.OFFICER, unit)
    page = read(client, reverse("parameters"))
    assert "Not in the catalogue." in page
    assert reverse("parameter-set", args=["tuong"]) not in page
    assert reverse("parameter-end", args=[row.pk]) in page
    assert client.get(at("parameter-set", unit, "tuong")).status_code == 404


def test_a_value_is_said_in_words_before_it_is_set(signed_in, unit: AdminUnit, now) -> None:
    setting.set_value("hotline", unit, "1800 1111", now=now)
    client, address = signed_in(Role.OFFICER, unit), at("parameter-set", unit, "hotline")
    assert 'value="1800 1111"' in read(client, address)
    typed = {"value": "1800.2222", "valid_from": TODAY + DAY, "valid_to": TODAY + 3 * DAY}
    page = client.post(address, typed).content.decode()
    assert "1800.2222" in page
    assert "It counts again afterwards." in page
    assert Parameter.objects.count() == 1
    page = client.post(address, typed | {"confirmed": "1"}, follow=True).content.decode()
    assert "Saved. It counts from 22/11/2026 on." in page
    assert [row.value for row in Parameter.objects.order_by("valid_from")] == ["1800 1111", "1800.2222", "1800 1111"]
    assert Parameter.objects.order_by("valid_from")[1].set_by == User.objects.get(username=Role.OFFICER)


def test_a_wrong_value_is_said_beside_its_field(signed_in, unit: AdminUnit) -> None:
    client = signed_in(Role.OFFICER, unit)
    for name, value, said in (
        ("hotline", "gọi trạm", "This is no phone number"), ("hotline_hours", "sáng", "These hours cannot be read"),
        ("vitamin_a_age", "60-6", "This is no range of ages"), ("hotline", "", "This field is required"),
    ):  # fmt: skip
        answer = client.post(at("parameter-set", unit, name), {"value": value, "valid_from": TODAY})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert not Parameter.objects.exists()


def test_closing_a_station_counts_its_sessions(signed_in, unit: AdminUnit) -> None:
    for days in (2, 3, 9):
        sessions.set_session(Facility.objects.get(), service="growth", day=TODAY + days * DAY)
    typed = {"value": "yes", "valid_from": TODAY, "valid_to": TODAY + 5 * DAY}
    client = signed_in(Role.OFFICER, unit)
    page = client.post(at("parameter-set", unit, "closed"), typed).content.decode()
    assert "2 sessions on the list will not be reminded of." in page
    page = client.post(at("parameter-set", unit, "services"), {"value": ["immunisation"], "valid_from": TODAY})
    assert "3 sessions on the list" in page.content.decode()


def test_services_are_ticked_and_none_of_them_is_an_answer(signed_in, unit: AdminUnit) -> None:
    client, address = signed_in(Role.OFFICER, unit), at("parameter-set", unit, "services")
    client.post(address, {"value": ["growth", "vitamin_a"], "valid_from": TODAY, "confirmed": "1"})
    assert Parameter.objects.get().value == "vitamin_a, growth"
    assert read(client, address).count("checked") == 2
    client.post(address, {"valid_from": TODAY, "confirmed": "1"})
    assert Parameter.objects.get().value == "none"


def test_ended_and_taken_back_after_a_last_look(signed_in, unit: AdminUnit, now) -> None:
    client = signed_in(Role.OFFICER, unit)
    row = setting.set_value("hotline", unit, "1800 1111", now=now)
    later = setting.set_value("hotline", unit, "1800 2222", now=now, valid_from=TODAY + 5 * DAY)
    assert "1800 1111" in read(client, reverse("parameter-take-back", args=[later.pk]))
    client.post(reverse("parameter-take-back", args=[later.pk]))
    assert Parameter.objects.get().valid_to is None
    answer = client.post(reverse("parameter-end", args=[row.pk]), {"valid_to": TODAY - DAY})
    assert answer.status_code == 422
    client.post(reverse("parameter-end", args=[row.pk]), {"valid_to": TODAY + DAY})
    assert Parameter.objects.get().valid_to == TODAY + DAY


def test_others_read_and_find_no_way_to_set(signed_in, unit: AdminUnit, now) -> None:
    row = setting.set_value("hotline", unit, "1800 1111", now=now)
    ways = [("parameter-set", ["hotline"]), ("parameter-end", [row.pk]), ("parameter-take-back", [row.pk])]
    for role in (Role.STATION, Role.CDC, Role.CLINICAL):
        client = signed_in(role, unit)
        page = read(client, reverse("parameters"))
        assert "1800 1111" in page, role
        assert "/parameters/set/" not in page, role
        for name, arguments in ways:
            answer = client.post(reverse(name, args=arguments), {"value": "1", "valid_from": TODAY, "confirmed": "1"})
            assert answer.status_code == 403, (role, name)
            assert "Values are set by communication officers" in answer.content.decode()
    assert Parameter.objects.get().value == "1800 1111"


def test_no_unit_elsewhere_opens(signed_in, unit: AdminUnit, now) -> None:
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    row = setting.set_value("hotline", elsewhere, "1800 1111", now=now)
    client = signed_in(Role.OFFICER, unit)
    for address in (
        at("parameters", elsewhere),
        at("parameter-set", elsewhere, "hotline"),
        at("parameter-file", elsewhere),
    ):
        assert client.get(address).status_code == 403
    assert client.get(reverse("parameter-end", args=[row.pk])).status_code == 404
    assert "1800 1111" not in read(client, reverse("parameters"))


def test_home_leads_to_the_value_that_is_missing_and_setting_it_frees_the_text(signed_in, unit: AdminUnit, now) -> None:
    publish([Line("week-12", day=84, texts={"vi": "Gọi {hotline} nhé."})])
    people.lan(unit, now)
    later = now + timedelta(hours=3)
    schedule(later)
    client = signed_in(Role.OFFICER, unit.parent)
    assert f'href="{reverse("parameters")}#missing"' in read(client, reverse("home"))
    page = read(client, reverse("parameters"))
    assert "Texts wait for values that nobody has set" in page
    assert at("parameters", unit) in page
    assert at("parameter-set", unit, "hotline") in read(client, at("parameters", unit))
    typed = {"value": "1800 1234", "valid_from": TODAY, "confirmed": "1"}
    client.post(at("parameter-set", unit, "hotline"), typed)
    assert "Texts wait for values" not in read(client, reverse("parameters"))
    assert schedule(later + timedelta(minutes=1))["released"] == 1


def test_a_file_is_fetched_tried_out_and_loaded(signed_in, unit: AdminUnit, now) -> None:
    setting.set_value("hotline", unit, "1800 1111", now=now)
    client, address = signed_in(Role.OFFICER, unit), reverse("parameter-file")
    content = client.get(address, {"format": "csv"}).content.decode("utf-8-sig")
    assert "1800 1111" in content
    assert client.get(address, {"format": "xlsx"}).content.startswith(b"PK")
    changed = content.replace("1800 1111", "1800 2222") + f"{unit.code},,sdt,,không có,,\n"

    def send(**more: str) -> str:
        file = SimpleUploadedFile("values.csv", changed.encode())
        return client.post(address, {"file": file, **more}).content.decode()

    page = send(trial="1")
    assert "Nothing was written." in page
    assert Parameter.objects.get().value == "1800 1111"
    page = send()
    assert "Line 3" in page
    assert "This is no phone number" in page
    assert Parameter.objects.get().value == "1800 2222"
    assert client.post(address, {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}).status_code == 422


def test_targets_are_shown_as_the_plans_have_them(signed_in, unit: AdminUnit) -> None:
    client = signed_in(Role.CDC, unit)
    assert "manage.py load_reference" in read(client, reverse("targets"))
    load_targets()
    page = read(client, reverse("targets"))
    assert "≤ 42 per 100,000 live births" in page
    assert "Bắc Giang, plan of 2024" in page
    assert reverse("targets") in read(client, reverse("reach"))
