"""What was held until it had missed its day comes as a late entry does: of a topic the latest, also at night."""

from datetime import datetime, timedelta

import pytest

from campaigns.models import ScheduledMessage
from campaigns.schedule import pauses
from messaging.outgoing.dispatch import dispatch_all
from recipients import events
from tests import people
from tests.schedule.conftest import schedule
from tests.timelines import Line, publish


@pytest.mark.parametrize("hours", [1, 10])
def test_what_was_let_go_comes_as_its_latest_also_when_let_go_at_night(unit, now: datetime, hours: int) -> None:
    lines = [Line(f"day-{day}", day=day, open_for=20, topic="iron") for day in (84, 85, 86)]
    publish(lines)
    people.lan(unit, now, weeks=12)
    paused = pauses.pause(why="no tablets", now=now, topic="iron")
    for day in range(4):
        schedule(now + timedelta(days=day))
    later = now + timedelta(days=3, hours=hours)
    pauses.resume(paused, now=later)
    for passed in (later, later + timedelta(hours=12)):
        schedule(passed)
        dispatch_all(passed)
    assert dict(ScheduledMessage.objects.values_list("step_key", "reason")) == {
        "day-84": "superseded", "day-85": "superseded", "day-86": "",
    }  # fmt: skip


def test_of_what_was_the_mothers_own_she_gets_the_latest(unit, now: datetime) -> None:
    """Her mother read in her place and steps back."""
    publish([Line(f"day-{day}", day=day, open_for=20) for day in (60, 61, 62)], code="child", anchor="birth")
    child = people.be_an(unit, now, days=60)
    grandmother = people.ba_sau(child, now)
    events.set_main(grandmother, main=True, now=now, source="page")
    for day in range(4):
        schedule(now + timedelta(days=day))
    later = now + timedelta(days=3, hours=1)
    events.set_main(grandmother, main=False, now=later, source="page")
    schedule(later)
    assert dict(ScheduledMessage.objects.values_list("step_key", "reason")) == {
        "day-60": "superseded", "day-61": "superseded", "day-62": "",
    }  # fmt: skip
