"""A step that was open only on days without a pass is recorded as late, whatever its enrollment was waiting for."""

from datetime import date, timedelta

import pytest

from campaigns.models import Enrollment, ScheduledMessage
from campaigns.schedule.enrollment import derive
from campaigns.schedule.planner import plan
from campaigns.schedule.release import release_due
from recipients import events
from recipients.models import Pregnancy
from tests import people
from tests.timelines import Line, publish

pytestmark = pytest.mark.django_db
FIRST = date(2026, 11, 2)
LINES = [Line("week-12", day=84, open_for=2), Line("week-13", day=91, open_for=2), Line("week-20", day=140)]


def passes(*days: int) -> None:
    for number in days:
        now = people.moment(FIRST + timedelta(days=number))
        derive(now)
        plan(now)
        release_due(now)


def ledger() -> dict[str, str]:
    return dict(ScheduledMessage.objects.values_list("step_key", "reason"))


@pytest.fixture
def pregnancy(unit) -> Pregnancy:
    """Ten weeks and no day on the first day."""
    publish(LINES)
    return people.lan(unit, people.moment(FIRST), weeks=10)


def redate(pregnancy: Pregnancy, days: int, on: int) -> None:
    now = people.moment(FIRST + timedelta(days=on))
    events.redate(pregnancy, lmp=pregnancy.anchor_date - timedelta(days=days), now=now, source="page")


def test_dated_again_in_an_outage(pregnancy):
    """Week 12 came on the fourth day, and nobody looked from the third to the ninth."""
    passes(0, 2)
    redate(pregnancy, 10, on=3)
    passes(9)
    assert ledger() == {"week-12": "late"}


def test_without_an_outage_a_correction_makes_nothing_late(pregnancy):
    """Twelve weeks have been over for a while: by the date that was recorded then, it was never due."""
    passes(0, 1, 2)
    redate(pregnancy, 30, on=3)
    passes(3)
    assert ledger() == {}


def test_edited_in_an_outage(pregnancy):
    passes(0)
    publish([*LINES, Line("week-11", day=77, open_for=1)])
    passes(11)
    assert ledger()["week-11"] == "late"


def test_taken_back_in_an_outage(pregnancy):
    """The loss was recorded by mistake; what closed while nobody looked has its row, what closed before has none."""
    passes(0)
    now = people.moment(FIRST + timedelta(days=1))
    events.loss(pregnancy, kind="miscarriage", on=now.date(), now=now, source="page")
    passes(1)
    events.undo_loss(pregnancy, now=now + timedelta(hours=1), source="page")
    passes(24)
    assert ledger() == {"week-12": "late", "week-13": "late"}


def test_who_comes_after_an_outage_has_only_what_is_current(pregnancy, unit):
    passes(0)
    hoa = people.hoa(unit, people.moment(FIRST + timedelta(days=9)), weeks=13)
    passes(20)
    assert not ScheduledMessage.objects.filter(enrollment__pregnancy=hoa).exists()
    assert Enrollment.objects.filter(pregnancy=hoa).exists()
