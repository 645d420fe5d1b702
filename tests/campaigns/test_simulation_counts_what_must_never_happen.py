"""The far end's count: each kind of violation is seen, and what is allowed is not counted."""

import ast
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaigns.simulation import invariants
from campaigns.simulation.invariants import KINDS, Watch, count_file

NOON = datetime.fromisoformat("2026-03-02T12:00:00+07:00")
LAN, HER_PHONE, HER_PREGNANCY = 1, "+84912345678", "pregnancy:1"


def text(key="scheduled:1", at=NOON, **changes):
    line = {
        "kind": "text", "at": at.isoformat(), "to": HER_PHONE, "key": key, "person": LAN, "subject": HER_PREGNANCY,
        "campaign": "iron", "step": f"step-of-{key}", "occurrence": 0,
    }  # fmt: skip
    return line | changes


def event(name, at=NOON, **changes):
    line = {"kind": "event", "at": at.isoformat(), "event": name, "person": LAN, "subject": None, "to": None}
    return line | changes


def reply(key, at):
    return text(key, at, person=None, subject=None, campaign=None, step=None, occurrence=None)


def counted(*lines):
    watch = Watch("Asia/Ho_Chi_Minh")
    for line in lines:
        watch.read(line)
    return {kind: watch.violations[kind] for kind in KINDS if watch.violations[kind]}


MINUTE = timedelta(minutes=1)
LOSS = event("loss", subject=HER_PREGNANCY)
STOP = event("opt_out", to=HER_PHONE)
AFTER = NOON + MINUTE

CASES = {
    "one text": ([text()], {}),
    "the same key twice": ([text(), text(step="other")], {"duplicate": 1}),
    "the same key and step twice are one repeat": ([text(), text()], {"duplicate": 1}),
    "three times are two repeats": ([text(), text(), text()], {"duplicate": 2}),
    "a reply twice": ([reply("reply:1", NOON), reply("reply:1", AFTER)], {"duplicate": 1}),
    "two replies": ([reply("reply:1", NOON), reply("reply:2", AFTER)], {}),
    "the same step under another key": ([text(), text("scheduled:2", step="step-of-scheduled:1")], {"duplicate": 1}),
    "the same step for another child": (
        [text(), text("scheduled:2", step="step-of-scheduled:1", subject="child:2")],
        {},
    ),
    "before the loss": ([text(at=NOON - MINUTE), LOSS], {}),
    "after the loss": ([LOSS, text(at=AFTER)], {"after_loss": 1}),
    "after the loss, to her husband": ([LOSS, text(at=AFTER, person=2, to="+84987654321")], {"after_loss": 1}),
    "after the loss, about a twin who lives": ([LOSS, text(at=AFTER, subject="child:2")], {}),
    "the campaign for a loss": ([LOSS, text(at=AFTER, campaign="loss")], {}),
    "a reply after the loss": ([LOSS, reply("reply:1", AFTER)], {}),
    "after a stop": ([STOP, text(at=AFTER)], {"after_opt_out": 1}),
    "one confirmation": ([STOP, reply("stop:1", AFTER)], {}),
    "one confirmation twice": ([STOP, reply("stop:1", AFTER), reply("stop:1", AFTER)], {"duplicate": 1}),
    "two confirmations": ([STOP, reply("stop:1", AFTER), reply("reply:2", AFTER)], {"after_opt_out": 1}),
    "to another number": ([STOP, text(at=AFTER, to="+84987654321")], {}),
    "stopped by staff, on any number": (
        [event("opt_out"), text(at=AFTER, to="+84987654321")],
        {"after_opt_out": 1},
    ),
    "at half past seven": ([text(at=NOON.replace(hour=7, minute=30))], {}),
    "before half past seven": ([text(at=NOON.replace(hour=7, minute=29, second=59))], {"quiet_hours": 1}),
    "before half past eight in the evening": ([text(at=NOON.replace(hour=20, minute=29, second=59))], {}),
    "at half past eight in the evening": ([text(at=NOON.replace(hour=20, minute=30))], {"quiet_hours": 1}),
    "a confirmation at night": ([STOP, reply("stop:1", NOON.replace(hour=23))], {}),
}


@pytest.mark.parametrize("case", CASES)
def test_counts(case):
    lines, expected = CASES[case]
    assert counted(*lines) == expected


LEDGERS = {
    "agrees": ([("scheduled:1", "released", "delivered"), (None, "skipped", "")], 2, 2, 0),
    "sent but never seen": ([("scheduled:1", "released", "delivered"), ("scheduled:9", "released", "sent")], 2, 2, 1),
    "in doubt and never seen": (
        [("scheduled:1", "released", "unknown"), ("scheduled:9", "released", "unknown")], 2, 2, 0,
    ),
    "its time was over before it left": (
        [("scheduled:1", "released", "delivered"), ("scheduled:9", "released", "expired")], 2, 2, 0,
    ),
    "seen but said to be skipped": ([("scheduled:1", "skipped", "canceled")], 1, 1, 2),
    "seen and claimed by nobody": ([(None, "skipped", "")], 1, 1, 1),
    "a row that reach forgot": ([("scheduled:1", "released", "delivered"), (None, "waiting", "")], 1, 1, 1),
}  # fmt: skip


@pytest.mark.parametrize("case", LEDGERS)
def test_unaccounted(case):
    rows, due, sums, expected = LEDGERS[case]
    watch = Watch("Asia/Ho_Chi_Minh")
    watch.read(text())
    watch.settle(rows, due, sums)
    assert watch.violations["unaccounted"] == expected


def test_a_log_file_can_be_counted_again(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in [LOSS, text(at=AFTER)]))
    assert count_file(str(path)) == {"duplicate": 0, "after_loss": 1, "after_opt_out": 0, "quiet_hours": 0}


def test_the_count_shares_nothing_with_what_it_checks():
    tree = ast.parse(Path(invariants.__file__).read_text(encoding="utf-8"))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add((node.module or "").partition(".")[0])
    assert modules <= set(sys.stdlib_module_names)
