"""The whole way: she comes by a register, her texts wait, next month's register tells the loss, and nothing leaves."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import ScheduledMessage
from campaigns.schedule.upcoming import coming
from messaging.models import OutboundMessage
from messaging.outgoing.dispatch import dispatch_all
from messaging.statuses import Status
from recipients import events
from recipients.models import Child, Person
from recipients.register_import.run import import_register
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
FIRST = NOON - timedelta(days=28)
LMP = (NOON - timedelta(weeks=12)).date()
TITLES = "STT;Họ và tên;SĐT;KCC;Mã xã;Đồng ý nhận tin;Ngày đẻ;Kết quả thai kỳ;Cân nặng trẻ"
STEPS = [Line("week-8", day=56), Line("week-12", day=84), Line("week-14", day=98), Line("week-40", day=280)]


def load(now: datetime, day: str = "", outcome: str = "", weight: str = ""):
    row = f"1;Nguyễn Thị Lan;0912345678;{LMP:%d/%m/%Y};29584;x;{day};{outcome};{weight}"
    return import_register(f"{TITLES}\n{row}".encode(), now=now)


def come(now: datetime) -> None:
    """Registered by a register, her number confirmed by a call of the station."""
    assert load(now).accepted == 1
    events.confirm_number(Person.objects.get(), now=now, source="page")


def live(now: datetime) -> None:
    schedule(now)
    dispatch_all(now)


def test_the_second_months_register_tells_a_loss(unit):
    publish(STEPS)
    publish([Line("day-1", day=1), Line("day-28", day=28)], code="child", anchor="birth")
    come(FIRST)
    live(FIRST)
    schedule(NOON)
    waiting = OutboundMessage.objects.filter(status=Status.QUEUED)
    assert waiting.exists()
    result = load(NOON + timedelta(minutes=1), f"{NOON - timedelta(days=2):%d/%m/%Y}", "sẩy thai")
    assert (result.known, result.losses) == (1, 1)
    for day in range(0, 320, 4):
        live(NOON + timedelta(minutes=2, days=day))
    assert OutboundMessage.objects.get(status=Status.CANCELED).error_code == "ended_loss"
    assert OutboundMessage.objects.exclude(status=Status.CANCELED).count() == 1, "that of the first month"
    assert set(ScheduledMessage.objects.values_list("step_key", "state", "reason")) == {
        ("week-8", "released", ""), ("week-12", "skipped", "ended_loss"),
    }  # fmt: skip
    assert coming(Person.objects.get(), NOON + timedelta(minutes=2)) == []
    assert load(NOON + timedelta(days=30), f"{NOON - timedelta(days=2):%d/%m/%Y}", "sẩy thai").losses == 0


def test_a_row_that_contradicts_itself_congratulates_nobody(unit):
    publish([Line("day-1", day=1, open_for=60)], code="child", anchor="birth")
    come(FIRST)
    late = NOON + timedelta(weeks=28)
    for outcome in ("", "thai lưu, con sống", "dọa đẻ non"):
        assert load(late, f"{late:%d/%m/%Y}", outcome, "3200").births == 0
        for day in range(1, 30):
            live(late + timedelta(days=day))
    assert not OutboundMessage.objects.exists()
    assert not Child.objects.exists()
    assert load(late + timedelta(days=40), f"{late:%d/%m/%Y}", "sinh sống", "3200").births == 1
    live(late + timedelta(days=40))
    assert OutboundMessage.objects.exists(), "said rightly, she is told"
