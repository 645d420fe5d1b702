"""Past, waiting and coming messages of a person, with the reason of each that did not go."""

from datetime import datetime, timedelta

from django.urls import reverse

from campaigns.models import Parameter, ScheduledMessage
from campaigns.pages import person
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from campaigns.templatetags.wording import moment
from messaging.models import OutboundMessage
from recipients.models import AdminUnit, Facility, User
from tests import people


def passes(now: datetime, days: int) -> None:
    """What the workers do, once a day at `now` and the days after."""
    for day in range(days):
        then = now + timedelta(days=day)
        derive(then)
        plan(then)
        release_due(then)


def page_of(signed_in, somebody, language: str = "en") -> str:
    client = signed_in(User.Role.STATION, somebody.unit, language)
    return client.get(reverse("person", args=[somebody.pk])).content.decode()


def test_a_text_that_arrived_is_shown_with_its_words_and_times(signed_in, live: AdminUnit, frozen: datetime) -> None:
    start = frozen - timedelta(days=14)
    lan = people.lan(live, start).mother
    passes(start, 14)
    first = OutboundMessage.objects.filter(scheduled__person=lan).order_by("queued_at")[0]
    arrived = first.queued_at + timedelta(minutes=1)
    OutboundMessage.objects.filter(pk=first.pk).update(status="delivered", sent_at=arrived, final_at=arrived)
    page = page_of(signed_in, lan)
    assert first.body in page
    assert "Arrived" in page
    assert "0912 345 678" in page
    assert "14 weeks" in page or "13 weeks" in page
    assert "Receives messages on" in page


def test_a_text_that_waits_tells_why_and_since_when(signed_in, live: AdminUnit, frozen: datetime) -> None:
    Facility.objects.all().delete()
    Parameter.objects.all().delete()
    start = frozen - timedelta(days=21)
    lan = people.lan(live, start).mother
    passes(start, 22)
    row = ScheduledMessage.objects.filter(person=lan, state="waiting", reason="no_parameter")[0]
    page = page_of(signed_in, lan)
    assert "A value in the text is not set for the unit" in page
    assert f"due since {moment(row.due_at)}" in page


def test_somebody_who_never_agreed_is_shown_as_receiving_nothing(signed_in, live: AdminUnit, frozen: datetime) -> None:
    hoa = people.hoa(live, frozen).mother
    passes(frozen, 1)
    page = page_of(signed_in, hoa)
    assert "Receives no messages." in page
    assert "has not yet agreed" in page
    assert reverse("person-resume", args=[hoa.pk]) in page


def test_coming_messages_are_the_ones_of_her_weeks(signed_in, live: AdminUnit, frozen: datetime) -> None:
    lan = people.lan(live, frozen).mother
    passes(frozen, 1)
    page = page_of(signed_in, lan)
    assert "Coming messages" in page
    assert "of the next 120 days" in page


def test_a_person_without_anything_is_told_what_to_do(signed_in, unit: AdminUnit, frozen: datetime) -> None:
    page = page_of(signed_in, people.somebody(unit, frozen))
    assert "No pregnancy and no child is recorded" in page
    assert "No message has been due yet" in page
    assert "Nothing is planned in the next 120 days" in page


def test_the_older_past_comes_as_a_fragment(signed_in, live: AdminUnit, frozen: datetime, monkeypatch) -> None:
    monkeypatch.setattr(person, "PAGE", 2)
    start = frozen - timedelta(days=14)
    lan = people.lan(live, start).mother
    passes(start, 14)
    assert ScheduledMessage.objects.filter(person=lan).exclude(state="waiting").count() > 2
    address = reverse("person", args=[lan.pk])
    client = signed_in(User.Role.STATION, live)
    assert "?page=2" in client.get(address).content.decode()
    fragment = client.get(address + "?page=2", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "badge" in fragment
    whole = client.get(address + "?page=2").content.decode()
    assert "<html" in whole


def test_the_page_is_vietnamese_for_those_who_read_vietnamese(signed_in, live: AdminUnit, frozen: datetime) -> None:
    page = page_of(signed_in, people.lan(live, frozen).mother, "vi")
    for words in ("Thai 12 tuần", "Tin sắp gửi", "Dừng gửi tin", "Ngày dự sinh"):
        assert words in page


def test_names_are_written_as_text_never_as_markup(signed_in, unit: AdminUnit, frozen: datetime) -> None:
    trang = people.somebody(unit, frozen, note="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page_of(signed_in, trang)
