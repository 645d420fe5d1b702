"""Counts, from the far end, what must never happen. Standard library only: it shares nothing with what it checks.

It reads the log of the simulated operator (texts that it accepted) with the events as they were recorded, in the
order in which they happened, and knows the rules from the issue, not from the code.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

KINDS: Final = (
    "duplicate", "after_loss", "after_opt_out", "quiet_hours", "over_cap", "held", "unaccounted", "given_up"
)  # fmt: skip
AT_THE_END: Final = ("unaccounted", "given_up")
"""What no line of the log shows."""
OPENS, CLOSES = time(7, 30), time(20, 30)
MOST_A_DAY, MOST_A_WEEK, WEEK = 1, 2, timedelta(days=7)
MOST_TO_A_NUMBER, A_DAY = 3, timedelta(hours=24) - timedelta(seconds=5)
"""Five seconds less: the last check before the call is good for so long."""
ONLY_QUESTIONS_FROM, HOLD_FROM = timedelta(weeks=42), timedelta(weeks=40, days=21)
EMERGENCY: Final = "emergency"
STAFF: Final = ("village_worker", "station")


class Watch:
    """Reads log lines one after the other and counts violations.

    - `duplicate`: the same (person, subject, campaign, step, occurrence) accepted again, or the same key again; a
      text that repeats both counts once, and the repeat is no violation of another kind but those of its moment.
    - `after_loss`: a campaign's text about a subject accepted after that subject's loss was recorded and not taken
      back, or about a child after its birth was taken back; only the campaign `loss` may, and an emergency as long as
      the loss was told by text and nobody has looked into it. After the mother's death the same holds for what is said
      about a living child to herself, and for words that name her or breastfeeding to all.
    - `after_opt_out`: any text to a number after its opt-out and before its opt-in, but for the one confirmation (sent
      again it is a duplicate); and a campaign's text to a person whom staff stopped, on whatever number.
    - `quiet_hours`: a campaign's text accepted outside 07:30-20:30 local; an emergency may.
    - `over_cap`: but for emergencies, more than one campaign's text to a person on a local day, or more than two on
      seven local days (staff get notices about many people and are not counted), or a campaign's text to a number that
      had three within 24 hours: emergencies, answers and texts of other systems among them, but not the confirmation.
    - `held`: but for emergencies, a campaign's text about a pregnancy without an outcome that asks for no outcome, from
      42w0d on; any, from the due date and 21 days on; and, an emergency too, a text that an unfinished pause stands
      against, that of a unit where the mother lives whom the text is about, or its person where it is about nobody.
    - `unaccounted` and `given_up`: see `settle`.
    """

    def __init__(self, zone: str) -> None:
        self.violations: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        self.examples: dict[str, dict[str, Any]] = {}
        self._zone = ZoneInfo(zone)
        self._keys: set[str] = set()
        self._reached: set[str] = set()
        self._said: set[tuple[Any, ...]] = set()
        self._lost: set[str] = set()
        self._told: set[str] = set()
        """Lost by a text that nobody has looked into."""
        self._motherless: set[str] = set()
        self._closed: set[str] = set()
        self._confirmed: dict[str, str] = {}
        self._stopped: set[Any] = set()
        self._dead: set[Any] = set()
        self._anchors: dict[str, date] = {}
        self._units: dict[Any, Collection[str]] = {}
        self._mothers: dict[Any, Any] = {}
        self._pauses: dict[Any, Mapping[str, Any]] = {}
        self._days: dict[Any, list[date]] = {}
        self._moments: dict[str, list[datetime]] = {}

    def read(self, line: Mapping[str, Any]) -> None:
        """One line of the log."""
        if line["kind"] == "event":
            self._event(line)
        else:
            self._text(line)

    def _event(self, line: Mapping[str, Any]) -> None:
        event, subject, person = line["event"], line["subject"], line["person"]
        if event in ("register", "redate", "undo", "birth_undone") and line.get("anchor"):
            self._anchors[subject] = date.fromisoformat(line["anchor"])
        if event in ("register", "move"):
            self._units[person] = line.get("unit") or ()
        if event == "register":  # whoever is registered first with a subject is its mother
            self._mothers.setdefault(subject, person)
        if event in ("loss", "birth"):
            self._anchors.pop(subject, None)
        if event == "birth":
            self._mothers.update(dict.fromkeys(line.get("children", ()), person))
        elif event == "birth_undone":
            self._lost.update(line.get("children", ()))
        elif event == "loss":
            (self._told if line.get("told") else self._lost).add(subject)
        elif event == "undo":
            self._lost.discard(subject)
            self._told.discard(subject)
        elif event == "maternal_death":
            self._dead.add(person)
            self._motherless.update(line.get("children", ()))
        elif event == "opt_out" and line["to"]:
            self._closed.add(line["to"])
        elif event == "opt_out":
            self._stopped.add(person)
        elif event == "opt_in":
            self._closed.discard(line["to"])
            self._confirmed.pop(line["to"], None)
        elif event == "pause":
            self._pauses[line["pause"]] = line
        elif event == "resume":
            self._pauses.pop(line["pause"], None)

    def _text(self, line: Mapping[str, Any]) -> None:
        at = datetime.fromisoformat(line["at"])
        to, campaign = line["to"], line["campaign"]
        self._reached.add(to)
        repeated = self._is_repeated(line)
        if repeated:
            self._found("duplicate", line)
        confirms = to in self._closed and self._is_confirmation(line)
        if to in self._closed and not confirms:
            self._found("after_opt_out", line)
        before = [moment for moment in self._moments.get(to, ()) if at - moment < A_DAY]
        if not confirms and not repeated:
            self._moments[to] = [*before, at]
        if campaign is None:
            return
        here = at.astimezone(self._zone)
        if campaign != "loss" and self._is_after_loss(line):
            self._found("after_loss", line)
        if line["reader"] in self._stopped:
            self._found("after_opt_out", line)
        if self._is_held(line, here.date()):
            self._found("held", line)
        if line["class"] == EMERGENCY:
            return
        if not OPENS <= here.time() < CLOSES:
            self._found("quiet_hours", line)
        if not repeated and self._is_over_cap(line, here.date(), len(before)):
            self._found("over_cap", line)

    def _is_repeated(self, line: Mapping[str, Any]) -> bool:
        said = tuple(line[name] for name in ("person", "subject", "visit", "campaign", "step", "occurrence"))
        repeated = line["key"] in self._keys or (line["campaign"] is not None and said in self._said)
        self._keys.add(line["key"])
        if line["campaign"] is not None:
            self._said.add(said)
        return repeated

    def _is_confirmation(self, line: Mapping[str, Any]) -> bool:
        """Whether it is the first text to the number that is no campaign's since its opt-out, or that one again."""
        return line["campaign"] is None and self._confirmed.setdefault(line["to"], line["key"]) == line["key"]

    def _is_after_loss(self, line: Mapping[str, Any]) -> bool:
        if line["subject"] in self._lost or line["reader"] in self._dead:
            return True
        if line["subject"] in self._told and line["class"] != EMERGENCY:
            return True
        return line["subject"] in self._motherless and not line["without_mother"]

    def _is_held(self, line: Mapping[str, Any], day: date) -> bool:
        anchor = self._anchors.get(line["subject"])
        weeks = day - anchor if anchor is not None and line["class"] != EMERGENCY else timedelta()
        if weeks >= HOLD_FROM or (weeks >= ONLY_QUESTIONS_FROM and line["topic"] != "outcome"):
            return True
        return any(self._stands_against(pause, line) for pause in self._pauses.values())

    def _stands_against(self, pause: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
        """Whether every scope that the pause names is the text's, and its words are not those that go instead."""
        scopes = ("campaign", "step", "topic", "person")
        if any(pause[f"of_{name}"] not in (None, "", line[name]) for name in scopes):
            return False
        if pause["instead"] and line["words"] == pause["instead"]:
            return False
        about = self._mothers.get(line["subject"], line["person"])
        return pause["of_unit"] is None or pause["of_unit"] in self._units.get(about, ())

    def _is_over_cap(self, line: Mapping[str, Any], day: date, to_the_number: int) -> bool:
        over = to_the_number >= MOST_TO_A_NUMBER
        if line["role"] not in STAFF:
            days = [other for other in self._days.get(line["reader"], ()) if day - other < WEEK]
            self._days[line["reader"]] = [*days, day]
            over = over or days.count(day) >= MOST_A_DAY or len(days) >= MOST_A_WEEK
        return over

    def settle(
        self, ledger: Iterable[tuple[str | None, str, str]], due: int, sums: int, given_up: Iterable[str] = ()
    ) -> None:
        """Counts `unaccounted` and `given_up` once the run is over.

        `ledger` has for every due message the key under which it was handed over (None: never), its state (waiting,
        released, told, skipped) and the status of its text ("" without one); `due` and `sums` are what reach says: the
        number due, and delivered + undelivered + unknown + pending + skipped.

        - Reach counts more or fewer than there are due messages.
        - The operator accepted a campaign's text that no due message claims, or whose due message says that it did
          not leave.
        - A due message says that its text was sent or arrived, and the operator never saw it. `expired` says neither:
          a text's time may be over in the queue or at the operator.

        `given_up`: the numbers that are held as dead or are closed. One at which the operator took a text does exist,
        and is held so only where somebody stopped it, however many reports of an outage say otherwise.
        """
        for to in sorted(set(given_up)):
            if to in self._reached and to not in self._closed:
                self._found("given_up", {"to": to})
        rows, claimed = 0, set()
        for key, state, status in ledger:
            rows += 1
            seen = key in self._keys
            if state == "released" and key is not None:
                claimed.add(key)
            if state == "released" and status in ("sent", "delivered", "undelivered") and not seen:
                self._found("unaccounted", {"never_seen": key, "status": status})
            if seen and (state != "released" or status in ("queued", "canceled", "failed")):
                self._found("unaccounted", {"said_not_sent": key, "state": state, "status": status})
        for key in sorted(self._campaign_keys() - claimed):
            self._found("unaccounted", {"claimed_by_none": key})
        if not rows == due == sums:
            self._found("unaccounted", {"rows": rows, "due": due, "sums": sums})

    def _campaign_keys(self) -> set[str]:
        return {key for key in self._keys if key.startswith("scheduled:")}

    def _found(self, kind: str, line: Mapping[str, Any]) -> None:
        self.violations[kind] += 1
        self.examples.setdefault(kind, dict(line))


def count_file(path: str, zone: str = "Asia/Ho_Chi_Minh") -> dict[str, int]:
    """The violations that a log file alone shows (all but AT_THE_END)."""
    watch = Watch(zone)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            watch.read(json.loads(line))
    return {kind: watch.violations[kind] for kind in KINDS if kind not in AT_THE_END}
