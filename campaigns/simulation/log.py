"""The far end: every text that the simulated operator accepted and every event, in order, as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from campaigns.models import ScheduledMessage
from messaging.providers import sandbox

PREFIX = "scheduled:"
Reader = Callable[[dict[str, Any]], None]


class FarEnd:
    """Collects lines, completes a text by what its key stands for, writes them down and hands them on.

    Texts carry only number and key at the operator. Whom and what a key stands for is looked up in batches when the
    lines are written.
    """

    def __init__(self, path: str | None, read: Reader) -> None:
        self._file = open(path, "w", encoding="utf-8") if path else None  # noqa: SIM115
        self._read = read
        self._lines: list[dict[str, Any]] = []
        self.texts = 0

    def event(
        self, name: str, at: datetime, *, person: int | None, subject: str | None, to: str | None, **more: Any
    ) -> None:
        """Something happened to somebody; `subject` is `pregnancy:<id>` or `child:<id>`.

        `more`: a birth has `children`, the subjects that begin with it, so that whoever reads the log can lead the
        texts about a child back to the pregnancy.
        """
        moment = at.astimezone(UTC).isoformat()
        line = {"kind": "event", "at": moment, "event": name, "person": person, "subject": subject, "to": to}
        self._lines.append(line | more)

    def accepted(self, line: dict[str, Any]) -> None:
        """The operator has taken a text."""
        self.texts += 1
        self._lines.append({"kind": "text", "at": line["at"], "to": line["to"], "key": line["key"]})

    def flush(self) -> None:
        """Complete and hand on what was collected."""
        lines, self._lines = self._lines, []
        keys = {_ledger_id(line["key"]) for line in lines if line["kind"] == "text"} - {None}
        meaning = _meaning(sorted(key for key in keys if key is not None))
        for line in lines:
            if line["kind"] == "text":
                line |= meaning.get(_ledger_id(line["key"]) or 0, NOBODYS)
            if self._file:
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._read(line)

    def close(self) -> None:
        """Write what is left."""
        self.flush()
        if self._file:
            self._file.close()


NOBODYS: dict[str, Any] = dict.fromkeys(("person", "subject", "campaign", "step", "occurrence"))
"""A reply or a confirmation: no campaign's text."""


@contextmanager
def listening(far_end: FarEnd, on_text: Callable[[], None]) -> Iterator[None]:
    """The sandbox of this process tells `far_end` of each accepted text; then `on_text` is called."""

    def hook(line: dict[str, Any]) -> None:
        far_end.accepted(line)
        on_text()

    before, sandbox.on_accept = sandbox.on_accept, hook
    try:
        yield
    finally:
        sandbox.on_accept = before


def _ledger_id(key: str) -> int | None:
    return int(key.removeprefix(PREFIX).partition(".")[0]) if key.startswith(PREFIX) else None


def _meaning(ids: list[int]) -> dict[int, dict[str, Any]]:
    found = {}
    for first in range(0, len(ids), 500):
        rows = ScheduledMessage.objects.filter(pk__in=ids[first : first + 500]).values_list(
            "pk", "person", "enrollment__pregnancy", "enrollment__child", "campaign__code", "step_key", "occurrence"
        )
        for pk, person, pregnancy, child, campaign, step, occurrence in rows:
            found[pk] = {
                "person": person, "subject": f"pregnancy:{pregnancy}" if pregnancy else f"child:{child}",
                "campaign": campaign, "step": step, "occurrence": occurrence,
            }  # fmt: skip
    return found
