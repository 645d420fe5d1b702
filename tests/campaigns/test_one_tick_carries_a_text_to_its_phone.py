"""`manage.py tick` does in one process what the workers do, in an order in which each pass sees the last."""

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from campaigns.content import library, review
from campaigns.models import Parameter, ScheduledMessage
from campaigns.tick import tick
from config.celery import RHYTHM
from config.celery import app as celery
from messaging.incoming import inbound
from messaging.models import InboundMessage, OutboundMessage
from messaging.outgoing.routing import ensure_sandbox_route
from messaging.providers.base import Inbound
from recipients.models import AdminUnit, Consent, Facility, Person, Pregnancy, User

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2026, 11, 21, 11, 50, tzinfo=ZONE)


@pytest.fixture
def lan(transactional_db):
    commune = AdminUnit.objects.create(
        code="29551", name="Xã Tân Hạnh", search_name="xa tan hanh", level="commune", valid_from="2025-07-01"
    )
    AdminUnit.objects.update(path=f"/{commune.pk}/")
    Facility.objects.create(name="Trạm Tân Hạnh", kind="station", phone="0270", unit=commune, valid_from="2025-07-01")
    Parameter.objects.create(name="hotline", value="02703800200")
    library.load(MORNING)
    review.approve_everything(User.objects.create(username="reviewer", role="clinical", unit=commune), MORNING)
    route = ensure_sandbox_route()
    route.settings = {"profile": "calm"}
    route.save()
    person = Person.objects.create(
        name="Trần Thị Lan", name_key="trần thị lan", search_name="tran thi lan", unit=commune,
        phone="+84912000222", phone_confirmed_at=MORNING, registered_at=MORNING,
    )  # fmt: skip
    Consent.objects.create(person=person, state="given", method="page", at=MORNING)
    anchor = MORNING.date() - timedelta(weeks=6)
    Pregnancy.objects.create(mother=person, lmp=anchor, dating="lmp", anchor_date=anchor, registered_at=MORNING)
    return person


def test_registered_in_the_morning_delivered_by_the_afternoon(lan, capsys):
    call_command("tick", "--now", MORNING.isoformat(), "--json")
    counts = json.loads(capsys.readouterr().out)
    assert counts["derive.enrolled"] == 5
    assert counts["release.released"] == 1
    row = ScheduledMessage.objects.get(state="released")
    assert (row.step_key, row.due_on) == ("welcome-mother", date(2026, 11, 21))
    for hours in (1, 3, 5, 24, 80):
        tick(MORNING + timedelta(hours=hours))
    assert row.sms.key == f"scheduled:{row.pk}"
    row.sms.refresh_from_db()
    assert row.sms.status == "delivered"
    assert "Lan" in row.sms.body
    assert OutboundMessage.objects.filter(key=row.sms.key).count() == 1


def test_a_stop_that_has_arrived_is_obeyed_before_anything_is_sent(lan):
    route = ensure_sandbox_route()
    inbound.store(route, Inbound(from_=str(lan.phone), to="8088", body="TC", provider_id="in-1"), MORNING)
    tick(MORNING)
    assert InboundMessage.objects.get().handled_at == MORNING
    assert not ScheduledMessage.objects.filter(state="released").exists()
    assert [text.key[:5] for text in OutboundMessage.objects.all()] == ["stop:"], "only the confirmation"


def test_the_command_refuses_what_is_no_moment(capsys):
    with pytest.raises(CommandError):
        call_command("tick", "--now", "yesterday")


def test_every_task_of_the_rhythm_exists():
    celery.loader.import_default_modules()
    assert set(RHYTHM) <= set(celery.tasks)
