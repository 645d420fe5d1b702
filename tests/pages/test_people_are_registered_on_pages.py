"""The pages of recipients: list and search, register, change, record, load a register."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from recipients.forms.people import TOPICS
from recipients.models import Caregiver, ChangeEvent, Child, Person, Pregnancy
from recipients.register_import.reader import read_register
from tests import people

SAMPLES = Path(__file__).parents[1] / "samples"
LIBRARY = Path(__file__).parents[2] / "campaigns" / "library"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def unit():
    people.commune(people.LONG_CHAU, "Phường Long Châu")
    return people.commune()


@pytest.fixture
def nurse(client, unit):
    account = people.user("station", unit)
    client.force_login(account)
    client.cookies["django_language"] = "en"
    return account


def send(client, where, *args, query="", **fields):
    return client.post(reverse(where, args=args) + query, fields)


def her(unit, **changes):
    return {
        "name": "Nguyễn Thị Lan", "phone": "0912 345 678", "phone_holder": "own", "unit": unit.pk, "language": "vi",
        "consent": "on", "lmp": "2026-09-01",
    } | changes  # fmt: skip


@pytest.mark.usefixtures("nurse")
def test_the_list_finds_people_and_says_what_to_do_when_it_is_empty(client, unit, now):
    page = client.get(reverse("people")).content.decode()
    assert "Load the register" in page
    people.lan(unit, now)
    people.be_an(unit, now)
    people.mai(people.commune(people.LONG_CHAU), now)
    page = client.get(reverse("people")).content.decode()
    assert "Nguyễn Thị Lan" in page
    assert "12 weeks 0 days" in page
    assert "child of 1 month" in page
    assert "Trần Thị Mai" not in page
    found = client.get(reverse("people"), {"q": "thi LAN"}, headers={"HX-Request": "true"}).content.decode()
    assert "Nguyễn Thị Lan" in found
    assert "Phạm Thị Yến" not in found
    assert "<html" not in found
    assert "Nobody in your area fits" in client.get(reverse("people"), {"q": "xyz"}).content.decode()


def test_a_pregnancy_is_registered(client, unit, nurse):
    assert client.get(reverse("person-register")).status_code == 200
    answer = send(client, "person-register", **her(unit))
    lan = Person.objects.get()
    assert answer.status_code == 302
    assert answer.url == reverse("person", args=[lan.pk])
    assert (ChangeEvent.objects.get().source, ChangeEvent.objects.get().by) == ("page", nurse)
    again = send(client, "person-register", **her(unit))
    assert again.status_code == 422
    assert reverse("person", args=[lan.pk]) in again.content.decode()


@pytest.mark.usefixtures("nurse")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phone": "0912"}, "too few digits"),
        ({"lmp": ""}, "how far the pregnancy is"),
        ({"lmp": "", "weeks": "12"}, "Give the weeks and the date together"),
        ({"lmp": "2026-11-22"}, "future"),
        ({"name": ""}, "required"),
    ],
)
def test_a_mistake_is_said_beside_its_field(client, unit, changes, words):
    answer = send(client, "person-register", **her(unit, **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Person.objects.exists()


@pytest.mark.usefixtures("nurse")
def test_a_commune_outside_the_area_cannot_be_chosen(client, unit):
    other = people.commune(people.LONG_CHAU)
    assert send(client, "person-register", **her(other)).status_code == 422


@pytest.mark.usefixtures("nurse")
def test_weeks_at_a_visit_are_enough(client, unit):
    send(client, "person-register", **her(unit, lmp="", weeks="10", days="2", visit_date="20/11/2026"))
    assert Pregnancy.objects.get().anchor_date.isoformat() == "2026-09-09"


@pytest.mark.usefixtures("nurse")
def test_children_and_caregivers_are_registered(client, unit, now):
    lan = people.lan(unit, now, weeks=20).mother
    query = f"?person={lan.pk}"
    for name in ("person-register", "child-register", "caregiver-register"):
        assert client.get(reverse(name) + query).status_code == 200
    send(client, "child-register", query=query, date_of_birth="2024-05-05", child_name="An", gestation_weeks="39")
    assert Child.objects.get().gestation_at_birth == 273
    send(client, "child-register", **her(unit, name="Phạm Thị Yến", phone="", date_of_birth="2026-06-01", lmp=""))
    assert Child.objects.count() == 2
    subject = f"child-{Child.objects.get(name='An').pk}"
    nam = her(unit, name="Lý Văn Nam", phone="0333993158", subject=subject, role="husband", lmp="")
    assert send(client, "caregiver-register", query=query, **nam).status_code == 302
    assert (Caregiver.objects.get().child.name, Caregiver.objects.get().agreed_by_mother) == ("An", False)
    assert send(client, "caregiver-register", query=query, **nam, agreed_by_mother="on").status_code == 302
    assert Caregiver.objects.get().agreed_by_mother


@pytest.mark.usefixtures("nurse")
def test_changes_are_recorded(client, unit, now):
    lan = people.lan(unit, now)
    for name, key in (("person-edit", lan.mother.pk), ("person-number", lan.mother.pk), ("person-redate", lan.pk)):
        assert client.get(reverse(name, args=[key])).status_code == 200
    edit = {
        "name": "Lan Anh", "phone_holder": "shared", "unit": unit.pk, "language": "km", "script": "plain",
        "excluded_topics": ["iron"],
    }  # fmt: skip
    assert send(client, "person-edit", lan.mother.pk, **edit).status_code == 302
    send(client, "person-number", lan.mother.pk, phone="0987654321", phone_holder="own", confirmed="on")
    send(client, "person-redate", lan.pk, edd="2027-06-01")
    lan.refresh_from_db()
    mother = Person.objects.get()
    assert (mother.name, mother.language, mother.excluded_topics) == ("Lan Anh", "km", ["iron"])
    assert (mother.phone, lan.edd.isoformat()) == ("+84987654321", "2027-06-01")
    whats = ChangeEvent.objects.order_by("id").values_list("what", flat=True)
    assert list(whats) == ["registered", "language", "details", "number", "redated"]


@pytest.fixture
def details(unit):
    """What the form of details holds at least."""
    return {"name": "Lan", "phone_holder": "own", "unit": unit.pk, "language": "vi", "script": "plain"}


@pytest.mark.usefixtures("nurse")
def test_when_and_how_texts_reach_her_is_written_down(client, unit, now, details):
    lan = people.lan(unit, now).mother
    shifts = {"shift_times_0": "06:00", "shift_times_1": "14:00", "shift_times_2": "20:00", "shift_from": "2026-11-16"}
    reading = {
        "preferred_time": "19:30",
        "cannot_read": "on",
        "discreet": "on",
        "excluded_topics": ["growth", "nutrition"],
    }
    assert send(client, "person-edit", lan.pk, **details | shifts | reading).status_code == 302
    lan.refresh_from_db()
    assert (lan.shift_times, f"{lan.shift_from}") == (["06:00", "14:00", "20:00"], "2026-11-16")
    assert (f"{lan.preferred_time:%H:%M}", lan.can_read, lan.discreet) == ("19:30", False, True)
    assert lan.excluded_topics == ["growth", "nutrition"]
    page = client.get(reverse("person-edit", args=[lan.pk])).content.decode()
    assert 'value="20:00"' in page
    assert send(client, "person-edit", lan.pk, **details).status_code == 302
    lan.refresh_from_db()
    assert (lan.shift_times, lan.shift_from, lan.preferred_time, lan.can_read) == ([], None, None, True)


@pytest.mark.usefixtures("nurse")
@pytest.mark.parametrize(
    ("shifts", "words"),
    [
        ({"shift_times_0": "06:00", "shift_times_2": "20:00", "shift_from": "2026-11-16"}, "Leave no gap"),
        ({"shift_times_0": "06:00"}, "The first week of the shifts is missing"),
    ],
)
def test_shifts_without_a_gap_and_with_their_first_week(client, unit, now, details, shifts, words):
    lan = people.lan(unit, now).mother
    answer = send(client, "person-edit", lan.pk, **details | shifts)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)


@pytest.mark.usefixtures("nurse")
def test_topics_that_can_be_left_out_are_those_of_the_message_files():
    files = "".join(path.read_text() for path in LIBRARY.glob("*.toml"))
    assert [key for key, _words in TOPICS if f'topic = "{key}"' not in files] == []


@pytest.mark.usefixtures("nurse")
def test_a_number_is_written_down_only_with_the_word_that_it_is_hers(client, unit, now):
    lan = people.lan(unit, now).mother
    refused = send(client, "person-number", lan.pk, phone="0987654321", phone_holder="own")
    assert (refused.status_code, "Call the number or ask the person" in refused.content.decode()) == (422, True)
    assert send(client, "person-number", lan.pk, phone="", phone_holder="own").status_code == 302
    lan.refresh_from_db()
    assert (lan.phone, lan.phone_confirmed_at) == (None, None)


@pytest.mark.usefixtures("nurse")
def test_a_number_of_a_register_is_confirmed_later(client, unit, now):
    lan = people.lan(unit, now, source="import").mother
    assert lan.phone_confirmed_at is None
    confirm = reverse("person-number-confirm", args=[lan.pk])
    assert confirm in client.get(reverse("person-number", args=[lan.pk])).content.decode()
    assert "0912 345 678" in client.get(confirm).content.decode()
    assert client.post(confirm).status_code == 302
    lan.refresh_from_db()
    assert lan.phone_confirmed_at == now
    assert confirm not in client.get(reverse("person-number", args=[lan.pk])).content.decode()


@pytest.mark.usefixtures("nurse")
def test_the_same_number_told_again_is_confirmed(client, unit, now):
    lan = people.lan(unit, now, source="import").mother
    send(client, "person-number", lan.pk, phone="0912345678", phone_holder="own", confirmed="on")
    lan.refresh_from_db()
    assert lan.phone_confirmed_at == now


@pytest.mark.usefixtures("nurse")
def test_there_is_nothing_to_confirm_without_a_number(client, unit, now):
    sokha = people.sokha(unit, now).mother
    answer = send(client, "person-number-confirm", sokha.pk)
    assert (answer.status_code, "no mobile number to confirm" in answer.content.decode()) == (422, True)


@pytest.mark.usefixtures("nurse")
def test_a_loss_recorded_by_mistake_is_undone(client, unit, now):
    lan = people.lan(unit, now)
    saved = client.post(reverse("person-loss", args=[lan.pk]), {"kind": "miscarriage", "on": "2026-11-21"}, follow=True)
    undo = reverse("person-loss-undo", args=[lan.pk])
    assert f'<a href="{undo}">' in saved.content.decode()
    assert client.get(undo).status_code == 200
    assert send(client, "person-loss-undo", lan.pk).status_code == 422
    assert send(client, "person-loss-undo", lan.pk, sure="on").status_code == 302
    lan.refresh_from_db()
    assert lan.outcome == ""
    again = send(client, "person-loss-undo", lan.pk, sure="on")
    assert (again.status_code, "No loss is recorded" in again.content.decode()) == (422, True)


@pytest.mark.usefixtures("nurse")
def test_a_living_twin_is_asked_for_only_beside_a_loss(client, unit, now):
    lan = people.lan(unit, now, weeks=36)
    send(client, "person-loss", lan.pk, kind="stillbirth", on="2026-11-20")
    query, facts = f"?person={lan.mother.pk}", {"date_of_birth": "2026-11-20", "child_name": "An"}
    tick = 'type="checkbox" name="beside_loss"'
    assert tick not in client.get(reverse("child-register") + query).content.decode()
    refused = send(client, "child-register", query=query, **facts)
    assert (refused.status_code, tick in refused.content.decode()) == (422, True)
    facts |= {"beside_loss": "on"}
    assert tick in send(client, "child-register", query=query, **facts | {"birth_weight": "1"}).content.decode()
    assert not Child.objects.exists()
    assert send(client, "child-register", query=query, **facts).status_code == 302
    assert Child.objects.get().pregnancy == lan


@pytest.mark.usefixtures("nurse")
def test_a_woman_of_another_place_is_not_shown(client, unit, now):
    lan = people.lan(people.commune(people.LONG_CHAU), now)
    answer = send(client, "person-register", **her(unit))
    page = answer.content.decode()
    assert (answer.status_code, "registered at another place" in page) == (422, True)
    assert reverse("person", args=[lan.mother.pk]) not in page


@pytest.mark.usefixtures("nurse")
@pytest.mark.parametrize("person", ["²", "٣", "", "-1", "9" * 19, "9" * 5000, "x", "\0"])
def test_an_odd_id_is_nobody(client, person):
    for name in ("person-register", "child-register", "caregiver-register"):
        assert client.get(reverse(name), {"person": person}).status_code == 404


@pytest.mark.usefixtures("nurse")
def test_invisible_characters_in_a_search_break_nothing(client, unit, now):
    people.lan(unit, now)
    found = client.get(reverse("people"), {"q": "l\0an", "unit": f"{unit.code}\0"})
    assert (found.status_code, "Nguyễn Thị Lan" in found.content.decode()) == (200, True)


@pytest.mark.usefixtures("nurse")
def test_births_losses_and_deaths_are_recorded(client, unit, now):
    lan, mai, hoa = people.lan(unit, now), people.mai(unit, now, weeks=39), people.hoa(unit, now)
    for name, key in (("person-birth", mai.pk), ("person-loss", lan.pk), ("person-death", hoa.mother.pk)):
        page = client.get(reverse(name, args=[key]))
        assert page.status_code == 200
        assert "Chúc mừng" not in page.content.decode()
    assert send(client, "person-birth", mai.pk, born_on="2026-11-20", number="2").status_code == 302
    assert Child.objects.count() == 2
    child = Child.objects.first()
    assert client.get(reverse("child-death", args=[child.pk])).status_code == 200
    assert send(client, "child-death", child.pk, on="2026-11-21").status_code == 422
    assert send(client, "child-death", child.pk, on="2026-11-21", sure="on").status_code == 302
    assert send(client, "person-loss", lan.pk, kind="miscarriage", on="2026-11-21").status_code == 302
    assert send(client, "person-loss", mai.pk, kind="miscarriage", on="2026-11-21").status_code == 422
    assert send(client, "person-death", hoa.mother.pk, on="2026-11-21", sure="on").status_code == 302
    outcomes = Pregnancy.objects.order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == ["miscarriage", "live_birth", "maternal_death"]


@pytest.mark.usefixtures("nurse")
def test_a_register_is_tried_out_loaded_and_its_refused_rows_fetched(client, unit, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert client.get(reverse("register-import")).status_code == 200
    with (SAMPLES / "so-kham-thai.xlsx").open("rb") as file:
        trial = send(client, "register-import", file=file, trial="1").content.decode()
    assert "Nothing was written" in trial
    assert not Person.objects.exists()
    with (SAMPLES / "so-kham-thai.xlsx").open("rb") as file:
        page = send(client, "register-import", file=file).content.decode()
    assert Person.objects.filter(unit=unit).count() == Person.objects.count() > 0
    address = re.search(r"/registers/refused/[^\"]+", page)
    rows = read_register(b"".join(client.get(address[0]).streaming_content)).rows
    assert len(rows) == _stat(page, "refused") == 124 - Person.objects.count() - _stat(page, "known already")
    client.force_login(people.user("officer", unit))
    assert client.get(address[0]).status_code == 404


def _stat(page: str, label: str) -> int:
    return int(re.search(rf"<b>(\d+)</b><span>{label}<", page)[1])


@pytest.mark.usefixtures("nurse")
def test_a_file_that_is_no_register_is_answered_in_words(client):
    with (SAMPLES / "expected.json").open("rb") as file:
        answer = send(client, "register-import", file=file)
    assert answer.status_code == 422
    assert "No heading was found" in answer.content.decode()


@pytest.mark.parametrize("role", ["cdc", "clinical"])
def test_reviewers_are_told_in_words_that_names_are_closed(client, unit, now, role):
    lan = people.lan(unit, now)
    client.force_login(people.user(role, unit))
    for name, args in (("people", []), ("person-register", []), ("person-loss", [lan.pk]), ("register-import", [])):
        assert client.get(reverse(name, args=args)).status_code == 403


def test_nobody_outside_the_area_opens_a_page(client, unit, now):
    mai = people.mai(people.commune(people.LONG_CHAU), now)
    client.force_login(people.user("station", unit))
    for name, key in (("person-edit", mai.mother.pk), ("person-loss", mai.pk), ("person-number", mai.mother.pk)):
        assert client.get(reverse(name, args=[key])).status_code == 404
    assert client.get(reverse("child-register") + f"?person={mai.mother.pk}").status_code == 404
    client.logout()
    assert client.get(reverse("people")).status_code == 302


def test_a_register_that_tells_births_says_what_was_recorded_and_what_to_check(client, nurse, unit, now, tmp_path):
    lan, mai = people.lan(unit, now, weeks=39), people.mai(unit, now, weeks=39)
    register = tmp_path / "so.csv"
    titles = "Họ và tên;SĐT;KCC;Mã xã;Ngày đẻ;Kết quả thai kỳ"
    rows = [
        f"{one.mother.name};{one.mother.phone};{one.anchor_date:%d/%m/%Y};29584;20/11/2026;{outcome}"
        for one, outcome in ((lan, "đẻ thường"), (mai, "dọa đẻ non"))
    ]
    register.write_text("\n".join([titles, *rows]))
    with register.open("rb") as file:
        page = send(client, "register-import", file=file).content.decode()
    assert "births recorded" in page
    assert "losses recorded" not in page
    assert "How the pregnancy ended cannot be read" in page
    assert Child.objects.get().mother == lan.mother
