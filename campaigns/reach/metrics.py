"""What each figure of reach means, and the arithmetic between them. Counts come in, nothing is fetched here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

DEFINITIONS_VERSION: Final = "2026-11.2"
SMALL_CELL: Final = 5
"""Figures of people from 1 to 4 are not shown to roles that may not see names (Law 91/2025/QH15; domain 3.2)."""

PERSON_FIGURES: Final = ("registered", "has_phone", "consented", "enrolled", "reached_low", "reached_high")
MESSAGE_FIGURES: Final = ("due", "sent", "delivered", "undelivered", "unknown", "pending", "told", "skipped_total")
RATES: Final = ("delivery_rate_low", "delivery_rate_high", "reach_rate_low", "reach_rate_high", "consent_rate")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one unit (with everything below it) and one period.

    People, as of the end of the period:

    - `registered`: people registered by then in the unit where they live now.
    - `has_phone`: of these, the ones with a mobile number now (numbers have no history).
    - `consented`: of the registered, the ones whose newest statement by then was consent to messages.
    - `enrolled`: of the registered, the ones who then followed at least one campaign, or had a message due in the
      period.

    Messages of the ledger that fell due in the period (and not after today), in the unit copied when planned. A
    message falls due on its day, or on the day of enrolment for somebody who entered after its day:

    - `due` = `delivered` + `undelivered` + `unknown` + `pending` + `told` + sum of `skipped`, always.
    - `delivered`: a report says that every part arrived.
    - `undelivered`: failed, not delivered, expired, or refused by our own gateway.
    - `unknown`: the operator has it or may have it, and no report came.
    - `pending`: waiting in the ledger or in the queue, or sent and still awaiting its report.
    - `told`: no text; staff told her face to face, since she cannot read or no text is in her language. It is its
      own outcome, neither sent nor delivered, and plays no part in the delivery rates.
    - `skipped`: ended without being sent, by reason.
    - `sent`: handed to a provider that took it or may have taken it, whatever followed. Not a part of the sum.

    People reached by a text, of the messages above:

    - `reached_low`: people with at least one delivered message; unknown counts as not reached.
    - `reached_high`: people with at least one delivered or unknown message.
    """

    registered: int = 0
    has_phone: int = 0
    consented: int = 0
    enrolled: int = 0
    sent: int = 0
    delivered: int = 0
    undelivered: int = 0
    unknown: int = 0
    pending: int = 0
    told: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    reached_low: int = 0
    reached_high: int = 0

    @property
    def skipped_total(self) -> int:
        return sum(self.skipped.values())

    @property
    def due(self) -> int:
        sent_or_waiting = self.delivered + self.undelivered + self.unknown + self.pending
        return sent_or_waiting + self.told + self.skipped_total

    @property
    def delivery_rate_low(self) -> float | None:
        """delivered / (delivered + undelivered + unknown): unknown as not delivered."""
        return rate(self.delivered, self.delivered + self.undelivered + self.unknown)

    @property
    def delivery_rate_high(self) -> float | None:
        """(delivered + unknown) / (delivered + undelivered + unknown): unknown as delivered."""
        return rate(self.delivered + self.unknown, self.delivered + self.undelivered + self.unknown)

    @property
    def reach_rate_low(self) -> float | None:
        """people reached, low / enrolled. May pass 1 where people moved: shown, not clipped."""
        return rate(self.reached_low, self.enrolled)

    @property
    def reach_rate_high(self) -> float | None:
        """people reached, high / enrolled."""
        return rate(self.reached_high, self.enrolled)

    @property
    def consent_rate(self) -> float | None:
        """consented / registered."""
        return rate(self.consented, self.registered)

    def as_dict(self) -> dict[str, object]:
        """Every figure by name, as the command and the API give it."""
        names = PERSON_FIGURES[:4] + MESSAGE_FIGURES + PERSON_FIGURES[4:] + RATES
        figures: dict[str, object] = {name: getattr(self, name) for name in names}
        return figures | {"skipped": dict(sorted(self.skipped.items()))}


def rate(part: int, whole: int) -> float | None:
    """part / whole to four places, or None when there is no whole: nothing due is not 0 % and not 100 %."""
    return round(part / whole, 4) if whole else None


def figures_from(people: Mapping[str, int], outcomes: Mapping[str, int], sent: int, low: int, high: int) -> Figures:
    """The figures from counted facts.

    `outcomes` counts each due message once, under `delivered`, `undelivered`, `unknown`, `pending`, `told`
    or `skipped:<reason>`. Any other word raises ValueError, so that no message can fall between the figures.
    """
    parts = {"delivered": 0, "undelivered": 0, "unknown": 0, "pending": 0, "told": 0}
    skipped: dict[str, int] = {}
    for outcome, count in outcomes.items():
        if outcome.startswith("skipped:"):
            skipped[outcome.removeprefix("skipped:")] = count
        elif outcome in parts:
            parts[outcome] = count
        else:
            raise ValueError(f"“{outcome}” is no outcome of a due message. Add it to the definitions of reach.")
    return Figures(**people, **parts, skipped=skipped, sent=sent, reached_low=low, reached_high=high)


def hidden(column: Sequence[int]) -> frozenset[int]:
    """Which places of a column of people are not shown to somebody who may not see names.

    - From 1 to 4 people: hidden. 0 is shown: nobody can be recognised in it.
    - When only one place is hidden, the total would give it away; the smallest other place above 0 is hidden with it.
    """
    small = {place for place, count in enumerate(column) if 0 < count < SMALL_CELL}
    if len(small) == 1:
        others = [(count, place) for place, count in enumerate(column) if count and place not in small]
        small |= {place for _, place in sorted(others)[:1]}
    return frozenset(small)


def reasons_of(all_figures: Iterable[Figures]) -> list[str]:
    """Every reason that occurs, the most frequent first."""
    totals: dict[str, int] = {}
    for figures in all_figures:
        for reason, count in figures.skipped.items():
            totals[reason] = totals.get(reason, 0) + count
    return sorted(totals, key=lambda reason: (-totals[reason], reason))
