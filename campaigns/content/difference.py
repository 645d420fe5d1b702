"""What differs between two revisions: steps, their fields, and words one by one. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from campaigns.content.fields import LANGUAGES
from campaigns.content.files import CampaignFile, StepFile, format_offset

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
_TOKEN = re.compile(r"\{\w*\}|\w+|\s+|[^\w\s]")
_FIELDS = (
    "role", "catch_up", "group", "visit", "topic", "condition", "indicator", "source", "confidence", "month_day",
    "service", "without_mother",
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """Some words in a row that are the same, added or removed."""

    kind: str
    words: str


@dataclass(frozen=True)
class FieldChange:
    """A plain field; empty where it was or is not set."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class TextChange:
    """One wording in one language; `pieces` in reading order, what was removed before what came instead."""

    language: str
    discreet: bool
    kind: str
    old: str
    new: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class StepChange:
    """One step of either revision; `step` is the new one, or the old one where it was removed."""

    kind: str
    step: StepFile
    fields: tuple[FieldChange, ...]
    texts: tuple[TextChange, ...]


def compare(old: CampaignFile | None, new: CampaignFile) -> list[StepChange]:
    """Every step of `new` in its order, and at the end those that only `old` has. Without `old` all are added.

    Steps are known by their key, whatever their place.
    """
    before = {step.key: step for step in old.steps} if old else {}
    changes = [_step(before.pop(step.key, None), step, new.anchor) for step in new.steps]
    return changes + [StepChange(REMOVED, step, (), tuple(_texts(step, None))) for step in before.values()]


def words(old: str, new: str) -> tuple[Piece, ...]:
    """The two texts as one row of pieces; joined without the added ones they are `old`, without the removed `new`.

    Words are compared whole, and lone blanks between two changes go with them, so that a changed phrase reads as one.
    """
    left, right = _TOKEN.findall(old), _TOKEN.findall(new)
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(SAME, "".join(left[i:j])))
            continue
        pieces += [Piece(REMOVED, "".join(left[i:j]))] if i < j else []
        pieces += [Piece(ADDED, "".join(right[k:m]))] if k < m else []
    return tuple(_joined(pieces))


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """A blank between two changes is removed with the one and added with the other."""
    gone, come = "", ""
    for place, piece in enumerate(pieces):
        inside = 0 < place < len(pieces) - 1
        if piece.kind == REMOVED:
            gone += piece.words
        elif piece.kind == ADDED:
            come += piece.words
        elif inside and not piece.words.strip():
            gone, come = gone + piece.words, come + piece.words
        else:
            yield from _changed(gone, come)
            yield piece
            gone, come = "", ""
    yield from _changed(gone, come)


def _changed(gone: str, come: str) -> Iterator[Piece]:
    if gone:
        yield Piece(REMOVED, gone)
    if come:
        yield Piece(ADDED, come)


def _step(old: StepFile | None, new: StepFile, anchor: str) -> StepChange:
    texts = tuple(_texts(old, new))
    if old is None:
        return StepChange(ADDED, new, (), texts)
    before, after = plain_fields(old, anchor), plain_fields(new, anchor)
    fields = tuple(FieldChange(name, before[name], after[name]) for name in after if before[name] != after[name])
    changed = bool(fields) or any(text.kind != SAME for text in texts)
    return StepChange(CHANGED if changed else SAME, new, fields, texts)


def plain_fields(step: StepFile, anchor: str) -> dict[str, str]:
    """Every field but key and words, as a person reads it, by the name that it has in a file."""
    fields = {
        "from": format_offset(step.start, anchor), "until": format_offset(step.until, anchor),
        "time": f"{step.time:%H:%M}", "age_from": format_offset(step.age_from),
        "age_until": f"{step.age_until_months}m",
    }  # fmt: skip
    return fields | {name: str(getattr(step, name) or "") for name in _FIELDS}


def _texts(old: StepFile | None, new: StepFile | None) -> Iterator[TextChange]:
    for language in LANGUAGES:
        before, after = old.text(language) if old else None, new.text(language) if new else None
        for discreet in (False, True):
            field = "discreet_body" if discreet else "body"
            was, now = getattr(before, field, ""), getattr(after, field, "")
            if was or now:
                kind = SAME if was == now else ADDED if not was else REMOVED if not now else CHANGED
                yield TextChange(language, discreet, kind, was, now, words(was, now))
