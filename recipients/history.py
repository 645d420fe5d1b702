"""The words of a change: what was, what is, by which door, by whom, when."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db.models import Model

from recipients.models import ChangeEvent, Child, Person, Pregnancy, User


def change(
    what: str,
    person: Person,
    *,
    now: datetime,
    source: str,
    by: User | None = None,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    pregnancy: Pregnancy | None = None,
    child: Child | None = None,
) -> ChangeEvent:
    """An event not yet saved, so that an import can save thousands at once. Dates become ISO text."""
    return ChangeEvent(
        what=what,
        person=person,
        pregnancy=pregnancy,
        child=child,
        old=_plain(old or {}),
        new=_plain(new or {}),
        source=source,
        by=by,
        at=now,
    )


def record(*args: Any, **kwargs: Any) -> ChangeEvent:
    """The same, saved."""
    event = change(*args, **kwargs)
    event.save(force_insert=True)
    return event


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: _word(value) for name, value in facts.items()}


def _word(value: Any) -> Any:
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return value.pk if isinstance(value, Model) else value
