"""What differs between two revisions: the campaign itself, its steps, their fields, and words one by one. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from campaigns.content.fields import LANGUAGES
from campaigns.content.files import CampaignFile, StepFile
from campaigns.content.spelled import RULES, spell_head, spell_step

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
_TOKEN = re.compile(r"\{\w*\}|\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """Some words in a row that are the same, added or removed."""

    kind: str
    words: str


@dataclass(frozen=True)
class FieldChange:
    """A plain field, spelled as in a file; empty where it was or is not set."""

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

    @property
    def name(self) -> str:
        """The field of the file: "vi" or "vi_discreet"."""
        return f"{self.language}_discreet" if self.discreet else self.language


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
    return changes + [_step(step, None, new.anchor) for step in before.values()]


def head(old: CampaignFile | None, new: CampaignFile) -> tuple[FieldChange, ...]:
    """What the campaign says of itself otherwise than before; without `old` all that it says."""
    return _fields(spell_head(old) if old else {}, spell_head(new))


def reordered(old: CampaignFile | None, new: CampaignFile) -> bool:
    """Whether the steps that both have stand in another order."""
    before, after = [step.key for step in old.steps] if old else [], [step.key for step in new.steps]
    return [key for key in before if key in after] != [key for key in after if key in before]


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


def _step(old: StepFile | None, new: StepFile | None, anchor: str) -> StepChange:
    """One step, of which at least one side is there."""
    texts = tuple(_texts(old, new))
    before, after = ({name: spell_step(step, anchor)[name] for name in RULES} if step else {} for step in (old, new))
    fields = _fields(before, after)
    if old is None or new is None:
        kind = ADDED if old is None else REMOVED
    else:
        kind = CHANGED if fields or any(text.kind != SAME for text in texts) else SAME
    step = new or old
    assert step is not None
    return StepChange(kind, step, fields, texts)


def _fields(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[FieldChange, ...]:
    names = [name for name in new or old if old.get(name, "") != new.get(name, "")]
    return tuple(FieldChange(name, old.get(name, ""), new.get(name, "")) for name in names)


def _texts(old: StepFile | None, new: StepFile | None) -> Iterator[TextChange]:
    for language in LANGUAGES:
        before, after = old.text(language) if old else None, new.text(language) if new else None
        for discreet in (False, True):
            field = "discreet_body" if discreet else "body"
            was, now = getattr(before, field, ""), getattr(after, field, "")
            if was or now:
                kind = SAME if was == now else ADDED if not was else REMOVED if not now else CHANGED
                yield TextChange(language, discreet, kind, was, now, words(was, now))
