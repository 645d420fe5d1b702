"""The invented province: the same for the same seed, plausible, and with everything that can happen."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.simulation.province import happenings
from campaigns.simulation.world import STRESS, World
from recipients.phones import parse

WORLD = World(7, 1500, date(2026, 1, 5), 60, ("kinh", "khmer", "highland"), ZoneInfo("Asia/Ho_Chi_Minh"), STRESS)


@pytest.fixture(scope="module")
def things():
    return happenings(WORLD)


def test_the_same_seed_gives_the_same_people(things):
    assert things == happenings(WORLD)
    assert [thing.facts for thing in things] != [thing.facts for thing in happenings(replace(WORLD, seed=8))]


def test_everybody_registers_first_and_once(things):
    first = {}
    for thing in things:
        if thing.number >= 0:
            first.setdefault(thing.number, thing.kind)
    assert set(first) == set(range(1500))
    assert set(first.values()) == {"register"}
    assert Counter(thing.kind for thing in things)["register"] == 1500


def test_everything_that_can_happen_happens(things):
    kinds = Counter(thing.kind for thing in things)
    expected = {
        "birth", "loss", "child_death", "maternal_death", "stop_by_text", "stop_number", "stop_person", "asked_again",
        "caregiver", "redate", "number", "move", "visit", "plan_visit", "reschedule_visit", "cancel_visit", "undo_loss",
        "undo_child_death", "end_care", "language", "worker", "session", "pause", "resume", "broadcast",
        "emergency", "undo_birth", "correct_birth", "other_system", "start_by_text", "wrong_number", "birth_by_text",
        "loss_by_text",
    }  # fmt: skip
    assert expected <= set(kinds)
    births = [thing.facts for thing in things if thing.kind == "birth"]
    assert any(len(facts["weights"]) == 2 for facts in births)
    assert any(facts["gestation"] < 259 for facts in births)
    reported = [(thing.at.date() - thing.facts["born"]).days for thing in things if thing.kind == "birth"]
    assert min(reported) >= 0
    assert max(reported) > 7


def test_a_visit_that_was_put_off_may_be_put_back_to_its_first_day(things):
    days = defaultdict(list)
    for thing in things:
        if thing.kind in ("plan_visit", "reschedule_visit"):
            days[thing.number, thing.facts["type"]].append(thing.facts["on"])
    assert any(len(on) == 3 and on[0] == on[2] != on[1] for on in days.values())
    assert any(len(on) == 2 for on in days.values())


def test_what_offices_do_happens_in_a_commune_of_the_world(things):
    offices = [thing for thing in things if thing.number < 0]
    assert {-1 - thing.number for thing in offices} == {0, 1, 2}
    assert Counter(thing.kind for thing in offices)["worker"] == 6, "two in each commune"
    sessions = Counter(thing.number for thing in offices if thing.kind == "session")
    assert set(sessions) == {-1, -2, -3}, "every station has its days"


def test_a_loss_is_taken_back_within_the_day(things):
    lost = {thing.number: thing.at for thing in things if thing.kind == "loss"}
    undone = [thing for thing in things if thing.kind == "undo_loss"]
    assert all(thing.at - lost[thing.number] < timedelta(hours=24) for thing in undone)


def test_every_number_is_a_vietnamese_mobile_number(things):
    raw = [thing.facts["phone"] for thing in things if thing.facts.get("phone")]
    assert len(raw) > 1300
    assert {parse(number).kind for number in raw} == {"mobile"}


def test_no_birth_after_a_loss(things):
    undone = {thing.number for thing in things if thing.kind == "undo_loss"}
    lost = {thing.number for thing in things if thing.kind == "loss"} - undone
    assert not lost & {thing.number for thing in things if thing.kind == "birth"}
