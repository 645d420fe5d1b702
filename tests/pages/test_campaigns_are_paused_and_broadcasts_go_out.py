"""The pages of campaigns, pauses and broadcasts: what is shown to whom, said in words, and done in steps."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.urls import reverse

from campaigns.content import editions
from campaigns.models import Broadcast, Campaign, Pause
from campaigns.schedule import broadcast, pauses
from campaigns.schedule.enrollment import derive
from recipients.days import local_day
from recipients.models import AdminUnit, User
from tests import people

Role = User.Role
pytestmark = pytest.mark.usefixtures("frozen")


def typed(now: datetime, unit: AdminUnit, **changes: Any) -> dict[str, Any]:
    """The form of a broadcast as somebody fills it in."""
    return {
        "name": "Trạm nghỉ", "vi": "Chị {ten} ơi, mai trạm nghỉ.", "who": "pregnant", "units": [unit.pk],
        "send_on": local_day(now) + timedelta(days=1), "send_time": "09:00", "until_days": 2,
        "message_class": "service",
    } | changes  # fmt: skip


def test_every_campaign_is_listed_with_its_state(signed_in, live: AdminUnit, now: datetime) -> None:
    client = signed_in(Role.OFFICER, live)
    page = client.get(reverse("campaigns")).content.decode()
    assert "revision 1, since 21/11/2026" in page
    assert f"{reverse('pause-new')}?campaign=iron" in page
    pauses.pause(why="no tablets", campaign=_campaign("iron"), unit=live, now=now)
    page = client.get(reverse("campaigns")).content.decode()
    assert "Paused" in page
    assert "no tablets" in page
    assert reverse("pause-resume", args=[Pause.objects.get().pk]) in page


def test_without_campaigns_the_page_says_what_to_do(signed_in, unit: AdminUnit) -> None:
    assert "manage.py load_reference" in signed_in(Role.OFFICER, unit).get(reverse("campaigns")).content.decode()


def test_a_pause_is_said_in_words_before_it_is_made(signed_in, live: AdminUnit, now: datetime) -> None:
    people.lan(live, now)
    derive(now)
    client = signed_in(Role.OFFICER, live)
    asked = {"what": "", "topic": "iron", "unit": live.pk, "why": "Hết viên sắt"}
    page = client.post(reverse("pause-new"), asked).content.decode()
    assert "Iron tablets" in page
    assert "Xã An Bình and everything below it" in page
    assert "1 person follows what is paused." in page
    assert not Pause.objects.exists()
    page = client.post(reverse("pause-new"), asked | {"confirmed": "1"}, follow=True).content.decode()
    assert "Nothing of it leaves from now on." in page
    pause = Pause.objects.get()
    assert (pause.topic, pause.unit, pause.started_by) == ("iron", live, User.objects.get(username="officer"))
    client.post(reverse("pause-resume", args=[pause.pk]))
    pause.refresh_from_db()
    assert pause.ended_at == now


def test_one_text_of_a_campaign_is_paused_with_words_instead(signed_in, live: AdminUnit) -> None:
    step = pauses.substitutes()[0]
    iron = _campaign("iron").revisions.get().steps.first()
    asked = {"what": f"iron/{iron.key}", "unit": live.pk, "substitute": step.key, "why": "Hết viên sắt"}
    signed_in(Role.OFFICER, live).post(reverse("pause-new"), asked | {"confirmed": "1"})
    pause = Pause.objects.get()
    assert (pause.campaign.code, pause.step_key, pause.substitute) == ("iron", iron.key, step.key)


def test_a_pause_of_nothing_comes_back_with_its_error(signed_in, live: AdminUnit) -> None:
    client = signed_in(Role.ADMIN, None)
    answer = client.post(reverse("pause-new"), {"why": "because"})
    assert answer.status_code == 422
    assert "It is not said what shall pause." in answer.content.decode()
    answer = client.post(reverse("pause-new"), {"topic": "iron"})
    assert answer.status_code == 422


def test_a_station_pauses_a_person_from_her_page(signed_in, live: AdminUnit, now: datetime) -> None:
    lan = people.lan(live, now).mother
    client = signed_in(Role.STATION, live)
    assert client.get(reverse("pause-new")).status_code == 403
    url = f"{reverse('pause-new')}?person={lan.pk}"
    assert "Pause texts to Nguyễn Thị Lan" in client.get(url).content.decode()
    client.post(url, {"why": "Nằm viện", "confirmed": "1"})
    assert Pause.objects.get().person == lan
    elsewhere = people.mai(people.commune(people.LONG_CHAU, "Phường Long Châu"), now).mother
    assert client.get(f"{reverse('pause-new')}?person={elsewhere.pk}").status_code == 404


@pytest.mark.parametrize("role", [Role.CDC, Role.CLINICAL])
def test_who_works_with_figures_reads_no_name(signed_in, live: AdminUnit, now: datetime, role: str) -> None:
    lan = people.lan(live, now).mother
    pauses.pause(why="Nằm viện", person=lan, now=now)
    client = signed_in(role, live)
    assert "Nothing is paused." in client.get(reverse("pauses")).content.decode()
    assert client.get(reverse("pause-new")).status_code == 403
    broadcast_of(live, now)
    page = client.get(reverse("broadcast", args=[Broadcast.objects.get().pk])).content.decode()
    assert lan.name not in page
    assert "<b>&lt;5</b>" in page


def broadcast_of(unit: AdminUnit, now: datetime, author: str = "author", **changes: Any) -> Broadcast:
    facts: dict[str, Any] = {
        "name": "Trạm nghỉ", "texts": {"vi": "Chị {ten} ơi, mai trạm nghỉ."}, "discreet": {},
        "audience": {"who": "pregnant"}, "send_on": local_day(now), "send_time": time(11),
        "message_class": "service", "by": people.user(Role.OFFICER, unit, author), "now": now,
    }  # fmt: skip
    return broadcast.draft(**facts | changes)


def test_a_broadcast_goes_from_the_form_to_live(signed_in, live: AdminUnit, now: datetime) -> None:
    people.lan(live, now)
    client = signed_in(Role.OFFICER, live)
    page = client.post(reverse("broadcast-new"), typed(now, live), follow=True).content.decode()
    assert "Saved as a draft." in page
    assert "Chi Hoa oi, mai tram nghi." in page
    assert "25 characters, 1 SMS part" in page or "26 characters, 1 SMS part" in page
    row = Broadcast.objects.get()
    act(client, row, "submit")
    assert "Approve" not in client.get(reverse("broadcast", args=[row.pk])).content.decode()
    assert "Only a clinical reviewer" in act(client, row, "approve")
    assert "Approved." in act(signed_in(Role.CLINICAL, live), row, "approve")
    assert "Published." in act(signed_in(Role.OFFICER, live), row, "publish")
    assert broadcast.revision_of(Broadcast.objects.get()).state == "live"
    assert "Stopped." in act(client, row, "stop")


def test_an_emergency_shows_the_second_button_to_a_second_person_only(signed_in, live, now: datetime) -> None:
    row = broadcast_of(live, now, message_class="emergency", reason="Dịch sởi")
    act(signed_in(Role.OFFICER, live), row, "submit")
    first = signed_in(Role.CLINICAL, live)
    act(first, row, "approve")
    page = first.get(reverse("broadcast", args=[row.pk])).content.decode()
    assert "Approved once, needs a second person" in page
    assert "Approve as the second person" not in page
    assert "An emergency needs two people." in act(first, row, "publish")
    second = signed_in(Role.CDC, live)
    assert "Approve as the second person" in second.get(reverse("broadcast", args=[row.pk])).content.decode()
    assert "It can be published." in act(second, row, "second")


def test_errors_stand_at_their_fields(signed_in, live: AdminUnit, now: datetime) -> None:
    client = signed_in(Role.OFFICER, live)
    for changes, words in (
        ({"vi": "Chị {me} ơi."}, "Nobody knows the placeholder {me}."),
        ({"weeks_from": 30, "weeks_to": 20}, "This is no range."),
        ({"message_class": "emergency"}, "Say why, for the record."),
        ({"send_time": "05:00"}, "outside the sending hours"),
    ):
        answer = client.post(reverse("broadcast-new"), typed(now, live, **changes))
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert 'aria-invalid="true"' in answer.content.decode()
    assert not Broadcast.objects.exists()


def test_people_are_counted_while_somebody_types(signed_in, live: AdminUnit, now: datetime) -> None:
    people.lan(live, now, weeks=12)
    client = signed_in(Role.OFFICER, live)
    count = reverse("broadcast-count")
    assert "<b>1</b>" in client.post(count, typed(now, live)).content.decode()
    assert "Nobody fits." in client.post(count, typed(now, live, weeks_from=20)).content.decode()
    assert "Choose one of the groups." in client.post(count, {}).content.decode()
    assert "<b>1</b>" in client.post(count, {"who": "pregnant", "vi": "Chị {ten"}).content.decode()


def test_the_author_changes_her_draft(signed_in, live: AdminUnit, now: datetime) -> None:
    row = broadcast_of(live, now, audience={"who": "children", "months": [3, 6]})
    stranger = signed_in(Role.OFFICER, live)
    answer = stranger.post(reverse("broadcast-edit", args=[row.pk]), typed(now, live))
    assert "Somebody else wrote this broadcast." in answer.content.decode()
    client = signed_in("author", live)
    page = client.get(reverse("broadcast-edit", args=[row.pk])).content.decode()
    assert 'name="months_to" value="6"' in page
    client.post(reverse("broadcast-edit", args=[row.pk]), typed(now, live, name="Mới"))
    assert str(Broadcast.objects.get().campaign) == "Mới"


def test_empty_lists_say_what_to_do(signed_in, unit: AdminUnit) -> None:
    client = signed_in(Role.OFFICER, unit)
    assert "Nothing is paused." in client.get(reverse("pauses")).content.decode()
    page = client.get(reverse("broadcasts")).content.decode()
    assert "There is no broadcast yet." in page
    assert reverse("broadcast-new") in page


@pytest.mark.parametrize("role", [Role.STATION, Role.CDC, Role.ADMIN])
def test_who_writes_no_broadcasts(signed_in, unit: AdminUnit, role: str) -> None:
    client = signed_in(role, unit)
    assert reverse("broadcast-new") not in client.get(reverse("broadcasts")).content.decode()
    assert client.get(reverse("broadcast-new")).status_code == 403


def test_a_broadcast_of_another_area_is_not_there(signed_in, live: AdminUnit, now: datetime) -> None:
    elsewhere = people.commune(people.LONG_CHAU, "Phường Long Châu")
    row = broadcast_of(elsewhere, now)
    client = signed_in(Role.OFFICER, live)
    assert client.get(reverse("broadcast", args=[row.pk])).status_code == 404
    assert client.post(reverse("broadcast-act", args=[row.pk, "stop"])).status_code == 404
    assert client.post(reverse("broadcast-act", args=[broadcast_of(live, now, "mine").pk, "melt"])).status_code == 404


def act(client, row: Broadcast, action: str) -> str:
    seen = editions.fingerprint(editions.file_of(broadcast.revision_of(row)))
    asked = {"seen": seen, "comment": "Chưa rõ."}
    return client.post(reverse("broadcast-act", args=[row.pk, action]), asked, follow=True).content.decode()


def _campaign(code: str) -> Campaign:
    return Campaign.objects.get(code=code)
