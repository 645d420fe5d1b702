"""In a simulation people write keywords, the station records later, numbers die and operators are watched."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.simulation.invariants import Watch
from campaigns.simulation.life import Known, Lives
from campaigns.simulation.log import FarEnd
from campaigns.simulation.world import Happening
from messaging import optouts
from messaging.incoming import keywords
from recipients import consent
from recipients.models import Child, Person, Task
from tests import people
from tests.schedule.conftest import calm_route

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def written():
    return []


@pytest.fixture
def lives(written):
    keywords.load()
    unit = people.commune()
    lives = Lives([unit], calm_route(), FarEnd(None, lambda line: written.append((line["event"], line["to"]))))
    pregnancy = people.lan(unit, NOON - timedelta(days=3), weeks=39)
    lives.known[1] = Known(pregnancy.mother_id, pregnancy.pk)
    return lives


def act(lives, what, minutes=0, **facts):
    lives.act(Happening(NOON, 1, what, facts), NOON + timedelta(minutes=minutes))
    lives._far_end.flush()


def lan() -> Person:
    return Person.objects.get()


def test_a_stop_and_a_start(lives, written):
    number = lan().phone
    act(lives, "start_by_text", words="BAT")
    assert written == [], "an open number is not opened"
    act(lives, "stop_by_text", words="TC")
    act(lives, "start_by_text", 5, words="BAT")
    assert written == [("opt_out", number), ("opt_in", number)]
    assert optouts.closed([number]) == set()
    assert consent.state_of([lan().pk]) == {lan().pk: "ask_again"}


def test_a_wrong_number(lives, written):
    number = lan().phone
    act(lives, "wrong_number", words="sai so")
    assert written == [("opt_out", number)]
    assert lan().phone is None
    assert Task.objects.get().kind == "wrong_number"


def test_a_birth_that_is_written_is_recorded_once(lives, written):
    act(lives, "birth_by_text", words="SINH 201126")
    assert written == [("birth", None)]
    child = Child.objects.get()
    assert lives.known[1].children == [child.pk]
    act(lives, "birth", 60, born=child.date_of_birth, gestation=279, weights=[3200])
    assert (Child.objects.count(), len(written)) == (1, 1)


def test_a_birth_that_nobody_can_read_is_recorded_by_the_station(lives, written):
    act(lives, "birth_by_text", words="SINH roi")
    assert written == []
    act(lives, "birth", 60, born=NOON.date(), gestation=280, weights=[3200])
    assert written == [("birth", None)]


def test_a_loss_that_is_written_counts_from_then_on(lives, written):
    act(lives, "loss_by_text", words="MAT")
    assert [event for event, _to in written] == ["loss"]
    assert Task.objects.filter(kind="loss_told").exists()
    act(lives, "loss", 60, kind="stillbirth", on=NOON.date())
    assert [event for event, _to in written] == ["loss", "loss"]


def test_the_count_lets_texts_go_again_after_a_start_and_not_before():
    def line(event, at):
        return {"kind": "event", "at": at, "event": event, "person": 1, "subject": None, "to": "+84912345678"}

    def text(key, at):
        nothing = dict.fromkeys(("person", "subject", "visit", "campaign", "step", "occurrence", "reader"))
        return nothing | {"kind": "text", "at": at, "to": "+84912345678", "key": key}

    at = NOON.isoformat()
    watch = Watch("Asia/Ho_Chi_Minh")
    for each in (line("opt_out", at), text("stop:1", at), line("opt_in", at), text("reply:2", at), line("opt_out", at),
                 text("stop:3", at)):  # fmt: skip
        watch.read(each)
    assert watch.violations["after_opt_out"] == 0
    watch.read(text("reply:4", at))
    assert watch.violations["after_opt_out"] == 1
