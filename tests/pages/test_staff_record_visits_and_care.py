"""Visits and caregivers on the pages: planned, put off, recorded, taken back; her word, the main recipient, the end."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from recipients import events
from recipients.days import local_day
from recipients.models import AdminUnit, Caregiver, ChangeEvent, Child, Pregnancy, User, Visit
from tests import people

Send = Callable[..., HttpResponse]


@pytest.fixture
def nurse(signed_in, unit: AdminUnit, frozen: datetime) -> Client:
    return signed_in(User.Role.STATION, unit)


@pytest.fixture
def send(nurse: Client) -> Send:
    """`send(name, pk, **fields)`: what a sent form answers."""
    return lambda where, pk, **fields: nurse.post(reverse(where, args=[pk]), fields)


@pytest.fixture
def lan(unit: AdminUnit, now: datetime) -> Pregnancy:
    return people.lan(unit, now, weeks=24)


@pytest.fixture
def an(unit: AdminUnit, now: datetime) -> Child:
    return people.be_an(unit, now)


@pytest.fixture
def today(now: datetime) -> date:
    return local_day(now)


def told(now: datetime) -> dict[str, object]:
    return {"now": now, "source": "page"}


def words(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_a_visit_is_planned_put_off_and_canceled(nurse: Client, send: Send, lan: Pregnancy, today: date) -> None:
    assert nurse.get(reverse("pregnancy-visit-plan", args=[lan.pk])).status_code == 200
    station = people.station(lan.mother.unit)
    answer = send("pregnancy-visit-plan", lan.pk, type="anc3", on=today + timedelta(7), facility=station.pk)
    assert answer.url == reverse("person", args=[lan.mother_id])
    visit = Visit.objects.get()
    assert (visit.pregnancy, visit.type, visit.facility) == (lan, "anc3", station)
    assert nurse.get(reverse("visit-another-day", args=[visit.pk])).status_code == 200
    assert send("visit-another-day", visit.pk, on=today + timedelta(9)).status_code == 302
    page = words(nurse.get(reverse("visit-cancel", args=[visit.pk])))
    assert "30/11/2026" in page
    visit.refresh_from_db()
    assert (visit.rescheduled, visit.canceled_on) == (1, None)
    assert send("visit-cancel", visit.pk).status_code == 302
    visit.refresh_from_db()
    assert visit.canceled_on == today
    event = ChangeEvent.objects.first()
    assert event is not None
    assert (event.what, event.source, event.by and event.by.username) == ("canceled", "page", "station")


@pytest.mark.parametrize(
    ("days", "sentence"), [(-1, "This day has passed"), (400, "more than a year ahead"), (None, "required")]
)
def test_an_odd_day_is_refused_in_words(send: Send, an: Child, today: date, days: int | None, sentence: str) -> None:
    day = "" if days is None else today + timedelta(days)
    answer = send("child-visit-plan", an.pk, type="immunisation", on=day)
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert not Visit.objects.exists()


def test_a_child_is_not_offered_an_antenatal_visit(nurse: Client, send: Send, an: Child, today: date) -> None:
    assert "anc1" not in words(nurse.get(reverse("child-visit-record", args=[an.pk])))
    assert send("child-visit-record", an.pk, type="anc1", on=today).status_code == 422


def test_the_next_antenatal_visit_is_proposed(nurse: Client, lan: Pregnancy, now: datetime, today: date) -> None:
    events.attend_visit(type="anc1", on=today - timedelta(80), pregnancy=lan, **told(now))
    events.plan_visit(type="anc2", on=today + timedelta(3), pregnancy=lan, **told(now))
    for name, proposed in (("pregnancy-visit-plan", "anc3"), ("pregnancy-visit-record", "anc2")):
        assert f'<option value="{proposed}" selected>' in words(nurse.get(reverse(name, args=[lan.pk])))


def test_after_a_loss_only_a_postnatal_visit_is_planned(
    nurse: Client, send: Send, lan: Pregnancy, now: datetime, today: date
) -> None:
    events.loss(lan, kind="miscarriage", on=today, **told(now))
    page = words(nurse.get(reverse("pregnancy-visit-plan", args=[lan.pk])))
    assert ("postnatal" in page, "anc3" in page) == (True, False)
    assert send("pregnancy-visit-plan", lan.pk, type="postnatal", on=today + timedelta(7)).status_code == 302


def test_a_planned_visit_is_recorded_and_taken_back(
    nurse: Client, send: Send, lan: Pregnancy, now: datetime, today: date
) -> None:
    visit = events.plan_visit(type="anc3", on=today + timedelta(3), pregnancy=lan, **told(now))
    assert send("visit-unattend", visit.pk).status_code == 422
    assert f'value="{today:%Y-%m-%d}"' in words(nurse.get(reverse("visit-attend", args=[visit.pk])))
    assert send("visit-attend", visit.pk, on=today).status_code == 302
    visit.refresh_from_db()
    assert visit.attended_date == today
    assert send("visit-cancel", visit.pk).status_code == 422
    assert "planned again for 24/11/2026" in words(nurse.get(reverse("visit-unattend", args=[visit.pk])))
    assert send("visit-unattend", visit.pk).status_code == 302
    visit.refresh_from_db()
    assert visit.attended_date is None


def test_a_visit_that_nobody_planned_is_recorded_and_goes(send: Send, lan: Pregnancy, today: date) -> None:
    assert send("pregnancy-visit-record", lan.pk, type="anc1", on=today - timedelta(60)).status_code == 302
    visit = Visit.objects.get()
    assert (visit.attended_date, visit.planned_date) == (today - timedelta(60), None)
    assert send("visit-unattend", visit.pk).status_code == 302
    assert not Visit.objects.exists()


def test_an_early_dose_does_not_close_the_next_one(
    nurse: Client, send: Send, an: Child, now: datetime, today: date
) -> None:
    visit = events.plan_visit(type="immunisation", on=today + timedelta(28), child=an, **told(now))
    saved = nurse.post(reverse("visit-attend", args=[visit.pk]), {"on": today}, follow=True)
    assert "beside the planned one" in words(saved)
    visit.refresh_from_db()
    assert visit.attended_date is None


def test_her_page_says_how_every_visit_stands(nurse: Client, lan: Pregnancy, now: datetime, today: date) -> None:
    events.attend_visit(type="anc1", on=today - timedelta(80), pregnancy=lan, **told(now))
    for type, days in (("anc2", -14), ("anc3", -13), ("anc4", 0)):
        Visit.objects.create(pregnancy=lan, type=type, planned_date=today + timedelta(days))
    page = words(nurse.get(reverse("person", args=[lan.mother_id])))
    stands = {}
    for part in page.split("Antenatal visit ")[1:]:
        for badge in ("missed", "took place?", "planned", "attended"):
            if f">{badge}</span>" in part:
                stands.setdefault(part[0], badge)
    assert stands == {"1": "attended", "2": "missed", "3": "took place?", "4": "planned"}
    for name in ("visit-attend", "visit-another-day", "visit-cancel", "visit-unattend"):
        assert reverse(name, args=[Visit.objects.get(type="anc1" if name == "visit-unattend" else "anc2").pk]) in page


def test_a_husband_needs_her_word_and_she_takes_it_back(
    nurse: Client, send: Send, lan: Pregnancy, now: datetime
) -> None:
    nam = people.chong_lan(lan, now, agreed_by_mother=False)
    page = words(nurse.get(reverse("person", args=[lan.mother_id])))
    assert "she has not agreed" in page
    assert "when she is alone" in words(nurse.get(reverse("caregiver-agreed", args=[nam.pk])))
    for _twice in range(2):
        assert send("caregiver-agreed", nam.pk).status_code == 302
        nam.refresh_from_db()
        assert nam.agreed_by_mother
    assert reverse("caregiver-agreed-end", args=[nam.pk]) in words(nurse.get(reverse("person", args=[lan.mother_id])))
    assert nurse.get(reverse("caregiver-agreed-end", args=[nam.pk])).status_code == 200
    assert send("caregiver-agreed-end", nam.pk).status_code == 302
    nam.refresh_from_db()
    assert (nam.agreed_by_mother, nam.ended_on) == (False, None)


def test_care_ends_after_one_question_and_silently(nurse: Client, send: Send, lan: Pregnancy, now: datetime) -> None:
    nam = people.chong_lan(lan, now)
    assert "Nobody is told" in words(nurse.get(reverse("caregiver-end", args=[nam.pk])))
    nam.refresh_from_db()
    assert nam.ended_on is None
    assert send("caregiver-end", nam.pk).status_code == 302
    nam.refresh_from_db()
    assert nam.ended_on == local_day(now)
    assert reverse("caregiver-end", args=[nam.pk]) not in words(nurse.get(reverse("person", args=[lan.mother_id])))


def test_a_grandmother_becomes_the_main_recipient_and_steps_back(
    nurse: Client, send: Send, an: Child, now: datetime
) -> None:
    sau = people.ba_sau(an, now)
    assert nurse.get(reverse("caregiver-main", args=[sau.pk])).status_code == 200
    assert send("caregiver-main", sau.pk).status_code == 302
    page = words(nurse.get(reverse("person", args=[an.mother_id])))
    assert ("main recipient" in page, reverse("caregiver-main-end", args=[sau.pk]) in page) == (True, True)
    assert "go to Phạm Thị Yến again" in words(nurse.get(reverse("caregiver-main-end", args=[sau.pk])))
    assert send("caregiver-main-end", sau.pk).status_code == 302
    assert not Caregiver.objects.get().is_main


def test_nobody_is_main_recipient_before_the_birth(send: Send, lan: Pregnancy, now: datetime) -> None:
    answer = send("caregiver-main", people.chong_lan(lan, now).pk)
    assert (answer.status_code, "Wait until the child is born" in words(answer)) == (422, True)


def test_a_child_born_early_shows_its_corrected_age(nurse: Client, unit: AdminUnit, now: datetime) -> None:
    born = local_day(now) - timedelta(days=240)
    early = people.be_an(unit, now, date_of_birth=born, gestation_at_birth=30 * 7 + 2)
    page = words(nurse.get(reverse("person", args=[early.mother_id])))
    assert "7 months old" in page
    assert "30 weeks 2 days" in page
    assert "Corrected age" in page
    assert "5 months<" in page
    Child.objects.filter(pk=early.pk).update(gestation_at_birth=39 * 7)
    page = words(nurse.get(reverse("person", args=[early.mother_id])))
    assert "39 weeks" in page
    assert "Corrected age" not in page


def test_after_her_mother_died_a_caregiver_can_be_added(nurse: Client, an: Child, now: datetime) -> None:
    events.maternal_death(an.mother, on=local_day(now), **told(now))
    address = f"{reverse('caregiver-register')}?person={an.mother_id}"
    assert address in words(nurse.get(reverse("person", args=[an.mother_id])))
    assert nurse.get(address).status_code == 200


def test_a_death_recorded_by_mistake_is_undone(
    nurse: Client, send: Send, an: Child, lan: Pregnancy, now: datetime
) -> None:
    for where, undo, one in (
        ("child-death", "child-death-undo", an), ("person-death", "person-death-undo", lan.mother),
    ):  # fmt: skip
        address = reverse(undo, args=[one.pk])
        facts = {"on": local_day(now), "sure": "on"}
        assert f'<a href="{address}">' in words(nurse.post(reverse(where, args=[one.pk]), facts, follow=True))
        assert nurse.get(address).status_code == 200
        assert send(undo, one.pk).status_code == 422
        one.refresh_from_db()
        assert one.died_on is not None
        assert send(undo, one.pk, sure="on").status_code == 302
        one.refresh_from_db()
        assert one.died_on is None
        again = send(undo, one.pk, sure="on")
        assert (again.status_code, "No death is recorded" in words(again)) == (422, True)
    lan.refresh_from_db()
    assert lan.outcome == ""


def test_a_day_later_only_an_administrator_undoes_a_death(
    signed_in, unit: AdminUnit, frozen: datetime, an: Child, now: datetime, time_machine
) -> None:
    events.child_death(an, on=local_day(now), **told(now))
    undo, page = reverse("child-death-undo", args=[an.pk]), reverse("person", args=[an.mother_id])
    assert undo in words(signed_in(User.Role.STATION, unit).get(page))
    time_machine.move_to(now + timedelta(hours=25), tick=False)
    later = signed_in(User.Role.STATION, unit)
    seen = words(later.get(page))
    assert (an.mother.name in seen, undo in seen) == (True, False)
    answer = later.post(undo, {"sure": "on"})
    assert (answer.status_code, "ask an administrator" in words(answer)) == (422, True)
    administrator = signed_in(User.Role.ADMIN, None)
    assert undo in words(administrator.get(page))
    assert administrator.post(undo, {"sure": "on"}).status_code == 302


def test_a_day_later_only_an_administrator_is_offered_to_undo_a_loss(
    signed_in, unit: AdminUnit, lan: Pregnancy, frozen: datetime, now: datetime, time_machine
) -> None:
    events.loss(lan, kind="stillbirth", on=local_day(now), **told(now))
    time_machine.move_to(now + timedelta(hours=25), tick=False)
    undo, page = reverse("person-loss-undo", args=[lan.pk]), reverse("person", args=[lan.mother_id])
    seen = words(signed_in(User.Role.STATION, unit).get(page))
    assert (lan.mother.name in seen, undo in seen) == (True, False)
    assert undo in words(signed_in(User.Role.ADMIN, None).get(page))


def test_visits_and_caregivers_of_another_commune_are_not_there(send: Send, nurse: Client, now: datetime) -> None:
    mai = people.mai(people.commune(people.LONG_CHAU, "Phường Long Châu"), now)
    visit = events.plan_visit(type="anc4", on=local_day(now) + timedelta(5), pregnancy=mai, **told(now))
    nam = people.chong_lan(mai, now)
    an = people.be_an(mai.mother.unit, now)
    for name, pk in (
        ("visit-attend", visit.pk), ("visit-another-day", visit.pk), ("visit-cancel", visit.pk),
        ("visit-unattend", visit.pk), ("caregiver-end", nam.pk), ("caregiver-agreed", nam.pk),
        ("caregiver-agreed-end", nam.pk), ("caregiver-main", nam.pk), ("caregiver-main-end", nam.pk),
        ("pregnancy-visit-plan", mai.pk), ("pregnancy-visit-record", mai.pk), ("child-visit-plan", an.pk),
        ("child-visit-record", an.pk), ("child-death-undo", an.pk), ("person-death-undo", mai.mother_id),
        ("person-number-confirm", mai.mother_id),
    ):  # fmt: skip
        assert nurse.get(reverse(name, args=[pk])).status_code == 404, name
        assert send(name, pk, on=local_day(now), type="anc4").status_code == 404, name
    assert Caregiver.objects.get(pk=nam.pk).agreed_by_mother
    assert Visit.objects.get(pk=visit.pk).canceled_on is None
