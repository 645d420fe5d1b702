"""A birth corrected on the pages, and words that stay true after a loss or a death."""

from datetime import datetime, timedelta
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from recipients import events
from recipients.days import local_day
from recipients.models import AdminUnit, Child, Pregnancy, User
from tests import people

DAY = timedelta(days=1)


@pytest.fixture
def nurse(signed_in, unit: AdminUnit, frozen: datetime) -> Client:
    return signed_in(User.Role.STATION, unit)


@pytest.fixture
def mai(unit: AdminUnit, now: datetime) -> Pregnancy:
    return people.mai(unit, now, weeks=38)


@pytest.fixture
def told(now: datetime) -> dict[str, object]:
    return {"now": now, "source": "page"}


def words(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


def seen(client: Client, name: str, pk: int) -> str:
    answer = client.get(reverse(name, args=[pk]))
    assert answer.status_code == 200
    return words(answer)


def test_the_date_of_birth_is_corrected_from_her_page(nurse: Client, mai: Pregnancy, told, now: datetime) -> None:
    today = local_day(now)
    child = events.birth(mai, born_on=today, **told)[0]
    correct = reverse("child-birth-correct", args=[child.pk])
    assert correct in seen(nurse, "person", mai.mother_id)
    assert today.isoformat() in words(nurse.get(correct))
    assert nurse.post(correct, {"born_on": today + DAY}).status_code == 422
    assert nurse.post(correct, {"born_on": today - DAY}).url == reverse("person", args=[mai.mother_id])
    assert Child.objects.get().date_of_birth == today - DAY


def test_a_birth_of_today_can_become_a_stillbirth_and_back(
    nurse: Client, mai: Pregnancy, told, now: datetime, signed_in, time_machine
) -> None:
    today, loss = local_day(now), reverse("person-loss", args=[mai.pk])
    child = events.birth(mai, born_on=today, **told)[0]
    assert loss in seen(nurse, "person", mai.mother_id)
    page = words(nurse.get(loss))
    assert "A live birth is on record" in page
    assert 'value="miscarriage"' not in page
    assert nurse.post(loss, {"kind": "stillbirth", "on": today}).status_code == 302
    assert Child.objects.get().died_on == today
    her = seen(nurse, "person", mai.mother_id)
    undo, caregiver = reverse("person-loss-undo", args=[mai.pk]), reverse("caregiver-register")
    assert undo in her
    assert reverse("child-death-undo", args=[child.pk]) not in her
    assert f'href="{caregiver}?' not in her
    assert "that the child lives" in words(nurse.get(undo))
    assert nurse.post(undo, {"sure": "on"}).status_code == 302
    assert Child.objects.get().died_on is None
    assert f'href="{caregiver}?' in seen(nurse, "person", mai.mother_id)
    time_machine.move_to(now + timedelta(hours=25), tick=False)
    assert loss not in seen(signed_in(User.Role.STATION, mai.mother.unit), "person", mai.mother_id)


def test_a_superuser_without_a_role_is_offered_the_late_undo(
    signed_in, unit: AdminUnit, mai: Pregnancy, told, now: datetime, frozen: datetime, time_machine
) -> None:
    events.loss(mai, kind="stillbirth", on=local_day(now), **told)
    signed_in(User.Role.STATION, unit)
    User.objects.update(is_superuser=True)
    time_machine.move_to(now + timedelta(hours=25), tick=False)
    root = signed_in(User.Role.STATION, unit)
    assert reverse("person-loss-undo", args=[mai.pk]) in seen(root, "person", mai.mother_id)


def test_a_visit_after_a_loss_promises_no_text(nurse: Client, mai: Pregnancy, told, now: datetime) -> None:
    assert "Reminders come by this day" in seen(nurse, "pregnancy-visit-plan", mai.pk)
    child = events.birth(mai, born_on=local_day(now), **told)[0]
    visit = events.plan_visit(type="postnatal", on=local_day(now) + 3 * DAY, pregnancy=mai, **told)
    assert "Reminders come by the new day" in seen(nurse, "visit-another-day", visit.pk)
    events.child_death(child, on=local_day(now), **told)
    for name, pk in (("pregnancy-visit-plan", mai.pk), ("visit-another-day", visit.pk)):
        page = seen(nurse, name, pk)
        assert "No text goes out; visit or call her." in page
        assert "Reminders come" not in page


def test_the_end_of_care_says_who_receives_the_texts_then(nurse: Client, unit: AdminUnit, told, now: datetime) -> None:
    an = people.be_an(unit, now)
    sau = people.ba_sau(an, now)
    assert "stay as they are" in seen(nurse, "caregiver-end", sau.pk)
    events.set_main(sau, main=True, **told)
    assert f"go to {an.mother.name} again" in seen(nurse, "caregiver-end", sau.pk)
    events.maternal_death(an.mother, on=local_day(now), **told)
    assert "reaches nobody until somebody else is chosen" in seen(nurse, "caregiver-end", sau.pk)
    events.set_main(sau, main=False, **told)
    page = seen(nurse, "caregiver-end", sau.pk)
    assert "Other caregivers go on" in page
    assert f"The texts to {an.mother.name}" not in page


def test_discreet_texts_are_described_as_they_are(nurse: Client, mai: Pregnancy) -> None:
    assert "where such words exist; others are not sent to her" in seen(nurse, "person-edit", mai.mother_id)


def test_a_birth_of_another_woman_is_undone_from_her_page(nurse: Client, mai: Pregnancy, told, now: datetime) -> None:
    child = events.birth(mai, born_on=local_day(now), **told)[0]
    undo = reverse("child-birth-undo", args=[child.pk])
    assert undo in seen(nurse, "person", mai.mother_id)
    assert nurse.post(undo, {}).status_code == 422
    assert Child.objects.exists()
    assert nurse.post(undo, {"sure": "on"}).url == reverse("person", args=[mai.mother_id])
    assert not Child.objects.exists()
    her = seen(nurse, "person", mai.mother_id)
    assert undo not in her
    assert reverse("person-birth", args=[mai.pk]) in her
    assert nurse.get(undo).status_code == 404
