"""A simulated fortnight has no violation; without one guard it has some of just that kind."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from campaigns.simulation.invariants import count_file
from recipients.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


def simulate(**options) -> dict:
    out = StringIO()
    call_command("simulate", people=80, days=7, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def test_no_violation_and_nothing_left_over(tmp_path):
    log = tmp_path / "log.jsonl"
    answer = simulate(log=str(log))
    assert list(answer) == [
        "people", "due", "delivered", "undelivered", "unknown", "pending", "skipped", "violations", "seconds",
    ]  # fmt: skip
    assert answer["violations"] == dict.fromkeys(answer["violations"], 0)
    assert list(answer["violations"]) == ["duplicate", "after_loss", "after_opt_out", "quiet_hours", "unaccounted"]
    assert answer["pending"] == 0
    parts = answer["delivered"] + answer["undelivered"] + answer["unknown"] + answer["pending"]
    assert answer["due"] == parts + sum(answer["skipped"].values()) > 200
    assert answer["people"] >= 80
    assert sum(count_file(str(log)).values()) == 0
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    texts = [line for line in lines if line["kind"] == "text"]
    assert answer["delivered"] <= sum(line["campaign"] is not None for line in texts)
    assert {line["event"] for line in lines if line["kind"] == "event"} >= {"register", "birth", "loss", "opt_out"}


@pytest.mark.parametrize("kind", ["duplicate", "after_loss", "after_opt_out", "quiet_hours"])
def test_a_missing_guard_is_noticed(kind):
    violations = simulate(sabotage=kind)["violations"]
    assert violations[kind] > 0
    assert {name for name, count in violations.items() if count} <= {kind, "unaccounted"}


def test_it_never_mixes_with_people(now):
    simulate_on = Person.objects
    assert not simulate_on.exists()
    call_command("simulate", people=1, days=1, stdout=StringIO())
    with pytest.raises(CommandError, match="holds people"):
        call_command("simulate", people=1, days=1, stdout=StringIO())
