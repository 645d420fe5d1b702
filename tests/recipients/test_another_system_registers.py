"""The REST API of recipients: registers, records, refuses in one shape, and keeps to the account's area."""

from datetime import timedelta
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.validation import validate_schema
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from campaigns.content.fields import LANGUAGES as TEXT_LANGUAGES
from recipients.days import local_day
from recipients.models import ChangeEvent, Person, Pregnancy
from recipients.register_import import cells
from tests import people

SAMPLES = Path(__file__).parents[1] / "samples"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def today(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def unit():
    return people.commune()


@pytest.fixture
def nurse(unit):
    return people.user("station", unit)


def client(user) -> APIClient:
    api = APIClient(headers={"Accept-Language": "en"})
    token, _made = Token.objects.get_or_create(user=user)
    api.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
    return api


@pytest.fixture
def api(nurse):
    return client(nurse)


def post(api, path, **body):
    return api.post(f"/api/v1/{path}", body, format="json")


LAN = {"name": "Nguyễn Thị Lan", "unit": people.AN_BINH, "phone": "0912 345 678", "lmp": "2026-09-01", "consent": True}


def test_a_pregnancy_is_registered_and_found(api, nurse):
    made = post(api, "pregnancies", **LAN)
    assert made.status_code == 201, made.json()
    assert made.json()["anchor_date"] == "2026-09-01"
    event = ChangeEvent.objects.get()
    assert (event.source, event.by) == ("api", nurse)
    for query in ("q=lan nguyen", "q=0912345678", "q=345678", f"unit={people.AN_BINH}", "phone=%2B84912345678"):
        found = api.get(f"/api/v1/people?{query}").json()
        assert found["count"] == 1, query
    woman = found["results"][0]
    assert (woman["consent"], woman["unit"], woman["pregnancies"][0]["id"]) == (
        "given", people.AN_BINH, made.json()["id"],
    )  # fmt: skip
    assert api.get("/api/v1/people?q=hoa").json()["count"] == 0


def test_registering_her_again_is_a_conflict(api):
    post(api, "pregnancies", **LAN)
    again = post(api, "pregnancies", **LAN)
    assert again.status_code == 409
    assert again.json()["code"] == "known"
    assert set(again.json()) == {"code", "sentence", "field"}
    assert Pregnancy.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"lmp": "2026-11-22"}, "date_out_of_range", "lmp"),
        ({"lmp": "yesterday"}, "invalid", "lmp"),
        ({"lmp": None}, "no_anchor_date", "lmp"),
        ({"phone": "12"}, "phone_too_short", "phone"),
        ({"unit": "29638"}, "invalid", "unit"),
        ({"visit": {"weeks": 50, "date": "2026-11-01"}}, "invalid", "weeks"),
        ({"language": "zzzzz"}, "invalid", "language"),
        ({"language": "zh"}, "invalid", "language"),
        ({"lmp": None, "edd": "0001-01-01"}, "date_out_of_range", "edd"),
        ({"lmp": None, "visit": {"weeks": 9, "date": "0001-01-01"}}, "date_out_of_range", "visit_date"),
    ],
)
def test_a_refusal_has_code_sentence_and_field(api, changes, code, field):
    answer = post(api, "pregnancies", **LAN | changes)
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)
    assert answer.json()["sentence"].endswith(".")


def test_texts_have_one_list_of_languages():
    assert list(Person.Language.values) == ["vi", "km", "en"]
    assert set(cells._LANGUAGES) == set(Person.Language.values) == set(TEXT_LANGUAGES)


def test_how_she_wants_to_be_reached_is_told_and_asked(api, unit, now):
    lan = people.lan(unit, now).mother
    wishes = {"can_read": False, "preferred_time": "12:00:00", "shift_times": ["06:30", "18:30"]}
    alone = api.patch(f"/api/v1/people/{lan.pk}", wishes, format="json")
    assert (alone.status_code, alone.json()["field"]) == (400, "shift_from")
    wishes |= {"shift_from": "2026-11-18", "language": "km", "programme_tags": ["tb"]}
    answer = api.patch(f"/api/v1/people/{lan.pk}", wishes, format="json").json()
    assert {name: answer[name] for name in wishes} == wishes
    assert post(api, f"people/{lan.pk}/language", language="vi").json()["language"] == "vi"


def test_what_is_missing_is_named(api):
    body = {"lmp": "2026-09-01"}
    assert post(api, "pregnancies", **body).json()["field"] == "name"
    assert post(api, "pregnancies", **body, name="Lan").json()["field"] == "unit"
    assert post(api, "children", date_of_birth="2026-09-01", name="Lan").json()["field"] == "unit"


def test_what_happens_is_recorded(api, unit, now):
    lan, mai, hoa = people.lan(unit, now), people.mai(unit, now, weeks=39), people.hoa(unit, now)
    assert post(api, f"pregnancies/{lan.pk}/redate", edd="2027-06-01").json()["dating"] == "ultrasound"
    born = post(api, f"pregnancies/{mai.pk}/birth", born_on="2026-11-21", children=[{"weight": 3000}, {}])
    assert [child["birth_weight"] for child in born.json()] == [3000, None]
    lost = post(api, f"pregnancies/{hoa.pk}/loss", kind="miscarriage", on="2026-11-20")
    assert lost.json()["outcome"] == "miscarriage"
    again = post(api, f"pregnancies/{hoa.pk}/birth", born_on="2026-11-20")
    assert (again.status_code, again.json()["code"]) == (409, "outcome_recorded")
    died = post(api, f"children/{born.json()[0]['id']}/death", on="2026-11-21")
    assert died.json()["died_on"] == "2026-11-21"
    assert post(api, f"pregnancies/{lan.pk}/visit", type="anc1", on="2026-11-20").json()["type"] == "anc1"
    assert post(api, f"people/{lan.mother.pk}/number", phone="0987654321").json()["phone"] == "+84987654321"
    assert post(api, f"people/{lan.mother.pk}/death", on="2026-11-21").json()["died_on"] == "2026-11-21"
    changed = api.patch(f"/api/v1/people/{hoa.mother.pk}", {"village": "Ấp 9"}, format="json")
    assert changed.json()["village"] == "Ấp 9"


def test_children_and_caregivers(api, unit, now):
    lan = people.lan(unit, now, weeks=20)
    child = post(api, "children", mother=lan.mother.pk, date_of_birth="2024-05-05", child_name="An")
    assert child.status_code == 201, child.json()
    new = post(api, "children", name="Phạm Thị Yến", unit=people.AN_BINH, date_of_birth="2026-05-05")
    assert new.json()["mother"] != lan.mother.pk
    nam = post(api, "caregivers", pregnancy=lan.pk, name="Lý Văn Nam", phone="0333993158", role="husband")
    assert nam.status_code == 201, nam.json()
    assert post(api, "caregivers", child=child.json()["id"], person=nam.json()["person"], role="husband").json()["id"]
    both = post(api, "caregivers", pregnancy=lan.pk, child=child.json()["id"], name="Nam", role="husband")
    assert (both.status_code, both.json()["code"]) == (400, "invalid")
    assert api.get(f"/api/v1/caregivers/{nam.json()['id']}").json()["role"] == "husband"


def test_nobody_outside_the_area_is_seen_or_changed(api, now):
    mai = people.mai(people.commune(people.LONG_CHAU, "Phường Long Châu"), now)
    assert api.get("/api/v1/people").json()["count"] == 0
    for path, body in [
        (f"people/{mai.mother.pk}/number", {"phone": "0987654321"}),
        (f"pregnancies/{mai.pk}/loss", {"kind": "miscarriage", "on": "2026-11-20"}),
        ("pregnancies", {"person": mai.mother.pk, "lmp": "2026-11-01"}),
        ("children", {"mother": mai.mother.pk, "date_of_birth": "2026-11-01"}),
        ("caregivers", {"pregnancy": mai.pk, "name": "Nam", "role": "husband"}),
    ]:
        answer = post(api, path, **body)
        assert answer.status_code == 404, path
        assert answer.json()["code"] == "not_found"
    assert not ChangeEvent.objects.exclude(what="registered").exists()


@pytest.mark.parametrize("role", ["cdc", "clinical"])
def test_reviewers_get_no_names(unit, now, role):
    people.lan(unit, now)
    answer = client(people.user(role, unit)).get("/api/v1/people")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_nobody_comes_in_without_a_token(unit):
    answer = APIClient().get("/api/v1/people")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_register_is_sent(api, unit):
    with (SAMPLES / "so-kham-thai.csv").open("rb") as file:
        trial = api.post("/api/v1/registers", {"file": file, "dry_run": "true"})
    assert trial.status_code == 200, trial.json()
    assert not Person.objects.exists()
    with (SAMPLES / "so-kham-thai.csv").open("rb") as file:
        answer = api.post("/api/v1/registers", {"file": file}).json()
    assert answer == trial.json()
    assert answer["rows"] == 124
    assert Person.objects.filter(unit=unit).count() == Person.objects.count() == answer["accepted"] > 0
    with (SAMPLES / "expected.json").open("rb") as file:
        wrong = api.post("/api/v1/registers", {"file": file})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["field"]) == (400, "no_heading", "file")


def test_the_description_is_valid_and_names_every_error(capsys):
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    assert "arning" not in capsys.readouterr().err
    create = schema["paths"]["/api/v1/pregnancies"]["post"]["responses"]
    assert {"201", "400", "403", "404", "409"} <= set(create)
    assert spectacular_settings.TITLE == "Mầm"


def test_a_loss_is_undone(api, unit, now):
    lan = people.lan(unit, now)
    assert post(api, f"pregnancies/{lan.pk}/undo-loss").json()["code"] == "not_a_loss"
    post(api, f"pregnancies/{lan.pk}/loss", kind="miscarriage", on="2026-11-20")
    undone = post(api, f"pregnancies/{lan.pk}/undo-loss")
    assert (undone.status_code, undone.json()["outcome"], undone.json()["outcome_date"]) == (200, "", None)


def test_a_child_after_a_loss_needs_the_word_that_a_twin_lives(api, unit, now):
    lan = people.lan(unit, now, weeks=36)
    post(api, f"pregnancies/{lan.pk}/loss", kind="stillbirth", on="2026-11-20")
    body = {"mother": lan.mother.pk, "date_of_birth": "2026-11-20"}
    refused = post(api, "children", **body)
    assert (refused.status_code, refused.json()["code"]) == (409, "outcome_recorded")
    assert post(api, "children", **body, beside_loss=True).json()["pregnancy"] == lan.pk


def test_a_loss_far_in_the_past_is_not_a_birth(api, unit, now):
    lan = people.lan(unit, now)
    day = (local_day(now) - timedelta(days=400)).isoformat()
    assert post(api, f"pregnancies/{lan.pk}/loss", kind="stillbirth", on=day).json()["code"] == "before_pregnancy"
