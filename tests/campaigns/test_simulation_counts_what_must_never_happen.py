"""The far end's count: each kind of violation is seen, and what is allowed is not counted."""

import ast
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaigns.simulation import invariants
from campaigns.simulation.invariants import KINDS, Watch, count_file
from campaigns.simulation.log import NOBODYS

NOON = datetime.fromisoformat("2026-03-02T12:00:00+07:00")
LAN, HER_PHONE, HER_PREGNANCY = 1, "+84912345678", "pregnancy:1"


def text(key="scheduled:1", at=NOON, **changes):
    line = {
        "kind": "text", "at": at.isoformat(), "to": HER_PHONE, "key": key, "person": LAN, "subject": HER_PREGNANCY,
        "campaign": "iron", "step": f"step-of-{key}", "occurrence": 0, "topic": "iron", "role": "mother", "visit": None,
        "class": "service", "without_mother": False,
    } | changes  # fmt: skip
    return {"reader": line["person"], "words": line["step"]} | line


def event(name, at=NOON, **changes):
    line = {"kind": "event", "at": at.isoformat(), "event": name, "person": LAN, "subject": None, "to": None}
    return line | changes


def reply(key, at):
    return text(key, at) | dict.fromkeys(NOBODYS)


def counted(*lines):
    watch = Watch("Asia/Ho_Chi_Minh")
    for line in lines:
        watch.read(line)
    return {kind: watch.violations[kind] for kind in KINDS if watch.violations[kind]}


MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
LOSS = event("loss", subject=HER_PREGNANCY)
UNDONE = event("undo", subject=HER_PREGNANCY, anchor="2025-11-01")
DEATH = event("maternal_death", subject=None, children=["child:2"])
LIVES = {"unit": ["86", "29551"]}
PAUSE = event("pause", pause="1", instead="", of_campaign="", of_step="", of_topic="iron", of_unit=None, of_person=None)
HERE = PAUSE | {"of_unit": "29551", "of_topic": ""}
BORN = event("birth", subject=HER_PREGNANCY, children=["child:2"])
TAKEN_BACK = event("birth_undone", subject=HER_PREGNANCY, children=["child:2"], anchor="2025-11-01")
EMERGENCY = {"class": "emergency"}
STOP = event("opt_out", to=HER_PHONE)
AFTER = NOON + MINUTE


def days(*after, **changes):
    """Texts to Lan so many days after the first."""
    return [text(f"scheduled:{number}", NOON + day * A_DAY, **changes) for number, day in enumerate(after)]


def registered(weeks, days=0):
    """Lan, so far in her pregnancy on the day of the texts."""
    anchor = NOON.date() - timedelta(weeks=weeks, days=days)
    return event("register", subject=HER_PREGNANCY, anchor=anchor.isoformat(), **LIVES)


CASES = {
    "one text": ([text()], {}),
    "the same key twice": ([text(), text(step="other")], {"duplicate": 1}),
    "the same key and step twice are one repeat": ([text(), text()], {"duplicate": 1}),
    "three times are two repeats": ([text(), text(), text()], {"duplicate": 2}),
    "a reply twice": ([reply("reply:1", NOON), reply("reply:1", AFTER)], {"duplicate": 1}),
    "two replies": ([reply("reply:1", NOON), reply("reply:2", AFTER)], {}),
    "the same step under another key": ([text(), text("scheduled:2", step="step-of-scheduled:1")], {"duplicate": 1}),
    "the same step for another child": (
        [text(), text("scheduled:2", NOON + A_DAY, step="step-of-scheduled:1", subject="child:2")],
        {},
    ),
    "the same step for another visit": (
        [text(visit=1), text("scheduled:2", NOON + A_DAY, step="step-of-scheduled:1", visit=2)],
        {},
    ),
    "the same step for the same visit": (
        [text(visit=1), text("scheduled:2", NOON + A_DAY, step="step-of-scheduled:1", visit=1)],
        {"duplicate": 1},
    ),
    "before the loss": ([text(at=NOON - MINUTE), LOSS], {}),
    "after the loss": ([LOSS, text(at=AFTER)], {"after_loss": 1}),
    "after the loss, to her husband": ([LOSS, text(at=AFTER, person=2, to="+84987654321")], {"after_loss": 1}),
    "after the loss, about a twin who lives": ([LOSS, text(at=AFTER, subject="child:2")], {}),
    "the campaign for a loss": ([LOSS, text(at=AFTER, campaign="loss")], {}),
    "after a loss that was taken back": ([LOSS, UNDONE, text(at=AFTER)], {}),
    "after it was lost again": ([LOSS, UNDONE, LOSS, text(at=AFTER)], {"after_loss": 1}),
    "after her death, to her": ([DEATH, text(at=AFTER)], {"after_loss": 1}),
    "after her death, about the child to its father": (
        [DEATH, text(at=AFTER, person=2, subject="child:2", without_mother=True)],
        {},
    ),
    "after her death, in words that name her": (
        [DEATH, text(at=AFTER, person=2, subject="child:2")],
        {"after_loss": 1},
    ),
    "after her death, hers about the child to its grandmother": (
        [DEATH, text(at=AFTER, reader=3, subject="child:2", without_mother=True)],
        {},
    ),
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
    "an emergency at night": ([text(at=NOON.replace(hour=23), **{"class": "emergency"})], {}),
    "two on a day": (days(0, 0), {"over_cap": 1}),
    "two of which one is an emergency": ([text(), text("scheduled:2", **{"class": "emergency"})], {}),
    "two on a day to staff": (days(0, 0, role="village_worker"), {}),
    "two on a day to two women on one phone": ([text(), text("scheduled:2", person=2)], {}),
    "two on a day to one grandmother for two women": (
        [text(reader=3), text("scheduled:2", person=2, reader=3)],
        {"over_cap": 1},
    ),
    "three on seven days": (days(0, 3, 6), {"over_cap": 1}),
    "three on eight days": (days(0, 3, 7), {}),
    "four to a number on one day": (
        [text(f"scheduled:{person}", person=person) for person in range(1, 5)],
        {"over_cap": 1},
    ),
    "four to a number within 24 hours": (
        [
            *(text(f"scheduled:{person}", person=person) for person in range(1, 4)),
            text("scheduled:4", NOON + A_DAY - MINUTE, person=4),
        ],
        {"over_cap": 1},
    ),
    "the fourth to a number after 24 hours": (
        [
            *(text(f"scheduled:{person}", person=person) for person in range(1, 4)),
            text("scheduled:4", NOON + A_DAY, person=4),
        ],
        {},
    ),
    "advice at 41w6d": ([registered(weeks=41, days=6), text()], {}),
    "advice at 42w0d": ([registered(weeks=42), text()], {"held": 1}),
    "a question at 42w0d": ([registered(weeks=42), text(topic="outcome")], {}),
    "a question at EDD + 20 days": ([registered(weeks=42, days=6), text(topic="outcome")], {}),
    "a question at EDD + 21 days": ([registered(weeks=43), text(topic="outcome")], {"held": 1}),
    "at 42w0d by a date that was corrected": (
        [registered(weeks=42), event("redate", subject=HER_PREGNANCY, anchor="2025-11-01"), text()],
        {},
    ),
    "after the birth that ended it": ([registered(weeks=43), event("birth", subject=HER_PREGNANCY), text()], {}),
    "a topic that is paused": ([PAUSE, text(at=AFTER)], {"held": 1}),
    "another topic": ([PAUSE, text(at=AFTER, topic="anc")], {}),
    "before the pause": ([text(), PAUSE], {}),
    "after the pause": ([PAUSE, event("resume", pause="1"), text(at=AFTER)], {}),
    "in a commune that is paused": ([registered(weeks=20), HERE, text(at=AFTER)], {"held": 1}),
    "to her grandmother elsewhere, about a child in the commune that is paused": (
        [
            registered(weeks=20),
            event("register", person=3, subject=HER_PREGNANCY, unit=["86", "29557"]),
            BORN,
            HERE,
            text(at=AFTER, person=3, subject="child:2"),
        ],
        {"held": 1},
    ),
    "to her grandmother in the paused commune, about a child elsewhere": (
        [
            event("register", subject="child:2", unit=["86", "29557"]),
            event("register", person=3, subject="child:2", **LIVES),
            HERE,
            text(at=AFTER, person=3, subject="child:2"),
        ],
        {},
    ),
    "about a child whose birth was taken back": (
        [registered(weeks=18), BORN, TAKEN_BACK, text(at=AFTER, subject="child:2")],
        {"after_loss": 1},
    ),
    "about the pregnancy that goes on": ([registered(weeks=18), BORN, TAKEN_BACK, text(at=AFTER)], {}),
    "about the pregnancy that goes on too long": (
        [registered(weeks=42), BORN, TAKEN_BACK | {"anchor": registered(weeks=42)["anchor"]}, text(at=AFTER)],
        {"held": 1},
    ),
    "after three of another system": (
        [*(reply(f"api:h:{n}", NOON + n * MINUTE) for n in range(3)), text(at=NOON + 5 * MINUTE)],
        {"over_cap": 1},
    ),
    "after two of another system": (
        [*(reply(f"api:h:{n}", NOON + n * MINUTE) for n in range(2)), text(at=NOON + 5 * MINUTE)],
        {},
    ),
    "after three, an emergency among them": (
        [
            *(reply(f"api:h:{n}", NOON + n * MINUTE) for n in range(2)),
            text("scheduled:7", NOON + 3 * MINUTE, **EMERGENCY),
            text(at=NOON + 5 * MINUTE),
        ],
        {"over_cap": 1},
    ),
    "an emergency after three": (
        [
            *(reply(f"api:h:{n}", NOON + n * MINUTE) for n in range(3)),
            text("scheduled:7", NOON + 3 * MINUTE, **EMERGENCY),
        ],
        {},
    ),
    "in another commune": ([event("register", subject=None, unit=["86", "29557"]), HERE, text(at=AFTER)], {}),
    "moved away": ([registered(weeks=20), event("move", unit=["24", "07210"]), HERE, text(at=AFTER)], {}),
    "the topic in another commune": (
        [event("register", subject=None, unit=["86", "29557"]), HERE | {"of_topic": "iron"}, text(at=AFTER)],
        {},
    ),
    "the text that goes instead": ([PAUSE | {"instead": "iron-later"}, text(at=AFTER, words="iron-later")], {}),
    "the text itself though another goes instead": (
        [PAUSE | {"instead": "iron-later"}, text(at=AFTER)],
        {"held": 1},
    ),
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


GIVEN_UP = {
    "a number that takes texts": ([text()], [HER_PHONE], 1),
    "a number at which nothing was ever taken": ([text(to="+84987654321")], [HER_PHONE], 0),
    "a number that was stopped": ([text(), STOP], [HER_PHONE], 0),
    "a number that was stopped and began again": ([text(), STOP, event("opt_in", to=HER_PHONE)], [HER_PHONE], 1),
}


@pytest.mark.parametrize("case", GIVEN_UP)
def test_given_up(case):
    lines, given_up, expected = GIVEN_UP[case]
    watch = Watch("Asia/Ho_Chi_Minh")
    for line in lines:
        watch.read(line)
    watch.settle((), 0, 0, given_up)
    assert watch.violations["given_up"] == expected


def test_a_log_file_can_be_counted_again(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in [LOSS, text(at=AFTER)]))
    assert count_file(str(path)) == {
        "duplicate": 0, "after_loss": 1, "after_opt_out": 0, "quiet_hours": 0, "over_cap": 0, "held": 0,
    }  # fmt: skip


def test_the_count_shares_nothing_with_what_it_checks():
    tree = ast.parse(Path(invariants.__file__).read_text(encoding="utf-8"))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add((node.module or "").partition(".")[0])
    assert modules <= set(sys.stdlib_module_names)
