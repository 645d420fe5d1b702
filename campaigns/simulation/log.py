"""The far end: every text that the simulated operator accepted and every event, in order, as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from sys import intern
from typing import Any

from django.db.models.functions import Coalesce

from campaigns.models import ScheduledMessage
from messaging.batches import batched
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

        `more` lets whoever reads the log judge the texts alone: a birth has `children`, the subjects that begin with
        it, a registration or redating of a pregnancy its `anchor`, a registration or move the `unit` (codes from the
        province down), a pause its scopes `of_...`, a loss whether it was only `told` by a text.
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


MEANING = {
    "person": "person", "campaign": "campaign__code", "step": "step_key", "occurrence": "occurrence", "topic": "topic",
    "role": "enrollment__role", "visit": "enrollment__visit", "class": "campaign__message_class",
    "without_mother": "step__without_mother", "words": "step__key", "reader": "read_by",
}  # fmt: skip
"""What a line says of a campaign's text -> where the ledger has it. Its subject comes from SUBJECT. `words`: the step
whose words went, another one where a pause has a text instead; `reader`: her, or who read it in her place."""
SUBJECT = (
    "enrollment__pregnancy", "enrollment__visit__pregnancy", "enrollment__child", "enrollment__visit__child",
)  # fmt: skip
READER = Coalesce("reader", "person")
NOBODYS: dict[str, Any] = dict.fromkeys(("subject", *MEANING))
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
    for some in batched(ids, 2000):
        rows = (
            ScheduledMessage.objects.filter(pk__in=some)
            .annotate(read_by=READER)
            .values_list("pk", *SUBJECT, *MEANING.values())
        )
        for pk, pregnancy, of_visit, child, visited, *meaning in rows:
            found[pk] = dict(zip(MEANING, map(_once, meaning), strict=True))
            found[pk]["subject"] = _subject(pregnancy or of_visit, child or visited)
    return found


def _subject(pregnancy: int | None, child: int | None) -> str | None:
    """None for a broadcast to somebody who has neither."""
    if pregnancy is not None:
        return intern(f"pregnancy:{pregnancy}")
    return intern(f"child:{child}") if child is not None else None


def _once(value: Any) -> Any:
    """The same word kept once: a year has millions of lines."""
    return intern(value) if isinstance(value, str) else value
