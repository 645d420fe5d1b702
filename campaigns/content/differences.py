"""What a campaign says otherwise than before, step by step and field by field."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.content.files import CampaignFile
from campaigns.content.spelled import spell_head, spell_step

NEW, GONE, CHANGED, ORDER = "new", "gone", "changed", "order"


@dataclass(frozen=True)
class FieldChange:
    """One field: what it said and what it says; "" for nothing."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """One step (`key`), or the campaign itself with an empty key: NEW, GONE or CHANGED; ORDER alone has no fields."""

    key: str
    kind: str
    fields: tuple[FieldChange, ...] = ()


def differences(old: CampaignFile | None, new: CampaignFile) -> list[Change]:
    """The campaign itself first, then its steps in the order of `new`, then what is gone."""
    before = {step.key: spell_step(step, old.anchor) for step in old.steps} if old else {}
    after = {step.key: spell_step(step, new.anchor) for step in new.steps}
    changes = [_change("", spell_head(old) if old else None, spell_head(new))]
    changes += [_change(key, before.get(key), said) for key, said in after.items()]
    changes += [_change(key, said, None) for key, said in before.items() if key not in after]
    if _common(before, after) != _common(after, before):
        changes.append(Change("", ORDER))
    return [change for change in changes if change.kind != CHANGED or change.fields]


def _change(key: str, old: dict[str, str] | None, new: dict[str, str] | None) -> Change:
    was, now = old or {}, new or {}
    names = [name for name in (new or was) if name != "key" and was.get(name, "") != now.get(name, "")]
    kind = NEW if old is None else GONE if new is None else CHANGED
    return Change(key, kind, tuple(FieldChange(name, was.get(name, ""), now.get(name, "")) for name in names))


def _common(keys: Sequence[str] | dict[str, dict[str, str]], others: dict[str, dict[str, str]]) -> list[str]:
    return [key for key in keys if key in others]
