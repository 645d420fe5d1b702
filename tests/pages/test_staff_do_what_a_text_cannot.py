"""Tasks, telling face to face, the condolence and the question why: on a person's page."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from campaigns import telling
from campaigns.models import ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from recipients import events
from recipients.days import local_day
from recipients.models import AdminUnit, Person, Pregnancy, Task, User
from tests import people
from tests.timelines import Line, publish

EVENING = timedelta(hours=3)


def step(now: datetime) -> None:
    derive(now)
    plan(now)
    release_due(now)


@pytest.fixture
def lan(unit: AdminUnit, frozen: datetime) -> Person:
    """Lan, who cannot read, with a text of today that waits to be told."""
    publish([Line("week-12", day=84, at=(frozen - timedelta(hours=1)).time(), texts={"vi": "Chị {ten} ơi, đi khám."})])
    person = people.lan(unit, frozen - EVENING).mother
    Person.objects.filter(pk=person.pk).update(can_read=False)
    person.refresh_from_db()
    step(frozen)
    telling.open_tasks(frozen)
    return person


@pytest.fixture
def bereaved(unit: AdminUnit, frozen: datetime):
    """Mai, whose pregnancy ended in a stillbirth today; the text of condolence is live."""
    publish([Line("condolence", topic="loss")], code="loss", anchor="hand")
    return events.loss(people.mai(unit, frozen), kind="stillbirth", on=local_day(frozen), now=frozen, source="page")


def test_what_cannot_be_read_is_shown_in_full_words_and_told_by_one_confirmation(signed_in, unit, lan) -> None:
    client = signed_in(User.Role.STATION, unit)
    page = client.get(reverse("person", args=[lan.pk])).content.decode()
    address = reverse("person-tell", args=[lan.pk])
    assert address in page
    assert "1 text waits to be told" in page
    form = client.get(address)
    assert "Chị Lan ơi, đi khám." in form.content.decode()
    rows = form.context["form"].initial["rows"]
    answer = client.post(address, {"rows": rows, "note": "She comes on Monday."}, follow=True).content.decode()
    assert "1 text was told face to face" in answer
    assert address not in answer
    assert ScheduledMessage.objects.get(step_key="week-12").state == "told"
    assert not Task.objects.filter(person=lan, done_at=None).exists()


def test_a_confirmation_without_anything_left_is_refused_in_words(signed_in, unit, frozen, lan) -> None:
    client = signed_in(User.Role.STATION, unit)
    answer = client.post(reverse("person-tell", args=[lan.pk]), {"rows": ""})
    assert answer.status_code == 422
    assert "Nothing waits to be told any more" in answer.content.decode()
    telling.tell(lan, now=frozen, source="page")
    assert (
        "Nothing waits to be told to this person" in client.get(reverse("person-tell", args=[lan.pk])).content.decode()
    )


def test_a_condolence_needs_the_tick_and_is_offered_once(signed_in, unit, bereaved) -> None:
    client = signed_in(User.Role.STATION, unit)
    address = reverse("pregnancy-condolence", args=[bereaved.pk])
    person = reverse("person", args=[bereaved.mother_id])
    assert address in client.get(person).content.decode()
    refused = client.post(address, {})
    assert refused.status_code == 422
    assert "only to a mother who has agreed" in refused.content.decode()
    assert not ScheduledMessage.objects.exists()
    assert "The condolence leaves" in client.post(address, {"agreed": "on"}, follow=True).content.decode()
    assert ScheduledMessage.objects.get().step_key == "condolence"
    assert address not in client.get(person).content.decode()
    again = client.post(address, {"agreed": "on"})
    assert again.status_code == 422
    assert "was sent already, or waits" in again.content.decode()


def test_after_a_termination_nothing_is_offered(signed_in, unit, frozen, bereaved) -> None:
    cuc = people.lan(unit, frozen, name="Nguyễn Thị Cúc", phone="0912345670")
    events.loss(cuc, kind="termination", on=local_day(frozen), now=frozen, source="page")
    client = signed_in(User.Role.STATION, unit)
    address = reverse("pregnancy-condolence", args=[cuc.pk])
    assert address not in client.get(reverse("person", args=[cuc.mother_id])).content.decode()
    assert client.post(address, {"agreed": "on"}).status_code == 422


def test_a_task_says_what_to_do_and_is_closed_with_a_note(signed_in, unit, frozen, bereaved) -> None:
    client = signed_in(User.Role.STATION, unit)
    page = client.get(reverse("person", args=[bereaved.mother_id])).content.decode()
    assert "Visit after a loss" in page
    assert "within 48 hours" in page
    task = Task.objects.get(kind="loss")
    done = reverse("task-close", args=[task.pk])
    assert done in page
    assert client.post(done, {"note": "x" * 301}).status_code == 422
    assert client.post(done, {"note": "Visited, she is well."}).status_code == 302
    task.refresh_from_db()
    assert (task.note, task.done_by.username) == ("Visited, she is well.", "station")


def test_pages_of_people_elsewhere_do_not_exist(signed_in, unit, lan, bereaved) -> None:
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    client = signed_in(User.Role.STATION, elsewhere)
    task = Task.objects.get(kind="loss")
    assert client.get(reverse("person-tell", args=[lan.pk])).status_code == 404
    assert client.get(reverse("pregnancy-condolence", args=[bereaved.pk])).status_code == 404
    assert client.post(reverse("task-close", args=[task.pk])).status_code == 404
    assert client.get(f"/api/v1/people/{lan.pk}/why").status_code == 404
    client.force_login(people.user(User.Role.CDC, unit), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("person-tell", args=[lan.pk])).status_code == 403
    assert client.get(f"/api/v1/people/{lan.pk}/why").status_code == 403


def test_the_page_explains_a_day_whole_and_as_a_fragment(signed_in, unit, frozen, lan) -> None:
    client = signed_in(User.Role.STATION, unit)
    address = reverse("person", args=[lan.pk])
    asked = f"{address}?on={local_day(frozen)}"
    for headers in ({}, {"HX-Request": "true"}):
        page = client.get(asked, headers=headers).content.decode()
        assert "The person cannot read texts." in page
        assert ("<html" in page) is (not headers)
        assert "This is no day" in client.get(f"{address}?on=x", headers=headers).content.decode()
    assert "too far away" in client.get(f"{address}?on=2999-01-01").content.decode()


def test_another_system_asks_why(signed_in, unit, frozen, lan) -> None:
    client = signed_in(User.Role.STATION, unit)
    address = f"/api/v1/people/{lan.pk}/why"
    [answer] = client.get(address).json()
    assert (answer["campaign"], answer["step_key"], answer["kind"]) == ("anc", "week-12", "waiting")
    assert "cannot read" in answer["sentence"]
    [nothing] = client.get(address, {"date": local_day(frozen) + timedelta(days=40)}).json()
    assert (nothing["campaign"], nothing["when"]) == ("", None)
    assert client.get(address, {"date": "x"}).status_code == 400
    assert client.get(address, {"date": "2999-01-01"}).status_code == 400


def test_she_hears_the_words_of_the_condolence_before_she_agrees(signed_in, unit, bereaved) -> None:
    client = signed_in(User.Role.STATION, unit)
    page = client.get(reverse("pregnancy-condolence", args=[bereaved.pk])).content.decode()
    assert "Chi Mai oi, moi chi ghe Tram y te Xa An Binh." in page, "discreet and plain, as on her husband's phone"


def test_a_condolence_that_cannot_leave_is_not_said_to_leave(signed_in, unit, bereaved) -> None:
    Person.objects.filter(pk=bereaved.mother_id).update(phone=None)
    client = signed_in(User.Role.STATION, unit)
    address = reverse("pregnancy-condolence", args=[bereaved.pk])
    answer = client.post(address, {"agreed": "on"}, follow=True).content.decode()
    assert "The condolence leaves" not in answer
    assert "nothing leaves as things stand" in answer
    assert "There is no mobile number" in answer


def test_a_condolence_that_is_not_to_be_has_no_button_and_says_why(signed_in, unit, frozen, bereaved) -> None:
    recorded = frozen - timedelta(days=31)
    Pregnancy.objects.filter(pk=bereaved.pk).update(outcome_recorded_at=recorded)
    client = signed_in(User.Role.STATION, unit)
    address = reverse("pregnancy-condolence", args=[bereaved.pk])
    assert address not in client.get(reverse("person", args=[bereaved.mother_id])).content.decode()
    page = client.get(address).content.decode()
    assert "more than 30 days ago" in page
    assert 'name="agreed"' not in page
    refused = client.post(address, {"agreed": "on"})
    assert refused.status_code == 422
    assert "more than 30 days ago" in refused.content.decode()
