"""Takes one guard away, so that the counting of violations can be seen to work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from types import ModuleType
from typing import Any, Final
from unittest.mock import patch

from django.db.models import CharField, Value

from campaigns.schedule import enrollment, facts, gates, pauses, room
from messaging import optouts, outages
from messaging.models import OutboundMessage
from messaging.outgoing import settle
from messaging.statuses import Status
from recipients import consent
from recipients.models import Person


def _blind_resend(now: datetime) -> int:
    """Instead of `unknown`: what is in doubt is sent again."""
    doubtful = OutboundMessage.objects.filter(status=Status.SENDING, leased_until__lte=now)
    return doubtful.update(status=Status.QUEUED, lease=None, leased_until=None)


def _never_ended(today: date, prefix: str = "") -> Value:
    """Instead of the reason why something is over: nothing is ever over."""
    return Value("", CharField())


def _none_closed(numbers: Iterable[str]) -> set[str]:
    """Instead of the closed numbers: none is."""
    return set()


def _nobody_asked_again(number: str, **_more: Any) -> list[Person]:
    """Instead of asking the people on a closed number again: their consent stands."""
    return []


def _always_open(*_args: Any) -> bool:
    """Instead of the sending hours: always."""
    return True


def _always_room(*_args: Any) -> bool:
    """Instead of the cap of a person: there is room."""
    return True


def _free_now(now: datetime, sent_at: Collection[datetime]) -> datetime:
    """Instead of the cap of a number: it is free."""
    return now


def _never_held(*_args: Any) -> None:
    """Instead of the pauses: none stands against anything."""


def _none_down(now: datetime) -> Counter[str]:
    """Instead of the watch over operators: none has an outage."""
    return Counter()


NEVER: Final = 10**6
"""Instead of the days of gestation from which only questions leave, and nothing: so many that nobody gets there."""

GUARDS: dict[str, list[tuple[ModuleType, str, Any]]] = {
    "duplicate": [(settle, "settle_doubtful", _blind_resend)],
    "after_loss": [(facts, "ended", _never_ended), (enrollment, "ended", _never_ended)],
    "after_opt_out": [(optouts, "closed", _none_closed), (consent, "ask_again_on_number", _nobody_asked_again)],
    "quiet_hours": [(gates, "is_open", _always_open)],
    "over_cap": [(room, "has_room", _always_room), (room, "number_free_at", _free_now)],
    "held": [
        (gates, "QUESTIONS_FROM", NEVER), (gates, "MAX_GESTATION_DAYS", NEVER), (pauses, "_holds", _never_held),
    ],
    "given_up": [(outages, "watch_operators", _none_down)],
}  # fmt: skip
"""Kind -> the places where the guard is called by name, and what stands there instead.

A stop has two locks, number and consent (D9), each of which holds what the other lets through: both are taken away.
"""


@contextmanager
def without(kind: str | None) -> Iterator[None]:
    """Runs without the guard of `kind`; None takes nothing away."""
    with ExitStack() as stack:
        stack.callback(facts.lean_rows.cache_clear)  # it was built without the guard
        for module, name, instead in GUARDS.get(kind or "", []):
            stack.enter_context(patch.object(module, name, instead))
        facts.lean_rows.cache_clear()  # and before, with it
        yield
