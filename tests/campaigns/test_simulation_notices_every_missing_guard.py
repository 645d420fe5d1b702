"""A simulated fortnight has no violation; without one guard it has some of just that kind."""

import json
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from campaigns.simulation import certain, ground, sabotage
from campaigns.simulation.down import Down, largest
from campaigns.simulation.invariants import Watch, count_file
from campaigns.simulation.life import Lives
from campaigns.simulation.log import FarEnd
from campaigns.simulation.run import Run, given_up
from campaigns.simulation.staff import Staff
from campaigns.simulation.world import STRESS, World
from recipients.models import Caregiver, Child, Person

SEED = 3
"""Births are told in its week."""
NOON = datetime(2026, 1, 4, 5, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def simulate(people=80, days=7, **options) -> dict:
    out = StringIO()
    call_command("simulate", people=people, days=days, seed=SEED, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def test_no_violation_and_nothing_left_over(tmp_path):
    log = tmp_path / "log.jsonl"
    answer = simulate(log=str(log))
    assert list(answer) == [
        "people", "due", "delivered", "undelivered", "unknown", "pending", "told", "skipped", "violations", "seconds",
    ]  # fmt: skip
    assert answer["violations"] == dict.fromkeys(answer["violations"], 0)
    assert list(answer["violations"]) == [
        "duplicate", "after_loss", "after_opt_out", "quiet_hours", "over_cap", "held", "unaccounted", "given_up",
    ]  # fmt: skip
    assert answer["pending"] == 0
    parts = answer["delivered"] + answer["undelivered"] + answer["unknown"] + answer["pending"] + answer["told"]
    assert answer["due"] == parts + sum(answer["skipped"].values()) > 200
    assert answer["people"] == Person.objects.count() == 80
    assert Caregiver.objects.exists(), "husbands are among them"
    assert sum(count_file(str(log)).values()) == 0
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    texts = [line for line in lines if line["kind"] == "text"]
    assert answer["delivered"] <= sum(line["campaign"] is not None for line in texts)
    events = [line for line in lines if line["kind"] == "event"]
    assert {line["event"] for line in events} >= {"register", "birth", "loss", "opt_out", "pause", "resume"}
    assert len({line["person"] for line in events if line["event"] == "register"}) == 80
    assert_the_log_stands_alone(lines)


def assert_the_log_stands_alone(lines):
    """Every subject and person of a text is named by an event before, every child of a birth with its pregnancy."""
    named, registered, mothers = set(), set(), {}
    for line in lines:
        if line["kind"] == "event":
            named |= {line["subject"], *line.get("children", [])}
            registered |= {line["person"]} if line["event"] == "register" else set()
            if line["event"] == "birth":
                assert line["children"]
                mothers |= dict.fromkeys(line["children"], (line["person"], line["subject"]))
        elif line["campaign"] is not None:
            assert line["subject"] in named
            assert line["person"] in registered
    born = Child.objects.exclude(pregnancy=None).values_list("pk", "mother", "pregnancy")
    assert mothers == {f"child:{child}": (mother, f"pregnancy:{pregnancy}") for child, mother, pregnancy in born}
    assert mothers


ALSO = {"duplicate": {"over_cap"}}
"""Of a text that is sent again on a later day the caps know that day alone, and the operator both."""


@pytest.mark.once
@pytest.mark.parametrize("kind", sorted(set(sabotage.GUARDS) - {"given_up"}))
def test_a_missing_guard_is_noticed(kind):
    violations = simulate(people=50, days=4, sabotage=kind)["violations"]
    assert violations[kind] > 0
    assert {name for name, count in violations.items() if count} <= {kind, "unaccounted"} | ALSO.get(kind, set())


@pytest.mark.once
def test_even_a_small_run_meets_every_guard():
    """Fifty people and twenty days over Tết, all guards away at once, without the days of draining; the operator with
    the most numbers down for most of them."""
    seed, start = 3, "2026-02-10"
    places = ground.prepare(50, NOON)
    ground.approve_library(ground.reviewer(NOON), NOON)
    world = World(seed, 50, date.fromisoformat(start), 20, places.peoples, settings.ZONE, STRESS)
    watch = Watch(settings.TIME_ZONE)
    far_end = FarEnd(None, watch.read)
    with ExitStack() as stack:
        route = stack.enter_context(ground.operator(seed, ground.FAULTS, NOON))
        for kind in sabotage.GUARDS:
            stack.enter_context(sabotage.without(kind))
        lives = Lives(places.communes, route, far_end, most=50)
        staff = Staff(places.communes, ground.users(NOON), lives, far_end)
        since = NOON.replace(year=2026, month=2, day=12)
        outage = Down(route, largest(world, route), since, since + timedelta(days=30))
        played = Run(world, lives, staff, far_end, certain=certain.times(50), down=outage)
        played.play()
        far_end.close()
    watch.settle((), 0, 0, given_up())
    assert {kind: played.counts[f"certain:{kind}"] for kind in certain.KINDS} == dict.fromkeys(certain.KINDS, 3)
    assert all(watch.violations[kind] for kind in sabotage.GUARDS), watch.violations
    assert Person.objects.count() == 50


def test_what_it_cannot_do_it_says_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="Give a file in a folder that exists"):
        simulate(log=str(tmp_path / "nowhere" / "log.jsonl"))
    with pytest.raises(CommandError, match="Check --start and --days"):
        simulate(start=date(9999, 12, 30))
    MigrationRecorder(connection).record_unapplied("campaigns", last := _newest_migration())
    try:
        with pytest.raises(CommandError, match="Run migrate first"):
            simulate()
    finally:
        MigrationRecorder(connection).record_applied("campaigns", last)


def _newest_migration() -> str:
    return max(name for app, name in MigrationRecorder(connection).applied_migrations() if app == "campaigns")


def test_it_never_mixes_with_people(now):
    simulate_on = Person.objects
    assert not simulate_on.exists()
    call_command("simulate", people=1, days=1, stdout=StringIO())
    with pytest.raises(CommandError, match="holds people"):
        call_command("simulate", people=1, days=1, stdout=StringIO())
