"""Counts, from the far end, what must never happen. Standard library only: it shares nothing with what it checks.

It reads the log of the simulated operator (texts that it accepted) with the events as they were recorded, in the
order in which they happened, and knows the rules from the issue, not from the code.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

KINDS: Final = ("duplicate", "after_loss", "after_opt_out", "quiet_hours", "unaccounted")
OPENS, CLOSES = time(7, 30), time(20, 30)


class Watch:
    """Reads log lines one after the other and counts violations.

    - `duplicate`: the same (person, subject, campaign, step, occurrence) accepted again, or the same key again; a
      text that repeats both counts once.
    - `after_loss`: a campaign's text about a subject accepted after that subject's loss was recorded; only the
      campaign `loss` may.
    - `after_opt_out`: any text to a number after its opt-out, but for the one confirmation (sent again it is a
      duplicate); and a campaign's text to a person whom staff stopped, on whatever number.
    - `quiet_hours`: a campaign's text accepted outside 07:30-20:30 local.
    - `unaccounted`: see `settle`.
    """

    def __init__(self, zone: str) -> None:
        self.violations: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        self.examples: dict[str, dict[str, Any]] = {}
        self._zone = ZoneInfo(zone)
        self._keys: set[str] = set()
        self._said: set[tuple[Any, ...]] = set()
        self._lost: dict[str, datetime] = {}
        self._closed: dict[str, datetime] = {}
        self._confirmed: dict[str, str] = {}
        self._stopped: dict[Any, datetime] = {}

    def read(self, line: Mapping[str, Any]) -> None:
        """One line of the log."""
        if line["kind"] == "event":
            self._event(line)
        else:
            self._text(line)

    def _event(self, line: Mapping[str, Any]) -> None:
        at = datetime.fromisoformat(line["at"])
        if line["event"] == "loss":
            self._lost.setdefault(line["subject"], at)
        elif line["event"] == "opt_out" and line["to"]:
            self._closed.setdefault(line["to"], at)
        elif line["event"] == "opt_out":
            self._stopped.setdefault(line["person"], at)

    def _text(self, line: Mapping[str, Any]) -> None:
        at = datetime.fromisoformat(line["at"])
        to, campaign = line["to"], line["campaign"]
        if self._is_repeated(line):
            self._found("duplicate", line)
        if to in self._closed and at > self._closed[to] and not self._is_confirmation(line):
            self._found("after_opt_out", line)
        if campaign is None:
            return
        if campaign != "loss" and line["subject"] in self._lost and at > self._lost[line["subject"]]:
            self._found("after_loss", line)
        if line["person"] in self._stopped and at > self._stopped[line["person"]]:
            self._found("after_opt_out", line)
        if not OPENS <= at.astimezone(self._zone).time() < CLOSES:
            self._found("quiet_hours", line)

    def _is_repeated(self, line: Mapping[str, Any]) -> bool:
        said = tuple(line[name] for name in ("person", "subject", "campaign", "step", "occurrence"))
        repeated = line["key"] in self._keys or (line["campaign"] is not None and said in self._said)
        self._keys.add(line["key"])
        self._said.add(said)
        return repeated

    def _is_confirmation(self, line: Mapping[str, Any]) -> bool:
        """Whether it is the first text to the number that is no campaign's since its opt-out, or that one again."""
        return line["campaign"] is None and self._confirmed.setdefault(line["to"], line["key"]) == line["key"]

    def settle(self, ledger: Iterable[tuple[str | None, str, str]], due: int, sums: int) -> None:
        """Counts `unaccounted` once the run is over.

        `ledger` has for every due message the key under which it was handed over (None: never), its state (waiting,
        released, skipped) and the status of its text ("" without one); `due` and `sums` are what reach says: the
        number due, and delivered + undelivered + unknown + pending + skipped.

        - Reach counts more or fewer than there are due messages.
        - The operator accepted a campaign's text that no due message claims, or whose due message says that it did
          not leave.
        - A due message says that its text was sent or arrived, and the operator never saw it. `expired` says neither:
          a text's time may be over in the queue or at the operator.
        """
        rows, claimed = 0, set()
        for key, state, status in ledger:
            rows += 1
            seen = key in self._keys
            if state == "released" and key is not None:
                claimed.add(key)
            if state == "released" and status in ("sent", "delivered", "undelivered") and not seen:
                self._found("unaccounted", {"never_seen": key, "status": status})
            if seen and (state != "released" or status in ("queued", "canceled", "refused", "failed")):
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
    """The violations that a log file alone shows (all but `unaccounted`)."""
    watch = Watch(zone)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            watch.read(json.loads(line))
    return {kind: watch.violations[kind] for kind in KINDS if kind != "unaccounted"}
